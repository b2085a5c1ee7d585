"""Whether this computer has the memory and the disk that a run needs, told before the run starts."""

import os
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_training.config import TrainingConfig

if TYPE_CHECKING:
    from cinecor_training.arithmetic import Arithmetic

_GIB: Final = 1024**3
_PIXEL_BYTES: Final = 3  # of the store: float16 image, uint8 label
_STATE_COPIES: Final = 5  # weights, their average, gradients, two moments of AdamW, float32 each
_CHECKPOINT_COPIES: Final = 2 * 4 + 1  # two checkpoints of four tensors a weight for a moment, and the final weights
_LIBRARY_BYTES: Final = 400 * 1024**2  # PyTorch and NumPy themselves
# Bytes a pixel of a batch at the peak of the two halves of a step, measured on CPU for five recipes (within 10 %).
_AUGMENTATION_BYTES: Final = 500
_AUGMENTATION_BYTES_PER_INPUT: Final = 30
_ACTIVATION_BYTES: Final = {"bfloat16": 11, "float32": 19}  # a channel of the network, at the channel's own resolution
TYPICAL_SLICES: Final = 12  # of a case whose files were not read yet


@dataclass(frozen=True, slots=True)
class Need:
    """What a run will take, in bytes."""

    memory: int
    store_disk: int
    run_disk: int


def estimate(config: TrainingConfig, *, frames: int, arithmetic: "Arithmetic") -> Need:
    """Return what a run on so many frames takes in this arithmetic; memory within about a fifth, disk closely."""
    inputs = 2 * config.neighbours + 1
    parameters = _parameters(config.channels, inputs=inputs)
    pixels = config.batch * (config.crop_px or config.size_px) ** 2
    # Each level of the network has a quarter of the pixels of the one before; the stem takes the first quarter.
    channels = sum(channels / 4**level for level, channels in enumerate(config.channels))
    activations = _ACTIVATION_BYTES[arithmetic] * channels
    augmentation = _AUGMENTATION_BYTES + _AUGMENTATION_BYTES_PER_INPUT * inputs
    return Need(
        memory=_LIBRARY_BYTES
        + _STATE_COPIES * 4 * parameters
        + config.batch * inputs * config.canvas_px**2 * 8
        + int(pixels * max(augmentation, activations)),
        store_disk=frames * config.canvas_px**2 * _PIXEL_BYTES,
        run_disk=_CHECKPOINT_COPIES * 4 * parameters,
    )


def require_disk(folder: Path, *, needed: int, what: str) -> None:
    """Raise `UsageError` when the disk under `folder` has less than `needed` bytes free."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise UsageError(
            Message(
                "disk_too_small",
                "{what} needs about {needed} of disk, {folder} has {free} free; free some space or name another "
                "folder.",
                what=what,
                needed=_size(needed),
                folder=folder,
                free=_size(free),
            )
        )


def require_memory(*, needed: int, available: int | None, device: str) -> None:
    """Raise `UsageError` when less than `needed` bytes of memory are `available`; None: it cannot be known."""
    if available is not None and needed > available:
        raise UsageError(
            Message(
                "memory_too_small",
                "A step needs about {needed} of {device} memory, {available} are free; close other programs or use a "
                "smaller batch, size_px or channels.",
                needed=_size(needed),
                device=device,
                available=_size(available),
            )
        )


def available_memory() -> int | None:
    """Return the bytes of main memory that a new program can have; None where the system does not tell."""
    linux = Path("/proc/meminfo")
    if linux.is_file():
        lines = linux.read_text().splitlines()
        free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
        limit = _container_limit()
        return limit if free is None else free if limit is None else min(free, limit)
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # macOS: all memory is as much as it tells
    return None


def _container_limit() -> int | None:
    """Return what a container (cgroup 2) may still take; None without a limit."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = (folder / name for name in ("memory.max", "memory.current"))
        return int(limit.read_text()) - int(used.read_text())
    except (OSError, ValueError):  # no cgroup 2, or “max”
        return None


def _parameters(channels: tuple[int, ...], *, inputs: int) -> int:
    """Count the weights of the U-Net of `network`, to a few percent."""
    widths = (4 * inputs, *channels)
    down = sum(9 * b * (a + b) for a, b in pairwise(widths))
    up = sum(b * a + 9 * b * 2 * b + 9 * b * b for b, a in pairwise(channels))
    return down + up + 16 * channels[0]


def _size(count: int) -> str:
    return f"{count / _GIB:.1f} GiB"
