"""`Cell`: what is known of each frame of the matrix slice × phase."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.finding import Severity
from cinecor.review import Review, ReviewResult
from cinecor.scene.shown_labels import ShownLabels

_EVERYWHERE = 0.75  # a finding about most of the stack marks the numbers, not single cells


class Cell(IntEnum):
    """States of a frame; the later one wins."""

    IMAGE = 0
    PROVISIONAL = 1  # outlined, and not yet cleaned together with the other slices of its phase
    SEGMENTED = 2
    DOUBTFUL = 3
    EXCLUDED = 4
    MISSING = 5


def cells(review: Review, *, found: ReviewResult | None, shown: ShownLabels | None) -> NDArray[np.uint8]:
    """Return the state of every frame, (slice, phase); `shown` are the labels that are there already."""
    state = np.full(review.stack.pixels.shape[:2], Cell.IMAGE, dtype=np.uint8)
    if shown is not None:
        state[shown.outlined] = Cell.PROVISIONAL
        state[shown.final] = Cell.SEGMENTED
    if found is not None and review.segmentation is not None:
        for finding in found.quality.findings:
            if finding.severity is Severity.INFO or not finding.slices or not finding.phases:
                continue
            if finding.frames:
                state[tuple(zip(*finding.frames, strict=True))] = Cell.DOUBTFUL
            elif len(finding.slices) * len(finding.phases) < _EVERYWHERE * state.size:
                state[np.ix_(finding.slices, finding.phases)] = Cell.DOUBTFUL
        for index, moment in review.excluded:
            phase = found.moments[moment]
            if phase is not None:
                state[index, phase] = Cell.EXCLUDED
    if review.dropped:
        state[sorted(review.dropped)] = Cell.EXCLUDED
    state[~review.audit.complete] = Cell.MISSING
    return state
