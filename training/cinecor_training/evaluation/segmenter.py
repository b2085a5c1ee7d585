"""`Segmenter`: whatever outlines a stack, so that Cinecor and a peer are measured by the same code."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.study.cine_stack import CineStack


class Segmenter(Protocol):
    """Outlines the ventricles of a stack."""

    def __call__(self, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        """Return labels (slice, phase, row, column); only `phases` will be looked at, the others may stay empty."""


@dataclass(frozen=True, slots=True)
class PipelineSegmenter:
    """The very pipeline that the application runs, whole stack and clean-up included."""

    model: FrameModel

    def __call__(self, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:  # noqa: ARG002
        """Return the labels of every phase: the heart is looked for in more phases than those asked for."""
        return segment(stack, self.model).labels
