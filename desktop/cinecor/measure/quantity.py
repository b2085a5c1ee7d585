"""`Quantity`: a number that is told of a ventricle, with everything that whoever shows or stores it must know.

The one list of them: the terminal's table, the desktop's panel, results.json, the comparison with readers and every
report go by it, so that a number has one name, one unit and as many decimals wherever it is seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message


@dataclass(frozen=True, slots=True)
class ConceptCode:
    """A concept's name in DICOM SR: coding scheme designator, code value and code meaning."""

    scheme: str  # "LN" (LOINC), "SCT" (SNOMED CT) or "DCM"
    value: str
    meaning: str


class Bearing(Protocol):
    """What bears on numbers: a finding, or one that was stored."""

    @property
    def concerns(self) -> Sequence[str]:
        """The numbers that it bears on."""

    @property
    def moments(self) -> Sequence[str]:
        """The moments whose volumes it bears on; empty: both."""

    @property
    def doubts(self) -> bool:
        """Whether it puts in doubt what it bears on: what somebody answered does not any more."""


Told = TypeVar("Told", bound=Bearing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One number of a ventricle: how it is called, written, doubted and coded."""

    field: str  # its name in `VentricularFunction` or `Rates`, in results.json and in tables
    name: Message
    meaning: Message  # one phrase: what it is, and how it comes about
    unit: str
    ucum: str  # the unit as DICOM SR writes it
    decimals: int  # as many as two readers might agree on; files keep three
    per_m2: bool = True  # whether it is also told per m² of body surface
    index_code: ConceptCode | None = None  # of the value per m², where it has a code of its own
    codes: Mapping[Ventricle, ConceptCode]  # the ventricles that have it
    concern: Concern | None = None  # what puts it in doubt besides its ventricle's outlines
    moment: Moment | None = None  # the one whose outlines it is measured on; None: it needs both
    headline: bool = False  # whether it is told where there is little room

    def called(self, ventricle: Ventricle) -> Message:
        """Return what it is called of a ventricle: "LV EDV"."""
        return Message("ventricle_quantity", "{ventricle} {quantity}", ventricle=ventricle.message, quantity=self.name)

    def rests_on(self, finding: Bearing, ventricle: Ventricle) -> bool:
        """Return whether a finding bears on this number; what is wrong at ES alone leaves EDV and mass alone."""
        elsewhere = self.moment is not None and bool(finding.moments) and self.moment not in finding.moments
        return not elsewhere and (ventricle.concern in finding.concerns or self.concern in finding.concerns)

    def doubted_by(self, findings: Iterable[Told], ventricle: Ventricle) -> tuple[Told, ...]:
        """Return the findings that put this number in doubt."""
        return tuple(one for one in findings if one.doubts and self.rests_on(one, ventricle))

    def of(self, holder: object) -> float | None:
        """Return the number out of a `VentricularFunction` or `Rates`; None where it is unknown."""
        value: float | None = getattr(holder, self.field, None)
        return value

    @property
    def is_volume(self) -> bool:
        """Whether it is summed over the slices of one moment."""
        return self.moment is not None and self.unit == "mL"

    @property
    def indexed_decimals(self) -> int:
        """Decimals of the value per m², which is about half as large."""
        return max(self.decimals, 1)


def _both(left: ConceptCode, right: ConceptCode | None = None) -> Mapping[Ventricle, ConceptCode]:
    return MappingProxyType({Ventricle.LV: left, Ventricle.RV: right or left})


QUANTITIES: Final = (
    Quantity(
        field="edv_ml",
        name=Message("edv", "EDV"),
        meaning=Message("edv_meaning", "End-diastolic volume"),
        unit="mL",
        ucum="ml",
        decimals=0,
        moment=Moment.ED,
        headline=True,
        codes=_both(
            ConceptCode("LN", "8821-1", "Left Ventricular ED Volume"),
            ConceptCode("LN", "8822-9", "Right Ventricular ED Volume"),
        ),
    ),
    Quantity(
        field="esv_ml",
        name=Message("esv", "ESV"),
        meaning=Message("esv_meaning", "End-systolic volume"),
        unit="mL",
        ucum="ml",
        decimals=0,
        moment=Moment.ES,
        headline=True,
        codes=_both(
            ConceptCode("LN", "8823-7", "Left Ventricular ES Volume"),
            ConceptCode("LN", "8824-5", "Right Ventricular ES Volume"),
        ),
    ),
    Quantity(
        field="sv_ml",
        name=Message("sv", "SV"),
        meaning=Message("sv_meaning", "Stroke volume: EDV − ESV"),
        unit="mL",
        ucum="ml",
        decimals=0,
        codes=_both(ConceptCode("SCT", "90096001", "Stroke Volume")),
        index_code=ConceptCode("SCT", "277381004", "Stroke Index"),
    ),
    Quantity(
        field="ef_percent",
        name=Message("ef", "EF"),
        meaning=Message("ef_meaning", "Ejection fraction: SV / EDV"),
        unit="%",
        ucum="%",
        decimals=1,
        per_m2=False,
        headline=True,
        codes=_both(
            ConceptCode("LN", "8811-2", "Left ventricular ejection fraction by MR"),
            ConceptCode("LN", "8818-7", "Right ventricular ejection fraction by MR"),
        ),
    ),
    Quantity(
        field="co_l_min",
        name=Message("co", "CO"),
        meaning=Message("co_meaning", "Cardiac output: SV × heart rate"),
        unit="L/min",
        ucum="l/min",
        decimals=1,
        codes=_both(ConceptCode("SCT", "82799009", "Cardiac Output")),
        index_code=ConceptCode("SCT", "54993008", "Cardiac Index"),
        concern=Concern.CO,
    ),
    Quantity(
        field="mass_g",
        name=Message("mass", "Mass"),
        meaning=Message("mass_meaning", "LV mass: myocardial volume at ED × 1.05 g/mL"),
        unit="g",
        ucum="g",
        decimals=0,
        headline=True,
        codes=MappingProxyType({Ventricle.LV: ConceptCode("LN", "18087-7", "Left Ventricle Mass")}),
        concern=Concern.MASS,
        moment=Moment.ED,
    ),
)
"""Of `VentricularFunction`, in the order in which they are told."""

OF_OUTLINES: Final = tuple(one for one in QUANTITIES if one.concern is not Concern.CO)
"""Those that the outlines alone decide, whatever the heart rate: what other outlines of the heart are held against."""

RATES: Final = (
    Quantity(
        field="ejection_ml_s",
        name=Message("per", "PER"),
        meaning=Message(
            "per_meaning",
            "Peak ejection rate: the steepest fall between two phases; coarse phases make it too low",
        ),
        unit="mL/s",
        ucum="ml/s",
        decimals=0,
        per_m2=False,
        codes=_both(ConceptCode("DCM", "122616", "Peak Ejection Rate")),
    ),
    Quantity(
        field="filling_ml_s",
        name=Message("pfr", "PFR"),
        meaning=Message(
            "pfr_meaning", "Peak filling rate: the steepest rise between two phases; coarse phases make it too low"
        ),
        unit="mL/s",
        ucum="ml/s",
        decimals=0,
        per_m2=False,
        codes=_both(ConceptCode("DCM", "122618", "Peak Filling Rate")),
    ),
)
"""Of `Rates`."""

EXCURSIONS: Final = (
    Quantity(
        field="mapse_mm",
        name=Message("mapse", "MAPSE"),
        meaning=Message(
            "mapse_meaning",
            "Mitral annular plane systolic excursion: how far both ends of the mitral valve’s line go towards the apex "
            "from ED to ES, their mean over the long-axis views",
        ),
        unit="mm",
        ucum="mm",
        decimals=0,
        per_m2=False,
        codes=MappingProxyType({Ventricle.LV: ConceptCode("DCM", "125327", "Excursion Distance")}),
    ),
    Quantity(
        field="tapse_mm",
        name=Message("tapse", "TAPSE"),
        meaning=Message(
            "tapse_meaning",
            "Tricuspid annular plane systolic excursion: how far the free wall’s end of the tricuspid valve’s line "
            "goes towards the apex from ED to ES, in the four-chamber view",
        ),
        unit="mm",
        ucum="mm",
        decimals=0,
        per_m2=False,
        codes=MappingProxyType(
            {Ventricle.RV: ConceptCode("LN", "77903-3", "Tricuspid Annular Plane Systolic Excursion (TAPSE)")}
        ),
    ),
)
"""Of the lines of valves that a reader drew in long-axis cines."""


def numbers_in_doubt(findings: Iterable[Bearing]) -> tuple[tuple[Ventricle, Quantity], ...]:
    """Return the numbers of `QUANTITIES` that findings put in doubt, those of the LV first: those that carry `?`."""
    doubts = [one for one in findings if one.doubts]
    return tuple(
        (ventricle, one)
        for ventricle in Ventricle
        for one in QUANTITIES
        if ventricle in one.codes and any(one.rests_on(doubt, ventricle) for doubt in doubts)
    )


def keys_in_doubt(findings: Iterable[Bearing]) -> frozenset[str]:
    """Return the same by their keys, as "lv.ef_percent"."""
    return frozenset(number_key(ventricle, one) for ventricle, one in numbers_in_doubt(findings))


def number_key(ventricle: Ventricle, one: Quantity) -> str:
    """Return what a ventricle's number is called in the store, the ledger and tables of reference: "lv.ef_percent"."""
    return f"{ventricle.value}.{one.field}"


def number_name(ventricle: Ventricle, one: Quantity) -> str:
    """Return what a ventricle's number is called in results.json and as a column of a table: `lv_ef_percent`."""
    return f"{ventricle.value}_{one.field}"


def quantity(field: str) -> Quantity:
    """Return a quantity by its field. Raises `KeyError` for a field that is none."""
    return _BY_FIELD[field]


_BY_FIELD: Final = {one.field: one for one in (*QUANTITIES, *RATES, *EXCURSIONS)}
