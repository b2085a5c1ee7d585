"""`assess`: every check that puts a number in doubt, in one list."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.confidence import confidence_findings, import_findings, segmentation_findings
from cinecor.measure.findings.continuity import continuity_findings
from cinecor.measure.findings.coverage import (
    border_findings,
    extent_findings,
    hole_findings,
    missing_frame_findings,
    rim_findings,
    rv_base_findings,
    spacing_findings,
)
from cinecor.measure.findings.finding import Finding, Severity, gravest_first
from cinecor.measure.findings.frame_doubt import FrameDoubt
from cinecor.measure.findings.heart_shapes import heart_shapes
from cinecor.measure.findings.plausibility import curve_findings, heart_rate_findings, value_findings
from cinecor.measure.findings.quality import Quality, counted_slices
from cinecor.measure.findings.shape import shape_findings
from cinecor.measure.findings.unsure_frames import doubt_of, marked_by, unsure_findings
from cinecor.measure.measurements import Measurements
from cinecor.measure.phases import SINGLE_PHASE
from cinecor.measure.ventricle import EVERY_OUTLINE, Concern, Ventricle
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack


def assess(
    stack: CineStack,
    *,
    audit: ImportAudit,
    segmentation: Segmentation,
    measurements: Measurements,
    settled: Collection[tuple[int, int]] = (),
    left_out: Collection[tuple[int, int]] = (),
    outlined: VolumeCurves | None = None,
) -> Quality:
    """Return what a reader should look at before trusting the numbers, and which slices the numbers rest on.

    The measurements are those of the segmentation's labels. What the model doubts is not told of the frames
    (slice, phase) that a person settled. The curves hold the frames `left_out` of ED and ES all the same; `outlined`
    are those of every slice, where some count at no phase. No finding changes a number.
    """
    doubts = _doubts(stack, segmentation=segmentation, measurements=measurements, settled=settled)
    return Quality(
        findings=gravest_first(
            _findings(
                stack,
                audit=audit,
                segmentation=segmentation,
                measurements=measurements,
                doubts=doubts,
                settled=settled,
                left_out=left_out,
                outlined=measurements.curves if outlined is None else outlined,
            ),
            expected_error_ml=doubts.error_ml,
        ),
        counted_slices=counted_slices(measurements),
        confidence=segmentation.confidence,
        expected_error_ml=doubts.error_ml,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Doubts:
    """What the checks of shape and continuity marked and measured, and what the model's own doubt makes of frames."""

    marks: tuple[Finding, ...]
    surrounded: NDArray[np.float64]  # (slice, phase), see `frame_shape.surrounded`
    by_ventricle: dict[Ventricle, FrameDoubt]

    @property
    def error_ml(self) -> NDArray[np.float64] | None:
        """Expected error of both cavities, (slice, phase)."""
        if not self.by_ventricle:
            return None
        total: NDArray[np.float64] = np.sum([doubt.error_ml for doubt in self.by_ventricle.values()], axis=0)
        total.setflags(write=False)
        return total


def _doubts(
    stack: CineStack,
    *,
    segmentation: Segmentation,
    measurements: Measurements,
    settled: Collection[tuple[int, int]],
) -> _Doubts:
    shapes = heart_shapes(segmentation.labels, geometry=stack.geometry)
    moments = measurements.moments
    marks = (*shape_findings(shapes, moments=moments), *continuity_findings(shapes, moments=moments))
    by_ventricle = {}
    for ventricle in Ventricle:
        doubt = doubt_of(
            ventricle,
            segmentation=segmentation,
            curves=measurements.curves,
            geometry=stack.geometry,
            marks=marked_by(marks, ventricle, shape=segmentation.confidence.shape),
            base_first=shapes.base_first,
        )
        if doubt is not None:
            by_ventricle[ventricle] = doubt.without(settled)
    return _Doubts(marks, shapes.surrounded, by_ventricle)


def _findings(
    stack: CineStack,
    *,
    audit: ImportAudit,
    segmentation: Segmentation,
    measurements: Measurements,
    doubts: _Doubts,
    settled: Collection[tuple[int, int]],
    left_out: Collection[tuple[int, int]],
    outlined: VolumeCurves,
) -> Iterator[Finding]:
    curves, moments, labels = measurements.curves, measurements.moments, segmentation.labels
    if stack.phases == 1:
        yield Finding(SINGLE_PHASE, Severity.INFO, concerns=(Concern.LV, Concern.RV))
    elif None in moments.values():
        for reason in measurements.phase_choice:
            yield Finding(reason, Severity.DOUBTFUL, concerns=EVERY_OUTLINE)
    yield from curve_findings(measurements)
    yield from value_findings(measurements)
    yield from spacing_findings(stack.geometry)
    yield from missing_frame_findings(audit.complete, curves=curves, moments=moments)
    yield from hole_findings(curves, moments=moments)
    spacing_mm = stack.geometry.slice_spacing_mm
    counted = curves.without(frames=left_out)
    yield from rv_base_findings(outlined, moments=moments, spacing_mm=spacing_mm, settled=settled, counted=counted)
    yield from rim_findings(doubts.surrounded, moments=moments)
    if moments.ed is not None and moments.es is not None:
        yield from extent_findings(curves, spacing_mm=spacing_mm, ed_phase=moments.ed, es_phase=moments.es)
    yield from border_findings(labels)
    yield from doubts.marks
    if doubts.by_ventricle and segmentation.reliability is not None:
        for ventricle, doubt in doubts.by_ventricle.items():
            yield from unsure_findings(
                doubt,
                ventricle,
                reliability=segmentation.reliability,
                moments=moments,
                slices_ml=curves.slices_ml(ventricle),
                spacing_mm=spacing_mm,
                left_out=left_out,
            )
    else:
        yield from confidence_findings(segmentation.confidence, curves=curves)
    if stack.phases > 1:
        yield from heart_rate_findings(stack.heart_rate_bpm)
    yield from import_findings(audit)
    yield from segmentation_findings(segmentation)
