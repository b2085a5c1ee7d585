"""Random changes to a training batch, all on tensors, so that the same code runs on CPU and CUDA.

Geometry teaches any position, size and rotation; intensity teaches scanners that the training data lack. Images
are brought to zero mean and unit deviation first, so every strength below is in units of a frame's own contrast.
"""

import math
from dataclasses import dataclass

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch.nn import functional

from cinecor.inference.outline.segmentation import Label


class AugmentationStrength(BaseModel):
    """How far each change may go; probabilities are per frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any_rotation: float = 0.25  # share of frames turned by any angle; the others by a normal angle
    rotation_sd_deg: float = 20.0
    mirror: float = 0.1
    scale_log_sd: float = 0.16
    aspect_log_sd: float = 0.05
    shift_sd_px: float = 8.0
    far_shift: float = 0.12  # share of frames with the heart anywhere in or half out of the window
    far_shift_px: float = 70.0
    elastic: float = 0.5
    elastic_px: float = 2.5
    tissue_contrast: float = 0.35
    trabeculae: float = 0.3  # share of frames with more muscle in the cavities than they had
    trabeculae_px: float = 3.5  # largest depth (sigma) of that muscle
    gamma: float = 0.5
    bias_field: float = 0.5
    blur: float = 0.25
    low_resolution: float = 0.2
    sharpen: float = 0.1
    noise: float = 0.35
    ghost: float = 0.1
    circular_view: float = 0.2
    neighbour_absent: float = 0.15
    neighbour_shift_sd_px: float = 1.5  # breath-holds differ from slice to slice


def augment(
    images: Tensor, labels: Tensor, *, size_px: int, strength: AugmentationStrength, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw one augmented batch.

    `images` and `labels` (n, channel, canvas, canvas), the frame itself in the middle channel, become
    (n, channel, size_px, size_px) float32 and the middle channel's labels, (n, size_px, size_px) int64. A channel
    that is zero (no neighbour) stays zero.
    """
    draw = _Draw(images.shape[0], images.device, generator)
    channels, canvas_px = images.shape[1], images.shape[-1]
    grid = _sampling_grid(draw, canvas_px=canvas_px, size_px=size_px, strength=strength)
    frames, tissues = [], []
    for channel in range(channels):
        here = grid
        if channel != channels // 2:
            here = grid + draw.normal(1, 1, 2) * (strength.neighbour_shift_sd_px * 2 / (canvas_px - 1))
        frames.append(_sample(images[:, channel], here, mode="bilinear", padding="border"))
        tissues.append(_sample(labels[:, channel], here, mode="nearest", padding="zeros").round().long())
    target = torch.stack(tissues, dim=1)
    pixels = torch.stack(frames, dim=1)
    present = pixels.amax(dim=(2, 3), keepdim=True) > pixels.amin(dim=(2, 3), keepdim=True)
    dropped = draw.uniform(0.0, 1.0, channels, 1, 1) < strength.neighbour_absent
    dropped[:, channels // 2] = False
    changed = _change_intensities(draw, _standardise(pixels), target, grid=grid, strength=strength)
    return changed * (present & ~dropped), target[:, channels // 2]


def _sample(planes: Tensor, grid: Tensor, *, mode: str, padding: str) -> Tensor:
    """Read (n, h, w) at the places of a sampling grid."""
    return functional.grid_sample(planes[:, None].float(), grid, mode=mode, padding_mode=padding, align_corners=True)[
        :, 0
    ]


@dataclass(frozen=True, slots=True)
class _Draw:
    """Random numbers for one batch, shaped to broadcast over (n, 1, h, w)."""

    batch: int
    device: torch.device
    generator: torch.Generator

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        size = shape or (1, 1, 1)
        return torch.rand(self.batch, *size, generator=self.generator, device=self.device) * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(self.batch, *(shape or (1, 1, 1)), generator=self.generator, device=self.device)

    def chance(self, probability: float) -> Tensor:
        return self.uniform(0.0, 1.0) < probability


def _standardise(frames: Tensor) -> Tensor:
    mean = frames.mean(dim=(2, 3), keepdim=True)
    return (frames - mean) / (frames.std(dim=(2, 3), keepdim=True) + 1e-6)


def _sampling_grid(draw: _Draw, *, canvas_px: int, size_px: int, strength: AugmentationStrength) -> Tensor:
    """Give where each output pixel comes from, in grid_sample's coordinates: (n, size, size, 2)."""
    turn = draw.normal()[:, 0, 0, 0] * math.radians(strength.rotation_sd_deg)
    any_turn = draw.uniform(-math.pi, math.pi)[:, 0, 0, 0]
    angle = torch.where(draw.chance(strength.any_rotation)[:, 0, 0, 0], any_turn, turn)
    scale = torch.exp(draw.normal()[:, 0, 0, 0] * strength.scale_log_sd)
    aspect = torch.exp(draw.normal()[:, 0, 0, 0] * strength.aspect_log_sd)
    mirror = torch.where(draw.chance(strength.mirror)[:, 0, 0, 0], -1.0, 1.0)
    shift = draw.normal(2) * strength.shift_sd_px
    far = draw.uniform(-1.0, 1.0, 2) * strength.far_shift_px
    shift = torch.where(draw.chance(strength.far_shift)[:, 0, 0], far, shift)

    steps = torch.arange(size_px, device=draw.device) - (size_px - 1) / 2
    rows, columns = torch.meshgrid(steps, steps, indexing="ij")
    x = (columns[None] * mirror[:, None, None]) * (scale * aspect)[:, None, None]
    y = rows[None] * (scale / aspect)[:, None, None]
    cosine, sine = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
    position = torch.stack((cosine * x - sine * y, sine * x + cosine * y), dim=-1) + shift[:, None, None, :]

    knots = draw.normal(2, 6, 6) * strength.elastic_px * draw.chance(strength.elastic)
    displacement = functional.interpolate(knots, size=(size_px, size_px), mode="bicubic", align_corners=True)
    position = position + displacement.permute(0, 2, 3, 1)
    return position / ((canvas_px - 1) / 2)


def _blur(frames: Tensor, sigma_px: Tensor) -> Tensor:
    """Gaussian blur with one sigma (n, 1, 1, 1) for all channels of a frame, separable, reflected at the border."""
    radius = 5
    steps = torch.arange(-radius, radius + 1, device=frames.device)
    kernel = torch.exp(-0.5 * (steps[None] / sigma_px.reshape(-1, 1).clamp(min=0.05)) ** 2)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    kernel = kernel.repeat_interleave(frames.shape[1], dim=0)
    count = len(kernel)
    stacked = functional.pad(frames.flatten(0, 1)[None], (radius,) * 4, mode="reflect")
    stacked = functional.conv2d(stacked, kernel[:, None, :, None], groups=count)
    return functional.conv2d(stacked, kernel[:, None, None, :], groups=count).reshape(frames.shape)


def _smooth_field(draw: _Draw, *, size_px: int, knots: int) -> Tensor:
    """A smooth random field of about unit deviation, (n, 1, size, size)."""
    return functional.interpolate(
        draw.normal(1, knots, knots), size=(size_px, size_px), mode="bicubic", align_corners=True
    )


def _add_trabeculae(draw: _Draw, frames: Tensor, target: Tensor, *, depth_px: float) -> Tensor:
    """Put muscle inside the cavities, near their walls: papillary muscles and trabeculae, which belong to the cavity.

    How much of them is seen, and how dark, differs between scanners, slice thicknesses and patients. From thin and
    speckled to thick and smooth; the labels stay.
    """
    size_px = frames.shape[-1]
    muscle = (target == Label.MYO).float()
    shade = (frames * muscle).sum(dim=(2, 3), keepdim=True) / muscle.sum(dim=(2, 3), keepdim=True).clamp(min=1.0)
    cavity = ((target == Label.LV) | (target == Label.RV)).float()
    # The blurred outside is 0.5 at a straight wall and a twelfth 1.4 sigma inside it: there the layer begins to end.
    near = (6 * _blur(1 - cavity, draw.uniform(0.6, depth_px))).clamp(max=1.0)
    coarse, fine = (_smooth_field(draw, size_px=size_px, knots=knots) for knots in (10, 28))
    patches = torch.sigmoid(4 * (torch.where(draw.chance(0.5), coarse, fine) - draw.uniform(-0.8, 0.8)))
    # One pixel beyond the wall, or its half-bright rim would give the true border away.
    share = functional.max_pool2d(cavity, 3, stride=1, padding=1) * near * patches * draw.uniform(0.4, 1.4)
    return torch.lerp(frames, shade, share.clamp(max=1.0) * (muscle.amax(dim=(2, 3), keepdim=True) > 0))


def _change_intensities(
    draw: _Draw, frames: Tensor, target: Tensor, *, grid: Tensor, strength: AugmentationStrength
) -> Tensor:
    size_px = frames.shape[-1]

    # Other sequences and field strengths: each tissue gets its own offset and a slow variation inside.
    tissue = functional.one_hot(target, 4)[..., 1:].float()  # (n, channel, h, w, 3)
    offset = draw.normal(1, 1, 1, 3) * torch.tensor([0.35, 0.25, 0.35], device=frames.device)
    inside = 1 + 0.4 * _smooth_field(draw, size_px=size_px, knots=5)
    edge_sigma = draw.uniform(0.5, 1.5)
    change = _blur((tissue * offset).sum(dim=-1) * inside, edge_sigma)
    frames = torch.where(draw.chance(strength.tissue_contrast), frames + change, frames)

    if strength.trabeculae > 0:
        changed = _add_trabeculae(draw, frames, target, depth_px=strength.trabeculae_px)
        frames = torch.where(draw.chance(strength.trabeculae), changed, frames)

    field = torch.exp(0.45 * _smooth_field(draw, size_px=size_px, knots=3))
    low = frames.amin(dim=(2, 3), keepdim=True)
    frames = torch.where(draw.chance(strength.bias_field), (frames - low) * field, frames - low)

    high = frames.amax(dim=(2, 3), keepdim=True).clamp(min=1e-6)
    gamma = torch.exp(draw.uniform(-0.6, 0.6))
    frames = torch.where(draw.chance(strength.gamma), (frames / high).clamp(min=0) ** gamma * high, frames)

    frames = torch.where(draw.chance(strength.blur), _blur(frames, draw.uniform(0.4, 1.5)), frames)
    frames = torch.where(draw.chance(strength.low_resolution), _low_resolution(draw, frames), frames)
    soft = _blur(frames, draw.uniform(0.8, 1.5))
    frames = torch.where(draw.chance(strength.sharpen), frames + (frames - soft) * draw.uniform(0.3, 1.2), frames)

    # Ghosts: a faint copy, moved along one axis, as breathing and arrhythmia leave it.
    moved = torch.roll(frames, shifts=int(draw.uniform(12, 60)[0].item()), dims=2)
    frames = torch.where(draw.chance(strength.ghost), frames + moved * draw.uniform(0.05, 0.25), frames)

    frames = _standardise(frames)
    noisy = frames + draw.normal(frames.shape[1], size_px, size_px) * draw.uniform(0.02, 0.3)
    frames = torch.where(draw.chance(strength.noise), noisy, frames)

    # A circular field of view, zero outside, as GE scanners write it; its centre is the image's, not the heart's.
    centre = draw.normal(1, 1, 2) * 0.12
    radius = draw.uniform(0.6, 1.1)[:, 0]
    outside = ((grid - centre) ** 2).sum(dim=-1).sqrt() > radius
    outside = outside[:, None] & draw.chance(strength.circular_view)
    return torch.where(outside, frames.amin(dim=(2, 3), keepdim=True), frames)


def _low_resolution(draw: _Draw, frames: Tensor) -> Tensor:
    factor = float(draw.uniform(1.3, 2.4)[0].item())
    small = functional.interpolate(frames, scale_factor=1 / factor, mode="area")
    return functional.interpolate(small, size=frames.shape[-2:], mode="bilinear", align_corners=False)
