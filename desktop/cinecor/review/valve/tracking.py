"""`track_line`: the two ends of a valve's line in a long-axis view, followed through the cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.review.carry.displacement import displacement

_GRID_MM: Final = 0.75
_TEMPLATE_MM: Final = (
    9.0  # half the side of what is looked for: wide enough for the valve's root and the wall beside it
)
_REACH_MM: Final = 21.0  # from where it was drawn: an annulus moves by 10 to 20 mm
_STEP_MM: Final = 6.0  # from one phase to the next: 15 cm/s at 40 ms a phase
_AGAINST_MOVE: Final = 0.02  # unlikeness that a millimetre off the tissue's movement is worth; it grows with its square
_TOGETHER: Final = 0.003  # the same of a millimetre by which one end moves otherwise than the other
_LEAST_LIKENESS: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrackedLine:
    """The two ends of a valve's line in every phase of one long-axis cine."""

    points_px: NDArray[np.float64]  # (phase, 2, 2): x and y of both ends
    likeness: NDArray[np.float64]  # (phase,): of the worse end to where it was drawn, −1 to 1; 1 in drawn phases

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(phase,): whether both ends still look like what was drawn."""
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
    cycle that looks most like what was drawn (normalised correlation) and follows the tissue from phase to phase
    (demons): the best of all paths, so one phase that looks odd does not lead it astray. Each end is drawn a little
    towards the other's movement. Raises `ValueError` where nothing was drawn.
    """
    if not drawn:
        raise ValueError("a line must be drawn in one phase at least")
    between_rows, between_columns = pixel_spacing_mm
    to_mm = np.array([between_columns, between_rows])
    ends = [_End(frames, {phase: line[end] * to_mm for phase, line in drawn.items()}, to_mm) for end in (0, 1)]
    alone = [end.tracked(None) for end in ends]
    tracked = [end.tracked(other) for end, other in zip(ends, reversed(alone), strict=True)]
    points = np.stack([end.drawn_path + end.offsets for end in tracked], axis=1) / to_mm
    return TrackedLine(points, np.minimum(tracked[0].likeness, tracked[1].likeness))


@dataclass(frozen=True, slots=True, eq=False)
class _Tracked:
    """One end in mm: where even movement between drawn phases has it, how far off it is, and how alike it looks."""

    drawn_path: NDArray[np.float64]  # (phase, 2)
    offsets: NDArray[np.float64]  # (phase, 2)
    likeness: NDArray[np.float64]  # (phase,)


class _End:
    """What one end's surroundings look like, phase by phase, between the phases in which it was drawn."""

    def __init__(
        self, frames: NDArray[np.float32], drawn: Mapping[int, NDArray[np.float64]], to_mm: NDArray[np.float64]
    ) -> None:
        self._phases = len(frames)
        self._drawn = drawn
        self._stretches: list[tuple[int, int, list[NDArray[np.float64]], list[NDArray[np.float64]]]] = []
        anchors = sorted(drawn)
        templates = {phase: _patch(frames[phase], drawn[phase], _TEMPLATE_MM, to_mm) for phase in anchors}
        for start, end in pairwise([*anchors, anchors[0] + self._phases]):
            around = [
                _patch(frames[phase % self._phases], drawn[start], _TEMPLATE_MM + _REACH_MM, to_mm)
                for phase in range(start, end + 1)
            ]
            moves = [_moves(one, next_one) for one, next_one in pairwise(around)]
            alike = []
            for step, surroundings in enumerate(around[1:], start=1):
                share = step / (end - start)
                to_first, to_last = (_likeness(surroundings, templates[one % self._phases]) for one in (start, end))
                alike.append((1 - share) * to_first + share * to_last)
            self._stretches.append((start, end, alike, moves))

    def tracked(self, other: _Tracked | None) -> _Tracked:
        """Return the best path round the cycle, drawn towards the movement of the other end where that is sure."""
        path, offsets, likeness = np.zeros((self._phases, 2)), np.zeros((self._phases, 2)), np.ones(self._phases)
        for start, end, alike, moves in self._stretches:
            first, last = self._drawn[start], self._drawn[end % self._phases]
            span = np.arange(start, end + 1)
            at = span % self._phases
            even = first + ((span - start) / (end - start))[:, None] * (last - first)
            path[at[:-1]] = even[:-1]
            pulls = (
                [None] * len(alike)
                if other is None
                else [
                    (even[step] - first + other.offsets[at[step]], float(other.likeness[at[step]]))
                    for step in range(1, len(span))
                ]
            )
            found = _best_path(alike, moves, pulls, last - first)
            for step, (place, value) in enumerate(found[:-1], start=1):
                offsets[at[step]] = first + place - even[step]
                likeness[at[step]] = value
        return _Tracked(path, offsets, likeness)


