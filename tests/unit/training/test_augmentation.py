"""Rules of the changes that make other scanners and smaller cavities of the frames there are."""

import numpy as np
import pytest
import torch

from cinecor_training.augmentation import AugmentationStrength, augment

NOTHING = dict.fromkeys(AugmentationStrength.model_fields, 0.0)


def _augmented(
    images: torch.Tensor, labels: torch.Tensor, *, seed: int = 0, **strength: float
) -> tuple[torch.Tensor, torch.Tensor]:
    return augment(
        images,
        labels,
        size_px=96,
        strength=AugmentationStrength(**{**NOTHING, **strength}),
        generator=torch.Generator().manual_seed(seed),
    )


def _heart(*, wall: bool = True) -> torch.Tensor:
    """Eight frames with a round LV of radius 20, its wall out to 30 where wanted, 7 px off the canvas's middle."""
    rows, columns = np.mgrid[:120, :120]
    radius = np.hypot(rows - 66.5, columns - 52.5)
    labels = np.where(radius < 20, 3, np.where((radius < 30) & wall, 2, 0)).astype(np.uint8)
    return torch.from_numpy(labels).expand(8, 1, -1, -1).contiguous()


def test_that_contraction_makes_the_cavity_smaller_and_moves_nothing_outside_the_wall() -> None:
    labels = _heart()
    _, plain = _augmented(labels.float(), labels)
    _, contracted = _augmented(labels.float(), labels, contraction=1.0, contraction_power=0.5)
    cavity = (contracted == 3).sum(dim=(1, 2)) / (plain == 3).sum(dim=(1, 2))
    heart = (contracted > 0).sum(dim=(1, 2)) / (plain > 0).sum(dim=(1, 2))
    # The wall's inner radius is raised to a power between 1 and 1 / 0.5 of the outer: (2/3)² of it at the most.
    assert 0.40 < cavity.min() < 0.75
    assert cavity.max() < 1.01
    assert (heart - 1).abs().max() < 0.02


def test_that_contraction_leaves_frames_without_a_wall_alone() -> None:
    labels = _heart(wall=False)
    _, plain = _augmented(labels.float(), labels)
    _, contracted = _augmented(labels.float(), labels, contraction=1.0, contraction_power=0.5)
    torch.testing.assert_close(plain, contracted)


def test_that_equalisation_lifts_what_was_dim_and_keeps_the_order_within_a_place() -> None:
    """A bright half and a dark half, each with a faint square: afterwards the dark half's square stands out too."""
    images = torch.full((4, 1, 120, 120), 0.1) + 0.01 * torch.rand((4, 1, 120, 120))
    images[..., 60:] += 0.8
    for column in (30, 90):
        images[:, :, 50:70, column - 10 : column + 10] += 0.08
    labels = torch.zeros_like(images, dtype=torch.uint8)
    plain, _ = _augmented(images, labels)
    even, _ = _augmented(images, labels, equalise=1.0)
    assert torch.isfinite(even).all()

    def contrast(frames: torch.Tensor) -> torch.Tensor:
        return frames[:, 0, 40:56, 12:24].mean(dim=(1, 2)) - frames[:, 0, 4:20, 12:24].mean(dim=(1, 2))

    assert (contrast(even) > 1.2 * contrast(plain)).all()


@pytest.mark.parametrize("value", [0.0, 3.5])
def test_that_equalising_a_blank_frame_gives_a_blank_frame(value: float) -> None:
    images = torch.full((3, 3, 120, 120), value)
    frames, _ = _augmented(images, torch.zeros_like(images, dtype=torch.uint8), equalise=1.0)
    assert not frames.any()


def test_that_a_share_of_frames_is_changed_and_the_others_are_not() -> None:
    generator = torch.Generator().manual_seed(1)
    images = torch.rand((64, 1, 120, 120), generator=generator)
    labels = torch.zeros_like(images, dtype=torch.uint8)
    plain, _ = _augmented(images, labels)
    for change in ("tissue_contrast", "bias_field", "gamma", "blur", "sharpen", "ghost", "equalise", "noise"):
        frames, _ = _augmented(images, labels, **{change: 0.25})
        changed = ((frames - plain).abs().amax(dim=(1, 2, 3)) > 1e-3).sum()
        if change == "tissue_contrast":  # nothing is labelled
            assert changed == 0
        else:
            assert 6 <= changed <= 28, change
