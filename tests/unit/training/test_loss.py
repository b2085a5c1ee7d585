"""Rules of the loss where not every structure is labelled."""

import torch

from cinecor_training.loss import dice_cross_entropy

ALL, LV_ONLY = torch.tensor([True, True, True]), torch.tensor([False, False, True])


def _frame() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits sure of RV on the left, background in the middle and LV on the right; labels of the LV alone."""
    guess = torch.zeros(1, 8, 12, dtype=torch.long)
    guess[..., :4], guess[..., 8:] = 1, 3
    target = torch.where(guess == 3, guess, torch.zeros_like(guess))
    return torch.nn.functional.one_hot(guess, 4).permute(0, 3, 1, 2).float() * 30, target


def test_that_all_known_gives_the_plain_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 4, 16, 16, generator=generator)
    target = torch.randint(0, 4, (3, 16, 16), generator=generator)
    plain, masked = dice_cross_entropy(logits, target), dice_cross_entropy(logits, target, known=ALL.expand(3, 3))
    torch.testing.assert_close(masked, plain)


def test_that_an_unlabelled_ventricle_is_not_learnt_as_background() -> None:
    logits, target = _frame()
    assert dice_cross_entropy(logits, target, known=LV_ONLY[None]) < 1e-3
    assert dice_cross_entropy(logits, target) > 1


def test_that_moving_between_unknown_structures_costs_nothing() -> None:
    logits, target = _frame()
    logits.requires_grad_()
    loss = dice_cross_entropy(logits, target, known=LV_ONLY[None])
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad.abs().max() < 1e-3


def test_that_a_known_structure_painted_elsewhere_still_costs() -> None:
    logits, target = _frame()
    assert dice_cross_entropy(logits, torch.zeros_like(target), known=LV_ONLY[None]) > 1


def test_that_a_structure_known_nowhere_in_a_batch_adds_no_dice_error() -> None:
    logits, target = _frame()
    nothing = torch.zeros(1, 3, dtype=torch.bool)
    assert dice_cross_entropy(logits, torch.zeros_like(target), known=nothing) < 1e-3


def test_that_gradients_are_finite_for_sure_and_wrong_logits() -> None:
    logits, target = _frame()
    wrong = logits.roll(1, dims=1).mul(1e3).requires_grad_()
    dice_cross_entropy(wrong, target, known=LV_ONLY[None]).backward()  # type: ignore[no-untyped-call]
    assert wrong.grad is not None
    assert torch.isfinite(wrong.grad).all()
