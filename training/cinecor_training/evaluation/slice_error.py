"""How wrong single slices are, and which are worst."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.level import Level
from cinecor.agreement.overlap import dice

WORST = 12


@dataclass(frozen=True, slots=True, eq=False)
class SliceError:
    """One slice with both label images, to be looked at.

    `share` is the number of pixels whose label is wrong over the heart's pixels in the reader's largest slice of the
    stack: it ranks by what a correction costs, where Dice would fill the list with apical specks.
    """

    patient: str
    moment: str
    slice_index: int
    level: Level
    share: float
    dice: float  # all heart pixels against background
    image: NDArray[np.float32]  # (row, column)
    reader: NDArray[np.uint8]
    model: NDArray[np.uint8]
    pixel_spacing_mm: tuple[float, float]


def slice_errors(
    image: NDArray[np.float32],
    *,
    model: NDArray[np.uint8],
    reader: NDArray[np.uint8],
    levels: Iterable[Level],
    pixel_spacing_mm: tuple[float, float],
    patient: str,
    moment: str,
) -> Iterator[SliceError]:
    """Yield every slice of one phase with any wrong pixel; arrays are (slice, row, column)."""
    largest = max(1, int(np.count_nonzero(reader, axis=(1, 2)).max(initial=0)))
    for index, level in enumerate(levels):
        wrong = np.count_nonzero(model[index] != reader[index])
        if wrong:
            yield SliceError(
                patient,
                moment,
                index,
                level,
                wrong / largest,
                dice(model[index] > 0, reader[index] > 0),
                image[index],
                reader[index],
                model[index],
                pixel_spacing_mm,
            )


def worst_slices(errors: Iterable[SliceError]) -> tuple[SliceError, ...]:
    """Return the twelve with the largest share of wrong pixels, worst first."""
    return tuple(sorted(errors, key=lambda error: error.share, reverse=True)[:WORST])
