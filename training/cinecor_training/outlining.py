"""`Outlining`: the network with what the application needs after it: labels and confidence on the image's own grid."""

import torch
from torch import Tensor, nn

from cinecor_training.network import STEM, UNet

_CERTAIN = 255.0  # `cinecor.inference.outline.frame_model.CERTAIN`
_LARGEST_LOG_ODDS = 60.0  # e⁶⁰ is far from what float32 can hold, and no probability differs from 1 there


class Outlining(nn.Module):
    """Frames to (labels, confidence); what `export-onnx` writes and what evaluation runs, so that both decide alike.

    The same numbers as `network(frames).softmax(1)`, interpolated and decided, by operations that cost little in ONNX
    Runtime: its softmax over channels and its depth-to-space take as long as a fifth of the int8 network. So the
    softmax is written out on the four sub-grids of the network's last features, and the sub-grids are put in their
    places by the matrices that interpolate them.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        assert isinstance(network, UNet)
        self.network = network

    def forward(self, frames: Tensor, to_rows: Tensor, to_columns: Tensor) -> tuple[Tensor, Tensor]:
        """Map (n, channel, size, size), (rows, size), (columns, size) to two uint8 arrays (n, rows, columns).

        Probabilities are interpolated, then decided: nearest-neighbour labels would put the network's staircase on a
        finer grid. Background is what the three structures leave of 1. Confidence is the winner's probability × 255.
        """
        odds = self.network.log_odds(frames).float().clamp(max=_LARGEST_LOG_ODDS).exp()
        structures = odds / (1 + odds.sum(dim=1, keepdim=True))  # (n, structure, y step, x step, y, x)
        count, kinds, _, _, height, width = structures.shape
        by_line = structures.transpose(3, 4).reshape(-1, STEM * width)  # a line of pixels: even ones, then odd ones
        columns = _by_step(to_columns)
        lines = (by_line @ columns.transpose(0, 1)).reshape(count, kinds, STEM * height, columns.shape[0])
        rv, myo, lv = (_by_step(to_rows) @ lines).unbind(dim=1)

        right = torch.maximum(rv, myo)
        best = torch.maximum(right, lv)
        background = 1 - (rv + myo + lv)
        label = torch.where(lv >= right, _byte(3), torch.where(myo > rv, _byte(2), _byte(1)))
        labels = torch.where(best > background, label, _byte(0))
        confidence = torch.maximum(best, background).clamp(0, 1) * _CERTAIN
        return labels, confidence.round().to(torch.uint8)


def _by_step(matrix: Tensor) -> Tensor:
    """Return a matrix (n, size) with its columns in the order of the sub-grids: even ones, then odd ones."""
    return torch.unflatten(matrix, 1, (-1, STEM)).transpose(1, 2).flatten(1)


def _byte(value: int) -> Tensor:
    return torch.tensor(value, dtype=torch.uint8)
