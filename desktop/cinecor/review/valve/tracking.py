"""`track_line`: the two ends of a valve's line in a long-axis view, followed through the cycle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Look = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Search:
    """How one end is looked for from phase to phase; lengths in mm."""

    grid_mm: float
    template_mm: float  # half the side of what is compared
    reach_mm: float  # about where it is expected
    step_mm: float  # from one phase to the next, beyond what is expected
    drawn: float  # weight of the likeness to what was drawn, beside that to the phase before
    still: float  # unlikeness that a step of a millimetre is worth; it grows with its square


# First wide and coarse, about the straight way between drawn phases: an annulus moves by 10 to 25 mm, up to 15 cm/s at
# 40 ms a phase. Then finely about the way that was found, with the root of the valve alone.
_COARSE: Final = _Search(grid_mm=1.5, template_mm=6.0, reach_mm=30.0, step_mm=6.0, drawn=0.6, still=0.002)
_FINE: Final = _Search(grid_mm=0.5, template_mm=3.0, reach_mm=2.5, step_mm=1.5, drawn=0.5, still=0.01)
_TOGETHER: Final = 0.0005  # unlikeness that a millimetre (squared) off the way of the other end is worth
_JUDGED_MM: Final = 10.0  # half the side of what tells whether a phase shows the same thing as its neighbours
_JUDGED_GRID_MM: Final = 1.0
_LEAST_LIKENESS: Final = 0.5
_PATHS: Final = 8  # each end alone and beside the other, coarsely and finely: every phase is looked at so often


@dataclass(frozen=True, slots=True, eq=False)
class TrackedLine:
    """The two ends of a valve's line in every phase of one long-axis cine."""

    points_px: Floats  # (phase, 2, 2): x and y of both ends
    likeness: Floats  # (phase,): of the worse end's surroundings to a phase beside; 1 in drawn phases

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(phase,): whether both ends lie in what the phases beside show too."""
        return np.asarray(self.likeness >= _LEAST_LIKENESS)


def track_line(
    frames: NDArray[np.float32],
    drawn: Mapping[int, Floats],
    *,
    pixel_spacing_mm: tuple[float, float],
    told: Callable[[int], None] = lambda _: None,
) -> TrackedLine:
    """Follow a line that a reader drew in some phases through all phases of a cine.

    `frames` is (phase, row, column), one whole cycle; `drawn` gives the ends (2, 2: x, y in pixels; the pixel of row 0
    and column 0 covers 0 to 1) by phase. Drawn phases stay as drawn. Between them each end takes the path round the
    cycle on which each phase looks most like the one before, and like what was drawn (normalised correlation), near the
    way of the other end: the best of all paths, so one phase that looks odd does not lead it astray, and the same in
    both directions of time. `told` hears again and again for how many phases the work is done; what it raises ends the
    work. Raises `ValueError` where nothing was drawn.
    """
    if not drawn:
        raise ValueError("a line must be drawn in one phase at least")
    between_rows, between_columns = pixel_spacing_mm
    to_mm = np.array([between_columns, between_rows])
    looked = 0

    def look() -> None:
        nonlocal looked
        looked += 1
        told(looked // _PATHS)

    by_end = [{phase: line[end] * to_mm for phase, line in drawn.items()} for end in (0, 1)]
    alone = [_track_end(frames, places, to_mm, beside=None, look=look) for places in by_end]
    ends = [_track_end(frames, by_end[end], to_mm, beside=alone[1 - end], look=look) for end in (0, 1)]
    likeness = np.min([_likeness_beside(frames, places, to_mm, set(drawn)) for places in ends], axis=0)
    return TrackedLine(np.stack(ends, axis=1) / to_mm, likeness)


def _track_end(
    frames: NDArray[np.float32], drawn: Mapping[int, Floats], to_mm: Floats, *, beside: Floats | None, look: Look
) -> Floats:
    """Return the places of one end, (phase, 2: x, y) in mm; `beside` are those of the other end."""
    phases = len(frames)
    places = np.zeros((phases, 2))
    anchors = sorted(drawn)
    for start, end in pairwise([*anchors, anchors[0] + phases]):
        cycle = np.arange(start, end + 1) % phases
        ends = (drawn[start], drawn[end % phases])
        share = np.linspace(0.0, 1.0, len(cycle))[:, None]
        straight = ends[0] + share * (ends[1] - ends[0])
        expected = straight
        if beside is not None:
            other = beside[cycle]
            expected = other + (1 - share) * (ends[0] - other[0]) + share * (ends[1] - other[-1])
        pictures = [frames[phase] for phase in cycle]
        coarse = _path(pictures, straight, to_mm, search=_COARSE, near=None if beside is None else expected, look=look)
        fine = _path(pictures, _smooth(_smooth(coarse)), to_mm, search=_FINE, near=None, look=look)
        places[cycle[:-1]] = _smooth(fine)[:-1]
    return places


def _path(
    frames: Sequence[NDArray[np.float32]],
    about: Floats,
    to_mm: Floats,
    *,
    search: _Search,
    near: Floats | None,
    look: Look,
) -> Floats:
    """Return the path of least cost, (phase, 2) in mm: from the first place of `about` to its last.

    Each phase is looked through about its place in `about`; `near` (phase, 2) is where the end is expected.
    """
    grid, side = search.grid_mm, 2 * round(search.template_mm / search.grid_mm) + 1
    middle = round(search.reach_mm / grid)
    steps = _steps(round(search.step_mm / grid))
    still = search.still * grid**2 * (steps**2).sum(axis=1)[:, None, None]
    first, last = (_patch(frames[one], about[one], search.template_mm, grid, to_mm) for one in (0, -1))
    pictures = [
        _Picture.of(_patch(frame, place, search.reach_mm + search.template_mm, grid, to_mm), side)
        for frame, place in zip(frames, about, strict=True)
    ]
    offsets = (np.arange(2 * middle + 1) - middle) * grid
    costs = np.full((2 * middle + 1, 2 * middle + 1), np.inf)
    costs[middle, middle] = 0.0
    origins = []
    for number, (before, now) in enumerate(pairwise(pictures), start=1):
        look()
        ways = _shifted(costs, steps, fill=np.inf) + still + (1.0 - now.likeness(before, steps))
        origins.append(ways.argmin(axis=0))
        costs = np.take_along_axis(ways, origins[-1][None], axis=0)[0]
        share = number / (len(frames) - 1)
        drawn = (1 - share) * now.likeness_to(first) + share * now.likeness_to(last)
        costs = costs + search.drawn * (1.0 - drawn)
        if near is not None:
            x, y = near[number] - about[number]
            costs = costs + _TOGETHER * ((offsets[None, :] - x) ** 2 + (offsets[:, None] - y) ** 2)
    at = np.array([middle, middle])
    path = [at]
    for origin in reversed(origins):
        at = at - steps[origin[tuple(at)]]
        path.append(at)
    return np.asarray(about + (np.array(path[::-1])[:, ::-1] - middle) * grid)


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """What lies about a place in one phase, with mean and spread of the window around each point."""

    grey: Floats
    mean: Floats  # smaller than `grey` by a window
    spread: Floats
    side: int  # of the window

    @classmethod
    def of(cls, grey: Floats, side: int) -> "_Picture":
        """Return a picture with its windows."""
        mean = _window_mean(grey, side)
        return cls(grey, mean, np.sqrt(np.maximum(_window_mean(grey**2, side) - mean**2, 1e-9)), side)

    def likeness(self, before: "_Picture", steps: NDArray[np.int_]) -> Floats:
        """Return the normalised correlation of every place with where each step would come from: (step, y, x)."""
        products = _window_mean(self.grey * _shifted(before.grey, steps), self.side)
        mean, spread = _shifted(before.mean, steps), _shifted(before.spread, steps)
        return np.asarray((products - self.mean * mean) / (self.spread * spread))

    def likeness_to(self, template: Floats) -> Floats:
        """Return the normalised correlation of every place with a template: (y, x), 0 where either is flat."""
        return _likeness(self.grey, template)


def _steps(reach: int) -> NDArray[np.int_]:
    """Return every step (n, 2: rows, columns) of the grid that is no longer than `reach`."""
    steps = np.argwhere(np.ones((2 * reach + 1, 2 * reach + 1))) - reach
    return np.asarray(steps[np.hypot(*steps.T) <= reach])


def _shifted(values: Floats, steps: NDArray[np.int_], *, fill: float | None = None) -> Floats:
    """Return what each place (y, x) would come from by each step, (step, y, x); beyond the rim `fill`, or the rim."""
    reach = int(np.abs(steps).max())
    wide = np.pad(values, reach, mode="edge") if fill is None else np.pad(values, reach, constant_values=fill)
    down, right = (reach - steps).T
    return np.asarray(np.lib.stride_tricks.sliding_window_view(wide, values.shape)[down, right])


def _window_mean(values: Floats, side: int) -> Floats:
    """Return the mean of every whole window of `side` × `side` along the last two axes."""
    rim = [(0, 0)] * (values.ndim - 2) + [(1, 0), (1, 0)]
    total = np.cumsum(np.cumsum(np.pad(values, rim), axis=-2), axis=-1)
    windows = total[..., side:, side:] - total[..., :-side, side:] - total[..., side:, :-side]
    return np.asarray((windows + total[..., :-side, :-side]) / side**2)


def _smooth(path: Floats) -> Floats:
    """Return a path without the steps of its grid; its ends stay."""
    smooth = path.copy()
    smooth[1:-1] = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
    return smooth


def _likeness_beside(frames: NDArray[np.float32], places: Floats, to_mm: Floats, drawn: set[int]) -> Floats:
    """Return how much each phase looks like the one before or after it, whichever more, about an end: (phase,)."""
    wide = [
        _patch(frame, place, _JUDGED_MM, _JUDGED_GRID_MM, to_mm) for frame, place in zip(frames, places, strict=True)
    ]
    likeness = np.ones(len(frames))
    for phase in set(range(len(frames))) - drawn:
        beside = (wide[phase - 1], wide[(phase + 1) % len(frames)])
        likeness[phase] = max(float(_likeness(wide[phase], one)[0, 0]) for one in beside)
    return likeness


def _likeness(around: Floats, template: Floats) -> Floats:
    """Return the normalised correlation of a template with every place of an image: −1 to 1, 0 where it is flat."""
    windows = np.lib.stride_tricks.sliding_window_view(around, template.shape)
    pattern = template - template.mean()
    means = windows.mean(axis=(2, 3))
    spread = np.sqrt(np.maximum((windows**2).mean(axis=(2, 3)) - means**2, 0) * template.size * (pattern**2).sum())
    products = np.einsum("ijkl,kl->ij", windows, pattern)
    return np.asarray(np.divide(products, spread, out=np.zeros_like(products), where=spread > 1e-6))


def _patch(frame: NDArray[np.float32], centre_mm: Floats, half_mm: float, grid_mm: float, to_mm: Floats) -> Floats:
    steps = round(half_mm / grid_mm)
    offsets = np.arange(-steps, steps + 1) * grid_mm
    columns = (centre_mm[0] + offsets) / to_mm[0] - 0.5
    rows = (centre_mm[1] + offsets) / to_mm[1] - 0.5
    grid = np.meshgrid(rows, columns, indexing="ij")
    return np.asarray(scipy.ndimage.map_coordinates(frame, grid, order=1, mode="nearest", output=np.float64))
