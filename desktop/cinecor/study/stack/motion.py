"""The motion that the pictures show, held against the order of the phases: all slices of a heart beat together.

The distance of every phase of a slice from every other is a pattern that all slices share, whatever they show: small
between neighbours in time, largest between diastole and systole. A slice whose phases are in another order, or begin at
another moment, has the pattern of the others only after its phases are moved.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_COARSE: Final = 36  # pixels of the shorter side that are looked at: motion is seen in a few of them
_FEWEST_PHASES: Final = 8
_FEWEST_SLICES: Final = 4
_ALIKE: Final = 0.6  # correlation of a slice's pattern with that of the others, moved to its best place
_IN_STEP: Final = (
    0.85  # correlation above which nothing is asked of a slice; below lie quiet slices of real studies, too
)
_GAIN: Final = 0.3  # by which moving must better the correlation; 0.06 in real studies
_MOVED_SHARE: Final = 0.1  # of the cycle: less is how hearts contract
_SHUFFLED: Final = 1.2  # steps between neighbours, times those of the best order; 1.00 in real studies
_SAME_AGAIN: Final = 0.85  # distance of half a cycle, as a share of that of any two phases: 1.2 where it is one beat

_Distances = NDArray[np.float64]  # (phase, phase)


@dataclass(frozen=True, slots=True)
class Motion:
    """What the pictures say against the order of the phases."""

    shifted: dict[int, int]  # slice → by how many phases it is ahead of the others
    shuffled: tuple[int, ...]  # slices whose phases are in another order
    no_cycle: bool  # the phases of all slices are in no order of a cycle
    beats: int  # how many heartbeats the phases run through


def coarse_pictures(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return every nth pixel of (slice, phase, row, column), so that about 36 remain of the shorter side."""
    step = max(1, min(pixels.shape[2:]) // _COARSE)
    return np.ascontiguousarray(pixels[:, :, step // 2 :: step, step // 2 :: step])


def motion_of(pictures: NDArray[np.float32]) -> Motion:
    """Return what the motion in coarse pictures (slice, phase, row, column) says of the order of their phases."""
    slices, phases = pictures.shape[:2]
    if phases < _FEWEST_PHASES:
        return Motion({}, (), False, 1)
    distances = [_distances(slice_pictures) for slice_pictures in pictures]
    whole: _Distances = np.median([one / max(_between(one).mean(), 1e-9) for one in distances], axis=0)
    beats = _beats(whole)
    no_cycle = beats == 1 and _is_shuffled(whole)
    shifted: dict[int, int] = {}
    shuffled: list[int] = []
    if slices >= _FEWEST_SLICES and not no_cycle:
        patterns = [_pattern(one) for one in distances]
        usual = _pattern(np.median(patterns, axis=0))
        for number, pattern in enumerate(patterns):
            fits = _correlations(pattern, usual)
            if fits[0] > _IN_STEP:
                continue
            by = int(np.argmax(fits))
            if fits[by] >= _ALIKE and fits[by] - fits[0] >= _GAIN and min(by, phases - by) > _MOVED_SHARE * phases:
                shifted[number] = by if by <= phases // 2 else by - phases
            elif beats == 1 and _is_shuffled(distances[number]):
                shuffled.append(number)
    return Motion(shifted, tuple(shuffled), no_cycle, beats)


def _distances(pictures: NDArray[np.float32]) -> _Distances:
    """Return how far the phases of a slice are from one another, (phase, row, column) → (phase, phase)."""
    values = pictures.reshape(pictures.shape[0], -1)
    values = values - values.mean(axis=0)
    products = (values @ values.T).astype(np.float64)
    lengths = np.diag(products)
    squares: _Distances = np.maximum(lengths[:, np.newaxis] + lengths - 2.0 * products, 0.0)
    return np.asarray(np.sqrt(squares))


def _between(distances: _Distances) -> NDArray[np.float64]:
    """Return the distances between two different phases, without those of a phase from itself."""
    between: NDArray[np.float64] = distances[~np.eye(len(distances), dtype=bool)]
    return between


def _pattern(distances: _Distances) -> _Distances:
    """Return distances between two phases with a mean of 0 and a spread of 1, and 0 where there is none."""
    between = _between(distances)
    pattern: _Distances = (distances - between.mean()) / max(float(between.std()), 1e-9)
    np.fill_diagonal(pattern, 0.0)
    return pattern


def _correlations(pattern: _Distances, usual: _Distances) -> NDArray[np.float64]:
    """Return how a pattern correlates with the usual one after its phases are moved on by 0, 1, 2 … places."""
    phases = np.arange(len(pattern))
    origins = phases - phases[:, np.newaxis]  # [by][phase]; a negative one counts from the end
    moved = pattern[origins[:, :, np.newaxis], origins[:, np.newaxis, :]]
    return np.asarray(np.tensordot(moved, usual, 2) / (len(pattern) * (len(pattern) - 1)))


def _neighbours(distances: _Distances) -> float:
    """Return how far neighbouring phases are from each other, around the cycle, as a share of any two."""
    phases = np.arange(len(distances))
    return float(distances[phases, np.roll(phases, -1)].mean() / max(_between(distances).mean(), 1e-9))


def _in_best_order(distances: _Distances) -> _Distances:
    """Return the distances with the phases in an order in which each is followed by what is nearest to it."""
    far = distances.tolist()
    left, order = set(range(1, len(far))), [0]
    while left:
        order.append(min(left, key=far[order[-1]].__getitem__))
        left.remove(order[-1])
    improved = True
    while improved:  # turn a part of the way round wherever that shortens it
        improved = False
        for first in range(1, len(order) - 1):
            for last in range(first + 1, len(order)):
                before, after = order[first - 1], order[(last + 1) % len(order)]
                now = far[before][order[first]] + far[order[last]][after]
                then = far[before][order[last]] + far[order[first]][after]
                if then < now - 1e-9:
                    order[first : last + 1] = reversed(order[first : last + 1])
                    improved = True
    return distances[np.ix_(order, order)]


def _is_shuffled(distances: _Distances) -> bool:
    return _neighbours(distances) > _SHUFFLED * _neighbours(_in_best_order(distances))


def _beats(distances: _Distances) -> int:
    """Return how many times the phases run through the same motion."""
    phases = len(distances)
    overall = float(_between(distances).mean())
    for beats in (4, 3, 2):
        if phases < beats * _FEWEST_PHASES:
            continue
        at = np.arange(phases)
        again = max(float(distances[at, np.roll(at, -round(beat * phases / beats))].mean()) for beat in range(1, beats))
        if again < _SAME_AGAIN * overall:
            return beats
    return 1
