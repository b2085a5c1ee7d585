"""`Comparison`: a value beside its reference range; refused where the range was made by another convention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cinecor.measure.reference.table import (
    Measure,
    Papillary,
    Person,
    ReferenceRow,
    ReferenceTable,
    RvOutflow,
)
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message


class Verdict(StrEnum):
    """What can be said of a value."""

    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"
    DEPENDS = "depends"  # on sex or age, which is not known
    REFUSED = "refused"  # the range was made by another convention
    NOT_COVERED = "not_covered"  # the range is about people of another age

    @property
    def message(self) -> Message:
        """What it is called in a sentence."""
        return _VERDICTS[self]


_VERDICTS: Final[Mapping[Verdict, Message]] = MappingProxyType(
    {
        Verdict.WITHIN: Message("verdict_within", "within"),
        Verdict.BELOW: Message("verdict_below", "below"),
        Verdict.ABOVE: Message("verdict_above", "above"),
        Verdict.DEPENDS: Message("verdict_depends", "depends on sex or age"),
        Verdict.REFUSED: Message("verdict_refused", "not compared"),
        Verdict.NOT_COVERED: Message("verdict_not_covered", "not compared"),
    }
)

AUTOMATIC: Final = "automatic"
NONE: Final = "none"

OUTFLOW_INCLUDED: Final = Message(
    "reference_outflow_included",
    "The RV's range counts the outflow tract (infundibulum), which these outlines leave out as ACDC does: RV volumes "
    "are smaller here than by that range.",
)
OUTFLOW_NOT_STATED: Final = Message(
    "reference_outflow_not_stated",
    "The source of the RV's range does not say whether the outflow tract counts; these outlines leave it out.",
)
PAPILLARY_NOT_STATED: Final = Message(
    "reference_papillary_not_stated", "The source of the range does not state its papillary convention."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value beside its range. `lower` and `upper` bound what is within for every group that may apply."""

    measure: Measure
    value: float
    verdict: Verdict
    table: ReferenceTable
    groups: tuple[ReferenceRow, ...]  # that the person may belong to
    depends_on: tuple[str, ...] = ()  # "sex", "age"
    cautions: tuple[Message, ...] = ()
    why: Message | None = None  # where there is no verdict

    @property
    def lower(self) -> float | None:
        """The largest lower limit of the groups; None without one."""
        return max((row.lower for row in self.groups if row.lower is not None), default=None)

    @property
    def upper(self) -> float | None:
        """The smallest upper limit of the groups; None without one."""
        return min((row.upper for row in self.groups if row.upper is not None), default=None)


@dataclass(frozen=True, slots=True)
class ReferenceBook:
    """The tables at hand, and which one each measure is compared with (by `Measure.key`; automatic where none is)."""

    tables: tuple[ReferenceTable, ...]
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def compare(
        self, value: float | None, measure: Measure, *, person: Person, papillary: Papillary
    ) -> Comparison | None:
        """Return a value beside its range; None where there is no value, or no table in use has a range for it.

        `papillary` is where the value counts papillary muscles; it does not matter to the right ventricle, whose
        trabeculae are cavity always.
        """
        own = Papillary.CAVITY if measure.ventricle is Ventricle.RV else papillary
        table = self.table_for(measure, papillary=own)
        if value is None or table is None:
            return None
        rows = table.of(measure)
        fitting = tuple(row for row in rows if row.papillary in (own, Papillary.NOT_STATED))
        if not fitting:
            return Comparison(measure, value, Verdict.REFUSED, table, (), why=_other_convention(table, own))
        groups = tuple(row for row in fitting if row.holds_for(person))
        if not groups:
            return Comparison(measure, value, Verdict.NOT_COVERED, table, (), why=_other_age(table, fitting))
        verdicts = {_verdict(value, row) for row in groups}
        cautions = _cautions(groups)
        if len(verdicts) == 1:
            return Comparison(measure, value, verdicts.pop(), table, groups, cautions=cautions)
        missing = _missing(groups, person)
        return Comparison(measure, value, Verdict.DEPENDS, table, groups, missing, cautions, _depends(missing))

    def table_for(self, measure: Measure, *, papillary: Papillary) -> ReferenceTable | None:
        """Return the table that a measure of a convention is compared with: the chosen one, else the first in use.

        One of the same convention comes before one that is in use for another; None where there is none.
        """
        chosen = self.choices.get(measure.key, AUTOMATIC)
        if chosen == NONE:
            return None
        if chosen != AUTOMATIC:
            named = next((table for table in self.tables if table.id == chosen), None)
            return named if named is not None and named.of(measure) else None
        at_hand = [table for table in self.tables if table.active and table.of(measure)]
        same = (table for table in at_hand if any(row.papillary is papillary for row in table.of(measure)))
        return next(same, at_hand[0] if at_hand else None)


def _verdict(value: float, row: ReferenceRow) -> Verdict:
    if row.lower is not None and value < row.lower:
        return Verdict.BELOW
    if row.upper is not None and value > row.upper:
        return Verdict.ABOVE
    return Verdict.WITHIN


def _cautions(groups: Sequence[ReferenceRow]) -> tuple[Message, ...]:
    cautions = []
    if any(row.rv_outflow is RvOutflow.INCLUDED for row in groups):
        cautions.append(OUTFLOW_INCLUDED)
    if any(row.rv_outflow is RvOutflow.NOT_STATED for row in groups):
        cautions.append(OUTFLOW_NOT_STATED)
    if any(row.papillary is Papillary.NOT_STATED for row in groups):
        cautions.append(PAPILLARY_NOT_STATED)
    return tuple(cautions)


def _missing(groups: Sequence[ReferenceRow], person: Person) -> tuple[str, ...]:
    unknown = []
    if person.sex is None and len({row.sex for row in groups}) > 1:
        unknown.append("sex")
    if person.age_years is None and len({row.ages for row in groups}) > 1:
        unknown.append("age")
    return tuple(unknown)


def _depends(missing: tuple[str, ...]) -> Message:
    match missing:
        case ("sex",):
            return Message("reference_depends_on_sex", "Depends on sex, which is not known.")
        case ("age",):
            return Message("reference_depends_on_age", "Depends on age, which is not known.")
        case _:
            return Message("reference_depends_on_both", "Depends on sex and age, which are not known.")


def _other_convention(table: ReferenceTable, own: Papillary) -> Message:
    if own is Papillary.CAVITY:
        return Message(
            "reference_other_convention",
            "{table} counts papillary muscles as mass, these outlines as cavity: not compared.",
            table=table.title,
        )
    return Message(
        "reference_other_convention_mass",
        "{table} counts papillary muscles as cavity, these outlines as mass: not compared.",
        table=table.title,
    )


def _other_age(table: ReferenceTable, rows: Sequence[ReferenceRow]) -> Message:
    return Message(
        "reference_other_age",
        "{table} is about people of {youngest} to {oldest} years: not compared.",
        table=table.title,
        youngest=min(row.ages[0] for row in rows),
        oldest=max(row.ages[1] for row in rows),
    )
