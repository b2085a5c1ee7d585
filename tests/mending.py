"""A hand that mends planted faults as a reader would: it sees where the border should run, and is a little unsteady."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from faults import Fault, Frame, Planted, dice, plant
from numpy.typing import NDArray

from cinecor.review import Gesture
from cinecor.review.borders import Border, Outline, outline, region
from cinecor.review.carry import carry_over_phases, fill_between
from cinecor.review.tools.brush import brush
from cinecor.review.tools.drawn_line import closed_spline, new_outline, redraw_arc
from cinecor.review.tools.push import push

_UNSTEADY_PX = 0.4
_GOOD_ENOUGH = 0.976  # Dice: then a reader goes on to the next frame
_MOST_TOUCHES = 4
_STRETCH_MM = 12.0  # to either side of the middle of what is redrawn
_BEYOND_MM = 4.0  # how far beyond it a stroke begins and ends
_EVERY = 3  # point of the true line


@dataclass(frozen=True, slots=True)
class Stroke:
    """One gesture of a tool: where the hand goes (or clicks), x and y in pixels of the image."""

    gesture: Gesture
    border: Border
    points: Sequence[tuple[float, float]]
    radius_mm: float = 0.0


class Pen(Protocol):
    """What makes a stroke of the hand: functions on labels, or mouse and keys in the window."""

    @property
    def unsteady_px(self) -> float:
        """How far the hand lies beside where it wants to be (standard deviation), in pixels of the image."""

    def look_closer(self, points: NDArray[np.float64]) -> None:
        """Zoom in on a piece of a line (x, y in pixels of the image), where that makes the hand steadier."""

    def draw(self, frame: Frame, stroke: Stroke) -> Frame:
        """Return the frame (row, column) after a stroke."""

    def take_back(self) -> None:
        """Undo the last stroke."""


@dataclass(frozen=True, slots=True, eq=False)
class DirectPen:
    """Draws by the functions that the tools of the window call."""

    pixels: NDArray[np.float32]  # (row, column)
    pixel_spacing_mm: tuple[float, float]
    unsteady_px: float = _UNSTEADY_PX

    def look_closer(self, points: NDArray[np.float64]) -> None:
        pass

    def draw(self, frame: Frame, stroke: Stroke) -> Frame:
        points, border, spacing_mm = list(stroke.points), stroke.border, self.pixel_spacing_mm
        if stroke.gesture is Gesture.PUSH:
            return push(frame, points, radius_mm=stroke.radius_mm, pixel_spacing_mm=spacing_mm, held=border)
        if stroke.gesture is Gesture.ARC:
            return redraw_arc(frame, border, points, pixel_spacing_mm=spacing_mm)
        if stroke.gesture is Gesture.BRUSH:
            return brush(frame, border, points, radius_mm=stroke.radius_mm, pixel_spacing_mm=spacing_mm)
        return new_outline(frame, border, points, pixel_spacing_mm=spacing_mm, pixels=self.pixels)

    def take_back(self) -> None:
        pass


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """What is left of a fault after a few gestures."""

    frame: Frame
    gestures: int


def mend(planted: Planted, pen: Pen, *, pixel_spacing_mm: tuple[float, float], random: np.random.Generator) -> Mended:
    """Return the frame after the gestures that a reader would make for this kind of fault."""
    hand = _Hand(planted, pen, pixel_spacing_mm, random)
    if planted.fault is Fault.BULGE:
        return Mended(hand.pushed(planted.frame, Border.EPI, outwards=False), 1)
    if planted.fault is Fault.DENT:
        return Mended(hand.pushed(planted.frame, Border.ENDO, outwards=True), 1)
    if planted.fault is Fault.OUTFLOW:
        frame = hand.arc(planted.frame, Border.ENDO)
        return Mended(hand.arc(frame, Border.EPI), 2)
    if planted.fault is Fault.RV_CUT:
        return Mended(hand.brushed(planted.frame, Border.RV), 1)
    frame, gestures = planted.frame, 0
    for border in (Border.EPI, Border.ENDO, Border.RV):
        if hand.overlap(frame, border) < 0.9:
            frame, gestures = hand.better(frame, hand.drawn(border)), gestures + 1
    touched = 0
    while touched < _MOST_TOUCHES and dice(frame, planted.truth) < _GOOD_ENOUGH:  # what eight clicks left
        frame, touched = hand.better(frame, hand.touched_up(frame)), touched + 1
    return Mended(frame, gestures + touched)


@dataclass(frozen=True, slots=True)
class Repair:
    """One planted fault: what mending it took and gave, and what carrying the change did to the other phases."""

    fault: Fault
    spoiled: float  # Dice before and after, of the frame itself
    mended: float
    gestures: int
    run: "CarriedOver"  # where the phases around have the fault too
    alone: "CarriedOver"  # where they have not


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """Dice of the untouched phases of the slice."""

    frames: int
    before: float  # mean
    after: float
    worst: float  # the largest loss of one frame, as a negative number; 0 when none lost
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A frame of a study (slice, phase, row, column) in which a fault is planted, alone or in a run of phases."""

    labels: NDArray[np.uint8]  # the truth
    fault: Fault
    place: tuple[int, int]
    whole: frozenset[tuple[int, int]]  # frames that hold all structures
    turn: float
    pixel_spacing_mm: tuple[float, float]

    @property
    def planted(self) -> Planted:
        """The fault in its frame."""
        return self._planted_at(self.place[1])

    def spoiled(self, reach: int) -> NDArray[np.uint8]:
        """The labels with the fault in so many phases to either side too."""
        index, phase = self.place
        spoiled = self.labels.copy()
        for there in range(max(0, phase - reach), min(self.labels.shape[1], phase + reach + 1)):
            if (index, there) in self.whole:
                spoiled[index, there] = self._planted_at(there).frame
        return spoiled

    def _planted_at(self, phase: int) -> Planted:
        frame = self.labels[self.place[0], phase]
        return plant(frame, self.fault, pixel_spacing_mm=self.pixel_spacing_mm, turn=self.turn)


