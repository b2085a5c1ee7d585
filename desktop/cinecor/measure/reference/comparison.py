"""`Comparison`: a value beside its reference range; refused where the range was made by another convention."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cinecor.measure.reference.table import (
    ADULT,
    Measure,
    Papillary,
    Person,
    ReferenceRow,
    ReferenceTable,
    RvOutflow,
    Sex,
)
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message


class Verdict(StrEnum):
    """What can be said of a value."""

    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"
    DEPENDS = "depends"  # on sex or age, which is not known
    REFUSED = "refused"  # the range was made by another convention, or the chosen table cannot be used
    NOT_COVERED = "not_covered"  # the range is about people of another sex or age

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
_OLDEST_ASKED: Final = 90  # years; whoever is of unknown age may be any adult up to here

OUTFLOW_INCLUDED: Final = Message(
    "reference_outflow_included",
    "The RV's range counts the outflow tract (infundibulum), which these outlines leave out as ACDC does: RV volumes "
    "are smaller here than by that range.",
)
OUTFLOW_NOT_STATED: Final = Message(
    "reference_outflow_not_stated",
    "The source of the RV's range does not say whether the outflow tract counts; these outlines leave it out.",
)
FRACTIONAL_BASE: Final = Message(
    "reference_fractional_base",
    "Ranges count whole slices at the base, these numbers the parts of slices below the valve's plane: they may differ "
    "by some millilitres.",
)
PAPILLARY_NOT_STATED: Final = Message(
    "reference_papillary_not_stated", "The source of the range does not state its papillary convention."
)

IN_DOUBT: Final = Message("verdict_doubtful", "in doubt")

SECOND_HAND: Final = Message(
    "reference_second_hand",
    "The range was read where others quote it, not in the paper: compare it with the paper before you rely on it.",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value beside its range. `lower` and `upper` bound what is within for everybody whom the person may be."""

    measure: Measure
    value: float
    verdict: Verdict
    table: ReferenceTable
    groups: tuple[ReferenceRow, ...]  # that the person may belong to
    whole: bool = True  # whether the groups are about everybody whom the person may be
    depends_on: tuple[str, ...] = ()  # "sex", "age"
    cautions: tuple[Message, ...] = ()
    why: Message | None = None  # where there is no verdict
    doubtful: bool = False  # the value is in doubt, and so is where it lies: people are told no verdict

    @property
    def withheld(self) -> bool:
        """Whether there is a verdict that a doubt of the value forbids to tell."""
        return self.doubtful and self.why is None

    @property
    def lower(self) -> float | None:
        """The largest lower limit of the groups; None without one, or where a group is missing."""
        return max((row.lower for row in self.groups if self.whole and row.lower is not None), default=None)

    @property
    def upper(self) -> float | None:
        """The smallest upper limit of the groups; None without one, or where a group is missing."""
        return min((row.upper for row in self.groups if self.whole and row.upper is not None), default=None)


@dataclass(frozen=True, slots=True)
class ReferenceBook:
    """The tables at hand, and which one each measure is compared with (by `Measure.key`; automatic where none is)."""

    tables: tuple[ReferenceTable, ...]
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    damaged: Mapping[str, Message] = field(default_factory=lambda: MappingProxyType({}))
    """Why a file of this workstation is left out, by its name: that of a site's table is its id and `.csv`."""

    @property
    def told(self) -> Mapping[str, Message]:
        """What cannot be used and why, by file: what is damaged, and chosen tables that are missing."""
        at_hand = {AUTOMATIC, NONE, *(table.id for table in self.tables)}
        missing = {f"{one}.csv": _missing_table(one) for one in self.choices.values() if one not in at_hand}
        return MappingProxyType({**missing, **self.damaged})

    def compare(
        self, value: float | None, measure: Measure, *, person: Person, papillary: Papillary
    ) -> Comparison | None:
        """Return a value beside its range; None where there is no value, or no table in use has a range for it.

        `papillary` is where the value counts papillary muscles; it does not matter to the right ventricle, whose
        trabeculae are cavity always.
        """
        if value is None:
            return None
        own = Papillary.CAVITY if measure.ventricle is Ventricle.RV else papillary
        table = self.table_for(measure, person=person, papillary=own)
        if table is None:
            return self._refused_choice(value, measure)
        fitting = table.fitting(measure, own)
        if not fitting:
            return Comparison(measure, value, Verdict.REFUSED, table, (), why=_other_convention(table, own))
        may_be = {one: next((row for row in fitting if row.holds_for(one)), None) for one in _who(person, fitting)}
        groups = tuple(row for row in fitting if row in may_be.values())
        if not groups:
            return Comparison(measure, value, Verdict.NOT_COVERED, table, (), why=_not_covered(table, fitting, person))
        found = {one: None if row is None else _verdict(value, row) for one, row in may_be.items()}
        whole, cautions = None not in may_be.values(), _cautions(table, groups)
        verdict, *others = dict.fromkeys(found.values())
        if verdict is not None and not others:
            return Comparison(measure, value, verdict, table, groups, cautions=cautions)
        missing = _missing(found)
        return Comparison(measure, value, Verdict.DEPENDS, table, groups, whole, missing, cautions, _depends(missing))

    def _refused_choice(self, value: float, measure: Measure) -> Comparison | None:
        """Return that a value is not compared, and why, where its chosen table cannot be used; else None.

        No other table stands in for it: whoever chose one would take the other's limits for those of the chosen one.
        """
        chosen = self.choices.get(measure.key, AUTOMATIC)
        if chosen in (AUTOMATIC, NONE):
            return None
        table = next((one for one in self.tables if one.id == chosen), None)
        if table is None:
            reason = self.told[f"{chosen}.csv"]
            why = Message(
                "reference_choice_unusable", "The chosen table is not used: not compared. {reason}", reason=reason
            )
            return Comparison(
                measure, value, Verdict.REFUSED, ReferenceTable(chosen, chosen, (), own=True), (), why=why
            )
        why = Message(
            "reference_choice_without", "{table} was chosen, but has no such range: not compared.", table=table.title
        )
        return Comparison(measure, value, Verdict.REFUSED, table, (), why=why)

    def table_for(self, measure: Measure, *, person: Person, papillary: Papillary) -> ReferenceTable | None:
        """Return the table that a person's measure is compared with: the chosen one, else the best in use.

        The first that has a range for the person, of the same convention before one that states none; where none has,
        the first of the convention, so that it can be said why. None where no table in use has the measure.
        """
        chosen = self.choices.get(measure.key, AUTOMATIC)
        if chosen == NONE:
            return None
        if chosen != AUTOMATIC:
            named = next((table for table in self.tables if table.id == chosen), None)
            return named if named is not None and named.of(measure) else None

        def worse(table: ReferenceTable) -> tuple[bool, bool, bool]:
            fitting = table.fitting(measure, papillary)
            holding = any(row.holds_for(person) for row in fitting)
            return not holding, not any(row.papillary is papillary for row in fitting), not fitting

        return min((table for table in self.tables if table.active and table.of(measure)), key=worse, default=None)

    def fits(self, measure: Measure, *, person: Person, papillary: Papillary) -> ReferenceTable | None:
        """Return the table of `table_for` where it has a range of this convention; None where it would be refused."""
        table = self.table_for(measure, person=person, papillary=papillary)
        return table if table is not None and table.fitting(measure, papillary) else None


