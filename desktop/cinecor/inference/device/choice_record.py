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


@dataclass(frozen=True, slots=True)
class Trial:
    """How one provider did with one variant of the model."""

    provider: str
    precision: Precision
    ms_per_frame: float | None = None  # in its shortest run; None when it was not timed
    least_dice: float | None = None  # of the three structures, against fp32 on the CPU
    refused: str | None = None  # why it may not be used, in half a sentence
    passing: bool = False  # whether the cause (a busy card) may be gone next time, so that it must not be kept


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """Which provider runs which variant, and why."""

    provider: str
    precision: Precision
    reason: str  # one sentence
    trials: tuple[Trial, ...] = ()  # empty when there was nothing to choose


class ChoiceRecord:
    """The folder that keeps choices; when it cannot be read or written, they are measured again each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, circumstances: Circumstances) -> DeviceChoice | None:
        """Give the choice made under the same circumstances, if there is one."""
        try:
            return _CHOICE.validate_python(json.loads(self._path(circumstances).read_bytes())["choice"])
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return None

    def write(self, circumstances: Circumstances, choice: DeviceChoice) -> None:
        """Keep a choice; a folder that cannot be written to is no failure."""
        document: dict[str, Any] = {"circumstances": asdict(circumstances), "choice": asdict(choice)}
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in self._folder.glob(f"{UNFINISHED}*"):  # what a killed run left, not what another writes now
                if time.time() - path.stat().st_mtime > _SURELY_LEFT_S:
                    path.unlink(missing_ok=True)
            replace_file(self._path(circumstances), (json.dumps(document, indent=2) + "\n").encode())

    def _path(self, circumstances: Circumstances) -> Path:
        return self._folder / f"{circumstances.key}.json"


_CHOICE = TypeAdapter(DeviceChoice)
