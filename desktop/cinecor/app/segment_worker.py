"""What runs in the process that holds the model: it is given stacks and tells masks.

Messages go through two one-way pipes. To the process: `Warm`, `Job` (followed by the raw pixels of each slice) and
`Cancel`. From it: whatever `segment_study` tells, then one `Finished` or `Failed`. When the other end of a pipe is
gone, the process ends.
"""

import os
import pickle
import signal
import sys
import traceback
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.app.heap import give_back_heap, share_heaps
from cinecor.app.segment_study import segment_study, session_for
from cinecor.inference.device.model_session import Device
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.study.cine_stack import CineStack, StackGeometry

_NICENESS = 5  # the window is painted first


@dataclass(frozen=True, slots=True)
class Warm:
    """Open the model; nothing is told but the end."""

    model: Path | None
    device: Device


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Outline a stack: everything of it that the pipeline needs, but for its pixels."""

    model: Path | None
    device: Device
    shape: tuple[int, int, int, int]  # (slice, phase, row, column) of float32 pixels
    geometry: StackGeometry


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the job that runs; without one it means nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The end of a job: its result, but for the labels, of which each phase has been told already."""

    segmentation: Segmentation | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The end of a job that did not succeed; the exception carries the traceback of this process as a note."""

    error: Exception


def serve(requests: Connection, replies: Connection) -> None:
    """Do what is asked until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window's process decides what Ctrl+C means
    _give_way()
    share_heaps()
    line = _Line(requests, replies)
    while True:
        asked = line.hear()
        if not isinstance(asked, Cancel):
            line.tell(_answer(asked, line))
            give_back_heap()


class _Line:
    """Both pipes; the process ends when nobody is at their other ends."""

    def __init__(self, requests: Connection, replies: Connection) -> None:
        self._requests = requests
        self._replies = replies

    def hear(self) -> Any:
        """Wait for a message."""
        try:
            return self._requests.recv()
        except (EOFError, OSError):
            raise SystemExit from None

    def hear_into(self, array: NDArray[np.float32]) -> None:
        """Wait for the raw values of a contiguous array."""
        try:
            self._requests.recv_bytes_into(array.data.cast("B"))
        except (EOFError, OSError):
            raise SystemExit from None

    def cancelled(self) -> bool:
        """Return whether the job that runs is to stop."""
        return self._requests.poll() and isinstance(self.hear(), Cancel)

    def tell(self, message: object) -> None:
        """Send a message."""
        try:
            self._replies.send(message)
        except OSError:
            raise SystemExit from None


def _answer(asked: Warm | Job, line: _Line) -> Finished | Failed:
    # Outside of what is told: when memory ends here, the rest of the pixels would be taken for messages.
    stack = _stack(asked, line) if isinstance(asked, Job) else None
    try:
        if stack is None:
            session_for(asked.model, device=asked.device)
            return Finished(None)
        made = segment_study(
            stack,
            model=asked.model,
            device=asked.device,
            progress=line.tell,
            cancelled=line.cancelled,
            on_part=line.tell,
        )
        return Finished(replace(made, labels=np.empty((0, 0, 0, 0), dtype=np.uint8)))
    except Exception as error:  # noqa: BLE001  the border of this process
        return Failed(_portable(error))


def _stack(job: Job, line: _Line) -> CineStack:
    pixels = np.empty(job.shape, dtype=np.float32)
    for one in pixels:
        line.hear_into(one)
    pixels.setflags(write=False)
    return CineStack(pixels, job.geometry, None, None, None, ())


def _portable(error: Exception) -> Exception:
    """Return the exception as one that survives the pipe, with what a developer needs."""
    try:
        told: Exception = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  an exception of a library may hold anything
        told = RuntimeError(f"{type(error).__name__}: {error}")
    told.add_note("".join(traceback.format_exception(error)))
    return told


def _give_way() -> None:
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)
    else:
        os.nice(_NICENESS)
