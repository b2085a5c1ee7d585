"""What the pictures of a stack look like beside one another: inverted ones, noise or one out of place show at once."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_FEWEST_SLICES: Final = 4
_FRAME_UNLIKE: Final = 0.6  # correlation of a frame with the mean of its slice; 0.9 is usual
_FRAME_FALL: Final = 0.25  # below what is usual in its slice
_BLANK_ROWS: Final = 0.1  # of the rows: so many more without any picture than the frame's slice usually has
_SLICE_UNLIKE: Final = 0.1  # with the slices beside it; 0.27 and more in real stacks
_SLICES_USUAL: Final = 0.3
_EXCHANGE_GAIN: Final = 0.03  # by which exchanging two slices betters the likeness of neighbours; 0 in real studies

_Likeness = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Appearance:
    """Pictures that do not fit their neighbours."""

    frames: dict[int, tuple[int, ...]]  # slice → phases unlike the others of the slice
    slices: tuple[int, ...]  # unlike the slices beside them
    exchanged: tuple[int, ...]  # slices that would follow one another better in another order


def appearance_of(pictures: NDArray[np.float32]) -> Appearance:
    """Return which of the coarse pictures (slice, phase, row, column) do not fit their neighbours."""
    values = _normal(pictures.reshape(*pictures.shape[:2], -1))
    middle = _normal(values.mean(axis=1))
    with_slice = (values @ middle[:, :, np.newaxis])[:, :, 0] / values.shape[2]
    blank = (np.ptp(pictures, axis=3) == 0.0).mean(axis=2)
    partly = blank > np.median(blank, axis=1, keepdims=True) + _BLANK_ROWS
    frames: dict[int, tuple[int, ...]] = {}
    restless: list[int] = []
    for number, likeness in enumerate(with_slice):
        usual = float(np.median(likeness))
        if usual < _FRAME_UNLIKE:
            restless.append(number)
            continue
        unlike = np.flatnonzero((likeness < _FRAME_UNLIKE) | (likeness < usual - _FRAME_FALL) | partly[number])
        if unlike.size:
            frames[number] = tuple(int(phase) for phase in unlike)
    if len(restless) > len(with_slice) / 2:
        restless = []
    if len(middle) < _FEWEST_SLICES:
        return Appearance(frames, tuple(restless), ())
    likeness = (middle @ middle.T).astype(np.float64) / middle.shape[1]
    unlike_slices = tuple(sorted({*restless, *_unlike(likeness)}))
    return Appearance(frames, unlike_slices, () if unlike_slices else _exchanged(likeness))


def _normal(values: NDArray[np.float32]) -> NDArray[np.float32]:
    centred: NDArray[np.float32] = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.einsum("...i,...i", centred, centred)[..., np.newaxis] / values.shape[-1])
    centred /= np.where(spread > 0.0, spread, 1.0)
    return centred


def _unlike(likeness: _Likeness) -> list[int]:
    """Return the slices that are like none of those beside them, where the others are."""
    if float(np.median(np.diag(likeness, 1))) < _SLICES_USUAL:
        return []
    apart = np.abs(np.subtract.outer(np.arange(len(likeness)), np.arange(len(likeness))))
    best = np.where((apart > 0) & (apart <= 2), likeness, -1.0).max(axis=1)
    return [int(number) for number in np.flatnonzero(best < _SLICE_UNLIKE)]


def _exchanged(likeness: _Likeness) -> tuple[int, ...]:
    """Return the slices that lie elsewhere in an order in which neighbours are clearly more alike."""
    alike = likeness.tolist()
    order = list(range(len(alike)))
    now = best = _along(alike, order)
    improved = True
    while improved:
        improved = False
        for one in range(len(order)):
            for other in range(one + 1, len(order)):
                for tried in (_swapped(order, one, other), _turned(order, one, other)):
                    along = _along(alike, tried)
                    if along > best + 1e-9:
                        order, best, improved = tried, along, True
    if best < now * (1.0 + _EXCHANGE_GAIN):
        return ()
    if sum(1 for at, number in enumerate(order) if number != at) > sum(
        1 for at, number in enumerate(reversed(order)) if number != at
    ):
        order.reverse()
    return tuple(at for at, number in enumerate(order) if number != at)


def _along(alike: list[list[float]], order: list[int]) -> float:
    return sum(alike[one][other] for one, other in itertools.pairwise(order))


def _swapped(order: list[int], one: int, other: int) -> list[int]:
    tried = order.copy()
    tried[one], tried[other] = tried[other], tried[one]
    return tried


def _turned(order: list[int], one: int, other: int) -> list[int]:
    return [*order[:one], *reversed(order[one : other + 1]), *order[other + 1 :]]
