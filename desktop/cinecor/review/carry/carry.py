"""Carry the change of a border from one corrected frame to others that have the same fault."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.borders import Border, region, signed_distance_mm, with_regions
from cinecor.review.carry.displacement import Displacement, displacement
from cinecor.review.carry.stop import Stop

Place = tuple[int, int]  # (slice, phase)
Frame = NDArray[np.uint8]

FARTHEST_PHASES = 8
FARTHEST_SLICES = 3
_FULL_PHASES = 3  # up to here the change is carried whole; then it fades to nothing beyond the farthest
_SURE = 0.95  # confidence of a frame above which the model's own border ends the carrying where it agrees
_AGREES_PX = 1.0
_CHANGE_PX = (0.6, 1.2)  # a smaller change of a border is the hand's and the grid's, a larger one was meant
_LIKE = (0.35, 0.75)  # how much of the fault a border must show for the change to begin, and to be made whole
_MOSTLY = (
    0.5  # a border whose changed stretch shows less of the fault than this, in the middle, has another one or none
)
_NEAR_PX = 1.5
_MARGIN_PX = 12


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """The frames that a change reached, by (slice, phase); provisional until someone has looked."""

    frames: Mapping[Place, Frame]
    stops: Mapping[Place, Stop]  # the first frame on either side that was left as it is; none at an end of the stack


def carry_over_phases(
    labels: NDArray[np.uint8],
    place: Place,
    before: Frame,
    *,
    pixels: NDArray[np.float32],
    confidence: NDArray[np.float32],
    pixel_spacing_mm: tuple[float, float],
    settled: frozenset[Place] = frozenset(),
    borders: Collection[Border] = tuple(Border),
    both_ways: bool = True,
    round_the_cycle: bool = False,
) -> Carried:
    """Return what the change of a frame, from `before` to its labels now, makes of the phases around it.

    `labels` and `pixels` are (slice, phase, row, column), `labels` with the corrected frame in place. Each border that
    was changed is brought to the next phases along the motion between the images and applied, fading with distance,
    where their border shows the same fault; `borders` are those that the reader meant. It ends at frames in `settled`
    (corrected or accepted by a person), where the model is sure and agrees, where nothing changes any more, and beyond
    the farthest.
    """
    index, phase = place
    phases = labels.shape[1]
    change = _Change.of(before, labels[index, phase], pixel_spacing_mm, borders)
    box = _box(labels[index], before)
    if not change.borders or box is None:
        return Carried({}, {})
    frames: dict[Place, Frame] = {}
    stops: dict[Place, Stop] = {}
    for step in (1, -1) if both_ways else (1,):
        way = Displacement.none((box[0].stop - box[0].start, box[1].stop - box[1].start))
        last = phase
        for apart in range(1, FARTHEST_PHASES + 2):
            there = phase + step * apart
            if round_the_cycle:
                there %= phases
            if not 0 <= there < phases or there == phase or (index, there) in frames:
                break
            if (index, there) in settled:
                stops[index, there] = Stop.SETTLED
                break
            if apart > FARTHEST_PHASES:
                stops[index, there] = Stop.FAR
                break
            way = displacement(pixels[index, there][box], pixels[index, last][box]).then(way)
            last = there
            share = min(1.0, (FARTHEST_PHASES + 1 - apart) / (FARTHEST_PHASES + 1 - _FULL_PHASES))
            made = change.applied(labels[index, there], box, way.sampled, share=share)
            if made.frame is None or (made.agrees and confidence[index, there] >= _SURE):
                stops[index, there] = Stop.SOUND
                break
            frames[index, there] = made.frame
    return Carried(frames, stops)


def carry_over_slices(
    labels: NDArray[np.uint8],
    place: Place,
    before: Frame,
    *,
    confidence: NDArray[np.float32],
    pixel_spacing_mm: tuple[float, float],
    settled: frozenset[Place] = frozenset(),
    borders: Collection[Border] = tuple(Border),
) -> Carried:
    """Return what the change of a frame makes of the slices beside it at the same phase.

    As `carry_over_phases`; between slices there is no motion to follow, so the change is moved and scaled as the left
    ventricle is from slice to slice.
    """
    index, phase = place
    change = _Change.of(before, labels[index, phase], pixel_spacing_mm, borders)
    box = _box(labels[:, phase], before)
    if not change.borders or box is None:
        return Carried({}, {})
    frames: dict[Place, Frame] = {}
    stops: dict[Place, Stop] = {}
    for step in (1, -1):
        for apart in range(1, FARTHEST_SLICES + 2):
            there = index + step * apart
            if not 0 <= there < labels.shape[0]:
                break
            if (there, phase) in settled:
                stops[there, phase] = Stop.SETTLED
                break
            if apart > FARTHEST_SLICES:
                stops[there, phase] = Stop.FAR
                break
            way = _by_size(labels[there, phase][box], labels[index, phase][box])
            share = (FARTHEST_SLICES + 1 - apart) / (FARTHEST_SLICES + 1)
            made = None if way is None else change.applied(labels[there, phase], box, way.sampled, share=share)
            if made is None or made.frame is None or (made.agrees and confidence[there, phase] >= _SURE):
                stops[there, phase] = Stop.SOUND
                break
            frames[there, phase] = made.frame
    return Carried(frames, stops)


@dataclass(frozen=True, slots=True, eq=False)
class _Applied:
    frame: Frame | None  # None where nothing changes
    agrees: bool  # whether the borders lie within a pixel of where the change would bring them


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """What was done to one frame, border by border."""

    before: Frame
    after: Frame
    borders: tuple[Border, ...]
    pixel_spacing_mm: tuple[float, float]

    @classmethod
    def of(
        cls, before: Frame, after: Frame, pixel_spacing_mm: tuple[float, float], borders: Collection[Border]
    ) -> "_Change":
        """Return the change, with the borders that it moved."""
        moved = [
            border
            for border in Border
            if border in borders
            and region(after, border).any()
            and (region(before, border) != region(after, border)).any()
        ]
        gained = region(after, Border.RV) & ~region(before, Border.RV)
        lost = region(before, Border.RV) & ~region(after, Border.RV)
        if Border.RV in moved and not gained.any() and not (lost & ~region(after, Border.EPI)).any():
            moved.remove(Border.RV)  # it only gave way to the wall, and will where the wall's change is carried to
        return cls(before, after, tuple(moved), pixel_spacing_mm)

    def applied(
        self,
        frame: Frame,
        box: tuple[slice, slice],
        sampled: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        *,
        share: float,
    ) -> _Applied:
        """Return another frame with this change; `sampled` brings a field of this frame's box to that one's."""
        px_mm = float(np.sqrt(self.pixel_spacing_mm[0] * self.pixel_spacing_mm[1]))
        regions: dict[Border, NDArray[np.bool_]] = {}
        agrees = True
        for border in self.borders:
            old_there, after_there = region(self.before, border)[box], region(self.after, border)[box]
            here = region(frame, border)[box]
            if not old_there.any():  # drawn where the model had nothing: needed wherever it still has nothing
                if here.any() or share < 0.5:
                    continue
                wanted = sampled(signed_distance_mm(after_there, self.pixel_spacing_mm)) < 0
                agrees = False
            elif not here.any():
                continue
            else:
                now_mm = signed_distance_mm(here, self.pixel_spacing_mm)
                old_mm = sampled(signed_distance_mm(old_there, self.pixel_spacing_mm))
                aim_mm = sampled(signed_distance_mm(after_there, self.pixel_spacing_mm))
                step_mm = _step_mm(now_mm, old_mm, aim_mm, px_mm=px_mm)
                wanted = now_mm + share * step_mm < 0
                agrees &= bool(np.abs(step_mm[np.abs(now_mm) < px_mm]).max(initial=0.0) < _AGREES_PX * px_mm)
            if border is Border.EPI:
                wanted &= ~self._kept_rv(frame[box], box, sampled)
            if (wanted == here).all():
                continue
            regions[border] = np.zeros(frame.shape, dtype=np.bool_)
            regions[border][box] = wanted
        new = with_regions(frame, regions)
        return _Applied(None if (new == frame).all() else new, agrees)

    def _kept_rv(
        self,
        frame: Frame,
        box: tuple[slice, slice],
        sampled: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    ) -> NDArray[np.bool_]:
        """Return the RV of another frame that a carried wall may not take: what the correction did not take either.

        The RV is narrow at the septum and at the apex: a pixel more of wall costs it much.
        """
        taken = region(self.before, Border.RV)[box] & region(self.after, Border.EPI)[box]
        return region(frame, Border.RV) & (sampled(taken.astype(np.float64)) < 0.5)


def _step_mm(
    now_mm: NDArray[np.float64], old_mm: NDArray[np.float64], aim_mm: NDArray[np.float64], *, px_mm: float
) -> NDArray[np.float64]:
    """Return by how much each pixel's distance is to change, so that a border with the fault goes to its aim.

    How much of the fault a border shows is where it lies between aim (0) and the faulty border (1). One that lies at
    the aim already, or beyond it, was right there and stays; so does a border that mostly does, as a patch of it that
    looks faulty is more likely the registration's.
    """
    change_mm = aim_mm - old_mm
    meant = _ramp(np.abs(change_mm) / px_mm, _CHANGE_PX)
    like = np.divide(aim_mm - now_mm, change_mm, out=np.zeros_like(now_mm), where=meant > 0)
    along = (meant > 0.5) & (np.abs(now_mm) < _NEAR_PX * px_mm)
    if not along.any() or np.median(like[along]) < _MOSTLY:
        return np.zeros_like(now_mm)
    return np.asarray(change_mm * meant * _ramp(like, _LIKE))


def _ramp(value: NDArray[np.float64], ends: tuple[float, float]) -> NDArray[np.float64]:
    return np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)


def _by_size(here: Frame, there: Frame) -> Displacement | None:
    """Return how far each pixel of one slice lies from its place in another, by the hearts' middles and sizes."""
    hearts = [region(one, Border.EPI) for one in (here, there)]
    if not all(heart.any() for heart in hearts):
        hearts = [one != Label.BACKGROUND for one in (here, there)]
        if not all(heart.any() for heart in hearts):
            return None
    middles = [np.argwhere(heart).mean(axis=0) for heart in hearts]
    larger = float(np.sqrt(hearts[1].sum() / hearts[0].sum()))
    at = np.indices(here.shape).astype(np.float64)
    from_middle = at - middles[0][:, np.newaxis, np.newaxis]
    return Displacement(from_middle * larger + middles[1][:, np.newaxis, np.newaxis] - at)


def _box(frames: NDArray[np.uint8], *others: Frame) -> tuple[slice, slice] | None:
    used = (frames != Label.BACKGROUND).any(axis=0) | np.any(_used(others), axis=0)
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    if not rows.size:
        return None
    return (
        slice(max(0, int(rows[0]) - _MARGIN_PX), min(used.shape[0], int(rows[-1]) + 1 + _MARGIN_PX)),
        slice(max(0, int(columns[0]) - _MARGIN_PX), min(used.shape[1], int(columns[-1]) + 1 + _MARGIN_PX)),
    )


def _used(frames: Iterable[Frame]) -> NDArray[np.bool_]:
    return np.stack([frame != Label.BACKGROUND for frame in frames])
