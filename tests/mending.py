"""A hand that mends planted faults as a reader would: it sees where the border should run, and is a little unsteady."""

from dataclasses import dataclass

import numpy as np
from faults import Fault, Frame, Planted
from numpy.typing import NDArray

from cinecor.review.borders import Border, Outline, outline, region
from cinecor.review.tools.brush import brush
from cinecor.review.tools.drawn_line import closed_spline, new_outline, redraw_arc
from cinecor.review.tools.push import push

_UNSTEADY_PX = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """What is left of a fault after a few gestures."""

    frame: Frame
    gestures: int


def mend(planted: Planted, *, pixel_spacing_mm: tuple[float, float], random: np.random.Generator) -> Mended:
    """Return the frame after the gestures that a reader would make for this kind of fault."""
    hand = _Hand(planted, pixel_spacing_mm, random)
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
        there = region(planted.truth, border)
        if 2 * int((there & region(frame, border)).sum()) < 0.95 * int(there.sum() + region(frame, border).sum()):
            frame, gestures = hand.drawn(frame, border), gestures + 1
    return Mended(frame, gestures)


@dataclass(frozen=True, slots=True, eq=False)
class _Hand:
    planted: Planted
    spacing_mm: tuple[float, float]
    random: np.random.Generator

    def _line(self, border: Border) -> NDArray[np.float64]:
        lines = outline(region(self.planted.truth, border), self.spacing_mm)
        longest = Outline((max(lines.lines, key=len),))
        return longest.handles(self.spacing_mm, count=160)[0]

    def _near(self, border: Border, within_mm: float) -> NDArray[np.float64]:
        """The stretch of the true border near the fault, in order."""
        line = self._line(border)
        away = np.hypot(*((line - self.planted.centre) * self.spacing_mm[::-1]).T)
        start = (int(away.argmin()) + len(line) // 2) % len(line)
        line, away = np.roll(line, -start, axis=0), np.roll(away, -start)
        return line[away < within_mm]

    def _shaky(self, points: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in points + self.random.normal(0, _UNSTEADY_PX, points.shape)]

    def pushed(self, frame: Frame, border: Border, *, outwards: bool) -> Frame:
        radius_mm = 6.0
        arc = self._near(border, self.planted.size_mm + 2.0)[::4]
        middle = self._line(border).mean(axis=0)
        away = (arc - middle) * self.spacing_mm[::-1]
        away /= np.hypot(*away.T)[:, np.newaxis]
        offset = (-1.0 if outwards else 1.0) * radius_mm * away / self.spacing_mm[::-1]
        path = self._shaky(arc + offset)
        start = arc[len(arc) // 2] + 2.0 * offset[len(arc) // 2]
        path = [(float(start[0]), float(start[1])), *path]
        return push(frame, path, radius_mm=radius_mm, pixel_spacing_mm=self.spacing_mm, held=border)

    def arc(self, frame: Frame, border: Border) -> Frame:
        stroke = self._shaky(self._near(border, self.planted.size_mm + 5.0)[::3])
        return redraw_arc(frame, border, stroke, pixel_spacing_mm=self.spacing_mm)

    def brushed(self, frame: Frame, border: Border) -> Frame:
        lost = np.argwhere(region(self.planted.truth, border) & ~region(frame, border))[:, ::-1] + 0.5
        order = np.linalg.svd(lost - lost.mean(axis=0), full_matrices=False)[2][0]
        along = (lost - lost.mean(axis=0)) @ order
        ends = lost.mean(axis=0) + np.outer((along.min() * 0.75, along.max() * 0.75), order)
        return brush(frame, border, self._shaky(ends), radius_mm=4.0, pixel_spacing_mm=self.spacing_mm)

    def drawn(self, frame: Frame, border: Border) -> Frame:
        return new_outline(frame, border, self._shaky(_clicks(self._line(border))))


def _clicks(line: NDArray[np.float64], most: int = 8) -> NDArray[np.float64]:
    """Where a reader clicks: the next one always where the line drawn so far is farthest from the border."""
    chosen = [0, len(line) // 3, 2 * len(line) // 3]
    while len(chosen) < most:
        drawn = closed_spline([(float(x), float(y)) for x, y in line[chosen]])
        away = np.hypot(*(line[:, np.newaxis] - drawn).transpose(2, 0, 1)).min(axis=1)
        chosen = sorted({*chosen, int(away.argmax())})
    return line[chosen]
