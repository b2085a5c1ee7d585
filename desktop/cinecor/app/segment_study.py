"""`segment_study`: the pipeline as a background operation, with each phase's masks handed over when they are final."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cinecor.app.background import Handle
from cinecor.app.session import open_session
from cinecor.inference.model import Device
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
    session = open_session(model, device=device)
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


def telling_order(phases: int) -> tuple[int, ...]:
    """Give all phases, those that tell most first: the first one, end-systole about, then the others as they come."""
    first = dict.fromkeys((0, round(phases * _END_SYSTOLE) % phases))
    return (*first, *(phase for phase in range(phases) if phase not in first))
