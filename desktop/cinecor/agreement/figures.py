"""What a comparison comes to: agreement of each number, overlap of each structure, categories that change."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from cinecor.agreement.bland_altman import AGREEMENT, Values
from cinecor.agreement.comparison import STRUCTURES, StudyComparison
from cinecor.agreement.ef_category import EfCategory, category_changes
from cinecor.agreement.estimate import Estimate, Statistic, estimate, mean
from cinecor.agreement.icc import absolute_agreement, consistency
from cinecor.agreement.level import THIRDS, Level
from cinecor.agreement.pairs import Rest, Unpaired
from cinecor.measure.moment import Moment

EVERYBODY: Final = ""
"""The group that holds every study."""

FEWEST_STUDIES: Final = 10
"""With fewer, no spread, no correlation and no interval is told. A limit of agreement has a standard error of about
√(3/n) standard deviations (Bland and Altman 1986): one of three studies, 0.55 of ten, where the limit itself lies 1.96
from the bias. A percentile bootstrap draws from what was seen: of two studies its interval ends at the two. Means are
told of any number."""

_OF_A_SPREAD: Final = ("sd", "loa_low", "loa_high", "r", "icc_agreement", "icc_consistency")

STATISTICS: Final[dict[str, Callable[[Values, Values], Values]]] = {
    **AGREEMENT,
    "icc_agreement": absolute_agreement,
    "icc_consistency": consistency,
}
NUMBERS: Final = (
    "lv_edv_ml", "lv_esv_ml", "lv_sv_ml", "lv_ef_percent", "lv_co_l_min", "lv_mass_g",
    "rv_edv_ml", "rv_esv_ml", "rv_sv_ml", "rv_ef_percent", "rv_co_l_min",
)  # fmt: skip
_LV_EF: Final = "lv_ef_percent"

Categories = Counter[tuple[EfCategory, EfCategory]]
"""Studies by the category of LV EF on the first and on the second side."""


@dataclass(frozen=True, slots=True)
class NumberAgreement:
    """How well both sides agree on one number; a statistic is None where it cannot be had, or of too few studies."""

    group: str
    number: str
    count: int  # studies in which both sides have it
    statistics: dict[str, Estimate | None]

    @property
    def too_few(self) -> bool:
        """Whether there are too few studies to tell a spread or a correlation."""
        return 0 < self.count < FEWEST_STUDIES


@dataclass(frozen=True, slots=True)
class OverlapFigures:
    """Dice and HD95 of one structure at one moment and level, over studies."""

    group: str
    structure: str
    moment: Moment
    level: Level | None
    dice: Estimate | None  # of studies in which a side drew it
    hd95_mm: Estimate | None  # of studies in which both sides drew it
    missing: int  # studies in which one side alone drew it: their HD95 is infinite
    neither: int = 0  # studies in which no side drew it: they have neither figure


@dataclass(frozen=True, slots=True)
class Agreement:
    """A whole comparison."""

    studies: tuple[StudyComparison, ...]
    unpaired: tuple[Unpaired, ...]
    numbers: tuple[NumberAgreement, ...]
    overlaps: tuple[OverlapFigures, ...]
    categories: Mapping[str, Categories] = field(default_factory=dict)  # by group
    rests: Mapping[str, Rest] = field(default_factory=dict)  # of each side, "A" or "B", that is a cohort not all done
    same_folders: int = 0  # studies that have one folder of results on both sides

    @property
    def models(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The models whose outlines each side holds, or began from."""
        first, second = ({study.models[side] for study in self.studies} - {""} for side in (0, 1))
        return tuple(sorted(first)), tuple(sorted(second))


def changes(categories: Categories) -> int:
    """Return how many studies have an LV EF of another category on the second side."""
    return sum(number for (first, second), number in categories.items() if first is not second)


def agreement_of(studies: Sequence[StudyComparison], *, unpaired: Iterable[Unpaired] = ()) -> Agreement:
    """Return the figures of all studies together and, where there are several groups, of each group."""
    groups = sorted({study.group for study in studies})
    parts = [(EVERYBODY, list(studies))]
    if len(groups) > 1:
        parts += [(group or "(none)", [one for one in studies if one.group == group]) for group in groups]
    return Agreement(
        tuple(studies),
        tuple(unpaired),
        tuple(_number(group, name, members) for group, members in parts for name in NUMBERS),
        tuple(
            _overlap(group, structure, moment, level, members)
            for group, members in parts
            for structure in STRUCTURES
            for moment in Moment
            for level in (None, *THIRDS)
        ),
        {group: category_changes(_both(members, _LV_EF)) for group, members in parts},
    )


def _number(group: str, name: str, studies: Sequence[StudyComparison]) -> NumberAgreement:
    both = _both(studies, name)
    first, second = (np.array([pair[side] for pair in both], dtype=np.float64) for side in (0, 1))
    return NumberAgreement(
        group,
        name,
        len(both),
        {
            code: None if len(both) < FEWEST_STUDIES and code in _OF_A_SPREAD else _told(statistic, first, second)
            for code, statistic in STATISTICS.items()
        },
    )


def _both(studies: Iterable[StudyComparison], name: str) -> list[tuple[float, float]]:
    pairs = ((study.first.get(name), study.second.get(name)) for study in studies)
    return [(one, other) for one, other in pairs if one is not None and other is not None]


def _overlap(
    group: str, structure: str, moment: Moment, level: Level | None, studies: Sequence[StudyComparison]
) -> OverlapFigures:
    found = [
        overlap
        for study in studies
        for overlap in study.overlaps
        if (overlap.structure, overlap.moment, overlap.level) == (structure, moment, level)
    ]
    distances = np.array([overlap.hd95_mm for overlap in found], dtype=np.float64)
    drawn = distances[np.isfinite(distances)]
    return OverlapFigures(
        group,
        structure,
        moment,
        level,
        _told(mean, np.array([overlap.dice for overlap in found])) if found else None,
        _told(mean, drawn) if drawn.size else None,
        int(np.isinf(distances).sum()),
        sum(np.isnan(overlap.dice) for overlap in found),
    )


def _told(statistic: Statistic, *columns: Values) -> Estimate | None:
    """Return a statistic with its interval, or alone where it rests on too few studies for one."""
    found = estimate(statistic, *columns)
    return found if found is None or found.count >= FEWEST_STUDIES else replace(found, low=None, high=None)
