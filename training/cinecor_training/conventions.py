"""Readers' conventions: one network that has learnt how each of several data sets is drawn.

Whether a slice at the base holds LV, and where trabeculae end, differs between data sets. The network carries for each
convention but the first an offset behind every batch norm of its deepest level and its expanding path; the contracting
path, which only sees, is everybody's. The first convention's offsets are zero, so the network without its offsets is
the one that ships; any other convention folds into the batch norms' own biases.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from cinecor_training.network import UNet


class Conventions(nn.Module):
    """A U-Net and its offsets; maps frames and their conventions' numbers to logits."""

    def __init__(self, network: UNet, count: int) -> None:
        """Add zero offsets for `count` conventions, of which the first has none."""
        super().__init__()
        self.network = network
        norms = offset_norms(network)
        self.offsets = nn.ParameterList(nn.Parameter(torch.zeros(count - 1, norm.num_features)) for norm in norms)
        self._now: Tensor | None = None
        for norm, offset in zip(norms, self.offsets, strict=True):
            norm.register_forward_hook(self._adding(offset))

    def forward(self, frames: Tensor, conventions: Tensor) -> Tensor:
        """Map (n, inputs, h, w) and (n,) int64 to (n, 4, h, w)."""
        self._now = conventions
        try:
            logits: Tensor = self.network(frames)
        finally:
            self._now = None
        return logits

    def _adding(self, offset: nn.Parameter) -> Callable[[nn.Module, tuple[Tensor], Tensor], Tensor]:
        """Return a hook that adds each frame's offset to what a batch norm gives."""

        def add(_norm: nn.Module, _arrived: tuple[Tensor], output: Tensor) -> Tensor:
            if self._now is None:
                return output
            rows = torch.cat((offset.new_zeros(1, offset.shape[1]), offset))[self._now]
            return output + rows.to(output.dtype)[:, :, None, None]

        return add


def offset_norms(network: UNet) -> tuple[nn.BatchNorm2d, ...]:
    """Return the batch norms that a convention shifts, in their order."""
    parts = (network.down[-1], *network.up)
    return tuple(norm for part in parts for norm in part.modules() if isinstance(norm, nn.BatchNorm2d))


@torch.no_grad()
def fold(network: UNet, offsets: Sequence[Tensor], *, convention: int) -> None:
    """Make `network` draw by a convention: add its row of every `offsets` (conventions − 1, channels) to the biases."""
    if convention == 0:
        return
    for norm, offset in zip(offset_norms(network), offsets, strict=True):
        norm.bias.add_(offset[convention - 1].to(norm.bias))
