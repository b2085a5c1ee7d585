"""`PhaseWork`: a segmentation while it grows, phase by phase."""

import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.anatomy import keep_possible_anatomy, slice_offsets_px
from cinecor.inference.outline.context import phase_input
from cinecor.inference.outline.crop import Crop, Readout, readout
from cinecor.inference.outline.frame_model import FrameLabels, FrameModel, certainty, heart_confidence
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import CineStack


@dataclass(frozen=True, slots=True)
class CleanedPhase:
    """What the clean-up did to one phase."""

    outlined_px: int
    removed_px: int
    removed_ml: float
    filled_ml: float


class PhaseWork:
    """The result while it grows: each phase is written once, by one thread; several phases are worked on at once.

    Where there are slices to be outlined `first`, `begin` is called for each phase, and its `finish` waits for it.
    """

    def __init__(self, stack: CineStack, session: FrameModel, window: Crop, *, first: range) -> None:
        self._stack = stack
        self._session = session
        self._window = window
        self._first = first
        self._back: Readout = readout(window, rows=stack.rows, columns=stack.columns)
        self._offsets_px = slice_offsets_px(stack.geometry)
        self._busy: list[tuple[float, float]] = []
        self._begun: dict[int, FrameLabels] = {}
        self.labels = np.empty(stack.pixels.shape, dtype=np.uint8)
        self.confidence = np.empty(stack.pixels.shape[:2], dtype=np.float32)
        self.uncertain_px = np.empty((*stack.pixels.shape[:2], len(Label)), dtype=np.float32)
        self.cleaned: list[CleanedPhase] = []

    @property
    def seconds(self) -> dict[str, float]:
        """Wall-clock time during which the model ran, however many phases it worked on at once."""
        total, until = 0.0, 0.0
        for start, stop in sorted(self._busy):
            total += max(0.0, stop - max(start, until))
            until = max(until, stop)
        return {"infer": total}

    def begin(self, phase: int) -> tuple[OutlinedFrames, int]:
        """Outline the first slices of one phase; also gives how many frames that were."""
        outlined = self._begun[phase] = self._outline(self._input(phase, self._first))
        frames = OutlinedFrames.of(
            phase, self._first, labels=self._placed(outlined), confidence=heart_confidence(outlined), final=False
        )
        return frames, len(self._first)

    def finish(self, phase: int, after: Future[Any] | None = None) -> tuple[OutlinedFrames, int]:
        """Outline what is left of one phase, clean and keep it; also gives how many frames were outlined.

        `after` is its `begin`, where there was one; when that is cancelled or fails, so does this.
        """
        stack, first = self._stack, self._first
        frames = self._input(phase, range(stack.slices))
        if after is not None:
            after.result()
            rest = self._outline(np.concatenate((frames[: first.start], frames[first.stop :])))
            outlined = _between(rest, self._begun.pop(phase), at=first.start)
        else:
            outlined = self._outline(frames)
        cleaned = keep_possible_anatomy(
            self._placed(outlined), pixel_spacing_mm=stack.geometry.pixel_spacing_mm, offsets_px=self._offsets_px
        )
        self.labels[:, phase] = cleaned.labels
        sure = certainty(outlined)
        self.confidence[:, phase] = sure.confidence
        self.uncertain_px[:, phase] = sure.uncertain_px
        before = int(np.count_nonzero(outlined.labels))
        pixel_ml = stack.geometry.pixel_ml
        removed_ml, filled_ml = (float(changed @ pixel_ml) for changed in (cleaned.removed_px, cleaned.filled_px))
        self.cleaned.append(CleanedPhase(before, int(cleaned.removed_px.sum()), removed_ml, filled_ml))
        finished = OutlinedFrames.of(
            phase,
            range(stack.slices),
            labels=self.labels[:, phase],
            confidence=self.confidence[:, phase],
            final=True,
        )
        return finished, stack.slices - len(first)

    def _input(self, phase: int, slices: range) -> NDArray[np.float32]:
        contract = self._session.input_contract
        return phase_input(self._stack, phase, window=self._window, contract=contract, slices=slices)

    def _outline(self, frames: NDArray[np.float32]) -> FrameLabels:
        started = time.perf_counter()
        outlined = self._session.outline(frames, to_rows=self._back.to_rows, to_columns=self._back.to_columns)
        self._busy.append((started, time.perf_counter()))
        return outlined

    def _placed(self, outlined: FrameLabels) -> NDArray[np.uint8]:
        stack = self._stack
        return self._back.placed(outlined.labels, self._window, rows=stack.rows, columns=stack.columns)


def _between(rest: FrameLabels, middle: FrameLabels, *, at: int) -> FrameLabels:
    """Put the `middle` frames back where they were taken out of the `rest`."""
    labels, confidence = (
        np.concatenate((outer[:at], inner, outer[at:]))
        for outer, inner in ((rest.labels, middle.labels), (rest.confidence, middle.confidence))
    )
    return FrameLabels(labels, confidence)
