"""Choices of device that were measured before, kept on disk for as long as nothing they depend on changes."""

import contextlib
import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from cinecor.durable_file import UNFINISHED, replace_file
from cinecor.errors import OutputError
from cinecor.inference.device.chosen_device import DeviceChoice, Trial
from cinecor.inference.device.hardware import Hardware
from cinecor.inference.package.manifest import Precision

_RULES: Final = 3  # grows when a choice is made by other rules
_SURELY_LEFT_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything a measured choice depends on."""

    model_sha256: str
    device: str  # that could be chosen from: "auto", "cuda", or "cpu" where there is nothing else
    precision: Precision | None  # the one asked for; None: any
    hardware: Hardware
    onnx_runtime: str
    providers: tuple[str, ...]  # that could run
    rules: int = _RULES

    @property
    def key(self) -> str:
        """A name that differs as soon as one of them does."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:24]


class ChoiceRecord:
    """The folder that keeps choices; when it cannot be read or written, they are measured again each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, circumstances: Circumstances) -> DeviceChoice | None:
        """Return the choice made under the same circumstances, if there is one."""
        try:
            kept = _CHOICE.validate_python(json.loads(self._path(circumstances).read_bytes())["choice"])
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return None
        trials = (Trial(one.provider, one.precision, one.ms_per_frame, one.least_dice) for one in kept.trials)
        return DeviceChoice(kept.provider, kept.precision, tuple(trials))

    def write(self, circumstances: Circumstances, choice: DeviceChoice) -> None:
        """Keep a choice in which no device failed; a folder that cannot be written to is no failure."""
        trials = (_KeptTrial(one.provider, one.precision, one.ms_per_frame, one.least_dice) for one in choice.trials)
        kept = _KeptChoice(choice.provider, choice.precision, tuple(trials))
        document: dict[str, Any] = {"circumstances": asdict(circumstances), "choice": asdict(kept)}
        with contextlib.suppress(OSError, OutputError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in self._folder.glob(f"{UNFINISHED}*"):  # what a killed run left, not what another writes now
                if time.time() - path.stat().st_mtime > _SURELY_LEFT_S:
                    path.unlink(missing_ok=True)
            replace_file(self._path(circumstances), (json.dumps(document, indent=2) + "\n").encode())

    def _path(self, circumstances: Circumstances) -> Path:
        return self._folder / f"{circumstances.key}.json"


@dataclass(frozen=True, slots=True)
class _KeptTrial:
    provider: str
    precision: Precision
    ms_per_frame: float | None
    least_dice: float | None


@dataclass(frozen=True, slots=True)
class _KeptChoice:
    provider: str
    precision: Precision
    trials: tuple[_KeptTrial, ...]


_CHOICE = TypeAdapter(_KeptChoice)
