"""The training loop: plain, resumable at any kill, the same on CPU and CUDA.

Every step draws its frames and its augmentation from (seed, step) alone, so a resumed run sees what an
uninterrupted one would have seen.
"""

import copy
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from cinecor.errors import InputError, UsageError
from cinecor.failure import first_line
from cinecor.message import Message
from cinecor_training.arithmetic import ArithmeticChoice, autocast, settle_arithmetic
from cinecor_training.augmentation import augment
from cinecor_training.checkpoint import Checkpoint, TrainingState, resume, save_weights
from cinecor_training.config import TrainingConfig
from cinecor_training.conventions import Conventions, fold
from cinecor_training.data.case import STRUCTURES
from cinecor_training.loss import dice_cross_entropy
from cinecor_training.metrics import MetricsFile, StepReport, TensorBoardLog
from cinecor_training.network import UNet
from cinecor_training.run_folder import RunFolder
from cinecor_training.sampling import sampling
from cinecor_training.start import start_from
from cinecor_training.store import FrameStore

_RECORD_EVERY = 50  # steps
_SAMPLE = 96  # frames that tell how intensities are spread inside the network
_OFFSET_PACE = 10.0  # of the learning rate: offsets begin at nothing, the weights often at another run's
_DEVICE_SHARE = 0.5  # of a GPU's free memory that the frames may take


def train(
    config: TrainingConfig,
    *,
    training: FrameStore,
    validation: FrameStore,
    folder: Path,
    listener: Callable[[StepReport], None],
    until: int | None = None,
    chosen: ArithmeticChoice | None = None,
) -> Path:
    """Train, or go on where a killed run stopped, and give the path of the averaged weights (safetensors).

    `until` stops after that many steps with a checkpoint and the weights as they are then; the schedule stays that of
    the whole run, which can go on later. Then these weights go first: whoever finds weights may take the run for
    finished. `chosen` is what `settle_arithmetic` gave for this folder; without it, it is settled here.

    Raises `InputError` when `folder` holds a run of another config or on other data, `UsageError` when the recipe
    makes the loss infinite.
    """
    run = RunFolder(folder)
    run.claim(config)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    arithmetic = (chosen or settle_arithmetic(config, run, device=device)).arithmetic
    torch.manual_seed(config.seed)
    state = _initial_state(config, device, training)
    network, average, optimiser = state.network, state.average, state.optimiser
    start = copy.deepcopy(average.state_dict()) if config.average_with_start else {}
    checkpoint = resume(folder, state, data=training.fingerprint)
    last = config.steps if until is None else min(until, config.steps)
    if 0 < checkpoint.step < last:
        run.weights.unlink(missing_ok=True)
    metrics = MetricsFile(run.metrics, step=checkpoint.step)
    curves = TensorBoardLog(run.tensorboard, step=checkpoint.step)
    images, labels = _placed(training, device)
    drawing = sampling(
        training.drawn, sources=training.sources, shares=config.shares, batch=config.batch, seed=config.seed
    )
    conventions = torch.from_numpy(_conventions(training, config)).to(device)
    known = None if training.fully_known else torch.from_numpy(_known_structures(training)).to(device)
    started, recent = time.monotonic(), list(checkpoint.losses)
    for step in range(checkpoint.step, last):
        for group in optimiser.param_groups:
            group["lr"] = _learning_rate(config, step) * group["pace"]
        batch = drawing.batch(step)
        directions = np.random.default_rng([config.seed, step, 1]).choice((-1, 1), size=config.batch)
        generator = torch.Generator(device=device).manual_seed(config.seed * 10_000_019 + step)
        frames, target = augment(
            _channels(images, training, batch, directions=directions, neighbours=config.neighbours).to(device),
            _channels(labels, training, batch, directions=directions, neighbours=config.neighbours).to(device),
            size_px=config.crop_px or config.size_px,
            strength=config.augmentation,
            generator=generator,
        )
        network.train()
        with autocast(arithmetic, device):
            logits = _logits(
                network,
                frames.contiguous(memory_format=torch.channels_last),
                conventions=conventions[torch.from_numpy(batch)],
            )
        loss = dice_cross_entropy(logits, target, known=None if known is None else known[torch.from_numpy(batch)])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        _update_average(average, network, decay=min(config.average_decay, (step + 1) / (step + 20)))

        recent.append(loss.item())
        if not math.isfinite(recent[-1]):
            raise UsageError(
                Message(
                    "loss_not_finite",
                    "The loss is not finite at step {step}; use a lower learning_rate.",
                    step=step + 1,
                )
            )
        done = step + 1
        evaluated = done % config.evaluate_every == 0 or done == last
        recorded = done % _RECORD_EVERY == 0 or evaluated
        pace = (time.monotonic() - started) / (done - checkpoint.step)
        report = StepReport(
            done,
            config.steps,
            float(np.mean(recent)),
            _learning_rate(config, step),
            pace * (last - done),
            stored_dice(_with_start(average, start, config), validation, config=config, device=device)
            if evaluated
            else None,
            recorded,
        )
        if recorded:
            metrics.add(report)
            curves.add(report)
            recent.clear()
        listener(report)
        if done % config.checkpoint_every == 0 or done == last:
            Checkpoint(done, tuple(recent), training.fingerprint).save(folder, state)
    curves.close()
    return _kept(_with_start(average, start, config), run)


