"""What a process that works on inputs is started with, and what it tells besides outcomes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor.message import Message

if TYPE_CHECKING:  # the process that gives inputs out needs no model, and is to start its workers soon
    from cinecor.inference.device.model_session import Device


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What every worker of a run is started with."""

    model: Path | None
    device: "Device"
    cores: int  # its share
    memory_bytes: int | None = None  # it may use no more; None: as much as there is


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is open."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The model cannot be used, here or in any other worker."""

    message: Message


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The next study of an input of several has begun: the time of the one before counts no more."""

    task: int


@dataclass(frozen=True, slots=True)
class Freed:
    """An input is outlined; its results are being written, and the next one may come."""

    task: int
