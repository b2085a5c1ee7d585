"""The mean of several runs' weights."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.checkpoint import save_weights
from cinecor_training.loop import load_network
from cinecor_training.run_folder import RunFolder

# What may differ between runs whose mean makes sense; most of all not what the network sees.
_MAY_DIFFER = {
    "augmentation",
    "checkpoint_every",
    "conventions",
    "crop_px",
    "data",
    "evaluate_every",
    "learning_rate",
    "seed",
    "shares",
    "split",
    "start",
    "steps",
    "warmup_steps",
}


@torch.no_grad()
def average_runs(runs: Sequence[Path], out: Path) -> Path:
    """Write a run folder with the mean of the weights of `runs` and give the path of the weights (safetensors).

    Batch norms' statistics are averaged like weights: the runs share their beginning, so theirs are close. Raises
    `InputError` for fewer than two runs, unfinished ones, and runs of different networks or patients.
    """
    if len(runs) < 2:
        raise InputError(Message("average_of_one", "An average needs at least two runs."))
    opened = [load_network(folder) for folder in runs]
    network, config = opened[0]
    for folder, (_, other) in zip(runs, opened, strict=True):
        wrong = [
            name
            for name in type(config).model_fields
            if name not in _MAY_DIFFER and getattr(other, name) != getattr(config, name)
        ]
        if wrong:
            raise InputError(
                Message(
                    "runs_differ",
                    "{folder}: {wrong} differs from {run}; average runs of one network.",
                    folder=folder,
                    wrong=", ".join(wrong),
                    run=runs[0],
                )
            )
        if _split(folder) != _split(runs[0]):
            raise InputError(
                Message(
                    "runs_on_other_patients",
                    "{folder} was trained on other patients than {run}; average runs of one split.",
                    folder=folder,
                    run=runs[0],
                )
            )
    states = [other.state_dict() for other, _ in opened]
    mean = {
        name: torch.stack([state[name].double() for state in states]).mean(dim=0).to(value.dtype)
        for name, value in states[0].items()
    }
    network.load_state_dict(mean)
    place = RunFolder(out)
    # What the runs learnt of other conventions is left behind: the mean draws by the first.
    place.claim(config.model_copy(update={"conventions": ()}))
    if RunFolder(runs[0]).split.is_file():
        shutil.copyfile(RunFolder(runs[0]).split, place.split)
    save_weights(network, place.weights)
    return place.weights


def _split(folder: Path) -> bytes | None:
    file = RunFolder(folder).split
    return file.read_bytes() if file.is_file() else None
