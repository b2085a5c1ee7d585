"""`SliceWall`: both borders of the LV's wall in one slice at every phase, and how far they are from each other.

Borders are read from the labels along rays from the cavity's middle: a ray ends in the last pixel of cavity (endo) and
of cavity or myocardium (epi). The mean of r² over all directions is then exactly the area of the pixels, so radii are
right in the mean far below a pixel, and a circular smoothing over a few degrees takes the stairs away.

Thickness is the exact distance from each point of one border to the nearest point of the other, seen from both sides:
unlike a difference of radii it is right where the wall is not centred on the cavity.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.regional.middle import middles

Array = NDArray[np.float64]
Complex = NDArray[np.complexfloating[Any, Any]]

RAYS: Final = 120
DIRECTIONS_DEG: Final = 360.0 * (np.arange(RAYS) + 0.5) / RAYS
"""Directions (ray,) at which a wall is told: degrees from the image's right towards its bottom."""

_ONCE_MORE_DEG: Final = np.concatenate((DIRECTIONS_DEG[-1:] - 360.0, DIRECTIONS_DEG, DIRECTIONS_DEG[:1] + 360.0))
_UNIT: Final = np.exp(1j * np.radians(DIRECTIONS_DEG))  # points are complex: along the columns + i along the rows
_FRAMES_AT_ONCE = 32  # side by side: a small study whole, a long cine slice by slice, as fits the cache
_STEP_PX = 0.3
_STEPS_AT_ONCE = 64  # slices differ in size: those that need about as many steps share them
_SMOOTHING_RAYS = 1.3  # standard deviation: 4 degrees, a pixel of a mid-sized border
_NEIGHBOURS = 10  # rays to either side among which the nearest point of the other border is looked for
_CLOSED_PX = 0.5  # a wall thinner than that is none
_BEYOND_MM = 12.0  # how far beyond the wall rays go, to see the RV
_APART_DEG = 1000.0  # between the phases of a search: more than a turn
_CONTACT_MM = 3.0  # how far outside the wall its RV may begin: a pixel or two


@dataclass(frozen=True, slots=True, eq=False)
class SliceWall:
    """The wall of one slice; (phase, ray) in mm by `DIRECTIONS_DEG` about `centre_mm`; NaN where there is none.

    `centre_mm` is the middle of cavity and wall at the reference phase: along the columns, along the rows, from the
    centre of pixel (0, 0). Arrays are read-only.
    """

    centre_mm: tuple[float, float]
    endo_mm: Array
    epi_mm: Array
    thickness_mm: Array
    closed: NDArray[np.bool_]  # (phase, ray) whether myocardium is there
    rv_mm: Array  # (phase, ray) how thick the RV is that touches the wall; 0 where it does not

    def border_px(
        self, directions_deg: Array, *, phase: int, spacing_mm: tuple[float, float], inner: bool = False
    ) -> Array:
        """Return where directions meet a border at a phase, (direction, 2): column and row of the image.

        Pixel (0, 0) has its centre at 0, 0. `spacing_mm` is between rows, between columns.
        """
        border = self.endo_mm if inner else self.epi_mm
        around = np.concatenate((border[phase, -1:], border[phase], border[phase, :1]))
        radius = np.interp(np.mod(directions_deg, 360.0), _ONCE_MORE_DEG, around)
        angle = np.radians(directions_deg)
        column = (self.centre_mm[0] + radius * np.cos(angle)) / spacing_mm[1]
        row = (self.centre_mm[1] + radius * np.sin(angle)) / spacing_mm[0]
        return np.stack([column, row], axis=-1)


