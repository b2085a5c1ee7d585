"""`compose_results`: stack, audit, segmentation, measurements and quality become one `Results`."""

import math
from collections.abc import Mapping
from pathlib import Path

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.conventions import CONVENTIONS
from cinecor.measure.measurements import Measurements, Ventricle
from cinecor.measure.quality import Quality
from cinecor.report.names import input_id
from cinecor.report.results import (
    AuditFacts,
    ChoiceFacts,
    CountedSlices,
    LeftOutFile,
    LeftVentricle,
    ModelFacts,
    QualityFacts,
    QualityFinding,
    Results,
    RightVentricle,
    RuntimeFacts,
    StackFacts,
    Volumes,
)
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack

# Far below what two readers differ by (EDV 15 ml, EF 4.6 points: Suinesiaputra 2015), and enough to follow a sum.
_DECIMALS = 3
# Positions and spacings keep what DICOM's decimal strings can say.
_LENGTH_DECIMALS = 6
# What the import and the measurement may both say, each in its own words around these.
_TOLD_BEFORE = ("one phase only", "heart rate is unknown")


def compose_results(
    stack: CineStack,
    *,
    input_path: Path,
    audit: ImportAudit,
    segmentation: Segmentation,
    measurements: Measurements,
    quality: Quality,
    seconds: Mapping[str, float] | None = None,
    choices: ChoiceFacts | None = None,
    input_name: str | None = None,
) -> Results:
    """Everything that `results.json` will hold, rounded for reading.

    `choices` are those of a reader, None when there was none; `input_name` stands for the path as it was given.
    `seconds` are the stages that the caller timed (read, measure, ...); they join those of the segmentation.
    """
    return Results(
        input=_readable(str(input_path) if input_name is None else input_name),
        input_id=input_id(input_path),
        stack=_stack_facts(stack, input_path=input_path),
        volumes_ml=Volumes(
            lv=[_rounded(value) for value in measurements.lv_ml.tolist()],
            rv=[_rounded(value) for value in measurements.rv_ml.tolist()],
            myo=[_rounded(value) for value in measurements.myo_ml.tolist()],
        ),
        ed_phase=measurements.ed_phase,
        es_phase=measurements.es_phase,
        lv=LeftVentricle(**_function(measurements.lv), mass_g=_rounded_or_none(measurements.lv.mass_g)),
        rv=RightVentricle(**_function(measurements.rv)),
        choices=choices or ChoiceFacts(),
        quality=_quality_facts(quality, phase_choice=measurements.phase_choice),
        conventions=dict(CONVENTIONS),
        model=ModelFacts(
            id=segmentation.model.id,
            version=segmentation.model.version,
            sha256=segmentation.model.sha256,
            precision=segmentation.model.precision,
        ),
        runtime=RuntimeFacts(
            provider_requested=segmentation.runtime.provider_requested,
            provider_used=segmentation.runtime.provider_used,
            precision=segmentation.model.precision,
            reason=_readable(str(segmentation.runtime.reason or "")),
            fallback=None if segmentation.runtime.fallback is None else _readable(str(segmentation.runtime.fallback)),
            seconds={
                stage: _rounded(value) for stage, value in {**segmentation.runtime.seconds, **(seconds or {})}.items()
            },
        ),
        audit=AuditFacts(
            files_given=audit.files_given,
            files_used=audit.files_used,
            left_out=[
                LeftOutFile(path=_readable(out.path), reason=_readable(str(out.reason))) for out in audit.left_out
            ],
            phase_order_tag=audit.phase_order_tag,
            warnings=[_readable(text) for text in _warnings(stack, audit=audit, measurements=measurements)],
        ),
    )


def _stack_facts(stack: CineStack, *, input_path: Path) -> StackFacts:
    geometry = stack.geometry
    if stack.files is None:  # a NIfTI: every frame comes from the one file
        name = _readable(input_path.resolve().name)
        files: list[list[str | None]] = [[name] * stack.phases for _ in range(stack.slices)]
    else:
        files = [[None if path is None else _readable(path) for path in row] for row in stack.files]
    times_ms = stack.phase_times_ms
    return StackFacts(
        slices=stack.slices,
        phases=stack.phases,
        rows=stack.rows,
        columns=stack.columns,
        pixel_spacing_mm=(
            round(float(geometry.pixel_spacing_mm[0]), _LENGTH_DECIMALS),
            round(float(geometry.pixel_spacing_mm[1]), _LENGTH_DECIMALS),
        ),
        slice_spacing_mm=round(float(geometry.slice_spacing_mm), _LENGTH_DECIMALS),
        slice_extent_mm=[round(float(extent), _LENGTH_DECIMALS) for extent in geometry.slice_extent_mm],
        phase_times_ms=None if times_ms is None else [_rounded(float(time)) for time in times_ms],
        heart_rate_bpm=_rounded_or_none(stack.heart_rate_bpm),
        files=files,
        series_uids=list(stack.series_uids),
    )


def _warnings(stack: CineStack, *, audit: ImportAudit, measurements: Measurements) -> list[str]:
    """What the import found, then every reason for a null that it has not told yet."""
    warnings = [str(warning) for warning in audit.warnings]
    if stack.phase_times_ms is None:
        _add_unless_told(warnings, "Phase times are unknown.", told_by="phase times are unknown")
    if stack.heart_rate_bpm is None:
        _add_unless_told(
            warnings, "Heart rate is unknown: cardiac output cannot be told.", told_by="heart rate is unknown"
        )
    for reason in measurements.reasons:
        told_by = next((what for what in _TOLD_BEFORE if what in reason.lower()), reason.lower())
        _add_unless_told(warnings, reason, told_by=told_by)
    return warnings


def _add_unless_told(warnings: list[str], sentence: str, *, told_by: str) -> None:
    if not any(told_by in warning.lower() for warning in warnings):
        warnings.append(sentence)


def _function(ventricle: Ventricle) -> dict[str, float | None]:
    return {
        "edv_ml": _rounded_or_none(ventricle.edv_ml),
        "esv_ml": _rounded_or_none(ventricle.esv_ml),
        "sv_ml": _rounded_or_none(ventricle.sv_ml),
        "ef_percent": _rounded_or_none(ventricle.ef_percent),
        "co_l_min": _rounded_or_none(ventricle.co_l_min),
    }


def _quality_facts(quality: Quality, *, phase_choice: str) -> QualityFacts:
    counted = quality.counted_slices
    return QualityFacts(
        doubtful=sorted(quality.doubtful),
        findings=[
            QualityFinding(
                code=finding.code,
                severity=finding.severity.value,
                message=_readable(finding.message),
                slices=list(finding.slices),
                phases=list(finding.phases),
                concerns=list(finding.concerns),
            )
            for finding in quality.findings
        ],
        phase_choice=phase_choice,
        lv_slices=CountedSlices(ed=_indices(counted.lv_ed), es=_indices(counted.lv_es)),
        rv_slices=CountedSlices(ed=_indices(counted.rv_ed), es=_indices(counted.rv_es)),
        confidence=[
            [_rounded(value) if math.isfinite(value) else None for value in row] for row in quality.confidence.tolist()
        ],
    )


def _indices(slices: tuple[int, ...] | None) -> list[int] | None:
    return None if slices is None else list(slices)


def _rounded(value: float) -> float:
    return round(value, _DECIMALS)


def _rounded_or_none(value: float | None) -> float | None:
    return None if value is None else _rounded(float(value))


def _readable(text: str) -> str:
    # A file name that is not valid in the system's encoding reaches Python with lone surrogates, which no UTF-8
    # file can hold: its odd bytes are shown as \xff.
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
