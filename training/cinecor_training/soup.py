"""The mean of several runs' weights."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.checkpoint import save_tensors, save_weights
from cinecor_training.data.split import Split
from cinecor_training.loop import load_network
from cinecor_training.run_folder import RunFolder

_SIDES = ("training", "validation")
# What may differ between runs whose mean makes sense; most of all not what the network sees.
_MAY_DIFFER = {
    "augmentation",
    "average_with_start",
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
    """Write a run folder with the mean of the weights of `runs` and return the path of the weights (safetensors).

    A run that is named twice counts twice. Batch norms' statistics are averaged like weights: the runs share their
    beginning, so theirs are close. So are the offsets of conventions; a run that knows none has none of them. Patients
    and data of all runs are put together, and the start that they share is the mean's: under the terms of both it goes
    on. Raises `InputError` for fewer than two runs, unfinished ones, and runs of different
    networks or conventions, or of which one trained on a patient that another validated on.
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
    split = _joined([Split.from_file(RunFolder(folder).split) for folder in runs if RunFolder(folder).split.is_file()])
    knowing = [(folder, other) for folder, (_, other) in zip(runs, opened, strict=True) if other.conventions]
    if len({other.conventions for _, other in knowing}) > 1:
        raise InputError(
            Message("conventions_differ", "The runs learnt different conventions; average runs of the same.")
        )
    network.load_state_dict(_mean([other.state_dict() for other, _ in opened], count=len(runs)))
    place = RunFolder(out)
    configs = [other for _, other in opened]
    starts = {other.start for other in configs if other.start is not None}
    kept = {
        "start": starts.pop() if len(starts) == 1 else None,
        "average_with_start": 0,
        "data": tuple(dict.fromkeys(one for other in configs for one in other.data)),
    }
    place.claim((knowing[0][1] if knowing else config).model_copy(update=kept))
    if split is not None:
        place.keep_split(split)
    if knowing:
        offsets = [load_file(RunFolder(folder).offsets) for folder, _ in knowing]
        save_tensors(_mean(offsets, count=len(runs)), place.offsets)
    save_weights(network, place.weights)
    return place.weights


def _mean(states: Sequence[dict[str, Tensor]], *, count: int) -> dict[str, Tensor]:
    """Return the mean of `states` and, up to `count`, of states that are zero."""
    return {
        name: (torch.stack([state[name].double() for state in states]).sum(dim=0) / count).to(value.dtype)
        for name, value in states[0].items()
    }


def _joined(splits: Sequence[Split]) -> Split | None:
    """Return the patients of all splits; raises `InputError` when somebody trained one and validates another."""
    if not splits:
        return None
    training, validation = ({name for split in splits for name in getattr(split, side)} for side in _SIDES)
    both = sorted(training & validation)
    if both:
        raise InputError(
            Message(
                "patient_on_both_sides",
                "{patient} trained one of the runs and validates another; average runs of one split.",
                patient=both[0],
            )
        )
    rules = dict.fromkeys(split.rule for split in splits)
    return Split("; ".join(rules), tuple(sorted(training)), tuple(sorted(validation)))
