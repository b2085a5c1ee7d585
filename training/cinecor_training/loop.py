"""The training loop: plain, resumable at any kill, the same on CPU and CUDA.

Every step draws its frames and its augmentation from (seed, step) alone, so a resumed run sees what an
uninterrupted one would have seen.
"""

import csv
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cinecor.errors import InputError
from cinecor_training.augmentation import AugmentationStrength, augment
from cinecor_training.config import TrainingConfig
from cinecor_training.loss import dice_cross_entropy
from cinecor_training.network import UNet
from cinecor_training.store import FrameStore

WEIGHTS_NAME = "model.safetensors"
CONFIG_NAME = "config.json"
RESUME_NAME = "resume.pt"
METRICS_NAME = "metrics.csv"
_STRUCTURES = ("rv", "myo", "lv")


@dataclass(frozen=True, slots=True)
class StepReport:
    """Where the run is; `dice` holds RV, MYO, LV of the averaged weights at evaluation steps."""

    step: int
    steps: int
    loss: float
    seconds_left: float
    dice: tuple[float, float, float] | None


def train(
    config: TrainingConfig,
    *,
    training: FrameStore,
    validation: FrameStore,
    folder: Path,
    listener: Callable[[StepReport], None],
) -> Path:
    """Train, or go on where a killed run stopped, and give the path of the averaged weights (safetensors).

    Raises `InputError` when `folder` holds a run of another config.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, config)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(config.seed)
    inputs = 2 * config.neighbours + 1
    network = UNet(config.channels, inputs=inputs).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = UNet(config.channels, inputs=inputs).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average.load_state_dict(network.state_dict())
    average.eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    first_step = _resume(folder, network, average, optimiser, device)

    images = torch.from_numpy(training.images).to(device)
    labels = torch.from_numpy(training.labels).to(device)
    started = time.monotonic()
    recent: list[float] = []
    for step in range(first_step, config.steps):
        for group in optimiser.param_groups:
            group["lr"] = _learning_rate(config, step)
        batch = _batch_indices(config, step, len(images))
        directions = np.random.default_rng([config.seed, step, 1]).choice((-1, 1), size=config.batch)
        generator = torch.Generator(device=device).manual_seed(config.seed * 10_000_019 + step)
        frames, target = augment(
            _channels(images, training, batch, directions=directions, neighbours=config.neighbours),
            _channels(labels, training, batch, directions=directions, neighbours=config.neighbours),
            size_px=config.size_px,
            strength=AugmentationStrength(),
            generator=generator,
        )
        network.train()
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = network(frames.contiguous(memory_format=torch.channels_last))
        loss = dice_cross_entropy(logits, target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        _update_average(average, network, decay=min(config.average_decay, (step + 1) / (step + 20)))

        recent.append(loss.item())
        done = step + 1
        evaluated = done % config.evaluate_every == 0 or done == config.steps
        if done % 50 == 0 or evaluated:
            pace = (time.monotonic() - started) / (done - first_step)
            dice = stored_dice(average, validation, config=config, device=device) if evaluated else None
            report = StepReport(done, config.steps, float(np.mean(recent)), pace * (config.steps - done), dice)
            _write_metrics(folder, report)
            listener(report)
            recent.clear()
        if done % config.checkpoint_every == 0 or done == config.steps:
            _save_resume(folder, done, network, average, optimiser)
    return _save_weights(folder, average)


def load_network(folder: Path) -> tuple[UNet, TrainingConfig]:
    """Give the averaged network of a finished run, in evaluation mode, and its config."""
    weights, config_file = folder / WEIGHTS_NAME, folder / CONFIG_NAME
    if not (weights.is_file() and config_file.is_file()):
        raise InputError(f"{folder} is no finished training run: {WEIGHTS_NAME} and {CONFIG_NAME} are needed.")
    config = TrainingConfig.from_file(config_file)
    network = UNet(config.channels, inputs=2 * config.neighbours + 1)
    network.load_state_dict(load_file(weights))
    network.eval()
    return network, config


def _channels(
    planes: Tensor, store: FrameStore, frames: NDArray[np.intp], *, directions: NDArray[np.int64], neighbours: int
) -> Tensor:
    """Give each frame with its neighbours, (n, 2 × `neighbours` + 1, canvas, canvas), zero where there is none.

    `directions` (n,) is 1 or −1: a stack may be read from either end, because not every file tells the base.
    """
    parts = []
    for offset in range(-neighbours, neighbours + 1):
        other = store.neighbour(frames, offset=offset * directions)
        part = planes[torch.from_numpy(np.maximum(other, 0)).to(planes.device)]
        parts.append(part * torch.from_numpy(other >= 0).to(planes.device)[:, None, None])
    return torch.stack(parts, dim=1)


def stored_dice(
    network: nn.Module, store: FrameStore, *, config: TrainingConfig, device: torch.device
) -> tuple[float, float, float]:
    """Give RV, MYO, LV Dice over all pixels of a store's centre windows: a quick look, not a published figure."""
    margin = (store.images.shape[-1] - config.size_px) // 2
    inner = slice(margin, margin + config.size_px)
    images = torch.from_numpy(store.images[:, inner, inner])
    counts = np.zeros((3, 2))
    for start in range(0, len(store.images), 32):
        indices = np.arange(start, min(start + 32, len(store.images)))
        forwards = np.ones(len(indices), np.int64)
        frames = _channels(images, store, indices, directions=forwards, neighbours=config.neighbours).float()
        with torch.no_grad():
            guess = network(frames.to(device)).argmax(dim=1).cpu().numpy()
        truth = store.labels[start : start + 32, inner, inner]
        for index in range(3):
            a, b = guess == index + 1, truth == index + 1
            counts[index] += (2 * np.count_nonzero(a & b), np.count_nonzero(a) + np.count_nonzero(b))
    rv, myo, lv = (float(twice / max(total, 1)) for twice, total in counts)
    return rv, myo, lv


