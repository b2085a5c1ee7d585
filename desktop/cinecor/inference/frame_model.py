"""`FrameModel`: what the pipeline needs of a model, whoever runs it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.contract import InputContract
from cinecor.inference.segmentation import ModelIdentity


class FrameModel(Protocol):
    """A model that gives class probabilities for frames: `ModelSession`, or a training run before its export."""

    @property
    def input_contract(self) -> InputContract:
        """How pixels become what the model sees."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model it is."""

    @property
    def provider_requested(self) -> str:
        """The device that was asked for."""

    @property
    def provider_used(self) -> str:
        """What really runs it."""

    @property
    def fallback(self) -> str | None:
        """Why the device asked for does not run, in one sentence; None when it does."""

    def probabilities(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give class probabilities (n, 4, size, size) for network input `frames` (n, channel, size, size)."""
