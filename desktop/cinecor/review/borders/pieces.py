"""Pieces and holes of a region: pixels that touch by a side or a corner are one piece, as in the model's clean-up."""

import numpy as np
import scipy
from numpy.typing import NDArray

Region = NDArray[np.bool_]

_CORNERS = np.ones((3, 3), dtype=np.bool_)


def piece_count(region: Region) -> int:
    """Return how many pieces a region has."""
    return int(scipy.ndimage.label(region, structure=_CORNERS)[1])


def largest_pieces(region: Region, count: int, *, holding: Region | None = None) -> Region:
    """Return the `count` largest pieces; the piece that holds most of `holding`, where it is given, comes first."""
    piece, found = scipy.ndimage.label(region, structure=_CORNERS)
    if found <= count:
        return region
    area_px = np.bincount(piece.ravel(), minlength=found + 1).astype(np.int64)
    if holding is not None:
        area_px += np.bincount(piece[holding], minlength=found + 1) * region.size
    area_px[0] = -1
    kept = np.zeros(found + 1, dtype=np.bool_)
    kept[np.argsort(-area_px, kind="stable")[:count]] = True
    return np.asarray(kept[piece])


def without_holes(region: Region) -> Region:
    """Return the region with everything in it that no way along pixel sides joins to the outside."""
    outside, _ = scipy.ndimage.label(np.pad(~region, 1, constant_values=True))
    return np.asarray((outside != outside[0, 0])[1:-1, 1:-1])


def beside(region: Region) -> Region:
    """Return the region with the pixels that share a side with it."""
    grown = region.copy()
    grown[1:] |= region[:-1]
    grown[:-1] |= region[1:]
    grown[:, 1:] |= region[:, :-1]
    grown[:, :-1] |= region[:, 1:]
    return grown
