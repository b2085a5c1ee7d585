"""`segment_study`: the pipeline for a viewer: what tells most first, masks handed over as they are made."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cinecor.app.session import open_session
from cinecor.errors import CinecorError, ModelStopped
from cinecor.failure import first_line
from cinecor.inference.device.model_session import Device, ModelSession
from cinecor.inference.outline.heart import END_SYSTOLE
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.inference.store.model_store import ModelStore
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, stop_if
from cinecor.study.cine_stack import CineStack

_FIRST_SLICES = 4  # one batch of the model on the CPU


@dataclass(frozen=True, slots=True)
class RunningOn:
    """What really runs the model, told before the first mask."""

    provider_used: str
    precision: str
    model: str
    reason: Message
    fallback: Message | None


def segment_study(
    stack: CineStack,
    *,
    model: Path | None,
    device: Device,
    progress: ProgressListener,
    cancelled: CancelCheck,
    on_part: Callable[[object], None],
) -> Segmentation:
    """Outline every slice and phase; `on_part` hears of the device (`RunningOn`), then of `OutlinedFrames`.

    The middle slices come first, in every phase; `model` is a file, or None for the active model of this workstation.
    Raises `ModelRefused`, `Cancelled`, and `ModelStopped` when the model breaks off; it is opened anew next time.
    """
    session = session_for(model, device=device)
    stop_if(cancelled)
    identity = session.identity
    on_part(RunningOn(session.provider_used, identity.precision, identity.id, session.device_reason, session.fallback))
    try:
        return segment(
            stack,
            session,
            progress=progress,
            cancelled=cancelled,
            listener=on_part,
            order=telling_order(stack.phases),
            first=middle_slices(stack.slices),
        )
    except (CinecorError, MemoryError):
        raise
    except Exception as error:
        _forget_session()
        raise ModelStopped(
            Message(
                "model_broke_off",
                "The model broke off in mid-study ({reason}); segment again, or choose another device in the settings.",
                reason=first_line(error),
            )
        ) from error


def session_for(model: Path | None, *, device: Device) -> ModelSession:
    """Open the model, or give the session that is open already; safe on any thread. Raises `ModelRefused`.

    Opening takes a tenth of a second: done before a study is opened, nobody waits for it.
    """
    path = model or ModelStore().active().path
    with _opening:
        if _open.get((path, device)) is None:
            _open.clear()  # one model in memory is enough
            _open[path, device] = open_session(model, device=device)
        return _open[path, device]


def _forget_session() -> None:
    with _opening:
        _open.clear()


_opening = threading.Lock()
_open: dict[tuple[Path, Device], ModelSession] = {}


def telling_order(phases: int) -> tuple[int, ...]:
    """Return all phases, those that tell most first: the first one, end-systole about, then the others as they come."""
    first = dict.fromkeys((0, round(phases * END_SYSTOLE) % phases))
    return (*first, *(phase for phase in range(phases) if phase not in first))


def middle_slices(slices: int) -> range:
    """Return the slices that tell most of a ventricle; none when the stack is hardly longer."""
    if slices <= _FIRST_SLICES:
        return range(0)
    start = (slices - _FIRST_SLICES) // 2
    return range(start, start + _FIRST_SLICES)