def _moves(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how the tissue in the middle of one phase's surroundings moves to the next: (2, y, x) in grid steps."""
    edge = round(_TEMPLATE_MM / _GRID_MM)
    moved = displacement(before.astype(np.float32), after.astype(np.float32)).px
    return moved[:, edge:-edge, edge:-edge]


def _best_path(
    alike: list[NDArray[np.float64]],
    moves: list[NDArray[np.float64]],
    pulls: Sequence[tuple[NDArray[np.float64], float] | None],
    to_last_mm: NDArray[np.float64],
) -> list[tuple[NDArray[np.float64], float]]:
    """Return the path of least cost through maps of likeness (y, x): for each its offset in mm and its likeness.

    Maps are centred on where the path starts; `moves[n]` leads to `alike[n]`; `pulls[n]` is
    the offset that the other end's movement suggests, and how sure that one is. It ends `to_last_mm` from its start.
    """
    middle = (len(alike[0]) - 1) // 2
    steps = _steps()
    costs = np.full(alike[0].shape, np.inf)
    costs[middle, middle] = 0.0
    origins = []
    places = np.mgrid[-middle : middle + 1, -middle : middle + 1][::-1] * _GRID_MM
    for likeness, move, pull in zip(alike, moves, pulls, strict=True):
        costs, origin = _step(costs, move, steps)
        costs += 1.0 - likeness
        if pull is not None:
            offset, sure = pull
            costs += _TOGETHER * max(sure, 0.0) * ((places - offset[:, None, None]) ** 2).sum(axis=0)
        origins.append(origin)
    at = np.clip(np.rint(to_last_mm[::-1] / _GRID_MM).astype(int) + middle, 0, 2 * middle)
    path = []
    for likeness, origin in zip(reversed(alike), reversed(origins), strict=True):
        row, column = int(at[0]), int(at[1])
        offset = np.array([column + _peak(likeness[row], column), row + _peak(likeness[:, column], row)]) - middle
        path.append((offset * _GRID_MM, float(likeness[row, column])))
        at = at - steps[origin[row, column]]
    return path[::-1]


def _steps() -> NDArray[np.int_]:
    """Return every step (n, 2: rows, columns) that an end can make in one phase."""
    reach = round(_STEP_MM / _GRID_MM)
    steps = np.argwhere(np.ones((2 * reach + 1, 2 * reach + 1))) - reach
    return np.asarray(steps[np.hypot(*steps.T) <= reach])


def _step(
    costs: NDArray[np.float64], move: NDArray[np.float64], steps: NDArray[np.int_]
) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """Return the least cost of every place after one more step, and the number of that step."""
    best, origin = np.full(costs.shape, np.inf), np.zeros(costs.shape, dtype=int)
    reach = int(np.abs(steps).max())
    costs_around = np.pad(costs, reach, constant_values=np.inf)
    move_around = np.pad(move, ((0, 0), (reach, reach), (reach, reach)))
    rows, columns = costs.shape
    for number, (down, right) in enumerate(steps.tolist()):
        window = np.s_[reach - down : reach - down + rows, reach - right : reach - right + columns]
        unlike_move = (down - move_around[0][window]) ** 2 + (right - move_around[1][window]) ** 2
        moved = costs_around[window] + _AGAINST_MOVE * _GRID_MM**2 * unlike_move
        better = moved < best
        best[better], origin[better] = moved[better], number
    return best, origin


def _peak(values: NDArray[np.float64], at: int) -> float:
    """Return how far the top of a parabola through three neighbours lies from the middle one, within half a step."""
    if not 0 < at < len(values) - 1:
        return 0.0
    left, middle, right = values[at - 1 : at + 2].tolist()
    bend = left - 2 * middle + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0


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
