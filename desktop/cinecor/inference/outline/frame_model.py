"""`FrameModel`: what the pipeline needs of a model, whoever runs it."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label, ModelIdentity
from cinecor.inference.package.contract import InputContract
from cinecor.inference.package.reliability import Reliability
from cinecor.message import Message

CERTAIN: Final = 255
"""The confidence of a pixel whose label is certain."""

_RIM: Final = int(0.95 * CERTAIN)
"""A pixel that is background with no more certainty than this belongs to the heart's rim."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameLabels:
    """What a model says of frames, on the grid that was asked for."""

    labels: NDArray[np.uint8]  # (n, rows, columns), values of `Label`
    confidence: NDArray[np.uint8]  # (n, rows, columns), the winning label's probability, `CERTAIN` for 1


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """How sure a model is of frames."""

    confidence: NDArray[np.float32]  # (n,), see `heart_confidence`
    uncertain_px: NDArray[np.float32]
    """(n, label): how uncertain the labels are, in pixels, by the label that wins there: the sum of p (1 − p) over the
    pixels of the heart and its rim, p the winning label's probability."""


def certainty(outlined: FrameLabels) -> Certainty:
    """Return how sure a model is of each frame."""
    counts = _heart_histograms(outlined)
    p = np.arange(CERTAIN + 1) / CERTAIN
    return Certainty(_mean_probability(counts), (counts @ (p * (1 - p))).astype(np.float32))


def heart_confidence(outlined: FrameLabels) -> NDArray[np.float32]:
    """Return the mean winning probability over the heart and its rim, one a frame; 1 where nothing suggests one."""
    return _mean_probability(_heart_histograms(outlined))


def _mean_probability(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    by_confidence = counts.sum(axis=1)
    pixels = by_confidence.sum(axis=1)
    total = by_confidence @ np.arange(CERTAIN + 1)
    return np.where(pixels > 0, total / (CERTAIN * np.maximum(pixels, 1)), 1.0).astype(np.float32)


def _heart_histograms(outlined: FrameLabels) -> NDArray[np.int64]:
    """Return how many pixels of the heart and its rim have each label and confidence, (n, label, confidence)."""
    counts = []
    for labels, confidence in zip(outlined.labels, outlined.confidence, strict=True):
        heart = (labels != Label.BACKGROUND) | (confidence <= _RIM)  # a tenth of the pixels: the rest is not counted
        both = labels[heart].astype(np.intp) * (CERTAIN + 1) + confidence[heart]
        counts.append(np.bincount(both, minlength=len(Label) * (CERTAIN + 1)))
    return np.stack(counts).reshape(-1, len(Label), CERTAIN + 1)


class FrameModel(Protocol):
    """A model that labels frames: `ModelSession`, or a training run before its export."""

    @property
    def input_contract(self) -> InputContract:
        """How pixels become what the model sees."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model it is."""

    @property
    def reliability(self) -> Reliability | None:
        """What its errors were like on patients it never saw; None where nothing is known."""

    @property
    def provider_requested(self) -> str:
        """The device that was asked for."""

    @property
    def provider_used(self) -> str:
        """What really runs it."""

    @property
    def fallback(self) -> Message | None:
        """Why the device asked for does not run; None when it does."""

    @property
    def device_reason(self) -> Message:
        """Why this provider and precision."""

    def outline(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label network input `frames` (n, channel, size, size) on another grid.

        `to_rows` (rows, size) and `to_columns` (columns, size) are the matrices that bring class probabilities to
        that grid (see `window.Readout`); a label is decided there. Their weights may sum to less than 1: what is
        missing is background. The pipeline calls this from several threads at once.
        """
