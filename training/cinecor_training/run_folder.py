"""The folder of one training run: what lies in it under which name, and whose it is."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cinecor.durable_file import replace_file
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.checkpoint import CHECKPOINT_NAME
from cinecor_training.config import TrainingConfig, config_problems
from cinecor_training.data.split import Split


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The places in a run's folder."""

    path: Path

    @property
    def config(self) -> Path:
        """The recipe."""
        return self.path / "config.json"

    @property
    def weights(self) -> Path:
        """The averaged weights of a finished run."""
        return self.path / "model.safetensors"

    @property
    def offsets(self) -> Path:
        """What other conventions than the first add to the weights, where the run learnt several."""
        return self.path / "conventions.safetensors"

    @property
    def metrics(self) -> Path:
        """One row every 50 steps."""
        return self.path / "metrics.csv"

    @property
    def tensorboard(self) -> Path:
        """The same for TensorBoard."""
        return self.path / "tensorboard"

    @property
    def arithmetic(self) -> Path:
        """In what it calculates, float32 or bfloat16, and why."""
        return self.path / "arithmetic.json"

    @property
    def split(self) -> Path:
        """Which patients train and which validate."""
        return self.path / "split.json"

    @property
    def bad_cases(self) -> Path:
        """Which cases were left out, and why."""
        return self.path / "bad_cases.csv"

    @property
    def provenance(self) -> Path:
        """Which signed readings of the site it learnt from or was judged by, and by what right."""
        return self.path / "provenance.csv"

    @property
    def store(self) -> Path:
        """The frames, unless they are kept elsewhere."""
        return self.path / "store"

    @property
    def trained(self) -> bool:
        """Whether a run left something here to go on from: a checkpoint, or weights."""
        return (self.path / CHECKPOINT_NAME).is_file() or self.weights.is_file()

    def read_config(self) -> TrainingConfig:
        """Read the recipe; raises `InputError`, which names the settings at fault."""
        try:
            return TrainingConfig.from_file(self.config)
        except ValidationError as error:
            raise InputError(
                Message(
                    "run_config_damaged",
                    "{config} is damaged or no config of a training run ({problems}); name another run.",
                    config=self.config,
                    problems="; ".join(config_problems(error)),
                )
            ) from error

    def claim(self, config: TrainingConfig) -> None:
        """Write the config into a folder in which nothing was trained yet.

        Raises `InputError` when the folder holds a run of another recipe, or of one that cannot be read.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if not (self.trained and self.config.is_file()):
            replace_file(self.config, (config.model_dump_json(indent=2) + "\n").encode())
            return
        kept = self.read_config()
        if not kept.same_recipe(config):
            there, here = kept.model_dump(mode="json"), config.model_dump(mode="json")
            different = [
                f"{name} {there[name]} there, {here[name]} here"
                for name in there
                if name not in ("data", "split") and there[name] != here[name]
            ]
            raise InputError(
                Message(
                    "run_with_other_config",
                    "{path} holds a run with another config ({different}); choose another --out or the same settings.",
                    path=self.path,
                    different="; ".join(different),
                )
            )

    def keep_split(self, split: Split) -> None:
        """Write the split of a new run; raises `InputError` when an interrupted run here had other patients."""
        if not (self.trained and self.split.is_file()):
            split.write(self.split)
            return
        kept = Split.from_file(self.split)
        changed = sorted(
            set(kept.training) ^ set(split.training) | set(kept.validation) ^ set(split.validation),
        )
        if changed:
            raise InputError(
                Message(
                    "run_on_other_patients",
                    "{path} holds a run on other patients: {changed} changed, {count} in all; choose another --out or "
                    "the same data.",
                    path=self.path,
                    changed=", ".join(changed[:5]),
                    count=len(changed),
                )
            )
