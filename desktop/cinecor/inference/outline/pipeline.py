"""The segmentation pipeline: a stack in, labels on its own pixel grid out.

Phases are worked on side by side, each from its pixels to its finished masks by one thread: while ONNX Runtime computes
one phase, the next one's pixels are resampled and the last one's masks are cleaned. What a phase needs beside the
result is gone when it is done, so a longer cine takes more time, not more memory.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.crop import Crop
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.heart import find_heart
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.phase_work import CleanedPhase, PhaseWork
from cinecor.inference.outline.pose import find_lying_heart
from cinecor.inference.outline.segmentation import Label, Runtime, Segmentation
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.study.cine_stack import CineStack

STAGE: Final = Message("outlining", "Outlining ventricles")

_WORTH_TELLING_ML = 0.5  # less than any reader could see
_MUCH_REMOVED = 0.1  # share of all outlined pixels; the 20 validation patients lose 1 % on average
_IN_FLIGHT = 3  # phases at once: enough that neither the model nor what comes before and after it waits


def segment(
    stack: CineStack,
    session: FrameModel,
    *,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
    listener: Callable[[OutlinedFrames], None] | None = None,
    order: Sequence[int] | None = None,
    first: range | None = None,
) -> Segmentation:
    """Outline both ventricles and the myocardium in every slice and phase of `stack`.

    `listener` is given masks on the calling thread: of each phase as soon as they are final and, before all of them,
    those of the slices `first`, which are outlined in every phase before the others. `order` names all phases in the
    order in which they are told (ascending when None). Progress counts frames. Raises `Cancelled` between phases when
    asked to stop.
    """
    started = time.perf_counter()
    stop_if(cancelled)
    find = find_heart if stack.geometry.oriented else find_lying_heart
    window, found = find(stack, session)
    located = time.perf_counter()

    work = PhaseWork(stack, session, window, first=first or range(0))
    phases = range(stack.phases) if order is None else order
    done, total = 0, stack.slices * stack.phases
    with ThreadPoolExecutor(min(_IN_FLIGHT, stack.phases), thread_name_prefix="cinecor-phase") as pool:
        begun = {phase: pool.submit(work.begin, phase) for phase in phases} if first else {}
        pending = [*begun.values(), *(pool.submit(work.finish, phase, begun.get(phase)) for phase in phases)]
        try:
            stop_if(cancelled)
            for future in pending:
                frames, newly_outlined = future.result()
                stop_if(cancelled)
                if listener is not None:
                    listener(frames)
                done += newly_outlined
                progress(Progress(STAGE, done, total))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    outlined = time.perf_counter()

    notes, doubts = _told(work.cleaned)
    if not found:
        doubts.append(
            Message(
                "heart_not_found",
                "No ventricle stood out; the middle of the image was searched, and what it shows is doubtful.",
            )
        )
    if _touches_border(work.labels, window):
        doubts.append(
            Message(
                "heart_cut_off",
                "The heart reaches the edge of the image or of the searched window; volumes may be too small.",
            )
        )
    work.labels.setflags(write=False)
    work.confidence.setflags(write=False)
    work.uncertain_px.setflags(write=False)
    seconds = {"find_heart": located - started, "outline": outlined - located, **work.seconds}
    runtime = Runtime(
        session.provider_requested, session.provider_used, seconds, session.device_reason, session.fallback
    )
    if session.fallback:
        notes.append(session.fallback)
    return Segmentation(
        work.labels,
        work.confidence,
        session.identity,
        runtime,
        tuple(notes),
        tuple(doubts),
        work.uncertain_px,
        session.reliability,
    )


def _told(phases: Sequence[CleanedPhase]) -> tuple[list[Message], list[Message]]:
    """Return what the clean-up changed, and what of it puts the numbers in doubt."""
    removed_ml = [phase.removed_ml for phase in phases]
    filled_ml = [phase.filled_ml for phase in phases]
    removed_share = [phase.removed_px / max(phase.outlined_px, 1) for phase in phases]
    notes = []
    removed = sum(amount >= _WORTH_TELLING_ML for amount in removed_ml)
    if removed:
        notes.append(
            Message(
                "pieces_removed",
                "Pieces that cannot belong to the ventricles were removed in {changed} of {phases} phases "
                "(at most {most_ml:.1f} mL in one).",
                changed=removed,
                phases=len(phases),
                most_ml=max(removed_ml),
            )
        )
    filled = sum(amount >= _WORTH_TELLING_ML for amount in filled_ml)
    if filled:
        notes.append(
            Message(
                "holes_filled",
                "Holes inside the left ventricle were filled in {changed} of {phases} phases "
                "(at most {most_ml:.1f} mL in one).",
                changed=filled,
                phases=len(phases),
                most_ml=max(filled_ml),
            )
        )
    doubts = []
    large = sum(share > _MUCH_REMOVED for share in removed_share)
    if large:
        doubts.append(
            Message(
                "large_part_removed",
                "A large part of what was outlined ({percent:.0f} %) did not hang together with the rest and was "
                "removed, in {changed} of {phases} phases; look at the outlines before using a volume.",
                percent=100 * max(removed_share),
                changed=large,
                phases=len(phases),
            )
        )
    return notes, doubts


def _touches_border(labels: NDArray[np.uint8], window: Crop) -> bool:
    """Return whether a ventricle is cut by the image's or the window's edge."""
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