def spots(labels: NDArray[np.uint8], *, pixel_spacing_mm: tuple[float, float], run: int = 4) -> list[Spot]:
    """Return where twelve faults are planted in a study (slice, phase, row, column): two of each kind."""
    whole = frozenset(
        (int(index), int(phase))
        for index, phase in np.ndindex(labels.shape[:2])
        if all(region(labels[index, phase], border).sum() > 60 for border in Border)
    )
    phases = labels.shape[1]
    often = [sum((index, phase) in whole for phase in range(phases)) for index in range(labels.shape[0])]
    slices = [index for index, seen in enumerate(often) if seen >= phases / 2]
    found = []
    for number, fault in enumerate((*Fault, *Fault)):
        usual = slices[len(slices) // 2]
        where = {Fault.NO_BASE: slices[0], Fault.OUTFLOW: slices[0], Fault.APEX: slices[-1]}.get(fault, usual)
        phase = max(
            (p for p in range(phases) if (where, p) in whole),
            key=lambda p: (
                sum((where, q) in whole for q in range(p - run, p + run + 1)),
                -abs(p - (2 + number) % phases),
            ),
        )
        found.append(Spot(labels, fault, (where, phase), whole, 0.6 + 0.9 * number, pixel_spacing_mm))
    return found


def mend_study(
    labels: NDArray[np.uint8],
    pixels: NDArray[np.float32],
    confidence: NDArray[np.float32],
    *,
    pixel_spacing_mm: tuple[float, float],
    run: int = 4,
) -> list[Repair]:
    """Plant twelve faults, two of each kind, mend each by a scripted hand, and carry each change over the cycle.

    The labels (slice, phase, row, column) are the truth. A missing frame is drawn anew the first time and filled from
    its neighbours the second time.
    """
    phases = labels.shape[1]
    random = np.random.default_rng(5)
    repairs = []
    for number, spot in enumerate(spots(labels, pixel_spacing_mm=pixel_spacing_mm, run=run)):
        fault, where, phase, whole, planted = spot.fault, *spot.place, spot.whole, spot.planted
        between = ((where, phase - 1), (where, phase + 1))
        if fault is Fault.NO_BASE and number >= len(Fault) and set(between) <= whole:
            (frame,) = fill_between(
                np.where((np.arange(phases) == phase)[:, np.newaxis, np.newaxis], 0, labels), *between,
                pixel_spacing_mm=pixel_spacing_mm,
            ).values()  # fmt: skip
            mended = Mended(frame, 1)
        else:
            pen = DirectPen(pixels[where, phase], pixel_spacing_mm)
            mended = mend(planted, pen, pixel_spacing_mm=pixel_spacing_mm, random=random)
        carried = []
        for reach in (run, 0):
            spoiled = spot.spoiled(reach)
            was, before = spoiled.copy(), spoiled[where, phase].copy()
            spoiled[where, phase] = mended.frame
            started = time.perf_counter()
            found = carry_over_phases(
                spoiled, (where, phase), before, pixels=pixels, confidence=confidence, pixel_spacing_mm=pixel_spacing_mm
            )
            seconds = time.perf_counter() - started
            others = [(where, p) for p in range(phases) if p != phase and (where, p) in whole]
            old = [dice(was[place], labels[place]) for place in others]
            new = [dice(found.frames.get(place, was[place]), labels[place]) for place in others]
            worst = min(0.0, *(b - a for a, b in zip(old, new, strict=True)))
            carried.append(CarriedOver(len(found.frames), float(np.mean(old)), float(np.mean(new)), worst, seconds))
        repairs.append(
            Repair(
                fault, dice(planted.frame, planted.truth), dice(mended.frame, planted.truth), mended.gestures, *carried
            )
        )
    return repairs


@dataclass(frozen=True, slots=True, eq=False)
class _Hand:
    planted: Planted
    pen: Pen
    spacing_mm: tuple[float, float]
    random: np.random.Generator

    def _line(self, border: Border) -> NDArray[np.float64]:
        lines = outline(region(self.planted.truth, border), self.spacing_mm)
        longest = Outline((max(lines.lines, key=len),))
        return longest.handles(self.spacing_mm, count=160)[0]

    def _near(self, border: Border, at: NDArray[np.float64], within_mm: float) -> NDArray[np.float64]:
        """The stretch of the true border near a point, in order."""
        line = self._line(border)
        away = np.hypot(*((line - at) * self.spacing_mm[::-1]).T)
        start = (int(away.argmin()) + len(line) // 2) % len(line)
        line, away = np.roll(line, -start, axis=0), np.roll(away, -start)
        return line[away < within_mm]

    def _shaky(self, points: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in points + self.random.normal(0, self.pen.unsteady_px, points.shape)]

    def better(self, before: Frame, stroke: Stroke) -> Frame:
        """What a reader keeps: a gesture that made it worse is undone."""
        after = self.pen.draw(before, stroke)
        if dice(after, self.planted.truth) >= dice(before, self.planted.truth):
            return after
        self.pen.take_back()
        return before

    def overlap(self, frame: Frame, border: Border) -> float:
        """Dice of one border's region; 1 where the truth has none."""
        there, here = region(self.planted.truth, border), region(frame, border)
        return 2 * int((there & here).sum()) / int(there.sum() + here.sum()) if there.any() else 1.0

    def touched_up(self, frame: Frame) -> Stroke:
        """Redraw the stretch along which the most lies wrong."""
        most, border, middle = 0, Border.ENDO, np.zeros(2)
        for one in Border:
            line = self._line(one)
            wrong = np.argwhere(region(self.planted.truth, one) ^ region(frame, one))[:, ::-1] + 0.5
            away_mm = np.hypot(*((line[:, np.newaxis] - wrong) * self.spacing_mm[::-1]).transpose(2, 0, 1))
            along = (away_mm < _STRETCH_MM).sum(axis=1)
            if along.max(initial=0) > most:
                most, border, middle = int(along.max()), one, line[along.argmax()]
        stretch = self._near(border, middle, _STRETCH_MM + _BEYOND_MM)[::_EVERY]
        self.pen.look_closer(stretch)
        return Stroke(Gesture.ARC, border, self._shaky(stretch))

    def pushed(self, frame: Frame, border: Border, *, outwards: bool) -> Frame:
        """Push along the true border where the fault is."""
        reach_mm = self.planted.size_mm + 2.0
        stroke = self._pushed_along(border, np.array(self.planted.centre), reach_mm, outwards=outwards)
        return self.pen.draw(frame, stroke)

    def _pushed_along(self, border: Border, at: NDArray[np.float64], reach_mm: float, *, outwards: bool) -> Stroke:
        radius_mm = 6.0 if border is not Border.RV else 3.0  # the RV is narrow
        arc = self._near(border, at, reach_mm)[::4]
        line = self._line(border)
        nearest = np.hypot(*(line[:, np.newaxis] - arc).transpose(2, 0, 1)).argmin(axis=0)
        along = (np.roll(line, -2, axis=0) - np.roll(line, 2, axis=0))[nearest] * self.spacing_mm[::-1]
        away = np.stack((along[:, 1], -along[:, 0]), axis=1) / np.hypot(*along.T)[:, np.newaxis]
        if region(self.planted.truth, border)[tuple(np.floor((arc + away)[len(arc) // 2]).astype(int)[::-1])]:
            away = -away
        offset = (-1.0 if outwards else 1.0) * radius_mm * away / self.spacing_mm[::-1]
        path = self._shaky(arc + offset)
        start = arc[len(arc) // 2] + 2.0 * offset[len(arc) // 2]
        path = [(float(start[0]), float(start[1])), *path]
        return Stroke(Gesture.PUSH, border, path, radius_mm)

    def arc(self, frame: Frame, border: Border) -> Frame:
        stroke = self._shaky(self._near(border, np.array(self.planted.centre), self.planted.size_mm + 5.0)[::3])
        return self.pen.draw(frame, Stroke(Gesture.ARC, border, stroke))

    def brushed(self, frame: Frame, border: Border) -> Frame:
        lost = np.argwhere(region(self.planted.truth, border) & ~region(frame, border))[:, ::-1] + 0.5
        order = np.linalg.svd(lost - lost.mean(axis=0), full_matrices=False)[2][0]
        along = (lost - lost.mean(axis=0)) @ order
        ends = lost.mean(axis=0) + np.outer((along.min() * 0.75, along.max() * 0.75), order)
        return self.pen.draw(frame, Stroke(Gesture.BRUSH, border, self._shaky(ends), 4.0))

    def drawn(self, border: Border) -> Stroke:
        clicks = _clicks(self._line(border))
        self.pen.look_closer(clicks)
        return Stroke(Gesture.OUTLINE, border, self._shaky(clicks))


def _clicks(line: NDArray[np.float64], count: int = 8) -> NDArray[np.float64]:
    """Where a reader clicks, who sees the line as it would close.

    The next click is where that line is farthest from the border; then each goes along the border to where it helps
    most.
    """
    chosen = [0, len(line) // 3, 2 * len(line) // 3]
    while len(chosen) < count:
        chosen = sorted({*chosen, int(_away(line, chosen).argmax())})
    for step in (6, 3):
        for at in range(count):
            tries = [[*chosen[:at], (chosen[at] + by) % len(line), *chosen[at + 1 :]] for by in (0, -step, step)]
            chosen = min(tries, key=lambda one: float(_away(line, one).mean()))
    return line[sorted(chosen)]


def _away(line: NDArray[np.float64], clicks: Sequence[int]) -> NDArray[np.float64]:
    """How far each point of the border lies from the spline through some of them."""
    drawn = closed_spline([(float(x), float(y)) for x, y in line[sorted(clicks)]])
    return np.hypot(*(line[:, np.newaxis] - drawn).transpose(2, 0, 1)).min(axis=1)
