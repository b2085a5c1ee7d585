"""`compose_results`: a review and its numbers become one `Results`."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.conventions import conventions
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.ef_interval import EfRange
from cinecor.measure.end_slices import EndSlices
from cinecor.measure.findings.finding import Finding
from cinecor.measure.findings.quality import CountedAt
from cinecor.measure.measurements import NO_HEART_RATE, Measurements
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import QUANTITIES, number_name, numbers_in_doubt
from cinecor.measure.reference.comparison import ReferenceBook
from cinecor.measure.reference.shipped import shipped_book
from cinecor.measure.ventricle import Ventricle
from cinecor.measure.ventricular_function import VentricularFunction
from cinecor.message import Message, sentences
from cinecor.report.binding import status_facts
from cinecor.report.fact import fact, readable, said, values
from cinecor.report.names import input_id
from cinecor.report.reference_facts import reference_facts
from cinecor.report.regional_facts import regional_facts
from cinecor.report.results import (
    AiFacts,
    AuditFacts,
    BodyFacts,
    ChoiceFacts,
    CountedSlices,
    EfIntervalFacts,
    EfIntervals,
    EndsFacts,
    EndSliceFacts,
    EndSlicesFacts,
    LeftOutFile,
    LeftVentricle,
    ModelFacts,
    QualityFacts,
    QualityFinding,
    Results,
    RightVentricle,
    RuntimeFacts,
    SlicesLeftOut,
    StackFacts,
    Volumes,
)
from cinecor.report.valve_facts import fractional_facts, valve_facts
from cinecor.review import FrameState, Review, ReviewResult
from cinecor.review.live_numbers import model_measurements
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.provisional import provisional_frames
from cinecor.review.regional import review_regional
from cinecor.review.result import final_labels
from cinecor.review.standing import Standing
from cinecor.review.valve.fraction import fractional_base
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack

# Far below what two readers differ by (EDV 15 mL, EF 4.6 points: Suinesiaputra 2015), and enough to follow a sum.
_DECIMALS = 3
# Positions and spacings keep what DICOM's decimal strings can say.
_LENGTH_DECIMALS = 6


def compose_results(
    review: Review,
    result: ReviewResult,
    *,
    input_path: Path,
    seconds: Mapping[str, float] | None = None,
    input_name: str | None = None,
    standing: Standing | None = None,
    book: ReferenceBook | None = None,
) -> Results:
    """Return everything that `results.json` will hold, rounded for reading.

    `result` are the numbers of the review; `input_name` stands for the path as it was given. `seconds` are the stages
    that the caller timed (read, measure, ...); they join those of the segmentation. `standing` tells who answers for
    them. `book` are the reference tables to compare with, those that ship where it is None.

    Raises `ValueError` for a review that was not segmented.
    """
    segmentation, measurements = review.segmentation, result.measurements
    if segmentation is None:
        raise ValueError("the study has not been segmented")
    stack = replace(review.stack, heart_rate_bpm=review.body.heart_rate_bpm)
    mass = review.papillaries.convention is PapillaryConvention.MASS
    labels = final_labels(review, moments=result.whole.moments)
    regional = review_regional(review, result)
    results = Results(
        input=readable(str(input_path) if input_name is None else input_name),
        input_id=input_id(input_path),
        stack=_stack_facts(stack, input_path=input_path),
        volumes_ml=_volumes(measurements.curves),
        ed_phase=measurements.moments.ed,
        es_phase=measurements.moments.es,
        lv=LeftVentricle(**_function(measurements.lv, Ventricle.LV)),
        rv=RightVentricle(**_function(measurements.rv, Ventricle.RV)),
        ef_interval=EfIntervals(
            **{ventricle.value: _interval_facts(found) for ventricle, found in result.ef_ranges.items()}
        ),
        choices=_choice_facts(review),
        quality=_quality_facts(result, measurements=measurements),
        ai=_ai_facts(review, result),
        body=BodyFacts(
            height_cm=_rounded_or_none(review.body.height_cm), weight_kg=_rounded_or_none(review.body.weight_kg)
        ),
        reference=reference_facts(review, result, regional, book=book or shipped_book()),
        regional=regional_facts(regional, geometry=stack.geometry, ed_phase=measurements.moments.ed),
        valve_planes=valve_facts(review, result),
        fractional_base=fractional_facts(fractional_base(review)),
        conventions={
            code: str(message)
            for code, message in conventions(papillary_mass=mass, fractional=result.fractional).items()
        },
        model=ModelFacts(
            id=segmentation.model.id,
            version=segmentation.model.version,
            sha256=segmentation.model.sha256,
            precision=segmentation.model.precision,
        ),
        runtime=_runtime_facts(segmentation, seconds=seconds or {}),
        audit=_audit_facts(review.audit, stack=stack, measurements=measurements),
    )
    return results.model_copy(update={"status": status_facts(results, labels, standing or Standing())})


def _stack_facts(stack: CineStack, *, input_path: Path) -> StackFacts:
    geometry = stack.geometry
    if stack.frames is None:  # a NIfTI: every frame comes from the one file
        name = readable(input_path.resolve().name)
        files: list[list[str | None]] = [[name] * stack.phases for _ in range(stack.slices)]
    else:
        files = [[None if frame is None else readable(frame.path) for frame in row] for row in stack.frames]
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
        file_axes=(0, 1, 2) if stack.nifti is None else stack.nifti.axes,
    )


def _volumes(curves: VolumeCurves) -> Volumes:
    return Volumes(
        lv=[_rounded(value) for value in curves.lv_ml.tolist()],
        rv=[_rounded(value) for value in curves.rv_ml.tolist()],
        myo=[_rounded(value) for value in curves.myo_ml.tolist()],
    )


def _ai_facts(review: Review, result: ReviewResult) -> AiFacts | None:
    """Return what the model alone found; None where nobody changed outlines or choices."""
    alone = Review(review.stack, review.audit, review.segmentation, body=review.body)
    if (
        replace(review.choices, answers=alone.answers, corrections=alone.corrections)
        == replace(alone.choices, corrections=alone.corrections)
        and not review.corrections.frames
    ):
        return None
    found = model_measurements(review)
    before, after = alone.labels, final_labels(review, moments=result.whole.moments)
    assert found is not None
    assert before is not None
    changed = np.argwhere((before != after).any(axis=(2, 3))).tolist()
    return AiFacts(
        volumes_ml=_volumes(found.curves),
        ed_phase=found.moments.ed,
        es_phase=found.moments.es,
        lv=LeftVentricle(**_function(found.lv, Ventricle.LV)),
        rv=RightVentricle(**_function(found.rv, Ventricle.RV)),
        frames_changed=[(index, phase) for index, phase in changed],
        lv_change=_change(result.measurements.lv, found.lv, Ventricle.LV),
        rv_change=_change(result.measurements.rv, found.rv, Ventricle.RV),
    )


def _change(now: VentricularFunction, before: VentricularFunction, ventricle: Ventricle) -> dict[str, float]:
    final, model = _function(now, ventricle), _function(before, ventricle)
    return {
        name: _rounded(value - other)
        for name, value in final.items()
        if value is not None and (other := model[name]) is not None
    }


def _function(function: VentricularFunction, ventricle: Ventricle) -> dict[str, float | None]:
    return {one.field: _rounded_or_none(one.of(function)) for one in QUANTITIES if ventricle in one.codes}


def _interval_facts(found: EfRange | None) -> EfIntervalFacts | None:
    if found is None:
        return None
    return EfIntervalFacts(
        low_percent=_rounded(found.low_percent),
        high_percent=_rounded(found.high_percent),
        data=found.constants.data,
        calibrated=found.constants.calibrated,
    )


def _choice_facts(review: Review) -> ChoiceFacts:
    """Return of everything that the numbers rest on whether the reader chose it."""

    def left_out(moment: Moment) -> list[int]:
        return sorted(index for index, where in review.excluded if where is moment)

    own_rate = review.body.heart_rate_bpm == review.stack.heart_rate_bpm
    return ChoiceFacts(
        ed_phase="automatic" if review.moments.ed is None else "reader",
        es_phase="automatic" if review.moments.es is None else "reader",
        heart_rate="automatic" if own_rate else "reader",
        slices_left_out=SlicesLeftOut(ed=left_out(Moment.ED), es=left_out(Moment.ES), all=sorted(review.dropped)),
        frames_redrawn=sorted(review.corrections.frames),
        frames_provisional=list(provisional_frames(review)),
        frames_accepted=sorted(
            place for place, state in review.corrections.states.items() if state is FrameState.ACCEPTED
        ),
        papillary=review.papillaries.convention.value,
        papillary_shifts=dict(review.papillaries.shifts),
        base=review.base.value,
        answers=dict(sorted(review.answers.items())),
    )


def _quality_facts(result: ReviewResult, *, measurements: Measurements) -> QualityFacts:
    quality, phase_choice = result.quality, measurements.phase_choice
    expected = quality.expected_error_ml
    return QualityFacts(
        doubtful=sorted(quality.doubtful),
        doubtful_numbers=[
            number_name(ventricle, one)
            for ventricle, one in numbers_in_doubt(quality.findings)
            if one.of(measurements.of(ventricle)) is not None
        ],
        findings=[
            QualityFinding(
                code=finding.code,
                severity=finding.severity.value,
                message=readable(str(finding.message)),
                values=values(finding.message),
                said=said(finding.message),
                slices=list(finding.slices),
                phases=list(finding.phases),
                concerns=list(finding.concerns),
                frames=list(finding.frames),
                moments=[moment.value for moment in finding.moments],
                answered=finding.answered,
                expected_error_ml=_expected_error_ml(finding, expected),
            )
            for finding in quality.findings
        ],
        phase_choice=sentences(phase_choice),
        phase_choice_facts=[fact(message) for message in phase_choice],
        phase_choice_said=[said(message) for message in phase_choice],
        lv_slices=_counted(quality.counted_slices.lv),
        rv_slices=_counted(quality.counted_slices.rv),
        confidence=[
            [_rounded(value) if math.isfinite(value) else None for value in row] for row in quality.confidence.tolist()
        ],
        ends=EndsFacts(**{ventricle.value: _end_facts(ends) for ventricle, ends in result.end_slices.items()}),
        expected_error_ml=None
        if expected is None
        else [[_rounded(value) for value in row] for row in expected.tolist()],
    )


def _expected_error_ml(finding: Finding, expected: NDArray[np.float64] | None) -> float | None:
    """Return by how much the volumes are expected to be off; None where the sentence tells how many mL are at stake."""
    ml = None if finding.told_ml is not None else finding.at_stake_ml(expected)
    return None if ml is None else _rounded(ml)


def _end_facts(ends: EndSlices | None) -> EndSlicesFacts | None:
    if ends is None:
        return None
    return EndSlicesFacts(
        slices=[
            EndSliceFacts(
                moment=one.moment.value,
                place=one.place.value,
                slice=one.index,
                counts=one.counts,
                ml=_rounded(one.ml),
                ef_percent_otherwise=None if one.ef_percent_otherwise is None else _rounded(one.ef_percent_otherwise),
            )
            for one in ends.slices
        ],
        leaving=ends.leaving,
        usual_leaving=ends.usual_leaving,
    )


def _counted(slices: CountedAt) -> CountedSlices:
    return CountedSlices(
        ed=None if slices.ed is None else list(slices.ed), es=None if slices.es is None else list(slices.es)
    )


def _runtime_facts(segmentation: Segmentation, *, seconds: Mapping[str, float]) -> RuntimeFacts:
    runtime = segmentation.runtime
    reason, fallback = runtime.reason, runtime.fallback
    return RuntimeFacts(
        provider_requested=runtime.provider_requested,
        provider_used=runtime.provider_used,
        precision=segmentation.model.precision,
        reason="" if reason is None else readable(str(reason)),
        reason_fact=None if reason is None else fact(reason),
        fallback=None if fallback is None else readable(str(fallback)),
        fallback_fact=None if fallback is None else fact(fallback),
        seconds={stage: _rounded(value) for stage, value in {**runtime.seconds, **seconds}.items()},
    )


def _audit_facts(audit: ImportAudit, *, stack: CineStack, measurements: Measurements) -> AuditFacts:
    warnings = _warnings(stack, audit=audit, measurements=measurements)
    reasons = {id(out.reason): out.reason for out in audit.left_out}  # all files of a series share one
    told = {key: {"reason": readable(str(one)), **fact(one).model_dump()} for key, one in reasons.items()}
    return AuditFacts(
        files_given=audit.files_given,
        files_used=audit.files_used,
        left_out=[LeftOutFile(path=readable(out.path), **told[id(out.reason)]) for out in audit.left_out],
        phase_order_tag=audit.phase_order_tag,
        warnings=[readable(str(message)) for message in warnings],
        warning_facts=[fact(message) for message in warnings],
        warnings_said=[said(message) for message in warnings],
    )


def _warnings(stack: CineStack, *, audit: ImportAudit, measurements: Measurements) -> tuple[Message, ...]:
    """Return what the import found, then every reason for a null, each once."""
    unknown = (NO_HEART_RATE,) if stack.heart_rate_bpm is None else ()
    told: list[Message] = []
    for message in (*audit.warnings, *unknown, *measurements.reasons):
        if message not in told:
            told.append(message)
    return tuple(told)


def _rounded(value: float) -> float:
    return round(value, _DECIMALS)


def _rounded_or_none(value: float | None) -> float | None:
    return None if value is None else _rounded(float(value))
