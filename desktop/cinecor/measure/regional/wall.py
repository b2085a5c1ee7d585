"""`SliceWall`: both borders of the LV's wall in one slice at every phase, and how far they are from each other.

Borders are read from the labels along rays from the cavity's middle: a ray ends in the last pixel of cavity (endo) and
of cavity or myocardium (epi). The mean of r² over all directions is then exactly the area of the pixels, so radii are
right in the mean far below a pixel, and a circular smoothing over a few degrees takes the stairs away.

Thickness is the exact distance from each point of one border to the nearest point of the other, seen from both sides:
unlike a difference of radii it is right where the wall is not centred on the cavity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label

Array = NDArray[np.float64]
Complex = NDArray[np.complexfloating[Any, Any]]

RAYS: Final = 120
DIRECTIONS_DEG: Final = 360.0 * (np.arange(RAYS) + 0.5) / RAYS
"""Directions (ray,) at which a wall is told: degrees from the image's right towards its bottom."""

_FRAMES_AT_ONCE = 32  # side by side: a small study whole, a long cine slice by slice, as fits the cache
_STEP_PX = 0.3
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
        radius = np.interp(directions_deg, DIRECTIONS_DEG, border[phase], period=360.0)
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


def _walls(labels: NDArray[np.uint8], *, spacing_mm: tuple[float, float], reference_phase: int) -> Iterator[SliceWall]:
    """Yield the walls of slices that all have a cavity at the reference phase."""
    between_rows, between_columns = spacing_mm
    step = _STEP_PX * min(spacing_mm)
    cut = _Cut.of(labels, spacing_mm)
    way = np.arange(0.5 * step, cut.reach_mm.max() + _BEYOND_MM, step)
    unit = np.exp(1j * np.radians(DIRECTIONS_DEG))  # points are complex: along the columns + i along the rows
    height, width = cut.frames.shape[1:]
    offsets = np.rint(way * unit.imag[:, None] / between_rows).astype(np.int32) * width
    offsets += np.rint(way * unit.real[:, None] / between_columns).astype(np.int32)
    begin = (cut.seen * height + cut.row) * width + cut.column
    along = cut.frames.ravel()[begin[:, None, None] + offsets]  # (seen frame, ray, step)
    where = cut.seen // labels.shape[1]
    inner, outer = _ends(along == Label.LV), _ends(along >= Label.MYO)
    there = (outer - inner) * step > _CLOSED_PX * min(spacing_mm)
    within_reach = way < cut.reach_mm[where, None, None] + _BEYOND_MM
    own_rv = _rv_outside((along == Label.RV) & within_reach, outer, step)
    centre = _centres(labels[:, reference_phase] >= Label.MYO, spacing_mm)
    origin = (cut.left + cut.column) * between_columns + 1j * (cut.top + cut.row) * between_rows
    within, around = (
        (origin - centre[where])[:, None] + _smoothed(count.astype(np.float64) * step) * unit
        for count in (inner, outer)
    )
    from_endo, from_epi = _distances(within, around), _distances(around, within)
    of_endo, of_epi = _Turn.of(within), _Turn.of(around)
    shape = (len(cut.frames), RAYS)
    endo, epi, thickness, rv = (np.full(shape, np.nan) for _ in range(4))
    closed = np.zeros(shape, dtype=np.bool_)
    seen = cut.seen
    thickness[seen] = 0.5 * (of_endo.at_directions(from_endo) + of_epi.at_directions(from_epi))
    epi[seen] = of_epi.at_directions(np.abs(around))
    endo[seen] = np.where(of_endo.ascending[:, None], of_endo.at_directions(np.abs(within)), np.nan)
    closed[seen] = of_epi.at_directions(there) > 0.5
    rv[seen] = of_epi.at_directions(own_rv)
    thickness[~closed] = np.nan
    for array in (endo, epi, thickness, closed, rv):
        array.setflags(write=False)
    phases = labels.shape[1]
    for index, middle in enumerate(centre.tolist()):
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

    @classmethod
    def of(cls, labels: NDArray[np.uint8], spacing_mm: tuple[float, float]) -> "_Cut":
        slices, phases = labels.shape[:2]
        used: NDArray[np.bool_] = np.asarray(labels.max(axis=(0, 1)) >= Label.MYO)
        used_rows, used_columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
        first_row, first_column = int(used_rows[0]), int(used_columns[0])
        heart = labels[:, :, first_row : used_rows[-1] + 1, first_column : used_columns[-1] + 1]
        heart = heart.reshape(slices * phases, *heart.shape[2:])
        frame, rows, columns = np.nonzero(heart == Label.LV)
        count = np.bincount(frame, minlength=len(heart))
        seen = np.flatnonzero(count)
        middle = [np.bincount(frame, one, len(heart))[frame] / count[frame] for one in (rows, columns)]
        nearest = _least_of_each(frame, (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2)
        row, column = rows[nearest], columns[nearest]
        frame, rows, columns = np.nonzero(heart >= Label.MYO)
        own = np.full(len(heart), -1)
        own[seen] = np.arange(len(seen))
        begun = own[frame] >= 0
        frame, rows, columns, at = frame[begun], rows[begun], columns[begun], own[frame[begun]]
        far = np.hypot((rows - row[at]) * spacing_mm[0], (columns - column[at]) * spacing_mm[1])
        reach_mm = np.zeros(slices)
        np.maximum.at(reach_mm, frame // phases, far)
        row, column = row + first_row, column + first_column
        margin = int((reach_mm.max() + _BEYOND_MM) / min(spacing_mm)) + 2
        top, left = int(row.min()) - margin, int(column.min()) - margin
        bottom, right = int(row.max()) + margin + 1, int(column.max()) + margin + 1
        inside = labels[:, :, max(top, 0) : bottom, max(left, 0) : right]
        frames = np.zeros((slices, phases, bottom - top, right - left), dtype=np.uint8)
        down, across = max(-top, 0), max(-left, 0)
        frames[:, :, down : down + inside.shape[2], across : across + inside.shape[3]] = inside
        return cls(
            frames.reshape(slices * phases, *frames.shape[2:]), top, left, seen, row - top, column - left, reach_mm
        )


def _least_of_each(group: NDArray[np.intp], values: Array) -> NDArray[np.intp]:
    """Return the place of the first least value of each group that there is; groups ascend."""
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    least = np.repeat(np.minimum.reduceat(values, begins), np.diff(begins, append=len(group)))
    places = np.flatnonzero(values == least)
    return places[np.flatnonzero(np.diff(group[places], prepend=-1))]


def _centres(left: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> Complex:
    """Return the middle of each slice's mask (slice, row, column): mm along the columns + i mm along the rows."""
    index, rows, columns = np.nonzero(left)
    count = np.bincount(index, minlength=len(left))
    across, down = (np.bincount(index, one, len(left)) / count for one in (columns, rows))
    return np.asarray(across * spacing_mm[1] + 1j * (down * spacing_mm[0]))


def _ends(inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return how many steps each ray (…, step) goes until it is outside for good."""
    last = inside.shape[-1] - np.argmax(inside[..., ::-1], axis=-1)
    return np.where(inside.any(axis=-1), last, 0)


def _rv_outside(rv: NDArray[np.bool_], outer: NDArray[np.intp], step_mm: float) -> Array:
    """Return how thick the RV is on each ray if it begins where the wall ends, else 0."""
    beyond = rv & (np.arange(rv.shape[-1]) >= outer[..., None])
    first = np.argmax(beyond, axis=-1)
    near = beyond.any(axis=-1) & (first < outer + round(_CONTACT_MM / step_mm))
    return np.where(near, beyond.sum(axis=-1) * step_mm, 0.0)


def _circulant() -> Array:
    apart = np.arange(RAYS)
    apart = np.minimum(apart, RAYS - apart)
    weights = np.exp(-0.5 * (apart / _SMOOTHING_RAYS) ** 2)
    return np.asarray((weights / weights.sum())[(np.arange(RAYS)[:, None] - np.arange(RAYS)[None, :]) % RAYS])


_SMOOTHING: Final = _circulant()
_WINDOW: Final = (np.arange(RAYS)[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)[None, :]) % RAYS


def _smoothed(radius: Array) -> Array:
    """Return radii (phase, ray) smoothed around; squared, because what is kept is the area."""
    return np.asarray(np.sqrt(radius**2 @ _SMOOTHING))


def _distances(points: Complex, border: Complex) -> Array:
    """Return the distance of each point (phase, ray) to the nearest place of a closed border (phase, ray).

    It lies on one of the two sides that meet in the nearest corner: a border's corners are much closer together than
    the borders are.
    """
    points, border = points.astype(np.complex64), border.astype(np.complex64)  # a ten-thousandth of a mm
    to = points[:, :, None] - border[:, _WINDOW]  # (phase, ray, neighbour)
    corner = _WINDOW[np.arange(RAYS), np.argmin(to.real**2 + to.imag**2, axis=2)]
    begin = RAYS * np.arange(len(border))[:, None]
    before, at, after = (border.ravel()[(corner + by) % RAYS + begin] for by in (-1, 0, 1))
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
        angle = np.mod(np.angle(border, deg=True), 360.0)
        steps = np.mod(np.diff(angle, axis=1, append=angle[:, :1]) + 180.0, 360.0) - 180.0
        ascending = (steps > 0.0).all(axis=1) & (np.abs(steps.sum(axis=1) - 360.0) < 1.0)
        begin = RAYS * np.arange(len(border))[:, None]
        order = np.argsort(angle, axis=1) + begin
        angle = angle.ravel()[order]
        apart = _APART_DEG * np.arange(len(border))[:, None]  # one search for all phases
        after = np.searchsorted((angle + apart).ravel(), (DIRECTIONS_DEG + apart).ravel()).reshape(angle.shape)
        after -= begin
        before, after = (after - 1) % RAYS + begin, after % RAYS + begin
        first, last = angle.ravel()[before], angle.ravel()[after]
        width = np.mod(last - first, 360.0)
        share = np.divide(np.mod(DIRECTIONS_DEG - first, 360.0), width, out=np.zeros_like(width), where=width > 0.0)
        return cls(ascending, order.ravel()[before], order.ravel()[after], share)

    def at_directions(self, values: NDArray[Any]) -> Array:
        """Return values (phase, ray) of the corners at `DIRECTIONS_DEG`."""
        of_corners = values.ravel().astype(np.float64)
        begin = of_corners[self.before]
        return np.asarray(begin + self.share * (of_corners[self.after] - begin))
