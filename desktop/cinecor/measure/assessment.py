"""`assess`: every check that puts a number in doubt, in one list."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.coverage import (
    border_findings,
    extent_findings,
    hole_findings,
    missing_frame_findings,
    rim_findings,
    spacing_findings,
)
from cinecor.measure.curves import VolumeCurves, volume_curves
from cinecor.measure.measurements import Measurements
from cinecor.measure.plausibility import curve_findings, heart_rate_findings, value_findings
from cinecor.measure.quality import CountedSlices, Finding, Quality, Severity, gravest_first, listed
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack

LEAST_CONFIDENCE = 0.75
"""Mean winning probability of a frame's heart and rim. 0.5 is a coin's toss between two structures and 1 is certainty:
this is halfway. It is a first guess, not yet held against readers' corrections."""


def assess(stack: CineStack, *, audit: ImportAudit, segmentation: Segmentation, measurements: Measurements) -> Quality:
    """What a reader should look at before trusting the numbers, and which slices the numbers rest on.

    The measurements are those of the segmentation's labels. No finding changes a number.
    """
    curves = volume_curves(segmentation.labels, geometry=stack.geometry)
    return Quality(
        findings=gravest_first(
            _findings(stack, audit=audit, segmentation=segmentation, measurements=measurements, curves=curves)
        ),
        counted_slices=_counted_slices(curves, measurements=measurements),
        confidence=segmentation.confidence,
    )


def _findings(
    stack: CineStack,
    *,
    audit: ImportAudit,
    segmentation: Segmentation,
    measurements: Measurements,
    curves: VolumeCurves,
) -> Iterator[Finding]:
    ed, es = measurements.ed_phase, measurements.es_phase
    if stack.phases == 1:
        yield Finding(
            "single_phase", Severity.INFO, "The stack has one phase: volumes only, no function.", concerns=("lv", "rv")
        )
    elif ed is None or es is None:
        yield Finding("no_function", Severity.DOUBTFUL, measurements.phase_choice, concerns=("lv", "rv", "mass"))
    yield from curve_findings(measurements)
    yield from value_findings(measurements)
    yield from spacing_findings(stack.geometry)
    yield from missing_frame_findings(audit.complete, curves=curves, ed_phase=ed, es_phase=es)
    yield from hole_findings(curves, ed_phase=ed, es_phase=es)
    moments = [("ED", ed), ("ES", es)] if stack.phases > 1 else [("phase 0", 0)]
    for moment, phase in moments:
        if phase is not None:
            yield from rim_findings(segmentation.labels, phase=phase, moment=moment)
    if ed is not None and es is not None:
        yield from extent_findings(curves, spacing_mm=stack.geometry.slice_spacing_mm, ed_phase=ed, es_phase=es)
    yield from border_findings(segmentation.labels)
    if stack.phases > 1:
        yield from heart_rate_findings(stack.heart_rate_bpm)
    yield from _low_confidence(segmentation.confidence, curves=curves)
    for doubt in audit.doubts:
        yield Finding("import_doubt", Severity.DOUBTFUL, str(doubt), concerns=("lv", "rv", "mass"))
    for caution in audit.cautions:
        yield Finding("import_caution", Severity.WARNING, str(caution))
    for told in segmentation.doubts:
        yield Finding("segmentation_doubt", Severity.DOUBTFUL, str(told), concerns=("lv", "rv", "mass"))
    for note in segmentation.notes:
        yield Finding("segmentation_note", Severity.WARNING, str(note))


def _low_confidence(confidence: NDArray[np.float32], *, curves: VolumeCurves) -> Iterator[Finding]:
    found = (curves.lv_slices_ml + curves.rv_slices_ml + curves.myo_slices_ml) > 0
    slices, phases = np.nonzero(found & (confidence < LEAST_CONFIDENCE))
    if slices.size:
        where = np.unique(slices)
        yield Finding(
            "low_confidence",
            Severity.WARNING,
            f"The model is unsure (confidence below {LEAST_CONFIDENCE}) in {slices.size} of "
            f"{np.count_nonzero(found)} frames, in {listed(where, 'slice')}.",
            slices=tuple(int(index) for index in where),
            phases=tuple(int(phase) for phase in np.unique(phases)),
            concerns=("lv", "rv", "mass"),
        )


def _counted_slices(curves: VolumeCurves, *, measurements: Measurements) -> CountedSlices:
    def counted(slices_ml: NDArray[np.float64], phase: int | None) -> tuple[int, ...] | None:
        return None if phase is None else tuple(int(index) for index in np.flatnonzero(slices_ml[:, phase]))

    ed, es = measurements.ed_phase, measurements.es_phase
    return CountedSlices(
        lv_ed=counted(curves.lv_slices_ml, ed),
        lv_es=counted(curves.lv_slices_ml, es),
        rv_ed=counted(curves.rv_slices_ml, ed),
        rv_es=counted(curves.rv_slices_ml, es),
    )
