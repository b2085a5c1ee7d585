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
    for seen, phase in enumerate(phases):
        turn_within, turn_around = (np.angle(one[seen], deg=True) for one in (within, around))
        thickness[phase] = 0.5 * (_around(turn_within, from_endo[seen]) + _around(turn_around, from_epi[seen]))
        epi[phase] = _around(turn_around, np.abs(around[seen]))
        if _ascending(turn_within):
            endo[phase] = _around(turn_within, np.abs(within[seen]))
        closed[phase] = _around(turn_around, there[seen]) > 0.5
        rv[phase] = _around(turn_around, own_rv[seen])
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
    used: NDArray[np.bool_] = np.asarray((labels >= Label.MYO).any(axis=0))
    used_rows, used_columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    begin, end = (used_rows[0], used_columns[0]), (used_rows[-1] + 1, used_columns[-1] + 1)
    for phase, frame in enumerate(labels):
        rows, columns = np.nonzero(frame[begin[0] : end[0], begin[1] : end[1]] >= Label.MYO)
        rows, columns = rows + begin[0], columns + begin[1]
        cavity = frame[rows, columns] == Label.LV
        if cavity.any():
            row, column = _inner_pixel(rows[cavity], columns[cavity])
            middles[phase] = (row, column)
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
    """Return the distance of each point (phase, ray) to the nearest place of a closed border (phase, ray)."""
    points, border = points.astype(np.complex64), border.astype(np.complex64)  # a ten-thousandth of a mm
    side = np.roll(border, -1, axis=1) - border
    length = np.maximum(np.abs(side) ** 2, 1e-12)
    to = points[:, :, None] - border[:, _WINDOW]  # (phase, ray, neighbour)
    along = side[:, _WINDOW]
    share = np.clip((to.real * along.real + to.imag * along.imag) / length[:, _WINDOW], 0.0, 1.0)
    off = to - share * along
    return np.asarray(np.sqrt((off.real**2 + off.imag**2).min(axis=2)), dtype=np.float64)


def _ascending(angle_deg: Array) -> bool:
    """Return whether directions go round once: the centre lies inside, and every ray from it meets the border once."""
    steps = np.mod(np.diff(np.append(angle_deg, angle_deg[0])) + 180.0, 360.0) - 180.0
    return bool((steps > 0.0).all() and abs(float(steps.sum()) - 360.0) < 1.0)


def _around(angle_deg: Array, values: NDArray[Any]) -> Array:
    """Return values at irregular directions as values at `DIRECTIONS_DEG`."""
    return np.asarray(np.interp(DIRECTIONS_DEG, angle_deg, values, period=360.0))
