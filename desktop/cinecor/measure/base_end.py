"""`base_is_first`: at which end of a stack the base lies, by how much heart is seen there."""

import numpy as np
from numpy.typing import NDArray


def base_is_first(heart_px: NDArray[np.int_], *, with_lv: NDArray[np.bool_]) -> bool:
    """Return whether the first slices are the basal ones: the end with more heart; True when it cannot be told.

    `heart_px` is how many pixels of both ventricles and the wall each slice shows, `with_lv` where there is an LV.
    """
    found = np.flatnonzero(with_lv)
    if not found.size:
        return True
    heart = heart_px[found[0] : found[-1] + 1]
    third = max(1, len(heart) // 3)
    return bool(heart[:third].sum() >= heart[-third:].sum())
