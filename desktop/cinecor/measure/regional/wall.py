"""`SliceWall`: both borders of the LV's wall in one slice at every phase, and how far they are from each other.

Borders are read from the labels along rays from the cavity's middle: a ray ends in the last pixel of cavity (endo) and
of cavity or myocardium (epi). The mean of r² over all directions is then exactly the area of the pixels, so radii are
right in the mean far below a pixel, and a circular smoothing over a few degrees takes the stairs away.

Thickness is the exact distance from each point of one border to the nearest point of the other, seen from both sides:
unlike a difference of radii it is right where the wall is not centred on the cavity.
"""

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


def slice_wall(labels: NDArray[np.uint8], *, spacing_mm: tuple[float, float], reference_phase: int) -> SliceWall | None:
    """Return the wall of one slice's labels (phase, row, column); None without cavity at the reference phase.

    `spacing_mm` is between rows, between columns. A phase without cavity is NaN.
    """
    if not (labels[reference_phase] == Label.LV).any():
        return None
    between_rows, between_columns = spacing_mm
    rows, columns = np.nonzero(labels[reference_phase] >= Label.MYO)
    centre = complex(columns.mean() * between_columns, rows.mean() * between_rows)
    step = _STEP_PX * min(spacing_mm)
    frames, corner, middles, reach = _cut(labels, spacing_mm)
    way = np.arange(0.5 * step, reach + _BEYOND_MM, step)
    unit = np.exp(1j * np.radians(DIRECTIONS_DEG))  # points are complex: along the columns + i along the rows
    offsets = np.rint(way * unit.imag[:, None] / between_rows).astype(np.int32) * frames.shape[2]
    offsets += np.rint(way * unit.real[:, None] / between_columns).astype(np.int32)
    shape = (labels.shape[0], RAYS)
    endo, epi, thickness, rv = (np.full(shape, np.nan) for _ in range(4))
    closed = np.zeros(shape, dtype=np.bool_)
    phases, places = np.array(list(middles)), np.array(list(middles.values()))
    begin = (phases * frames.shape[1] + places[:, 0]) * frames.shape[2] + places[:, 1]
    along = frames.ravel()[begin[:, None, None] + offsets]  # (seen phase, ray, step)
    inner, outer = _ends(along == Label.LV), _ends(along >= Label.MYO)
    there = (outer - inner) * step > _CLOSED_PX * min(spacing_mm)
    own_rv = _rv_outside(along == Label.RV, outer, step)
    origin = (corner[1] + places[:, 1]) * between_columns + 1j * (corner[0] + places[:, 0]) * between_rows
    within, around = (
        (origin - centre)[:, None] + _smoothed(count.astype(np.float64) * step) * unit for count in (inner, outer)
    )
    from_endo, from_epi = _distances(within, around), _distances(around, within)
    of_endo, of_epi = _Turn.of(within), _Turn.of(around)
    thickness[phases] = 0.5 * (of_endo.at_directions(from_endo) + of_epi.at_directions(from_epi))
    epi[phases] = of_epi.at_directions(np.abs(around))
    endo[phases] = np.where(of_endo.ascending[:, None], of_endo.at_directions(np.abs(within)), np.nan)
    closed[phases] = of_epi.at_directions(there) > 0.5
    rv[phases] = of_epi.at_directions(own_rv)
    thickness[~closed] = np.nan
    for array in (endo, epi, thickness, closed, rv):
        array.setflags(write=False)
    return SliceWall((centre.real, centre.imag), endo, epi, thickness, closed, rv)


def _cut(
    labels: NDArray[np.uint8], spacing_mm: tuple[float, float]
) -> tuple[NDArray[np.uint8], tuple[int, int], dict[int, tuple[int, int]], float]:
    """Return the frames cut so that no ray leaves them, and where rays begin.

    The cut (phase, row, column) and the pixel at its corner; by phase, the pixel of the cut in the cavity's middle; how
    far the wall reaches from it, mm.
    """
    middles: dict[int, tuple[int, int]] = {}
    reach = 0.0
    used: NDArray[np.bool_] = np.asarray(labels.max(axis=0) >= Label.MYO)
    used_rows, used_columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    begin = (used_rows[0], used_columns[0])
    heart = labels[:, begin[0] : used_rows[-1] + 1, begin[1] : used_columns[-1] + 1]
    for phase, frame in enumerate(heart):
        rows, columns = np.nonzero(frame == Label.LV)
        if not rows.size:
            continue
        row, column = _inner_pixel(rows, columns)
        middles[phase] = (row + int(begin[0]), column + int(begin[1]))
        rows, columns = np.nonzero(frame >= Label.MYO)
        far = np.hypot((rows - row) * spacing_mm[0], (columns - column) * spacing_mm[1]).max()
        reach = max(reach, float(far))
    margin = int((reach + _BEYOND_MM) / min(spacing_mm)) + 2
    at = np.array(list(middles.values()))
    top, left = at.min(axis=0) - margin
    bottom, right = at.max(axis=0) + margin + 1
    inside = labels[:, max(top, 0) : bottom, max(left, 0) : right]
    missing = [
        (0, 0),
        (max(-top, 0), max(bottom - labels.shape[1], 0)),
        (max(-left, 0), max(right - labels.shape[2], 0)),
    ]
    cut = np.ascontiguousarray(np.pad(inside, missing))
    places = {phase: (row - int(top), column - int(left)) for phase, (row, column) in middles.items()}
    return cut, (int(top), int(left)), places, reach


def _inner_pixel(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[int, int]:
    """Return the pixel of a cavity that is nearest to its middle."""
    nearest = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
    return int(rows[nearest]), int(columns[nearest])


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
    before, at, after = (np.take_along_axis(border, (corner + by) % RAYS, axis=1) for by in (-1, 0, 1))
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
    before: NDArray[np.intp]  # (phase, ray) the corner before each direction, and the one after it
    after: NDArray[np.intp]
    share: Array  # of the way from the one to the other

    @classmethod
    def of(cls, border: Complex) -> "_Turn":
        angle = np.mod(np.angle(border, deg=True), 360.0)
        steps = np.mod(np.diff(angle, axis=1, append=angle[:, :1]) + 180.0, 360.0) - 180.0
        ascending = (steps > 0.0).all(axis=1) & (np.abs(steps.sum(axis=1) - 360.0) < 1.0)
        order = np.argsort(angle, axis=1)
        angle = np.take_along_axis(angle, order, axis=1)
        apart = _APART_DEG * np.arange(len(border))[:, None]  # one search for all phases
        after = np.searchsorted((angle + apart).ravel(), (DIRECTIONS_DEG + apart).ravel()).reshape(angle.shape)
        after -= RAYS * np.arange(len(border))[:, None]
        before, after = (after - 1) % RAYS, after % RAYS
        begin, end = (np.take_along_axis(angle, place, axis=1) for place in (before, after))
        width = np.mod(end - begin, 360.0)
        share = np.divide(np.mod(DIRECTIONS_DEG - begin, 360.0), width, out=np.zeros_like(width), where=width > 0.0)
        before, after = (np.take_along_axis(order, place, axis=1) for place in (before, after))
        return cls(ascending, before, after, share)

    def at_directions(self, values: NDArray[Any]) -> Array:
        """Return values (phase, ray) of the corners at `DIRECTIONS_DEG`."""
        begin, end = (
            np.take_along_axis(values.astype(np.float64), place, axis=1) for place in (self.before, self.after)
        )
        return np.asarray(begin + self.share * (end - begin))
