"""`assess`: every check that puts a number in doubt, in one list."""

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.segmentation import Label, Segmentation
from cinecor.measure.measurements import Measurements
from cinecor.measure.quality import CountedSlices, Finding, Quality, Severity
from cinecor.study.audit import ImportAudit
from cinecor.study.stack import CineStack


def assess(stack: CineStack, *, audit: ImportAudit, segmentation: Segmentation, measurements: Measurements) -> Quality:
    """What a reader should look at before trusting the numbers, and which slices the numbers rest on."""
    findings = [Finding("segmentation_note", Severity.WARNING, note) for note in segmentation.notes]
    return Quality(
        findings=tuple(findings),
        counted_slices=_counted_slices(segmentation.labels, measurements=measurements),
        confidence=segmentation.confidence,
    )


def _counted_slices(labels: NDArray[np.uint8], *, measurements: Measurements) -> CountedSlices:
    def counted(label: Label, phase: int | None) -> tuple[int, ...] | None:
        if phase is None:
            return None
        return tuple(int(index) for index in np.flatnonzero((labels[:, phase] == label).any(axis=(1, 2))))

    ed, es = measurements.ed_phase, measurements.es_phase
    return CountedSlices(
        lv_ed=counted(Label.LV, ed),
        lv_es=counted(Label.LV, es),
        rv_ed=counted(Label.RV, ed),
        rv_es=counted(Label.RV, es),
    )
