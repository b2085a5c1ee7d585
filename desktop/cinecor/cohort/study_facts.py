"""`StudyFacts`: what a cohort keeps of one study's results: the numbers, and what makes a reader look at them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from cinecor.measure.measurements import WHY_UNKNOWN
from cinecor.measure.quantity import QUANTITIES, number_name
from cinecor.measure.ventricle import Ventricle
from cinecor.report.results import EfIntervals, ReferenceFacts, Results

_DIGEST_LENGTH: Final = 12  # of hexadecimal digits: 48 bits, as names of studies have

Number = float | int | str | None

_NUMBERS: Final = {
    number_name(ventricle, one): (ventricle, one)
    for ventricle in Ventricle
    for one in QUANTITIES
    if ventricle in one.codes
}
NUMBERS: Final = tuple(_NUMBERS)
"""Names of the numbers, as `lv_edv_ml`."""


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """One study's results, in a line."""

    slices: int
    phases: int
    slice_spacing_mm: float
    heart_rate_bpm: float | None
    ed_phase: int | None
    es_phase: int | None
    numbers: dict[str, float | None]  # by the names in `NUMBERS`; null where it cannot be known
    doubtful: list[str]  # "lv", "rv", "mass", "co": what doubtful findings name
    findings: dict[str, str]  # code: severity, gravest first, of those that nobody answered
    lowest_confidence: float | None  # of any frame, 0 to 1
    status: str  # "ai_not_verified", "in_review" or "signed"
    series_uids: list[str]
    model_id: str
    model_version: str
    model_sha256: str
    precision: str
    provider: str
    seconds: dict[str, float]
    outside_reference: dict[str, str] = field(default_factory=dict)  # "lv.ef_percent": "below" or "above"
    ef_interval: dict[str, list[float]] = field(default_factory=dict)  # "lv": [low, high], percent; where it is known
    why_unknown: list[str] = field(default_factory=list)  # codes of why numbers are null
    lone_phase_ml: dict[str, float] = field(default_factory=dict)  # "lv", "rv", "myo": what a study of one phase has
    doubtful_numbers: list[str] = field(default_factory=list)  # by the names in `NUMBERS`: those that carry `?`

    @classmethod
    def of(cls, results: Results) -> "StudyFacts":
        """Return the facts of results."""
        ventricles = {Ventricle.LV: results.lv, Ventricle.RV: results.rv}
        confidence = [value for row in results.quality.confidence for value in row if value is not None]
        told = {fact.code for fact in results.audit.warning_facts}
        findings: dict[str, str] = {}
        for finding in (one for one in results.quality.findings if not one.answered):
            findings.setdefault(finding.code, finding.severity)
        return cls(
            slices=results.stack.slices,
            phases=results.stack.phases,
            slice_spacing_mm=results.stack.slice_spacing_mm,
            heart_rate_bpm=results.stack.heart_rate_bpm,
            ed_phase=results.ed_phase,
            es_phase=results.es_phase,
            numbers={name: one.of(ventricles[ventricle]) for name, (ventricle, one) in _NUMBERS.items()},
            doubtful=list(results.quality.doubtful),
            findings=findings,
            lowest_confidence=min(confidence, default=None),
            status="ai_not_verified" if results.status is None else results.status.state,
            series_uids=list(results.stack.series_uids),
            model_id=results.model.id,
            model_version=results.model.version,
            model_sha256=results.model.sha256,
            precision=results.model.precision,
            provider=results.runtime.provider_used,
            seconds=dict(results.runtime.seconds),
            outside_reference={} if results.reference is None else _outside(results.reference),
            ef_interval=_intervals(results.ef_interval),
            why_unknown=[code for code in WHY_UNKNOWN if code in told],
            lone_phase_ml=_lone_phase(results),
            doubtful_numbers=list(results.quality.doubtful_numbers),
        )

    @classmethod
    def kept(cls, document: dict[str, Any]) -> "StudyFacts":
        """Return the facts out of what `to_keep` gave, perhaps in another version.

        One that kept no numbers in doubt kept what was: each number of that counts as in doubt.
        """
        known = {one.name: document[one.name] for one in fields(cls) if one.name in document}
        known.setdefault("doubtful_numbers", _told_by(document["doubtful"], document["numbers"]))
        return cls(**known)

    def to_keep(self) -> dict[str, Any]:
        """Return the facts as JSON holds them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def series_digest(self) -> str:
        """What tells copies of one study apart from other studies: of its series' UIDs; empty where it has none."""
        named = " ".join(sorted(set(self.series_uids)))
        return hashlib.sha256(named.encode()).hexdigest()[:_DIGEST_LENGTH] if named else ""

    @property
    def worst_first(self) -> tuple[float, ...]:
        """A key that sorts studies so that the one most in need of a reader comes first.

        More numbers in doubt (of one phase, which has no such numbers: volumes), then more doubtful findings, more
        warnings, less confidence.
        """
        severities = list(self.findings.values())
        return (
            -(len(self.doubtful_numbers) or len(self.doubtful)),
            -severities.count("doubtful"),
            -severities.count("warning"),
            1.0 if self.lowest_confidence is None else self.lowest_confidence,
        )


def _told_by(doubtful: Sequence[str], numbers: Mapping[str, float | None]) -> list[str]:
    """Return the known numbers of what is in doubt ("lv", "rv", "mass", "co")."""
    return [
        name
        for name, (ventricle, one) in _NUMBERS.items()
        if numbers.get(name) is not None and (ventricle.concern in doubtful or one.concern in doubtful)
    ]


def _outside(reference: ReferenceFacts) -> dict[str, str]:
    """Return which values lie outside their ranges; of a value in doubt nobody knows."""
    outside = (one for one in reference.comparisons if one.verdict in ("below", "above") and not one.doubtful)
    return {one.measure: one.verdict for one in outside}


def _intervals(told: EfIntervals) -> dict[str, list[float]]:
    by_side = {Ventricle.LV: told.lv, Ventricle.RV: told.rv}
    return {side.value: [one.low_percent, one.high_percent] for side, one in by_side.items() if one is not None}


def _lone_phase(results: Results) -> dict[str, float]:
    """Return the volumes of a study that has one phase; empty for a cine, whose volumes have names of their own."""
    if results.stack.phases > 1:
        return {}
    return {structure: curve[0] for structure, curve in results.volumes_ml.model_dump().items() if curve[0] > 0}