def slice_walls(
    labels: NDArray[np.uint8], *, spacing_mm: tuple[float, float], reference_phase: int
) -> tuple[SliceWall | None, ...]:
    """Return the wall of each slice of labels (slice, phase, row, column); None without cavity at the reference phase.

    `spacing_mm` is between rows, between columns. A phase without cavity is NaN.
    """
    walls: list[SliceWall | None] = [None] * len(labels)
    seen = np.flatnonzero((labels[:, reference_phase] == Label.LV).any(axis=(1, 2)))
    at_once = max(1, _FRAMES_AT_ONCE // labels.shape[1])
    for begin in range(0, len(seen), at_once):
        chosen = seen[begin : begin + at_once]
        found = _walls(labels[chosen], spacing_mm=spacing_mm, reference_phase=reference_phase)
        for index, wall in zip(chosen, found, strict=True):
            walls[index] = wall
    return tuple(walls)


def closed_shares(labels: NDArray[np.uint8], *, spacing_mm: tuple[float, float]) -> Array:
    """Return around which share of each slice of labels (slice, row, column) a wall is: (slice,), NaN without cavity.

    The mean of `SliceWall.closed` at that phase, without the rest that a wall takes.
    """
    shares = np.full(len(labels), np.nan)
    seen = np.flatnonzero((labels == Label.LV).any(axis=(1, 2)))
    if seen.size:
        rays = _Rays.of(labels[seen, None], spacing_mm, reference_phase=0)
        turn = _Turn.of(rays.borders[1])
        shares[seen] = (turn.at_directions(rays.there) > 0.5).mean(axis=1)
    return shares


@dataclass(frozen=True, slots=True, eq=False)
class _Rays:
    """Where rays from the cavity's middle meet the borders of the wall; all arrays are of the frames with a cavity."""

    cut: "_Cut"
    step_mm: float
    way_mm: Array  # (step,)
    along: NDArray[np.uint8]  # (step, frame, ray): labels
    outer: NDArray[np.intp]  # (frame, ray): steps to where the wall ends
    there: NDArray[np.bool_]  # (frame, ray): whether there is a wall
    borders: Complex  # (inner and outer, frame, ray): mm from the middle of cavity and wall at the reference phase

    @classmethod
    def of(cls, labels: NDArray[np.uint8], spacing_mm: tuple[float, float], *, reference_phase: int) -> "_Rays":
        """Return the rays of slices that all have a cavity at the reference phase."""
        between_rows, between_columns = spacing_mm
        step = _STEP_PX * min(spacing_mm)
        cut = _Cut.of(labels, spacing_mm, reference_phase=reference_phase)
        where = cut.seen // labels.shape[1]
        height, width = cut.frames.shape[1:]
        end_mm = cut.reach_mm.max() + _BEYOND_MM
        way, down, across = _steps(spacing_mm, _STEPS_AT_ONCE * math.ceil(end_mm / step / _STEPS_AT_ONCE))
        count = int(np.searchsorted(way, end_mm))
        way, offsets = way[:count], down[:count] * width + across[:count]
        begin = (cut.seen * height + cut.row) * width + cut.column
        along = cut.frames.ravel()[offsets[:, None] + begin[:, None]]
        inner, outer = _ends(along == Label.LV), _ends(along >= Label.MYO)
        there = (outer - inner) * step > _CLOSED_PX * min(spacing_mm)
        origin = (cut.left + cut.column) * between_columns + 1j * (cut.top + cut.row) * between_rows
        radius = _smoothed(np.stack((inner, outer)).astype(np.float64) * step)
        borders = (origin - cut.centre[where])[:, None] + radius * _UNIT
        return cls(cut, step, way, along, outer, there, borders)

    def rv_mm(self) -> Array:
        """Return how thick the RV is that touches the wall, (frame, ray); 0 where it does not."""
        reach_mm = self.cut.reach_mm[self.cut.seen // (len(self.cut.frames) // len(self.cut.reach_mm))]
        within_reach = self.way_mm[:, None] < reach_mm + _BEYOND_MM
        return _rv_outside((self.along == Label.RV) & within_reach[:, :, None], self.outer, self.step_mm)


@lru_cache(maxsize=8)
def _steps(spacing_mm: tuple[float, float], count: int) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """Return how far each step is in mm (step,), and in rows and in columns (step, ray): the same in every slice."""
    step = _STEP_PX * min(spacing_mm)
    way = np.arange(0.5 * step, (count + 0.25) * step, step)
    down = np.rint(way[:, None] * _UNIT.imag / spacing_mm[0]).astype(np.intp)
    across = np.rint(way[:, None] * _UNIT.real / spacing_mm[1]).astype(np.intp)
    for array in (way, down, across):
        array.setflags(write=False)
    return way, down, across


def _walls(labels: NDArray[np.uint8], *, spacing_mm: tuple[float, float], reference_phase: int) -> Iterator[SliceWall]:
    """Yield the walls of slices that all have a cavity at the reference phase."""
    rays = _Rays.of(labels, spacing_mm, reference_phase=reference_phase)
    borders, seen, phases = rays.borders, rays.cut.seen, labels.shape[1]
    apart = _distances(borders.reshape(-1, RAYS), borders[::-1].reshape(-1, RAYS))
    turn = _Turn.of(borders.reshape(-1, RAYS))
    of_endo, of_epi = turn.at_directions(apart).reshape(borders.shape)
    endo_mm, epi_mm = turn.at_directions(np.abs(borders)).reshape(borders.shape)
    outward = turn.last(len(seen))
    shape = (len(rays.cut.frames), RAYS)
    endo, epi, thickness, rv = (np.full(shape, np.nan) for _ in range(4))
    closed = np.zeros(shape, dtype=np.bool_)
    thickness[seen] = 0.5 * (of_endo + of_epi)
    epi[seen] = epi_mm
    endo[seen] = np.where(turn.ascending[: len(seen), None], endo_mm, np.nan)
    closed[seen] = outward.at_directions(rays.there) > 0.5
    rv[seen] = outward.at_directions(rays.rv_mm())
    thickness[~closed] = np.nan
    for array in (endo, epi, thickness, closed, rv):
        array.setflags(write=False)
    for index, middle in enumerate(rays.cut.centre.tolist()):
        own = slice(index * phases, (index + 1) * phases)
        yield SliceWall((middle.real, middle.imag), endo[own], epi[own], thickness[own], closed[own], rv[own])


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Frames cut so that no ray leaves them, and where rays begin: in the pixel nearest to the cavity's middle."""

    frames: NDArray[np.uint8]  # (frame, row, column); frames are those of the first slice, then of the next
    top: int  # of the cut in the image
    left: int
    seen: NDArray[np.intp]  # frames with a cavity
    row: NDArray[np.intp]  # of the cut, for each seen frame
    column: NDArray[np.intp]
    reach_mm: Array  # (slice,) how far the wall reaches from there at any phase
    centre: Complex  # (slice,) of cavity and wall at the reference phase: mm along the columns + i mm along the rows

    @classmethod
    def of(cls, labels: NDArray[np.uint8], spacing_mm: tuple[float, float], *, reference_phase: int) -> "_Cut":
        slices, phases = labels.shape[:2]
        used: NDArray[np.bool_] = np.asarray(labels.max(axis=(0, 1)) >= Label.MYO)
        used_rows, used_columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
        first_row, first_column = int(used_rows[0]), int(used_columns[0])
        heart = labels[:, :, first_row : used_rows[-1] + 1, first_column : used_columns[-1] + 1]
        heart = heart.reshape(slices * phases, *heart.shape[2:])
        cavity: NDArray[np.bool_] = heart == Label.LV
        seen = np.flatnonzero(cavity.any(axis=(1, 2)))
        cavity, ventricle = cavity[seen], heart[seen] >= Label.MYO
        row, column = _nearest_to_middle(cavity)
        # Of each row the first and the last pixel are farthest.
        outermost = np.stack((ventricle.argmax(axis=2), heart.shape[2] - 1 - ventricle[:, :, ::-1].argmax(axis=2)))
        down, across = np.arange(heart.shape[1]) - row[:, None], outermost - column[:, None]
        far = np.where(ventricle.any(axis=2), np.hypot(down * spacing_mm[0], across * spacing_mm[1]), 0.0)
        reach_mm = np.zeros(slices)
        np.maximum.at(reach_mm, seen // phases, far.max(axis=(0, 2)))
        at_reference = ventricle[np.searchsorted(seen, np.arange(slices) * phases + reference_phase)]
        middle_row, middle_column = middles(at_reference, first_row=first_row, first_column=first_column)
        row, column = row + first_row, column + first_column
        margin = int((reach_mm.max() + _BEYOND_MM) / min(spacing_mm)) + 2
        top, left = int(row.min()) - margin, int(column.min()) - margin
        bottom, right = int(row.max()) + margin + 1, int(column.max()) + margin + 1
        inside = labels[:, :, max(top, 0) : bottom, max(left, 0) : right]
        frames = np.zeros((slices, phases, bottom - top, right - left), dtype=np.uint8)
        begin_row, begin_column = max(-top, 0), max(-left, 0)
        frames[:, :, begin_row : begin_row + inside.shape[2], begin_column : begin_column + inside.shape[3]] = inside
        return cls(
            frames.reshape(slices * phases, *frames.shape[2:]),
            top,
            left,
            seen,
            row - top,
            column - left,
            reach_mm,
            np.asarray(middle_column * spacing_mm[1] + 1j * (middle_row * spacing_mm[0])),
        )


def _nearest_to_middle(masks: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of the first pixel of each mask that lies nearest to its middle."""
    row, column = middles(masks)
    down, across = (
        np.arange(size) - middle[:, None] for size, middle in zip(masks.shape[1:], (row, column), strict=True)
    )
    off = np.where(masks, down[:, :, None] ** 2 + across[:, None] ** 2, np.inf)
    nearest = off.reshape(len(masks), -1).argmin(axis=1)
    return nearest // masks.shape[2], nearest % masks.shape[2]


def _ends(inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return how many steps each ray (step, …) goes until it is outside for good."""
    return _largest(inside, np.arange(1, len(inside) + 1))


def _rv_outside(rv: NDArray[np.bool_], outer: NDArray[np.intp], step_mm: float) -> Array:
    """Return how thick the RV (step, …) is on each ray if it begins where the wall ends, else 0."""
    steps = len(rv)
    beyond = rv & (np.arange(steps, dtype=np.uint16)[:, None, None] >= outer.astype(np.uint16))
    left = _largest(beyond, np.arange(steps, 0, -1))  # steps from its first to the end; 0 where there is none
    near = (left > 0) & (steps - left < outer + round(_CONTACT_MM / step_mm))
    return np.where(near, np.add.reduce(beyond.view(np.uint8), axis=0, dtype=np.uint16) * step_mm, 0.0)


def _largest(there: NDArray[np.bool_], values: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the largest of the values (step,) where rays (step, …) are `there`; 0 where they are nowhere."""
    small: np.dtype[Any] = np.min_scalar_type(values.max())  # the smaller, the quicker
    shown = there.view(np.uint8).astype(small, copy=False)
    return np.asarray((shown * values.astype(small)[:, None, None]).max(axis=0), dtype=np.intp)


def _circulant() -> Array:
    apart = np.arange(RAYS)
    apart = np.minimum(apart, RAYS - apart)
    weights = np.exp(-0.5 * (apart / _SMOOTHING_RAYS) ** 2)
    weights[weights < np.finfo(np.float64).tiny] = 0.0  # adds nothing, and processors are slow with such numbers
    return np.asarray((weights / weights.sum())[(np.arange(RAYS)[:, None] - np.arange(RAYS)[None, :]) % RAYS])


_SMOOTHING: Final = _circulant()


def _smoothed(radius: Array) -> Array:
    """Return radii (…, ray) smoothed around; squared, because what is kept is the area."""
    return np.asarray(np.sqrt(radius**2 @ _SMOOTHING))


def _distances(points: Complex, border: Complex) -> Array:
    """Return the distance of each point (phase, ray) to the nearest place of a closed border (phase, ray).

    It lies on one of the two sides that meet in the nearest corner: a border's corners are much closer together than
    the borders are.
    """
    points, border = points.astype(np.complex64), border.astype(np.complex64)  # a ten-thousandth of a mm
    around = np.concatenate((border[:, -_NEIGHBOURS:], border, border[:, :_NEIGHBOURS]), axis=1)
    near = sliding_window_view(around, 2 * _NEIGHBOURS + 1, axis=1)  # (phase, ray, neighbour)
    down, across = points.imag[:, :, None] - near.imag, points.real[:, :, None] - near.real
    corner = np.argmin(across**2 + down**2, axis=2) + np.arange(RAYS)  # among those that are around
    begin = around.shape[1] * np.arange(len(border))[:, None]
    before, at, after = (around.ravel()[begin + (corner - _NEIGHBOURS + by) % RAYS + _NEIGHBOURS] for by in (-1, 0, 1))
    return np.asarray(np.minimum(_to_side(points, at, before), _to_side(points, at, after)), dtype=np.float64)


def _to_side(points: Complex, begin: Complex, end: Complex) -> NDArray[np.floating[Any]]:
    """Return the distance of points to straight lines between two others; all of one shape."""
    side, to = end - begin, points - begin
    length = np.maximum(side.real**2 + side.imag**2, 1e-12)
    share = np.clip((to.real * side.real + to.imag * side.imag) / length, 0.0, 1.0)
    return np.asarray(np.abs(to - share * side))


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """How values at the directions in which a border's corners lie become values at `DIRECTIONS_DEG`."""

    ascending: NDArray[np.bool_]  # (phase,) whether the border goes round once: each ray from the middle meets it once
    before: NDArray[np.intp]  # (phase, ray) place of the corner before each direction, counted through all phases
    after: NDArray[np.intp]  # and of the one after it
    share: Array  # of the way from the one to the other

    @classmethod
    def of(cls, border: Complex) -> "_Turn":
        angle = _once_around(np.asarray(np.angle(border, deg=True), dtype=np.float64))
        steps = np.diff(angle, axis=1, append=angle[:, :1])
        steps -= np.where(steps >= 180.0, 360.0, np.where(steps < -180.0, -360.0, 0.0))
        ascending = (steps > 0.0).all(axis=1) & (np.abs(steps.sum(axis=1) - 360.0) < 1.0)
        begin = RAYS * np.arange(len(border))[:, None]
        order = np.argsort(angle, axis=1) + begin
        angle = angle.ravel()[order]
        apart = _APART_DEG * np.arange(len(border))[:, None]  # one search for all phases
        after = np.searchsorted((angle + apart).ravel(), (DIRECTIONS_DEG + apart).ravel()).reshape(angle.shape)
        after -= begin
        before, after = (after - 1) % RAYS + begin, after % RAYS + begin
        first, last = angle.ravel()[before], angle.ravel()[after]
        width = _once_around(last - first)
        share = np.divide(_once_around(DIRECTIONS_DEG - first), width, out=np.zeros_like(width), where=width > 0.0)
        return cls(ascending, order.ravel()[before], order.ravel()[after], share)

    def last(self, phases: int) -> "_Turn":
        """Return the same for the last phases alone."""
        skipped = len(self.ascending) - phases
        own, less = slice(skipped, None), RAYS * skipped
        return _Turn(self.ascending[own], self.before[own] - less, self.after[own] - less, self.share[own])

    def at_directions(self, values: NDArray[Any]) -> Array:
        """Return values (phase, ray) of the corners at `DIRECTIONS_DEG`."""
        of_corners = values.ravel().astype(np.float64)
        begin = of_corners[self.before]
        return np.asarray(begin + self.share * (of_corners[self.after] - begin))


def _once_around(degrees: Array) -> Array:
    """Return directions of less than a turn to either side as 0 to 360: ten times as quick as NumPy's remainder."""
    return np.where(degrees < 0.0, degrees + 360.0, degrees)