@torch.no_grad()
def _with_start(average: nn.Module, start: Mapping[str, Tensor], config: TrainingConfig) -> nn.Module:
    """Return the network whose weights lie between the averaged ones and those at the start (WiSE-FT).

    Wortsman et al., CVPR 2022: on what it was fine-tuned for it keeps most of the gain, and on everything else it
    forgets little. Batch norms' statistics are averaged like weights, as those of `soup` are.
    """
    if not start:
        return average
    between = copy.deepcopy(average)
    for name, kept in between.state_dict().items():
        if kept.dtype.is_floating_point:
            kept.lerp_(start[name].to(kept.dtype), config.average_with_start)
    return between


def _kept(average: nn.Module, run: RunFolder) -> Path:
    """Write the averaged weights, and what other conventions than the first add to them; give the weights' path."""
    if isinstance(average, Conventions):
        save_weights(average.offsets, run.offsets)
        average = average.network
    save_weights(average, run.weights)
    return run.weights


def load_network(folder: Path, *, convention: str | None = None) -> tuple[UNet, TrainingConfig]:
    """Return the averaged network of a finished run, in evaluation mode, and its config.

    It draws by the convention of inference, or by that of the source which `convention` names. Raises `InputError` when
    there is none, when a file is damaged, or when the weights are not of the config's network; `UsageError` for a
    convention that the run did not learn.
    """
    run = RunFolder(folder)
    if not (run.weights.is_file() and run.config.is_file()):
        raise InputError(
            Message(
                "run_not_finished",
                "{folder} is no finished training run: {weights} and {config} are needed.",
                folder=folder,
                weights=run.weights.name,
                config=run.config.name,
            )
        )
    config = run.read_config()
    network = UNet(config.channels, inputs=2 * config.neighbours + 1)
    try:
        network.load_state_dict(load_file(run.weights))
        if convention is not None:
            _take_convention(network, run, number=_convention_number(config, convention))
    except SafetensorError as error:
        raise InputError(
            Message(
                "weights_damaged",
                "{weights} is damaged or no safetensors file ({reason}); train the run again.",
                weights=run.weights,
                reason=first_line(error),
            )
        ) from error
    except RuntimeError as error:  # torch's, over many lines
        raise InputError(
            Message(
                "weights_of_other_network",
                "{weights} is of another network than {config} beside it says; restore the file that the run wrote, "
                "or train again.",
                weights=run.weights,
                config=run.config.name,
            )
        ) from error
    network.eval()
    return network, config


def _initial_state(config: TrainingConfig, device: torch.device, training: FrameStore) -> TrainingState:
    inputs = 2 * config.neighbours + 1
    network = UNet(config.channels, inputs=inputs)
    if config.start is not None:
        start_from(network, config.start, sample=_sample(training, config=config))
    learnt, average = (_conventional(net, config) for net in (network, UNet(config.channels, inputs=inputs)))
    learnt, average = (net.to(device, memory_format=torch.channels_last) for net in (learnt, average))  # type: ignore[call-overload]
    if isinstance(learnt, Conventions):
        _take_offsets(learnt, config)
    average.load_state_dict(learnt.state_dict())
    average.eval()
    offsets = list(learnt.offsets) if isinstance(learnt, Conventions) else []
    groups = [
        {"params": [value for value in learnt.parameters() if all(value is not own for own in offsets)], "pace": 1.0},
        *([{"params": offsets, "pace": _OFFSET_PACE, "weight_decay": 0.0}] if offsets else []),
    ]
    optimiser = torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=config.weight_decay)
    return TrainingState(learnt, average, optimiser)


def _take_offsets(learnt: Conventions, config: TrainingConfig) -> None:
    """Begin with the offsets of the run that the weights come from, for the conventions that it knew too."""
    if config.start is None or not RunFolder(config.start).offsets.is_file():
        return
    start = RunFolder(config.start)
    saved, known = load_file(start.offsets), start.read_config().conventions
    with torch.no_grad():
        for row, name in enumerate(config.conventions):
            if name in known:
                for index, offset in enumerate(learnt.offsets):
                    offset[row] = saved[str(index)][known.index(name)]


def _conventional(network: UNet, config: TrainingConfig) -> nn.Module:
    return Conventions(network, 1 + len(config.conventions)) if config.conventions else network


