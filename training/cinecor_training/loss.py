"""The training loss: soft Dice over the batch plus cross-entropy."""

import torch
from torch import Tensor
from torch.nn import functional

_SMOOTH_PX = 1.0


def dice_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Give 1 − mean soft Dice of the three structures + cross-entropy, a scalar.

    `logits` (n, 4, h, w), `target` (n, h, w) int64. Dice is taken over the whole batch, so that slices without a
    structure count as errors only through what is painted into them.
    """
    logits = logits.float()
    probabilities = logits.softmax(dim=1)[:, 1:]
    truth = functional.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2)[:, 1:].to(probabilities.dtype)
    overlap = (probabilities * truth).sum(dim=(0, 2, 3))
    total = probabilities.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    dice = (2 * overlap + _SMOOTH_PX) / (total + _SMOOTH_PX)
    return torch.as_tensor(1 - dice.mean() + functional.cross_entropy(logits, target))
