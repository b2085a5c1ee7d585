"""`outlines`: the borders of labels as smooth lines between pixels, the same that the tools move."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.borders import Border, Outline, outline, region

LABEL_OF: Final[Mapping[Border, Label]] = MappingProxyType(
    {Border.ENDO: Label.LV, Border.EPI: Label.MYO, Border.RV: Label.RV}
)
"""The structure in whose colour a border is drawn: the myocardium's line is its outer border."""


def outlines(
    labels: NDArray[np.uint8],
    pixel_spacing_mm: tuple[float, float],
    *,
    borders: Collection[Border] = tuple(Border),
) -> dict[Border, Outline]:
    """Return the borders of one frame (row, column) as closed lines; its first pixel covers x and y from 0 to 1.

    `epi` has no line where there is a cavity without any wall: it would be that of `endo` again.
    """
    traced = {}
    for border in borders:
        bare = border is Border.EPI and not (labels == Label.MYO).any()
        traced[border] = Outline(()) if bare else outline(region(labels, border), pixel_spacing_mm)
    return traced
