"""`Results`: everything `results.json` holds, as the models that write and read it."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from cinecor.measure.conventions import NOTICE
from cinecor.measure.quantity import Quantity
from cinecor.measure.ventricle import Ventricle

SCHEMA_VERSION = 1
"""Grows when a field is renamed, removed or changes its meaning; not when one is added."""


class _Part(BaseModel):
    # A NaN would become invalid JSON, or a silent null: it is refused instead.
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Fact(_Part):
    """What a text beside it says, for programs: the fact's name and the values in its sentence."""

    code: str
    values: dict[str, Any] = {}  # numbers, names, lists of slices or phases, other facts


class SaidFact(Fact):
    """A fact with its message whole, so that it can be said in any language."""

    said: dict[str, Any]


class StackFacts(_Part):
    """The stack that was measured."""

    slices: int
    phases: int
    rows: int
    columns: int
    pixel_spacing_mm: tuple[float, float]  # between rows, between columns
    slice_spacing_mm: float  # centre to centre, from positions
    slice_extent_mm: list[float]  # what each slice stands for along the long axis; differs where spacing is uneven
    phase_times_ms: list[float] | None
    heart_rate_bpm: float | None
    files: list[list[str | None]]  # [slice][phase], relative to the input; null where the frame is missing
    series_uids: list[str]
    file_axes: tuple[int, int, int] = (0, 1, 2)  # which axes of segmentation.nii.gz are columns, rows and slices


class Volumes(_Part):
    """Volume curves in mL, one value a phase."""

    lv: list[float]
    rv: list[float]
    myo: list[float]


class RightVentricle(_Part):
    """Function of the right ventricle; null where it cannot be known."""

    edv_ml: float | None
    esv_ml: float | None
    sv_ml: float | None
    ef_percent: float | None
    co_l_min: float | None


class EfIntervalFacts(_Part):
    """Where experts who see the whole cine find a ventricle's EF in nine of ten patients; model error only."""

    low_percent: float
    high_percent: float
    level: float = 0.9
    data: str  # whose errors it rests on
    calibrated: int  # how many patients


class EfIntervals(_Part):
    """One for each ventricle; null where the model tells none, or a reader changed what counts."""

    lv: EfIntervalFacts | None = None
    rv: EfIntervalFacts | None = None


class LeftVentricle(RightVentricle):
    """Function and mass of the left ventricle; null where it cannot be known."""

    mass_g: float | None


class QualityFinding(_Part):
    """One thing a reader should look at."""

    code: str
    severity: str  # "info", "warning" or "doubtful"
    message: str
    values: dict[str, Any] = {}  # in the message's sentence
    said: dict[str, Any] | None = (
        None  # the message whole, so that it can be said in any language; None in older results
    )
    slices: list[int]
    phases: list[int]
    concerns: list[str]  # "lv", "rv", "mass", "co": which numbers it bears on
    frames: list[tuple[int, int]] = []  # (slice, phase), where it is not about every slice in every phase named
    moments: list[Literal["ed", "es"]] = []  # whose volumes it bears on, where it leaves those of the other alone
    answered: bool = False  # a person looked at it: it puts nothing in doubt any more
    expected_error_ml: float | None = None  # of both cavities; null where its sentence tells mL, or nothing is known

    @property
    def doubts(self) -> bool:
        """Whether it puts the numbers that it bears on in doubt."""
        return self.severity == "doubtful" and not self.answered

    @property
    def passed_on(self) -> str:
        """The code of the message that it only passes on; empty for a finding of its own."""
        passed = self.values.get("text")
        return str(passed.get("code", "")) if isinstance(passed, dict) else ""

    @property
    def fact(self) -> Fact:
        """What it says; of one that only passes a message on, what that says."""
        return Fact(**self.values["text"]) if self.passed_on else Fact(code=self.code, values=self.values)


class CountedSlices(_Part):
    """Indices of the slices that add to a ventricle's volume at ED and ES."""

    ed: list[int] | None
    es: list[int] | None


class EndSliceFacts(_Part):
    """One slice at base or apex that could be decided otherwise."""

    moment: Literal["ed", "es"]
    place: Literal["above", "base", "apex"]  # above: next to the most basal one that counts
    slice: int
    counts: bool
    ml: float  # what it holds; where nothing is outlined, what the next one holds
    ef_percent_otherwise: float | None  # of the ventricle, were it decided otherwise


