"""`Outlining`: the network with what the application needs after it: labels and confidence on the image's own grid."""

import torch
from torch import Tensor, nn

_CERTAIN = 255.0  # `cinecor.inference.frame_model.CERTAIN`


class Outlining(nn.Module):
    """Frames to (labels, confidence); what `export-onnx` writes and what evaluation runs, so that both decide alike."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor, to_rows: Tensor, to_columns: Tensor) -> tuple[Tensor, Tensor]:
        """Map (n, channel, size, size), (rows, size), (columns, size) to two uint8 arrays (n, rows, columns).

        Probabilities are interpolated, then decided: nearest-neighbour labels would put the network's staircase on a
        finer grid. Background is what the three structures leave of 1. Confidence is the winner's probability × 255.
        """
        structures = self.network(frames).float().softmax(dim=1)[:, 1:]
        rv, myo, lv = (to_rows @ structures @ to_columns.transpose(0, 1)).unbind(dim=1)
        right = torch.maximum(rv, myo)
        best = torch.maximum(right, lv)
        background = 1 - (rv + myo + lv)
        structure = torch.where(lv >= right, 3, torch.where(myo > rv, 2, 1))
        labels = torch.where(best > background, structure, 0)
        confidence = torch.maximum(best, background).clamp(0, 1) * _CERTAIN
        return labels.to(torch.uint8), confidence.round().to(torch.uint8)
