"""Borders of a frame: `endo`, `epi` and `rv` as regions, signed distances and sub-pixel outlines, and their rules."""

from cinecor.review.border import Border, region
from cinecor.review.borders.moved_border import MOST_RV_PIECES, with_region, with_regions, without
from cinecor.review.borders.outline import Outline, filled, outline, traced
from cinecor.review.borders.rules import broken_rules
from cinecor.review.borders.signed_distance import signed_distance_mm

__all__ = [
    "MOST_RV_PIECES",
    "Border",
    "Outline",
    "broken_rules",
    "filled",
    "outline",
    "region",
    "signed_distance_mm",
    "traced",
    "with_region",
    "with_regions",
    "without",
]
