"""`track_line`: the two ends of a valve's line in a long-axis view, followed through the cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_GRID_MM: Final = 1.0
_TEMPLATE_MM: Final = 4.0  # half the side of what is compared: the root of the valve alone
_JUDGED_MM: Final = 10.0  # half the side of what tells whether a phase shows the same thing as its neighbours
_REACH_MM: Final = 21.0  # from where it was drawn: an annulus moves by 10 to 20 mm
_STEP_MM: Final = 6.0  # from one phase to the next: 15 cm/s at 40 ms a phase
_DRAWN_SHARE: Final = (
    0.3  # of the likeness to what was drawn, which changes as the wall thickens; the rest: to the phase before
)
_STILL: Final = 0.002  # unlikeness that a step of a millimetre is worth; it grows with its square
_LEAST_LIKENESS: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrackedLine:
    """The two ends of a valve's line in every phase of one long-axis cine."""

    points_px: NDArray[np.float64]  # (phase, 2, 2): x and y of both ends
    likeness: NDArray[np.float64]  # (phase,): of the worse end's surroundings to a phase beside; 1 in drawn phases

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(phase,): whether both ends lie in what the phases beside show too."""
        return np.asarray(self.likeness >= _LEAST_LIKENESS)


def track_line(
    frames: NDArray[np.float32],
    drawn: Mapping[int, NDArray[np.float64]],
    *,
    pixel_spacing_mm: tuple[float, float],
) -> TrackedLine:
    """Follow a line that a reader drew in some phases through all phases of a cine.

    `frames` is (phase, row, column), one whole cycle; `drawn` gives the ends (2, 2: x, y in pixels; the pixel of row 0
    and column 0 covers 0 to 1) by phase. Drawn phases stay as drawn. Between them each end takes the path round the
    cycle on which each phase looks most like the one before, and like what was drawn (normalised correlation): the best
    of all paths, so one phase that looks odd does not lead it astray. Raises `ValueError` where nothing was drawn.
    """
    if not drawn:
        raise ValueError("a line must be drawn in one phase at least")
    between_rows, between_columns = pixel_spacing_mm
    to_mm = np.array([between_columns, between_rows])
    ends = [_track_end(frames, {phase: line[end] * to_mm for phase, line in drawn.items()}, to_mm) for end in (0, 1)]
    points = np.stack([places for places, _ in ends], axis=1) / to_mm
    return TrackedLine(points, np.minimum(ends[0][1], ends[1][1]))


def _track_end(
    frames: NDArray[np.float32], drawn: Mapping[int, NDArray[np.float64]], to_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places in mm (phase, 2) and likeness (phase,) of one end."""
    phases = len(frames)
    places, likeness = np.zeros((phases, 2)), np.ones(phases)
    anchors = sorted(drawn)
    templates = {phase: _patch(frames[phase], drawn[phase], _TEMPLATE_MM, to_mm) for phase in anchors}
    for start, end in pairwise([*anchors, anchors[0] + phases]):
        first, last = drawn[start], drawn[end % phases]
        around = [
            _patch(frames[phase % phases], first, _TEMPLATE_MM + _REACH_MM, to_mm) for phase in range(start, end + 1)
        ]
        like_drawn = []
        for step, picture in enumerate(around[1:], start=1):
            share = step / (end - start)
            to_first, to_last = (_likeness(picture, templates[one % phases]) for one in (start, end))
            like_drawn.append((1 - share) * to_first + share * to_last)
        places[np.arange(start, end) % phases] = first + _best_path(around, like_drawn, last - first)[:-1]
    wide = [_patch(frame, place, _JUDGED_MM, to_mm) for frame, place in zip(frames, places, strict=True)]
    for phase in set(range(phases)) - set(anchors):
        beside = (wide[phase - 1], wide[(phase + 1) % phases])
        likeness[phase] = max(float(_likeness(wide[phase], one)[0, 0]) for one in beside)
    return places, likeness


