"""`EfCategory`: what heart failure guidelines call an ejection fraction, and how often two sides call it otherwise."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

_REDUCED: Final = 40.0
_PRESERVED: Final = 50.0


class EfCategory(StrEnum):
    """Left ventricular EF by the ESC guidelines of 2021 (McDonagh et al., Eur Heart J 42:3599, table 3)."""

    REDUCED = "reduced"  # 40 % and below
    MILDLY_REDUCED = "mildly_reduced"  # up to 49 %
    PRESERVED = "preserved"  # from 50 % on


def ef_category(ef_percent: float) -> EfCategory:
    """Return the category of an LV ejection fraction, not rounded before."""
    if ef_percent <= _REDUCED:
        return EfCategory.REDUCED
    return EfCategory.MILDLY_REDUCED if ef_percent < _PRESERVED else EfCategory.PRESERVED


def category_changes(pairs: Iterable[tuple[float, float]]) -> Counter[tuple[EfCategory, EfCategory]]:
    """Return how many studies each pair of categories has: that of the first side, that of the second."""
    return Counter((ef_category(first), ef_category(second)) for first, second in pairs)
