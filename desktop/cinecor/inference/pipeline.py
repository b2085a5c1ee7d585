"""The segmentation pipeline: a stack in, labels on its own pixel grid out.

Phases are worked on side by side, each from its pixels to its finished masks by one thread: while ONNX Runtime computes
one phase, the next one's pixels are resampled and the last one's masks are cleaned. What a phase needs beside the
result is gone when it is done, so a longer cine takes more time, not more memory.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.anatomy import keep_possible_anatomy, slice_offsets_px
from cinecor.inference.context import phase_input
from cinecor.inference.finished_phase import FinishedPhase
from cinecor.inference.frame_model import CERTAIN, FrameLabels, FrameModel
from cinecor.inference.heart import find_heart
from cinecor.inference.segmentation import Label, Runtime, Segmentation
from cinecor.inference.window import Readout, Window, readout
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.study.stack import CineStack

_WORTH_TELLING_ML = 0.5  # less than any reader could see
_MUCH_REMOVED = 0.1  # share of all outlined pixels; the 20 validation patients lose 1 % on average
_RIM = int(0.95 * CERTAIN)  # a pixel that is background with no more certainty than this belongs to the heart's rim
_IN_FLIGHT = 3  # phases at once: enough that neither the model nor what comes before and after it waits


def segment(
    stack: CineStack,
    session: FrameModel,
    *,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
    listener: Callable[[FinishedPhase], None] | None = None,
    order: Sequence[int] | None = None,
) -> Segmentation:
    """Outline both ventricles and the myocardium in every slice and phase of `stack`.

    `listener` is given each phase's masks as soon as they are final, on the calling thread; `order` names all phases in
    the order in which they are begun (ascending when None; they may finish in another). Raises `Cancelled` between
    phases when asked to stop.
    """
    started = time.perf_counter()
    stop_if(cancelled)
    window, found = find_heart(stack, session)
    located = time.perf_counter()

    work = _Work(stack, session, window)
    phases = range(stack.phases) if order is None else order
    with ThreadPoolExecutor(min(_IN_FLIGHT, stack.phases), thread_name_prefix="cinecor-phase") as pool:
        pending = [pool.submit(work.finish, phase) for phase in phases]
        try:
            stop_if(cancelled)
            for done, future in enumerate(as_completed(pending), start=1):
                phase = future.result()
                stop_if(cancelled)
                if listener is not None:
                    listener(phase)
                progress(Progress("Outlining ventricles", done, stack.phases))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    outlined = time.perf_counter()

    notes, doubts = _told(work.cleaned, pixel_ml=work.pixel_ml)
    if not found:
        doubts.append("No ventricle stood out; the middle of the image was searched, and what it shows is doubtful.")
    if _touches_border(work.labels, window):
        doubts.append("The heart reaches the edge of the image or of the searched window; volumes may be too small.")
    work.labels.setflags(write=False)
    work.confidence.setflags(write=False)
    seconds = {"find_heart": located - started, "outline": outlined - located, **work.seconds}
    runtime = Runtime(
        session.provider_requested, session.provider_used, seconds, session.device_reason, session.fallback
    )
    if session.fallback:
        notes.append(session.fallback)
    return Segmentation(work.labels, work.confidence, session.identity, runtime, tuple(notes), tuple(doubts))


@dataclass(frozen=True, slots=True)
class _CleanedPhase:
    """What the clean-up did to one phase."""

    outlined_px: int
    removed_px: int
    filled_px: int


class _Work:
    """The result while it grows: each phase is written once, by one thread."""

    def __init__(self, stack: CineStack, session: FrameModel, window: Window) -> None:
        self._stack = stack
        self._session = session
        self._window = window
        self._back: Readout = readout(window, rows=stack.rows, columns=stack.columns)
        self._offsets_px = slice_offsets_px(stack.geometry)
        self._busy: list[tuple[float, float]] = []
        self.labels = np.empty(stack.pixels.shape, dtype=np.uint8)
        self.confidence = np.empty(stack.pixels.shape[:2], dtype=np.float32)
        self.cleaned: list[_CleanedPhase] = []

    @property
    def pixel_ml(self) -> float:
        """Volume that one pixel stands for."""
        geometry = self._stack.geometry
        return geometry.pixel_spacing_mm[0] * geometry.pixel_spacing_mm[1] * geometry.slice_spacing_mm / 1000

    @property
    def seconds(self) -> dict[str, float]:
        """Wall-clock time during which the model ran, however many phases it worked on at once."""
        total, until = 0.0, 0.0
        for start, stop in sorted(self._busy):
            total += max(0.0, stop - max(start, until))
            until = max(until, stop)
        return {"infer": total}

    def finish(self, phase: int) -> FinishedPhase:
        """Outline, clean and keep one phase."""
        stack, back = self._stack, self._back
        frames = phase_input(stack, phase, window=self._window, contract=self._session.input_contract)
        started = time.perf_counter()
        outlined = self._session.outline(frames, to_rows=back.to_rows, to_columns=back.to_columns)
        self._busy.append((started, time.perf_counter()))
        placed = back.placed(outlined.labels, self._window, rows=stack.rows, columns=stack.columns)
        cleaned = keep_possible_anatomy(
            placed, pixel_spacing_mm=stack.geometry.pixel_spacing_mm, offsets_px=self._offsets_px
        )
        self.labels[:, phase] = cleaned.labels
        self.confidence[:, phase] = _confidence(outlined)
        before = int(np.count_nonzero(outlined.labels))
        self.cleaned.append(_CleanedPhase(before, cleaned.removed_px, cleaned.filled_px))
        return FinishedPhase.of(phase, labels=self.labels[:, phase], confidence=self.confidence[:, phase])


def _confidence(outlined: FrameLabels) -> NDArray[np.float32]:
    """Mean winning probability over the heart and its rim, one value a frame; 1 where nothing suggests a heart."""
    heart = (outlined.labels != Label.BACKGROUND) | (outlined.confidence <= _RIM)
    means = [
        frame[here].mean(dtype=np.float64) / CERTAIN if here.any() else 1.0
        for frame, here in zip(outlined.confidence, heart, strict=True)
    ]
    return np.array(means, dtype=np.float32)


def _told(phases: Sequence[_CleanedPhase], *, pixel_ml: float) -> tuple[list[str], list[str]]:
    """Say what the clean-up changed, and what of it puts the numbers in doubt."""
    removed_ml = [phase.removed_px * pixel_ml for phase in phases]
    filled_ml = [phase.filled_px * pixel_ml for phase in phases]
    removed_share = [phase.removed_px / max(phase.outlined_px, 1) for phase in phases]
    notes = []
    for amounts, text in (
        (removed_ml, "Pieces that cannot belong to the ventricles were removed"),
        (filled_ml, "Holes inside the left ventricle were filled"),
    ):
        worth_telling = sum(amount >= _WORTH_TELLING_ML for amount in amounts)
        if worth_telling:
            notes.append(f"{text} in {worth_telling} of {len(amounts)} phases (at most {max(amounts):.1f} mL in one).")
    doubts = []
    large = sum(share > _MUCH_REMOVED for share in removed_share)
    if large:
        doubts.append(
            f"A large part of what was outlined ({max(removed_share):.0%}) did not hang together with the rest and was "
            f"removed, in {large} of {len(removed_share)} phases; look at the outlines before using a volume."
        )
    return notes, doubts


def _touches_border(labels: NDArray[np.uint8], window: Window) -> bool:
    """Tell whether a ventricle is cut by the image's or the window's edge."""
    anywhere = np.bitwise_or.reduce(labels.reshape(-1, *labels.shape[2:]), axis=0) != Label.BACKGROUND
    laid = window.orientation.apply(anywhere)
    for axis in (0, 1):
        used = np.flatnonzero(laid.any(axis=1 - axis))
        if not used.size:
            return False
        half = (window.size_px - 1) / 2 * window.spacing_mm
        spacing = window.pixel_spacing_mm[axis]
        low = max(0.0, window.centre_mm[axis] - half)
        high = min((laid.shape[axis] - 1) * spacing, window.centre_mm[axis] + half)
        if used[0] * spacing <= low + spacing or used[-1] * spacing >= high - spacing:
            return True
    return False
