"""The training loss: soft Dice over the batch plus cross-entropy."""

import torch
from torch import Tensor
from torch.nn import functional

_SMOOTH_PX = 1.0


def dice_cross_entropy(logits: Tensor, target: Tensor, *, known: Tensor | None = None) -> Tensor:
    """Return 1 − mean soft Dice of the three structures + cross-entropy, a scalar.

    `logits` (n, 4, h, w), `target` (n, h, w) int64. Dice is taken over the whole batch, so that slices without a
    structure count as errors only through what is painted into them. `known` (n, 3) bool says which structures are
    labelled in each frame, None that all are: Dice counts a structure only where it is known, and a pixel without
    label may there be background or any structure that is not known, so its probability is the sum of theirs.
    """
    logits = logits.float().contiguous()
    probabilities = logits.softmax(dim=1)[:, 1:]
    truth = functional.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2)[:, 1:].to(probabilities.dtype)
    if known is not None:
        counted = known[:, :, None, None].to(probabilities.dtype)
        probabilities, truth = probabilities * counted, truth * counted
    overlap = (probabilities * truth).sum(dim=(0, 2, 3))
    total = probabilities.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    dice = (2 * overlap + _SMOOTH_PX) / (total + _SMOOTH_PX)
    entropy = functional.cross_entropy(logits, target) if known is None else _open_cross_entropy(logits, target, known)
    return torch.as_tensor(1 - dice.mean() + entropy)


def _open_cross_entropy(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Return the mean cross-entropy where unlabelled pixels are open to every structure that is not known."""
    logs = logits.log_softmax(dim=1)
    closed = functional.pad(known, (1, 0), value=False)[:, :, None, None]  # background is always possible
    unlabelled = logs.masked_fill(closed, -torch.inf).logsumexp(dim=1)
    labelled = logs.gather(1, target[:, None])[:, 0]
    return -torch.where(target == 0, unlabelled, labelled).mean()
