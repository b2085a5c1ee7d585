"""`ReferenceTable`: published or own limits of normal, each row with the convention that it holds for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cinecor.measure.ventricle import Ventricle

ADULT, OLDEST = 18, 120  # years; a row without an age band is about adults


class Sex(StrEnum):
    """Whom a row is about, as DICOM writes it."""

    MALE = "M"
    FEMALE = "F"


class Papillary(StrEnum):
    """Where a source counts papillary muscles and trabeculae."""

    CAVITY = "cavity"
    MASS = "mass"
    NOT_STATED = "not_stated"


class RvOutflow(StrEnum):
    """Whether a source counts the outflow tract as right ventricle."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Person:
    """What decides between the rows of a table; None where it is not known."""

    sex: Sex | None = None
    age_years: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """What a row is about: a quantity of a ventricle, as it is or per m² of body surface."""

    ventricle: Ventricle
    field: str  # of `Quantity`, or `MID_WALL`
    indexed: bool = False

    @property
    def key(self) -> str:
        """Its name in files: "lv.ef_percent", "lv.edv_ml.indexed"."""
        return f"{self.ventricle}.{self.field}{'.indexed' if self.indexed else ''}"


MID_WALL = "mid_wall_ed_mm"
"""Mean thickness of the mid-ventricular wall at ED: the one measure of a table that is no `Quantity`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """Limits of normal for one group; inclusive; None where the source has none on that side."""

    measure: Measure
    sex: Sex | None  # None: both
    age_from: int | None  # None: adults
    age_to: int | None  # inclusive
    mean: float | None
    sd: float | None
    lower: float | None
    upper: float | None
    kind: str  # what the limits are, in the source's words
    papillary: Papillary
    rv_outflow: RvOutflow | None  # None: not about the RV
    field_strength: str
    n: int | None
    source: str

    def holds_for(self, person: Person) -> bool:
        """Return whether a person may belong to the group: what is not known of one excludes nothing."""
        if self.sex is not None and person.sex not in (None, self.sex):
            return False
        age = person.age_years
        youngest, oldest = self.ages
        return age is None or youngest <= age <= oldest

    @property
    def ages(self) -> tuple[int, int]:
        """The youngest and the oldest it is about; without a band, any adult."""
        return (
            ADULT if self.age_from is None else self.age_from,
            OLDEST if self.age_to is None else self.age_to,
        )


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """The rows of one source."""

    id: str  # its name in files and on the command line
    title: str
    rows: tuple[ReferenceRow, ...]
    active: bool = True  # whether it is used without being asked for
    own: bool = False  # a site's
    second_hand: bool = False  # whether its numbers were read where others quote them
    _by_measure: Mapping[Measure, tuple[ReferenceRow, ...]] = field(init=False, repr=False, compare=False)
    _fitting: Mapping[tuple[Measure, Papillary], tuple[ReferenceRow, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Sort the rows: every value of every study is looked up here several times."""
        rows: dict[Measure, list[ReferenceRow]] = defaultdict(list)
        for row in self.rows:
            rows[row.measure].append(row)
        object.__setattr__(self, "_by_measure", {measure: tuple(of_it) for measure, of_it in rows.items()})
        fitting = {(measure, one): _fitting(of_it, one) for measure, of_it in rows.items() for one in Papillary}
        object.__setattr__(self, "_fitting", fitting)

    def of(self, measure: Measure) -> tuple[ReferenceRow, ...]:
        """Return the rows about one measure."""
        return self._by_measure.get(measure, ())

    def fitting(self, measure: Measure, papillary: Papillary) -> tuple[ReferenceRow, ...]:
        """Return the rows that a value may be held against: those of its convention before those that state none."""
        return self._fitting.get((measure, papillary), ())

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What it has limits of."""
        return tuple(self._by_measure)


def _fitting(rows: Sequence[ReferenceRow], papillary: Papillary) -> tuple[ReferenceRow, ...]:
    kept = dict.fromkeys((papillary, Papillary.NOT_STATED))
    return tuple(row for convention in kept for row in rows if row.papillary is convention)
