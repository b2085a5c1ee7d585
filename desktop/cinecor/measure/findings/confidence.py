"""Findings about how sure the model was, and what the import and the segmentation themselves put in doubt."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.ventricle import EVERY_OUTLINE
from cinecor.message import Message, Slices
from cinecor.study.audit import ImportAudit

LEAST_CONFIDENCE = 0.85
"""Mean winning probability of a frame's heart and rim, for models that do not tell of their errors; those that do have
limits of their own, see `frame_doubt`. 6 percent of the good LV outlines of 258 patients from many hospitals are less
sure (bundled model, `training/measure_doubt.py`). Of 63 others it marks 69 percent of the wrong outlines and 7 percent
of the good ones; another network may be surer or less sure of the same image."""


def confidence_findings(confidence: NDArray[np.float32], *, curves: VolumeCurves) -> Iterator[Finding]:
    """Yield a finding when frames with a heart are less sure than `LEAST_CONFIDENCE`; arrays are (slice, phase)."""
    heart = curves.heart
    slices, phases = np.nonzero(heart & (confidence < LEAST_CONFIDENCE))
    if not slices.size:
        return
    where = indices(slices)
    yield Finding(
        Message(
            "low_confidence",
            "The model is unsure (confidence below {limit:.2f}) in {unsure} of {frames} frames, in {slices}.",
            limit=LEAST_CONFIDENCE,
            unsure=int(slices.size),
            frames=int(np.count_nonzero(heart)),
            slices=Slices(where),
        ),
        Severity.WARNING,
        slices=where,
        phases=indices(phases),
        concerns=EVERY_OUTLINE,
        frames=tuple((int(where), int(phase)) for where, phase in zip(slices, phases, strict=True)),
    )


def import_findings(audit: ImportAudit) -> Iterator[Finding]:
    """Yield what the import doubts, and what it found that must be seen beside the numbers."""
    for doubt in audit.doubts:
        yield Finding(Message("import_doubt", "{text}", text=doubt), Severity.DOUBTFUL, concerns=EVERY_OUTLINE)
    for caution in audit.cautions:
        yield Finding(Message("import_caution", "{text}", text=caution), Severity.WARNING)


def segmentation_findings(segmentation: Segmentation) -> Iterator[Finding]:
    """Yield what the segmentation doubts, and what was changed after the network."""
    for doubt in segmentation.doubts:
        yield Finding(Message("segmentation_doubt", "{text}", text=doubt), Severity.DOUBTFUL, concerns=EVERY_OUTLINE)
    for note in segmentation.notes:
        yield Finding(Message("segmentation_note", "{text}", text=note), Severity.WARNING)