def _best_path(
    around: Sequence[NDArray[np.float64]], like_drawn: Sequence[NDArray[np.float64]], to_last_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the path of least cost: its offsets in mm (phase, 2: x, y).

    `around` are the pictures about the place where it starts, phase by phase, and `like_drawn` how much each place of
    them (but the first) looks like what was drawn. It ends `to_last_mm` from its start.
    """
    middle = (len(like_drawn[0]) - 1) // 2
    steps = _steps()
    costs = np.full(like_drawn[0].shape, np.inf)
    costs[middle, middle] = 0.0
    origins = []
    for before, now, drawn in zip(around, around[1:], like_drawn, strict=False):
        costs, origin = _step(costs, before, now, steps)
        costs += _DRAWN_SHARE * (1.0 - drawn)
        origins.append(origin)
    at = np.clip(np.rint(to_last_mm[::-1] / _GRID_MM).astype(int) + middle, 0, 2 * middle)
    path = [at]
    for origin in reversed(origins):
        at = at - steps[origin[tuple(at)]]
        path.append(at)
    offsets = (np.array(path[::-1])[:, ::-1] - middle) * _GRID_MM
    offsets[-1] = to_last_mm
    smooth = offsets.astype(np.float64)
    smooth[1:-1] = (offsets[:-2] + 2 * offsets[1:-1] + offsets[2:]) / 4  # the steps of the grid are no movement
    return smooth


def _steps() -> NDArray[np.int_]:
    """Return every step (n, 2: rows, columns) that an end can make in one phase."""
    reach = round(_STEP_MM / _GRID_MM)
    steps = np.argwhere(np.ones((2 * reach + 1, 2 * reach + 1))) - reach
    return np.asarray(steps[np.hypot(*steps.T) <= reach])


def _step(
    costs: NDArray[np.float64], before: NDArray[np.float64], now: NDArray[np.float64], steps: NDArray[np.int_]
) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """Return the least cost of every place after one more step, and the number of that step.

    `before` and `now` are the pictures of two phases, wider than `costs` by half a template on every side.
    """
    best, origin = np.full(costs.shape, np.inf), np.zeros(costs.shape, dtype=int)
    reach, edge = int(np.abs(steps).max()), round(_TEMPLATE_MM / _GRID_MM)
    side = 2 * edge + 1
    rows, columns = costs.shape
    inner = np.s_[edge : edge + rows, edge : edge + columns]
    now_mean = ndimage.uniform_filter(now, side, mode="nearest")
    now_spread = np.sqrt(np.maximum(ndimage.uniform_filter(now**2, side, mode="nearest") - now_mean**2, 1e-12))
    before_mean = ndimage.uniform_filter(before, side, mode="nearest")
    before_spread = np.sqrt(np.maximum(ndimage.uniform_filter(before**2, side, mode="nearest") - before_mean**2, 1e-12))
    wide = [np.pad(one, reach, mode="edge") for one in (before, before_mean, before_spread)]
    costs_around = np.pad(costs, reach, constant_values=np.inf)
    for number, (down, right) in enumerate(steps.tolist()):
        came = np.s_[reach - down : reach - down + rows, reach - right : reach - right + columns]
        from_costs = costs_around[came]
        if not np.isfinite(from_costs).any():
            continue
        whole = np.s_[reach - down : reach - down + len(now), reach - right : reach - right + now.shape[1]]
        then, then_mean, then_spread = (one[whole] for one in wide)
        products = ndimage.uniform_filter(now * then, side, mode="nearest")
        alike = ((products - now_mean * then_mean) / (now_spread * then_spread))[inner]
        moved = from_costs + (1.0 - alike) + _STILL * _GRID_MM**2 * (down**2 + right**2)
        better = moved < best
        best[better], origin[better] = moved[better], number
    return best, origin


def _likeness(around: NDArray[np.float64], template: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normalised correlation of a template with every place of an image: −1 to 1, 0 where it is flat."""
    windows = np.lib.stride_tricks.sliding_window_view(around, template.shape)
    pattern = template - template.mean()
    means = windows.mean(axis=(2, 3))
    spread = np.sqrt(np.maximum((windows**2).mean(axis=(2, 3)) - means**2, 0) * template.size * (pattern**2).sum())
    products = np.einsum("ijkl,kl->ij", windows, pattern)
    return np.asarray(np.divide(products, spread, out=np.zeros_like(products), where=spread > 1e-6))


def _patch(
    frame: NDArray[np.float32], centre_mm: NDArray[np.float64], half_mm: float, to_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    steps = round(half_mm / _GRID_MM)
    offsets = np.arange(-steps, steps + 1) * _GRID_MM
    columns = (centre_mm[0] + offsets) / to_mm[0] - 0.5
    rows = (centre_mm[1] + offsets) / to_mm[1] - 0.5
    grid = np.meshgrid(rows, columns, indexing="ij")
    return np.asarray(ndimage.map_coordinates(frame, grid, order=1, mode="nearest", output=np.float64))
