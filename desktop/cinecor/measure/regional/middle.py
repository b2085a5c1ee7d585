"""`middles`: where the middles of many masks lie, from how many pixels their rows and columns hold."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def middles(masks: NDArray[np.bool_], *, first_row: int = 0, first_column: int = 0) -> tuple[Array, Array]:
    """Return the mean row and the mean column of each mask (mask, row, column), none of which is empty.

    Rows and columns count from `first_row` and `first_column`, those of the image that the masks were cut from.
    """
    in_rows, in_columns = masks.sum(axis=2), masks.sum(axis=1)
    count = in_rows.sum(axis=1)
    rows, columns = np.arange(masks.shape[1]) + first_row, np.arange(masks.shape[2]) + first_column
    return in_rows @ rows / count, in_columns @ columns / count