def _missing_table(table_id: str) -> Message:
    return Message(
        "reference_chosen_missing", "The table “{table}” was chosen, but is not there any more.", table=table_id
    )


def _who(person: Person, rows: Sequence[ReferenceRow]) -> tuple[Person, ...]:
    """Return everybody whom a person may be, as far as rows tell people apart: either sex, one age of each band."""
    sexes = tuple(Sex) if person.sex is None else (person.sex,)
    ages: tuple[int, ...] = () if person.age_years is None else (person.age_years,)
    if person.age_years is None:
        starts = {ADULT, *(row.ages[0] for row in rows), *(row.ages[1] + 1 for row in rows)}
        ages = tuple(sorted(age for age in starts if age <= _OLDEST_ASKED))
    return tuple(Person(sex, age) for sex in sexes for age in ages)


def _verdict(value: float, row: ReferenceRow) -> Verdict:
    if row.lower is not None and value < row.lower:
        return Verdict.BELOW
    if row.upper is not None and value > row.upper:
        return Verdict.ABOVE
    return Verdict.WITHIN


def _cautions(table: ReferenceTable, groups: Sequence[ReferenceRow]) -> tuple[Message, ...]:
    cautions = []
    if any(row.rv_outflow is RvOutflow.INCLUDED for row in groups):
        cautions.append(OUTFLOW_INCLUDED)
    if any(row.rv_outflow is RvOutflow.NOT_STATED for row in groups):
        cautions.append(OUTFLOW_NOT_STATED)
    if any(row.papillary is Papillary.NOT_STATED for row in groups):
        cautions.append(PAPILLARY_NOT_STATED)
    if table.second_hand:
        cautions.append(SECOND_HAND)
    return tuple(cautions)


def _missing(found: Mapping[Person, Verdict | None]) -> tuple[str, ...]:
    """Return what decides between the verdicts: sex where the sexes differ at an age, age where ages of a sex do."""
    at_age: dict[int | None, set[Verdict | None]] = defaultdict(set)
    of_sex: dict[Sex | None, set[Verdict | None]] = defaultdict(set)
    for one, verdict in found.items():
        at_age[one.age_years].add(verdict)
        of_sex[one.sex].add(verdict)
    by_sex = any(len(verdicts) > 1 for verdicts in at_age.values())
    by_age = any(len(verdicts) > 1 for verdicts in of_sex.values())
    return tuple(what for what, decides in (("sex", by_sex), ("age", by_age)) if decides)


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


def _not_covered(table: ReferenceTable, rows: Sequence[ReferenceRow], person: Person) -> Message:
    """Return why no row is about a person: none of the sex, else none of the age."""
    rows = [row for row in rows if person.sex is None or row.sex in (None, person.sex)]
    if not rows and person.sex is Sex.MALE:
        return Message("reference_no_men", "{table} has no range of men: not compared.", table=table.title)
    if not rows:
        return Message("reference_no_women", "{table} has no range of women: not compared.", table=table.title)
    youngest, oldest = min(row.ages[0] for row in rows), max(row.ages[1] for row in rows)
    if person.age_years is not None and youngest <= person.age_years <= oldest:
        return Message("reference_age_left_out", "{table} leaves this age out: not compared.", table=table.title)
    return Message(
        "reference_other_age",
        "{table} is about people of {youngest} to {oldest} years: not compared.",
        table=table.title,
        youngest=youngest,
        oldest=oldest,
    )
