"""Rules of the network, its loss and its augmentation."""

import torch

from cinecor_training.augmentation import AugmentationStrength, augment
from cinecor_training.loss import dice_cross_entropy
from cinecor_training.network import UNet

SMALL = (8, 8, 16)


def test_that_logits_have_the_size_of_the_frames() -> None:
    assert UNet(SMALL, inputs=1).eval()(torch.randn(2, 1, 64, 48)).shape == (2, 4, 64, 48)


def test_that_the_intensity_scale_of_a_frame_does_not_matter() -> None:
    torch.manual_seed(0)
    network = UNet(SMALL, inputs=1).eval()
    frames = torch.rand(2, 1, 64, 64)
    torch.testing.assert_close(network(frames), network(frames * 700 + 30), rtol=1e-3, atol=1e-3)


def test_that_an_empty_frame_gives_finite_logits() -> None:
    assert torch.isfinite(UNet(SMALL, inputs=1).eval()(torch.zeros(1, 1, 64, 64))).all()


def test_that_a_right_answer_costs_nothing_and_a_wrong_one_much() -> None:
    target = torch.randint(0, 4, (2, 32, 32), generator=torch.Generator().manual_seed(0))
    right = torch.nn.functional.one_hot(target, 4).permute(0, 3, 1, 2).float() * 40
    assert dice_cross_entropy(right, target) < 1e-3
    assert dice_cross_entropy(right.roll(1, dims=1), target) > 1


def test_that_frames_without_structures_give_a_finite_loss() -> None:
    logits = torch.zeros(2, 4, 16, 16, requires_grad=True)
    loss = dice_cross_entropy(logits, torch.zeros(2, 16, 16, dtype=torch.long))
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def _batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    labels = torch.zeros(4, 3, 96, 96, dtype=torch.uint8)
    labels[:, :, 30:60, 35:65] = 3
    images = torch.rand(4, 3, 96, 96, generator=generator).half() + labels / 3
    images[0, 0] = 0  # the first frame has no slice before it
    return images, labels


def test_that_zero_strength_gives_the_middle_of_the_canvas() -> None:
    images, labels = _batch()
    nothing = AugmentationStrength(**dict.fromkeys(AugmentationStrength.model_fields, 0.0))
    frames, target = augment(images, labels, size_px=64, strength=nothing, generator=torch.Generator().manual_seed(0))
    middle = images[:, :, 16:80, 16:80].float()
    expected = (middle - middle.mean(dim=(2, 3), keepdim=True)) / (middle.std(dim=(2, 3), keepdim=True) + 1e-6)
    torch.testing.assert_close(frames, expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(target, labels[:, 1, 16:80, 16:80].long())


def test_that_the_same_seed_gives_the_same_batch_and_another_seed_another() -> None:
    images, labels = _batch()
    drawn = [
        augment(
            images,
            labels,
            size_px=64,
            strength=AugmentationStrength(),
            generator=torch.Generator().manual_seed(seed),
        )[0]
        for seed in (5, 5, 6)
    ]
    torch.testing.assert_close(drawn[0], drawn[1], rtol=0, atol=0)
    assert not torch.allclose(drawn[0], drawn[2])


def test_that_augmentation_never_invents_labels_or_infinite_pixels() -> None:
    images, labels = _batch()
    for seed in range(20):
        frames, target = augment(
            images,
            labels,
            size_px=64,
            strength=AugmentationStrength(),
            generator=torch.Generator().manual_seed(seed),
        )
        assert torch.isfinite(frames).all()
        assert set(target.unique().tolist()) <= {0, 3}


def test_that_trabeculae_darken_the_cavity_near_its_wall_and_nothing_else() -> None:
    labels = torch.zeros(6, 1, 96, 96, dtype=torch.uint8)
    labels[:, :, 25:71, 25:71], labels[:, :, 32:64, 32:64] = 2, 3
    images = torch.tensor([0.5, 0.5, 0.1, 1.0])[labels.long()]
    nothing = dict.fromkeys(AugmentationStrength.model_fields, 0.0)
    drawn = [
        augment(
            images,
            labels,
            size_px=96,
            strength=AugmentationStrength(**{**nothing, "trabeculae": share}),
            generator=torch.Generator().manual_seed(0),
        )
        for share in (0.0, 1.0)
    ]
    (plain, target), (changed, target_changed) = drawn
    torch.testing.assert_close(target, target_changed)
    blood, muscle = plain[:, 0, 48, 48, None, None], plain[:, 0, 28, 48, None, None]
    # Standardised anew after the change: the middle of the cavity and the muscle give the scale back.
    scale = (blood - muscle) / (changed[:, 0, 48, 48] - changed[:, 0, 28, 48])[:, None, None]
    darker = plain[:, 0] - ((changed[:, 0] - changed[:, 0, 28, 48, None, None]) * scale + muscle)
    rim = darker[:, 32:34, 40:56]
    assert rim.mean() > 0.1 * (blood - muscle).mean()
    assert darker[:, 44:52, 44:52].abs().max() < 0.05 * (blood - muscle).max()
    assert darker[:, :20].abs().max() < 1e-3


def test_that_an_absent_neighbour_stays_absent() -> None:
    images, labels = _batch()
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        frames, _ = augment(images, labels, size_px=64, strength=AugmentationStrength(), generator=generator)
        assert not frames[0, 0].any()
        assert frames[:, 1].flatten(1).std(dim=1).median() > 0.1
