"""`broken_rules`: what in a frame no heart has, and no edit may leave behind."""

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.border import Border, region
from cinecor.review.borders.moved_border import MOST_RV_PIECES
from cinecor.review.borders.pieces import piece_count, without_holes


def broken_rules(labels: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the names of the rules that a frame (row, column) breaks; none for what the tools leave.

    That the cavity lies within the wall and the RV outside both is in the labels themselves: a pixel has one.
    """
    broken = []
    if labels.size and labels.max() > max(Label):
        broken.append("unknown_label")
    for border in Border:
        within = region(labels, border)
        most = MOST_RV_PIECES if border is Border.RV else 1
        if piece_count(within) > most:
            broken.append(f"{border}_in_pieces")
        holes = without_holes(within) & ~within
        if border is Border.RV:
            holes &= labels == Label.BACKGROUND  # a left ventricle in its bend is no hole
        if holes.any():
            broken.append(f"{border}_with_hole")
    return tuple(broken)