def _conventions(store: FrameStore, config: TrainingConfig) -> NDArray[np.int64]:
    """Return by which convention each frame is drawn: 0, or the number of its source among the config's, from 1."""
    numbers = {name: number for number, name in enumerate(config.conventions, start=1)}
    sources = (patient.partition("/")[0] for patient in store.patients)
    return np.fromiter((numbers.get(source, 0) for source in sources), np.int64, len(store.patients))


def _convention_number(config: TrainingConfig, name: str) -> int:
    if name not in config.conventions:
        known = ", ".join(config.conventions) or "none beside its own"
        raise UsageError(
            Message(
                "convention_unknown", "The run learnt no convention “{name}”; it knows {known}.", name=name, known=known
            )
        )
    return config.conventions.index(name) + 1


def _take_convention(network: UNet, run: RunFolder, *, number: int) -> None:
    if not run.offsets.is_file():
        raise InputError(
            Message(
                "offsets_missing",
                "{offsets} is missing: what the run learnt of conventions; train the run again.",
                offsets=run.offsets,
            )
        )
    saved = load_file(run.offsets)
    fold(network, [saved[str(index)] for index in range(len(saved))], convention=number)


def _logits(network: nn.Module, frames: Tensor, *, conventions: Tensor) -> Tensor:
    logits: Tensor = network(frames, conventions) if isinstance(network, Conventions) else network(frames)
    return logits


def _placed(store: FrameStore, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return images and labels as tensors: on the GPU when they fit there, else mapped from the disk."""
    images, labels = torch.from_numpy(store.images), torch.from_numpy(store.labels)
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if images.nbytes + labels.nbytes <= _DEVICE_SHARE * free:
            return images.to(device), labels.to(device)
    return images, labels


def _known_structures(store: FrameStore) -> NDArray[np.bool_]:
    """Return (frame, structure) which of RV, MYO and LV are labelled."""
    return np.stack([(store.known >> label) & 1 for label in STRUCTURES], axis=1).astype(bool)


def _channels(
    planes: Tensor, store: FrameStore, frames: NDArray[np.intp], *, directions: NDArray[np.int64], neighbours: int
) -> Tensor:
    """Return each frame with its neighbours, (n, 2 × `neighbours` + 1, canvas, canvas), zero where there is none.

    `directions` (n,) is 1 or −1: a stack may be read from either end, because not every file tells the base.
    """
    parts = []
    for offset in range(-neighbours, neighbours + 1):
        other = store.neighbour(frames, offset=offset * directions)
        part = planes[torch.from_numpy(np.maximum(other, 0)).to(planes.device)]
        parts.append(part * torch.from_numpy(other >= 0).to(planes.device)[:, None, None])
    return torch.stack(parts, dim=1)


def _sample(store: FrameStore, *, config: TrainingConfig) -> Tensor:
    """Return some frames as they are, spread over the store: (n, inputs, size, size)."""
    margin = (store.images.shape[-1] - config.size_px) // 2
    inner = slice(margin, margin + config.size_px)
    frames = store.drawn[:: max(1, len(store.drawn) // _SAMPLE)]
    forwards = np.ones(len(frames), np.int64)
    images = torch.from_numpy(store.images[:, inner, inner])
    return _channels(images, store, frames, directions=forwards, neighbours=config.neighbours).float()


def stored_dice(
    network: nn.Module, store: FrameStore, *, config: TrainingConfig, device: torch.device
) -> tuple[float, float, float]:
    """Return RV, MYO, LV Dice over all pixels of a store's centre windows: a quick look, not a published figure.

    A structure counts only in the frames where it is known.
    """
    margin = (store.images.shape[-1] - config.size_px) // 2
    inner = slice(margin, margin + config.size_px)
    images = torch.from_numpy(store.images[:, inner, inner])
    known = _known_structures(store)
    conventions = torch.from_numpy(_conventions(store, config)).to(device)
    counts = np.zeros((3, 2))
    for start in range(0, len(store.drawn), 32):
        indices = store.drawn[start : start + 32]
        forwards = np.ones(len(indices), np.int64)
        frames = _channels(images, store, indices, directions=forwards, neighbours=config.neighbours).float()
        with torch.no_grad():
            own = conventions[torch.from_numpy(indices)]
            guess = _logits(network, frames.to(device), conventions=own).argmax(dim=1).cpu().numpy()
        truth = store.labels[indices, inner, inner]
        for index, label in enumerate(STRUCTURES):
            here = known[indices, index]
            a, b = guess[here] == label, truth[here] == label
            counts[index] += (2 * np.count_nonzero(a & b), np.count_nonzero(a) + np.count_nonzero(b))
    rv, myo, lv = (float(twice / max(total, 1)) for twice, total in counts)
    return rv, myo, lv


def _learning_rate(config: TrainingConfig, step: int) -> float:
    """Return the rate at a step: a linear warm-up, then a cosine to zero."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    share = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


@torch.no_grad()
def _update_average(average: nn.Module, network: nn.Module, *, decay: float) -> None:
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new.to(kept.dtype), 1 - decay)
        else:
            kept.copy_(new)
