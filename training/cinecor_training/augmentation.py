"""Random changes to a training batch, all on tensors, so that the same code runs on CPU and CUDA.

Geometry teaches any position, size and rotation; intensity teaches scanners that the training data lack. Images
are brought to zero mean and unit deviation first, so every strength below is in units of a frame's own contrast.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch.nn import functional

from cinecor.inference.outline.segmentation import Label

_TILES = 8  # along each side, of adaptive equalisation
_LEVELS = 32  # of its histograms


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
    equalise: float = 0.25  # share of frames with the contrast of their parts evened out, as some publish theirs
    contraction: float = 0.15  # share of frames with the cavity made smaller and the wall thicker
    contraction_power: float = 0.55  # of radii inside the wall, at the most; 1 leaves them
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
    hearts = _walls(labels[:, channels // 2])
    grid = _sampling_grid(draw, hearts, canvas_px=canvas_px, size_px=size_px, strength=strength)
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

    def some(self, probability: float) -> tuple[Tensor, "_Draw"]:
        """Draw the indices of some frames, and give a draw for them alone."""
        chosen = torch.nonzero(self.chance(probability)[:, 0, 0, 0])[:, 0]
        return chosen, replace(self, batch=len(chosen))


def _standardise(frames: Tensor) -> Tensor:
    mean = frames.mean(dim=(2, 3), keepdim=True)
    return (frames - mean) / (frames.std(dim=(2, 3), keepdim=True) + 1e-6)


@dataclass(frozen=True, slots=True)
class _Walls:
    """A circle around the LV's wall in each frame, in pixels from the canvas's middle."""

    centre: Tensor  # (n, 2) as (x, y)
    radius: Tensor  # (n,) 0 where cavity or wall is not labelled


def _walls(labels: Tensor) -> _Walls:
    """Return where the LV's wall is in (n, canvas, canvas) labels."""
    cavity, wall = labels == Label.LV, labels == Label.MYO
    steps = torch.arange(labels.shape[-1], device=labels.device) - (labels.shape[-1] - 1) / 2
    area = cavity.sum(dim=(1, 2))
    x, y = ((cavity.sum(dim=dim) * steps).sum(dim=1) / area.clamp(min=1) for dim in (1, 2))
    outside = wall.sum(dim=(1, 2))
    radius = ((area + outside) / math.pi).sqrt() * ((area > 0) & (outside > 0))
    return _Walls(torch.stack((x, y), dim=1), radius)


def _contracted(draw: _Draw, position: Tensor, walls: _Walls, *, strength: AugmentationStrength) -> Tensor:
    """Return sampling positions (n, h, w, 2) that draw some cavities smaller, their walls thicker, as at end-systole.

    Inside the wall's outer circle radii are raised to a power; nothing moves on the circle and outside.
    """
    power = draw.uniform(strength.contraction_power, 1.0)[:, 0]
    chosen = draw.chance(strength.contraction)[:, 0] & (walls.radius > 0)[:, None, None]
    offset = position - walls.centre[:, None, None, :]
    share = (offset.norm(dim=-1) / walls.radius.clamp(min=1)[:, None, None]).clamp(min=0.05, max=1.0)
    stretch = torch.where(chosen, share ** (power - 1), torch.ones_like(share))
    return walls.centre[:, None, None, :] + offset * stretch[..., None]


def _sampling_grid(
    draw: _Draw, walls: _Walls, *, canvas_px: int, size_px: int, strength: AugmentationStrength
) -> Tensor:
    """Return where each output pixel comes from, in grid_sample's coordinates: (n, size, size, 2)."""
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
    position = _contracted(draw, position + displacement.permute(0, 2, 3, 1), walls, strength=strength)
    return position / ((canvas_px - 1) / 2)


def _blur(frames: Tensor, sigma_px: Tensor) -> Tensor:
    """Return frames blurred by a Gaussian, one sigma (n, 1, 1, 1) for all channels of each, reflected at the border."""
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
    """Return a smooth random field of about unit deviation, (n, 1, size, size)."""
    return functional.interpolate(
        draw.normal(1, knots, knots), size=(size_px, size_px), mode="bicubic", align_corners=True
    )


def _trabeculae(draw: _Draw, frames: Tensor, target: Tensor, depth_px: float) -> Tensor:
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
    def changed(probability: float, change: Callable[[_Draw, Tensor, Tensor], Tensor]) -> None:
        """Put `change` of some frames and their labels in their places."""
        chosen, own = draw.some(probability)
        if len(chosen):
            frames[chosen] = change(own, frames[chosen], target[chosen])

    changed(strength.tissue_contrast, _tissue_contrast)
    changed(strength.trabeculae, lambda own, some, labels: _trabeculae(own, some, labels, strength.trabeculae_px))
    frames -= frames.amin(dim=(2, 3), keepdim=True)
    changed(strength.bias_field, _bias_field)
    changed(strength.gamma, _gamma)
    changed(strength.blur, lambda own, some, _: _blur(some, own.uniform(0.4, 1.5)))
    changed(strength.low_resolution, _low_resolution)
    changed(strength.sharpen, _sharpened)
    changed(strength.ghost, _ghost)
    changed(strength.equalise, _equalised)
    frames = _standardise(frames)
    changed(strength.noise, lambda own, some, _: some + own.normal(*some.shape[1:]) * own.uniform(0.02, 0.3))

    # A circular field of view, zero outside, as GE scanners write it; its centre is the image's, not the heart's.
    centre = draw.normal(1, 1, 2) * 0.12
    radius = draw.uniform(0.6, 1.1)[:, 0]
    outside = ((grid - centre) ** 2).sum(dim=-1).sqrt() > radius
    outside = outside[:, None] & draw.chance(strength.circular_view)
    return torch.where(outside, frames.amin(dim=(2, 3), keepdim=True), frames)