class EndSlicesFacts(_Part):
    """The slices at the ends of a ventricle, and how many basal ones leave it from ED to ES."""

    slices: list[EndSliceFacts]
    leaving: int
    usual_leaving: tuple[int, int]


class EndsFacts(_Part):
    """One for each ventricle; null where it has no ejection fraction."""

    lv: EndSlicesFacts | None = None
    rv: EndSlicesFacts | None = None


class QualityFacts(_Part):
    """What to look at before trusting the numbers."""

    doubtful: list[str]  # "lv", "rv", "mass", "co": what doubtful findings name that nobody answered
    doubtful_numbers: list[str] = []  # as "lv_edv_ml": exactly those that carry `?`; empty in older results
    findings: list[QualityFinding]  # gravest first
    phase_choice: str
    phase_choice_facts: list[Fact] = []  # one for each sentence of it
    phase_choice_said: list[dict[str, Any]] = []  # the same whole, as `said` of a finding
    lv_slices: CountedSlices
    rv_slices: CountedSlices
    confidence: list[list[float | None]]  # [slice][phase], 0 to 1; 1 where nothing suggests a heart
    ends: EndsFacts = EndsFacts()
    expected_error_ml: list[list[float]] | None = None  # [slice][phase], both cavities; null where the model tells none

    def doubts(self, quantity: Quantity, ventricle: Ventricle) -> bool:
        """Return whether a doubtful finding bears on a number of a ventricle."""
        return bool(quantity.doubted_by(self.findings, ventricle))


class SlicesLeftOut(_Part):
    """Indices of the slices that a reader left out: at ED, at ES, and altogether."""

    ed: list[int] = []
    es: list[int] = []
    all: list[int] = []


class ChoiceFacts(_Part):
    """Who chose what the numbers rest on."""

    ed_phase: Literal["automatic", "reader"] = "automatic"
    es_phase: Literal["automatic", "reader"] = "automatic"
    heart_rate: Literal["automatic", "reader"] = "automatic"
    slices_left_out: SlicesLeftOut = SlicesLeftOut()
    frames_redrawn: list[tuple[int, int]] = []  # (slice, phase)
    frames_provisional: list[tuple[int, int]] = []  # of these, carried or filled and not looked at
    frames_accepted: list[tuple[int, int]] = []  # looked at and found right, redrawn or not
    papillary: Literal["cavity", "mass"] = "cavity"
    papillary_shifts: dict[int, float] = {}  # slice: how far the reader moved its threshold, −1 to 1
    base: Literal["whole", "fractional"] = "whole"  # slices; `fractional_base` tells of which ventricles
    answers: dict[str, str] = {}  # by finding: accepted, corrected or dropped


class BodyFacts(_Part):
    """What values per m² go by, from the headers or typed; null where it is not known."""

    height_cm: float | None
    weight_kg: float | None


class ModelFacts(_Part):
    """Which model made the labels."""

    id: str
    version: str
    sha256: str
    precision: str


class RuntimeFacts(_Part):
    """What was asked for, what ran and why, and how long it took."""

    provider_requested: str
    provider_used: str
    precision: str = ""  # of the variant that ran; empty in older results
    reason: str = ""  # why this provider and precision; empty in older results
    reason_fact: Fact | None = None
    fallback: str | None = None  # why not the provider asked for or begun with; null when it ran
    fallback_fact: Fact | None = None
    seconds: dict[str, float]


class LeftOutFile(_Part):
    """One file that is not in the stack, and why."""

    path: str
    reason: str
    code: str = ""  # of the reason; empty in older results
    values: dict[str, Any] = {}


class AuditFacts(_Part):
    """The account of every file, and every reason for a null."""

    files_given: int
    files_used: int
    left_out: list[LeftOutFile]
    phase_order_tag: str | None
    warnings: list[str]
    warning_facts: list[Fact] = []  # of the warnings, in their order; empty in older results
    warnings_said: list[dict[str, Any]] = []  # the same whole, as `said` of a finding


