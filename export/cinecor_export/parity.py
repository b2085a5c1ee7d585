"""Parity: whether the fp32 graph computes what PyTorch computes."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cinecor.inference.outline.frame_model import CERTAIN, FrameModel
from cinecor.inference.package.manifest import Gate
from cinecor_training.outlining import Outlining

_CONFIDENCE: Final = 1 / CERTAIN  # its rounding
_MOVED: Final = 1e-4  # share of pixels whose label may differ: ties that rounding decides
_FRAMES: Final = 8


def parity_gates(network: nn.Module, model: FrameModel, frames: NDArray[np.float32]) -> tuple[Gate, Gate]:
    """Compare PyTorch's labels and confidence with the graph's: on a few of `frames`, and on random ones."""
    random = np.random.default_rng(7)
    noise = random.gamma(2.0, 80.0, (_FRAMES, *frames.shape[1:])).astype(np.float32)
    shown = np.concatenate((frames[:: max(1, len(frames) // _FRAMES)][:_FRAMES], noise))
    to_rows, to_columns = (random.dirichlet(np.ones(frames.shape[-1]), size).astype(np.float32) for size in (37, 53))
    with torch.no_grad():
        wanted = Outlining(network).eval()(*(torch.from_numpy(array) for array in (shown, to_rows, to_columns)))
    labels, confidence = (output.numpy() for output in wanted)
    got = model.outline(shown, to_rows=to_rows, to_columns=to_columns)
    largest = int(np.abs(confidence.astype(int) - got.confidence).max())
    moved = float(np.mean(labels != got.labels))
    return (
        Gate(name="fp32 against PyTorch: confidence", value=largest / CERTAIN, limit=_CONFIDENCE, unit="probability"),
        Gate(name="fp32 against PyTorch: labels moved", value=moved, limit=_MOVED, unit="share of pixels"),
    )
