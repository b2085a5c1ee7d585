"""The U-Net: a contracting path of convolutions and max pooling, skip connections, a symmetric expanding path.

After Ronneberger et al., MICCAI 2015, built so that it runs fast as int8: convolution, batch norm and ReLU only,
nearest-neighbour upsampling followed by a 1×1 convolution (transposed convolutions have no integer kernel in ONNX
Runtime), a space-to-depth stem and a depth-to-space head, because full-resolution layers cost most of the time.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 4
STEM = 2  # the first convolution works on every second pixel of a line
CLIP_SD = 4.0  # intensities beyond this many standard deviations carry no anatomy


class FrameNormalisation(nn.Module):
    """Zero mean, unit variance for each frame, clipped; lives in the graph, so the application feeds raw pixels."""

    def forward(self, frames: Tensor) -> Tensor:
        """Map (n, c, h, w), each channel of any linear intensity scale, to ±`CLIP_SD`; a constant channel to zero."""
        mean = frames.mean(dim=(2, 3), keepdim=True)
        centred = frames - mean
        deviation = (centred * centred).mean(dim=(2, 3), keepdim=True).sqrt()
        return (centred / (deviation + 1e-6)).clamp(-CLIP_SD, CLIP_SD)


def _convolutions(channels_in: int, channels_out: int, *, repeats: int = 2) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(repeats):
        layers += [
            nn.Conv2d(channels_in if index == 0 else channels_out, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


class _Up(nn.Module):
    """One step of the expanding path: enlarge, reduce channels, join the skip connection, convolve."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.reduce = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 1, bias=False), nn.BatchNorm2d(channels_out), nn.ReLU(inplace=True)
        )
        self.convolutions = _convolutions(2 * channels_out, channels_out)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        enlarged = functional.interpolate(self.reduce(deep), scale_factor=2.0, mode="nearest")
        joined: Tensor = self.convolutions(torch.cat((enlarged, skip), dim=1))
        return joined


class UNet(nn.Module):
    """Frames (n, inputs, h, w) to class logits (n, 4, h, w); h and w are multiples of `multiple`."""

    def __init__(self, channels: Sequence[int], *, inputs: int) -> None:
        super().__init__()
        self.multiple = 2 ** len(channels)
        self.normalisation = FrameNormalisation()
        self.stem = nn.PixelUnshuffle(STEM)
        widths = (STEM * STEM * inputs, *channels[:-1])
        self.down = nn.ModuleList(_convolutions(a, b) for a, b in zip(widths, channels, strict=True))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(_Up(channels[i], channels[i - 1]) for i in range(len(channels) - 1, 0, -1))
        self.head = nn.Conv2d(channels[0], CLASSES * STEM * STEM, 1)
        self.spread = nn.PixelShuffle(STEM)

    def forward(self, frames: Tensor) -> Tensor:
        """Map frames to logits."""
        logits: Tensor = self.spread(self.head(self._features(self.down[0](self.stem(self.normalisation(frames))))))
        return logits

    def log_odds(self, frames: Tensor) -> Tensor:
        """Map frames to what `forward` gives, less the background's logit, on the sub-grids of the head.

        (n, structure, y step, x step, h / `STEM`, w / `STEM`): element [.., a, b, i, j] is pixel (`STEM` × i + a,
        `STEM` × j + b). Equal to `forward` but for rounding, without the two operations that only move pixels about.
        """
        convolutions = self.down[0]
        assert isinstance(convolutions, nn.Sequential)
        weight = with_stem(self.get_parameter("down.0.0.weight"))
        stem = functional.conv2d(self.normalisation(frames), weight, stride=STEM, padding=STEM)
        logits = torch.unflatten(self.head(self._features(convolutions[1:](stem))), 1, (CLASSES, STEM, STEM))
        return logits[:, 1:] - logits[:, :1]

    def _features(self, features: Tensor) -> Tensor:
        """Return what lies between the first convolutions and the head."""
        skips = [features]
        for convolutions in self.down[1:]:
            features = convolutions(self.pool(features))
            skips.append(features)
        for up, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            features = up(features, skip)
        return features


def with_stem(weight: Tensor) -> Tensor:
    """Return the first convolution's weights with the stem in them: one convolution with a stride of `STEM`."""
    taps = torch.unflatten(weight, 1, (-1, STEM, STEM)).permute(0, 1, 4, 2, 5, 3)  # (out, in, ky, y step, kx, x step)
    return taps.flatten(4, 5).flatten(2, 3)


def without_stem(weight: Tensor) -> Tensor:
    """Return the first convolution's weights of the network; the inverse of `with_stem`."""
    taps = torch.unflatten(torch.unflatten(weight, 3, (-1, STEM)), 2, (-1, STEM))
    return taps.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)