class AiFacts(_Part):
    """What the model alone found, where a reader changed the outlines or the choices."""

    volumes_ml: Volumes
    ed_phase: int | None
    es_phase: int | None
    lv: LeftVentricle
    rv: RightVentricle
    frames_changed: list[tuple[int, int]]  # (slice, phase): where the final labels differ from the model's
    lv_change: dict[str, float]  # final − model, by the names of `lv`; only what both have
    rv_change: dict[str, float]


class Bound(_Part):
    """Digests (SHA-256) by which a change of the files is noticed."""

    masks: str  # of the labels (slice, phase, row, column)
    frames: list[list[str]]  # [slice][phase], eight digits each: tells where
    fields: dict[str, str]  # of each field of results.json, but for `input`, `input_id` and `status`


class SignatureFacts(_Part):
    """Who signed."""

    name: str
    organisation: str
    user: str
    time: str  # ISO 8601, UTC
    comment: str
    reasons: dict[str, str]  # for each finding that was open: why it was signed all the same


class LedgerFacts(_Part):
    """The ledger beside the results, ledger.jsonl; no file where there are no entries."""

    entries: int
    belongs_to: str
    last_hash: str


class StatusFacts(_Part):
    """How far the reading has come, and what holds it together."""

    state: Literal["ai_not_verified", "in_review", "signed"]
    text: str
    version: int = 1
    signature: SignatureFacts | None = None
    ledger: LedgerFacts | None = None
    bound: Bound | None = None
    anew: list[str] = []  # fields that a later version than the one that signed made anew: the signature holds others


class ReferenceGroup(_Part):
    """Limits of one group that the person belongs to or may belong to; null on a side without one."""

    sex: Literal["M", "F"] | None
    age_from: int | None
    age_to: int | None
    lower: float | None
    upper: float | None
    kind: str


OLDEST_TOLD: Final = 90
"""Years; it stands for this age and more, so that nobody is recognised by an age."""


class ReferenceFact(_Part):
    """One value beside its reference range."""

    measure: str  # as "lv.ef_percent", "rv.edv_ml.indexed" (per m²), "lv.mid_wall_ed_mm"
    value: float
    verdict: Literal["within", "below", "above", "depends", "refused", "not_covered"]
    lower: float | None  # what is within for every group below
    upper: float | None
    depends_on: list[str]  # "sex", "age", where these are unknown and decide
    table: str
    source: str
    papillary: str  # "cavity", "mass" or "not_stated"
    rv_outflow: str | None  # "included", "excluded" or "not_stated"; null for the LV
    field_strength: str
    groups: list[ReferenceGroup]
    cautions: list[str]  # keys of `cautions`
    why: str | None  # where there is no verdict
    why_fact: Fact | None = None
    doubtful: bool = False  # the value is in doubt, and so is its verdict: tell people the range alone

    @property
    def withheld(self) -> bool:
        """Whether there is a verdict that a doubt of the value forbids to tell."""
        return self.doubtful and self.why is None


class ReferenceFacts(_Part):
    """Values beside reference ranges; what no table in use has a range of is absent."""

    sex: Literal["M", "F"] | None
    age_years: int | None  # 90 stands for 90 and more
    comparisons: list[ReferenceFact]
    cautions: dict[str, str]  # the sentence of each
    caution_facts: dict[str, SaidFact] = {}  # the same for programs; none in older results

    @property
    def of_files(self) -> tuple[str, ...]:
        """The cautions that belong to no comparison: why a file of tables or choices could not be used."""
        compared = {key for one in self.comparisons for key in one.cautions}
        return tuple(key for key in self.cautions if key not in compared)


class InsertionFacts(_Part):
    """Where the RV joins the wall in one slice: column and row, in pixels."""

    slice: int
    anterior: tuple[float, float]
    inferior: tuple[float, float]
    by_reader: bool


class SegmentFacts(_Part):
    """One of the AHA's segments; null where it cannot be known, and `refused` says why.

    `peak_ms` and single phases of the curves may be null without it.
    """

    segment: int
    name: str
    slices: list[int]
    ed_mm: float | None
    es_mm: float | None
    thickening_mm: float | None
    thickening_percent: float | None
    motion_mm: float | None
    peak_ms: float | None
    thickness_mm: list[float | None]  # one value a phase
    motion_curve_mm: list[float | None]  # of the inner border since ED, towards the middle
    refused: str | None
    refused_fact: Fact | None = None


