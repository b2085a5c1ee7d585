"""Where an interrupted run goes on: all tensors as safetensors, and a small JSON file that says which and when.

The JSON file is replaced last and names the tensors' file, so at any kill it points to a complete one.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from cinecor.durable_file import UNFINISHED, replace_file
from cinecor.errors import InputError
from cinecor.failure import first_line
from cinecor.message import Message

CHECKPOINT_NAME: Final = "checkpoint.json"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class TrainingState:
    """The three things that a step changes; `load` fills them in place."""

    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer

    def tensors(self) -> dict[str, Tensor]:
        """Return every tensor by a name that says whose it is."""
        named = {
            **{f"network.{name}": value for name, value in self.network.state_dict().items()},
            **{f"average.{name}": value for name, value in self.average.state_dict().items()},
        }
        for index, values in self.optimiser.state_dict()["state"].items():
            named |= {f"optimiser.{index}.{name}": value for name, value in values.items()}
        return {name: value.detach().cpu().contiguous() for name, value in named.items()}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Take over what `tensors` gave."""
        for part, module in (("network", self.network), ("average", self.average)):
            module.load_state_dict(
                {name.partition(".")[2]: value for name, value in tensors.items() if name.startswith(f"{part}.")}
            )
        parameters = list(self.network.parameters())
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            part, _, rest = name.partition(".")
            if part == "optimiser":
                index, _, what = rest.partition(".")
                moments.setdefault(int(index), {})[what] = _like(value, parameters[int(index)])
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": moments, "param_groups": groups})


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run must know beside its tensors to go on exactly."""

    step: int  # steps done
    losses: tuple[float, ...]  # since the last row of the metrics
    data: str  # fingerprint of what it learns from

    def save(self, folder: Path, state: TrainingState) -> None:
        """Write tensors, then the JSON file, then remove earlier tensors and what a kill left."""
        tensors = folder / f"checkpoint-{self.step:07d}.safetensors"
        replace_file(tensors, save(state.tensors()))
        facts = {"version": _VERSION, "step": self.step, "tensors": tensors.name, "losses": self.losses}
        path = folder / CHECKPOINT_NAME
        replace_file(path, (json.dumps({**facts, "data": self.data}, indent=1) + "\n").encode())
        for stale in (*folder.glob("checkpoint-*.safetensors*"), *folder.glob(f"{UNFINISHED}*")):
            if stale != tensors:
                stale.unlink()


def resume(folder: Path, state: TrainingState, *, data: str) -> Checkpoint:
    """Bring `state` to the last checkpoint in `folder` and give it; step 0 when there is none.

    Raises `InputError` when the run learnt from other data, or the checkpoint is damaged.
    """
    path = folder / CHECKPOINT_NAME
    if not path.is_file():
        return Checkpoint(0, (), data)
    try:
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found = Checkpoint(int(facts["step"]), tuple(facts["losses"]), str(facts["data"]))
        if found.data != data:
            raise InputError(
                Message(
                    "run_on_other_data",
                    "{folder} holds a run on other data; choose another --out or the same data.",
                    folder=folder,
                )
            )
        state.load(load_file(folder / facts["tensors"]))
    except InputError:
        raise
    except Exception as error:  # safetensors has an exception of its own, torch raises RuntimeError and KeyError
        raise InputError(
            Message(
                "checkpoint_damaged",
                "{path} is damaged ({reason}); start anew in another --out.",
                path=path,
                reason=first_line(error),
            )
        ) from error
    return found


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights as safetensors, whole or not at all."""
    save_tensors(network.state_dict(), path)


def save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """Write tensors by name as safetensors, whole or not at all."""
    replace_file(path, save({name: value.cpu().contiguous() for name, value in tensors.items()}))


def _like(value: Tensor, parameter: Tensor) -> Tensor:
    """Return `value` with the memory layout of its parameter: kernels may round differently on another layout."""
    if value.shape != parameter.shape:
        return value
    return torch.empty_like(parameter, dtype=value.dtype, device="cpu").copy_(value)
