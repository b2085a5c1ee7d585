"""`SegmentProcess`: the model in a process of its own, beside the one that paints the window.

What runs there takes no time from the window, and what breaks there (a driver, a library) leaves the studies open.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np

from cinecor.app.segment_worker import Cancel, Failed, Finished, Job, Warm, serve
from cinecor.errors import ModelStopped
from cinecor.inference.device.model_session import Device
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.study.cine_stack import CineStack

_LOOK_S = 0.02  # how often the request to stop is looked for
_PATIENCE_S = 5.0  # with a step that does not end; then the process is


class SegmentProcess:
    """One process and its pipes: started when first needed, again after it has ended; it does one job at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: BaseProcess | None = None
        self._idle = True  # whether the process has told the end of its last job
        self._closed = False
        self._requests: Connection
        self._replies: Connection

    def warm_up(self, *, model: Path | None, device: Device, cancelled: CancelCheck = never) -> None:
        """Start the process and open the model there. Raises `ModelRefused`, `Cancelled`."""
        with self._mine(cancelled):
            self._ask(Warm(model, device))
            self._follow(silent, cancelled, lambda _: None)

    def segment(
        self,
        stack: CineStack,
        *,
        model: Path | None,
        device: Device,
        progress: ProgressListener = silent,
        cancelled: CancelCheck = never,
        on_part: Callable[[object], None],
    ) -> Segmentation:
        """Outline a stack there (see `segment_study`). Raises `ModelRefused`, `Cancelled`, and what fails there."""
        labels = np.zeros(stack.pixels.shape, dtype=np.uint8)

        def hear(part: object) -> None:
            if isinstance(part, OutlinedFrames) and part.final:
                labels[:, part.phase] = part.labels
            on_part(part)

        with self._mine(cancelled):
            shape = (stack.slices, stack.phases, stack.rows, stack.columns)
            self._ask(Job(model, device, shape, stack.geometry))
            for pixels in stack.pixels:
                self._requests.send_bytes(np.ascontiguousarray(pixels).data)
            made = self._follow(progress, cancelled, hear)
        assert made is not None
        labels.setflags(write=False)
        return replace(made, labels=labels)

    def close(self) -> None:
        """End the process for good; whoever waits for it is told that it has stopped."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # it holds nothing that could be lost, and heeds this even where a driver hangs
            process.join()

    @contextmanager
    def _mine(self, cancelled: CancelCheck) -> Iterator[None]:
        """Wait for the process to be free, and give it; what breaks on the way to it becomes a sentence."""
        while not self._turn.acquire(timeout=_LOOK_S):
            stop_if(cancelled)
        try:
            stop_if(lambda: self._closed or cancelled())
            process = self._process
            if process is None or not process.is_alive():
                self._start()
            yield
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise ModelStopped(
                Message(
                    "model_process_ended",
                    "The process that runs the model has ended by itself (out of memory, or a broken driver); "
                    "segment again, or choose the CPU in the settings.",
                )
            ) from error
        finally:
            if not self._idle:  # nobody may hear the rest of this job as the beginning of theirs
                self._end()
            self._turn.release()

    def _ask(self, what: Warm | Job) -> None:
        self._idle = False
        self._requests.send(what)

    def _start(self) -> None:
        # Threads inside each product would only get in each other's way: phases are worked on side by side.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        context = multiprocessing.get_context("spawn")
        asked, self._requests = context.Pipe(duplex=False)
        self._replies, told = context.Pipe(duplex=False)
        process = context.Process(target=serve, args=(asked, told), name="cinecor-model", daemon=True)
        process.start()
        self._process, self._idle = process, True
        asked.close()
        told.close()  # so that the pipe ends when the process does

    def _follow(
        self, progress: ProgressListener, cancelled: CancelCheck, hear: Callable[[object], None]
    ) -> Segmentation | None:
        """Pass on what the process tells until its job ends."""
        stopping_since: float | None = None
        while True:
            if stopping_since is None and cancelled():
                self._requests.send(Cancel())
                stopping_since = time.monotonic()
            if stopping_since is not None and time.monotonic() - stopping_since > _PATIENCE_S:
                stop_if(cancelled)
            if not self._replies.poll(_LOOK_S):
                continue
            match self._replies.recv():
                case Progress() as reached:
                    progress(reached)
                case Finished(segmentation):
                    self._idle = True
                    return segmentation
                case Failed(error):
                    self._idle = True
                    raise error
                case part:
                    hear(part)