class RegionalFacts(_Part):
    """Wall thickness, thickening and motion by segment; no segments where the orientation is unknown."""

    orientation: Literal["patient", "reader", "unknown"]
    reasons: list[str]
    reason_facts: list[Fact]
    insertion: list[InsertionFacts]
    rings: dict[int, Literal["basal", "mid", "apical"]]  # by slice
    segments: list[SegmentFacts]
    mid_wall_ed_mm: float | None  # mean of the mid ring
    peak_dispersion_ms: float | None  # standard deviation of the segments' times to peak thickening
    conventions: dict[str, str]


class ValveLineFacts(_Part):
    """A valve's line in one long-axis cine: patient space (DICOM LPS), mm."""

    valve: Literal["mitral", "tricuspid"]
    series_uid: str
    chambers: int | None  # which the view shows; null where its name does not tell
    drawn_phases: list[int]  # of the cine; in all others the line was followed
    unsure_phases: list[int]  # in which it may be lost
    ends_mm: list[tuple[tuple[float, float, float], tuple[float, float, float]]]  # one pair a phase of the cine
    view_normal: tuple[float, float, float]


class ValveBaseFacts(_Part):
    """A valve's plane at ED or ES, and which share of each slice's slab lies on the apex's side of it."""

    valve: Literal["mitral", "tricuspid"]
    moment: Literal["ed", "es"]
    point_mm: tuple[float, float, float]
    normal: tuple[float, float, float]  # towards the apex
    slices_below: list[float] | None  # one share a slice, 0 to 1; null where the ventricle was not outlined


class ValvePlaneFacts(_Part):
    """The planes of the valves that a reader drew in long-axis cines, and what they tell."""

    mapse_mm: float | None
    tapse_mm: float | None
    lines: list[ValveLineFacts]
    bases: list[ValveBaseFacts]
    conventions: dict[str, str]


CutFacts = list[list[tuple[float, float, float]]]
"""[slice][phase]: share of the first pixel's slab below the valve's plane, and by how much it grows a row, a column."""


class FractionalBaseFacts(_Part):
    """How the planes of valves cut the slabs of which parts count; null for a ventricle of which whole slices do.

    A pixel counts by first + row * a_row + column * a_column, kept within 0 and 1; rows and columns from 0.
    """

    lv: CutFacts | None = None  # of cavity and myocardium
    rv: CutFacts | None = None


class Results(_Part):
    """Everything `results.json` holds; the order of the fields is the order in the file."""

    schema_version: int = SCHEMA_VERSION
    notice: str = NOTICE
    input: str
    input_id: str | None = None  # digest of its absolute path; None before it was recorded
    stack: StackFacts
    volumes_ml: Volumes
    ed_phase: int | None
    es_phase: int | None
    lv: LeftVentricle
    rv: RightVentricle
    ef_interval: EfIntervals = EfIntervals()
    choices: ChoiceFacts = ChoiceFacts()  # all automatic in results older than this field
    quality: QualityFacts
    status: StatusFacts | None = None  # None in older results
    ai: AiFacts | None = None  # the model's own where a reader changed something
    body: BodyFacts | None = None  # None in older results
    reference: ReferenceFacts | None = None  # None in older results
    regional: RegionalFacts | None = None  # None in older results
    valve_planes: ValvePlaneFacts | None = None  # None where no valve was drawn
    fractional_base: FractionalBaseFacts | None = None  # None where whole slices count
    conventions: dict[str, str]
    model: ModelFacts
    runtime: RuntimeFacts
    audit: AuditFacts

    @property
    def fractional(self) -> tuple[Ventricle, ...]:
        """The ventricles of which parts of slices count at the base."""
        base = self.fractional_base
        return () if base is None else tuple(one for one in Ventricle if getattr(base, one.value) is not None)

    def to_json(self) -> str:
        """Return the text of `results.json`: UTF-8, two spaces, a newline at the end."""
        return self.model_dump_json(indent=2) + "\n"
