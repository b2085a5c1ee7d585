"""`segment_study`: the pipeline as a background operation, with each phase's masks handed over when they are final."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cinecor.app.background import Handle
from cinecor.app.session import open_session
from cinecor.inference.model import Device, ModelSession
from cinecor.inference.model_store import ModelStore
from cinecor.inference.pipeline import segment
from cinecor.inference.segmentation import Segmentation
from cinecor.progress import stop_if
from cinecor.study.stack import CineStack

_END_SYSTOLE = 0.37  # of the cycle, about


@dataclass(frozen=True, slots=True)
class RunningOn:
    """What really runs the model, told before the first mask."""

    provider_used: str
    precision: str
    model: str
    reason: str
    fallback: str | None


def segment_study(
    stack: CineStack, *, model: Path | None, device: Device, handle: Handle, on_part: Callable[[object], None]
) -> Segmentation:
    """Outline every slice and phase; `on_part` hears of the device (`RunningOn`), then of every `FinishedPhase`.

    `model` is a file, or None for the active model of this workstation. Raises `ModelRefused`, `Cancelled`.
    """
    session = session_for(model, device=device)
    stop_if(handle.cancelled)
    identity = session.identity
    on_part(RunningOn(session.provider_used, identity.precision, identity.id, session.device_reason, session.fallback))
    return segment(
        stack,
        session,
        progress=handle.progress,
        cancelled=handle.cancelled,
        listener=on_part,
        order=telling_order(stack.phases),
    )


def session_for(model: Path | None, *, device: Device) -> ModelSession:
    """Open the model, or give the session that is open already; safe on any thread. Raises `ModelRefused`.

    Opening holds Python for a tenth of a second: done before a study is opened, no window stands still meanwhile.
    """
    path = model or ModelStore().active().path
    with _opening:
        if _open.get((path, device)) is None:
            _open.clear()  # one model in memory is enough
            _open[path, device] = open_session(model, device=device)
        return _open[path, device]


_opening = threading.Lock()
_open: dict[tuple[Path, Device], ModelSession] = {}


def telling_order(phases: int) -> tuple[int, ...]:
    """Give all phases, those that tell most first: the first one, end-systole about, then the others as they come."""
    first = dict.fromkeys((0, round(phases * _END_SYSTOLE) % phases))
    return (*first, *(phase for phase in range(phases) if phase not in first))
