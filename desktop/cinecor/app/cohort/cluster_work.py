"""What is done in a process of a dask cluster: whether it can work at all, and one input after the other."""

from collections.abc import Sequence
from pathlib import Path

from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.input_work import OutlinedInput, outline_input
from cinecor.app.cohort.memory_limit import limit_memory
from cinecor.app.cohort.worker_messages import WorkerSettings
from cinecor.app.session import open_session
from cinecor.errors import InputError
from cinecor.inference.device.hardware import share_cores
from cinecor.inference.device.model_session import ModelSession
from cinecor.message import Message

_session: list[tuple[WorkerSettings, ModelSession]] = []


def be_ready(settings: WorkerSettings, seen: Sequence[Path]) -> None:
    """Open the model in a process of the cluster, and look whether it sees what it must.

    Raises `InputError` where it does not, and what opening the model raises.
    """
    for path in seen:
        if not path.exists():
            raise InputError(Message("worker_does_not_see", "it does not see {path}", path=path))
    _opened(settings)


def work_on(task: InputTask, settings: WorkerSettings) -> InputOutcome:
    """Do one input from its files to its results, in a process of the cluster; the model is opened once a process.

    Raises `ModelRefused`.
    """
    session = _opened(settings)
    outlined = outline_input(task, session=lambda: session)
    return outlined.write() if isinstance(outlined, OutlinedInput) else outlined


def _opened(settings: WorkerSettings) -> ModelSession:
    if not _session or _session[0][0] != settings:
        share_cores(settings.cores)
        if settings.memory_bytes is not None:
            limit_memory(settings.memory_bytes)
        _session[:] = [(settings, open_session(settings.model, device=settings.device))]
    return _session[0][1]