def _tissue_contrast(draw: _Draw, frames: Tensor, target: Tensor) -> Tensor:
    """Return frames as of other sequences and field strengths: each tissue with its own offset and slow variation."""
    tissue = functional.one_hot(target, 4)[..., 1:].float()  # (n, channel, h, w, 3)
    offset = draw.normal(1, 1, 1, 3) * torch.tensor([0.35, 0.25, 0.35], device=frames.device)
    inside = 1 + 0.4 * _smooth_field(draw, size_px=frames.shape[-1], knots=5)
    return frames + _blur((tissue * offset).sum(dim=-1) * inside, draw.uniform(0.5, 1.5))


def _bias_field(draw: _Draw, frames: Tensor, _target: Tensor) -> Tensor:
    """Return a coil's uneven sensitivity, over frames that begin at zero."""
    return frames * torch.exp(0.45 * _smooth_field(draw, size_px=frames.shape[-1], knots=3))


def _gamma(draw: _Draw, frames: Tensor, _target: Tensor) -> Tensor:
    high = frames.amax(dim=(2, 3), keepdim=True).clamp(min=1e-6)
    return (frames / high).clamp(min=0) ** torch.exp(draw.uniform(-0.6, 0.6)) * high


def _sharpened(draw: _Draw, frames: Tensor, _target: Tensor) -> Tensor:
    return frames + (frames - _blur(frames, draw.uniform(0.8, 1.5))) * draw.uniform(0.3, 1.2)


def _ghost(draw: _Draw, frames: Tensor, _target: Tensor) -> Tensor:
    """Return a faint copy, moved along one axis, as breathing and arrhythmia leave it."""
    moved = torch.roll(frames, shifts=int(draw.uniform(12, 60)[0].item()), dims=2)
    return frames + moved * draw.uniform(0.05, 0.25)


def _equalised(draw: _Draw, frames: Tensor, _target: Tensor) -> Tensor:
    """Return frames equalised by contrast-limited adaptive histograms (Zuiderveld, Graphics Gems IV, 1994), or in part.

    Every tile of a frame has a curve from its own histogram; a pixel's value goes through the curves of the four tiles
    around it, interpolated.
    """
    planes = frames.flatten(0, 1)
    count, height, width = planes.shape
    low = planes.amin(dim=(1, 2), keepdim=True)
    span = (planes.amax(dim=(1, 2), keepdim=True) - low).clamp(min=1e-6)
    values = (planes - low) / span
    rows, columns = (torch.arange(length, device=frames.device) for length in (height, width))
    tile = (rows * _TILES // height)[:, None] * _TILES + (columns * _TILES // width)[None]
    level = (values * (_LEVELS - 1)).round().long()
    histogram = torch.zeros(count, _TILES * _TILES * _LEVELS, device=frames.device)
    index = (tile * _LEVELS + level).flatten(1)
    histogram = histogram.scatter_add_(1, index, torch.ones_like(values).flatten(1)).reshape(count, -1, _LEVELS)
    share = histogram / histogram.sum(dim=2, keepdim=True).clamp(min=1)
    limit = draw.uniform(1.5, 6.0).repeat_interleave(frames.shape[1], dim=0)[:, 0] / _LEVELS
    excess = (share - limit).clamp(min=0).sum(dim=2, keepdim=True)
    curves = (share.minimum(limit) + excess / _LEVELS).cumsum(dim=2).reshape(count, 1, _TILES, _TILES, _LEVELS)
    down, across = (
        (((line + 0.5) * _TILES / length - 0.5) / (_TILES - 1) * 2 - 1)
        for line, length in ((rows, height), (columns, width))
    )
    place = torch.stack(
        (
            values * 2 - 1,
            across[None, None, :].expand_as(values),
            down[None, :, None].expand_as(values),
        ),
        dim=-1,
    )
    mapped = functional.grid_sample(curves, place[:, None], padding_mode="border", align_corners=True)
    even = (mapped[:, 0, 0] * span + low).reshape(frames.shape)
    return torch.lerp(frames, even, draw.uniform(0.5, 1.0))


def _low_resolution(draw: _Draw, frames: Tensor, _target: Tensor) -> Tensor:
    factor = float(draw.uniform(1.3, 2.4)[0].item())
    small = functional.interpolate(frames, scale_factor=1 / factor, mode="area")
    return functional.interpolate(small, size=frames.shape[-2:], mode="bilinear", align_corners=False)