def _claim(folder: Path, config: TrainingConfig) -> None:
    path = folder / CONFIG_NAME
    if path.is_file():
        if TrainingConfig.from_file(path) != config:
            raise InputError(f"{folder} holds a run with another config; choose another --out or the same settings.")
        return
    path.write_text(json.dumps(config.model_dump(mode="json"), indent=2) + "\n")


def _learning_rate(config: TrainingConfig, step: int) -> float:
    """Linear warm-up, then a cosine to zero."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    share = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


def _batch_indices(config: TrainingConfig, step: int, frames: int) -> NDArray[np.intp]:
    """Walk through a new permutation every epoch; a batch may straddle two."""
    positions = np.arange(step * config.batch, (step + 1) * config.batch)
    epochs = {int(epoch) for epoch in positions // frames}
    orders = {epoch: np.random.default_rng([config.seed, epoch]).permutation(frames) for epoch in epochs}
    return np.array([orders[int(position // frames)][position % frames] for position in positions])


@torch.no_grad()
def _update_average(average: nn.Module, network: nn.Module, *, decay: float) -> None:
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new.to(kept.dtype), 1 - decay)
        else:
            kept.copy_(new)


def _save_resume(
    folder: Path, step: int, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    state = {
        "step": step,
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    temporary = folder / f"{RESUME_NAME}.part"
    torch.save(state, temporary)
    os.replace(temporary, folder / RESUME_NAME)  # noqa: PTH105


def _resume(
    folder: Path, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device
) -> int:
    path = folder / RESUME_NAME
    if not path.is_file():
        return 0
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    network.load_state_dict(state["network"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _save_weights(folder: Path, average: nn.Module) -> Path:
    path = folder / WEIGHTS_NAME
    temporary = folder / f"{WEIGHTS_NAME}.part"
    save_file({name: value.contiguous().cpu() for name, value in average.state_dict().items()}, temporary)
    os.replace(temporary, path)  # noqa: PTH105
    return path


def _write_metrics(folder: Path, report: StepReport) -> None:
    path = folder / METRICS_NAME
    new = not path.is_file()
    with path.open("a", newline="") as stream:
        writer = csv.writer(stream)
        if new:
            writer.writerow(("step", "loss", *(f"dice_{name}" for name in _STRUCTURES)))
        dice = report.dice or ("", "", "")
        writer.writerow((report.step, f"{report.loss:.5f}", *(f"{d:.4f}" if d != "" else "" for d in dice)))
