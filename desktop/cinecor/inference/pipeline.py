"""The segmentation pipeline: a stack in, labels on its own pixel grid out."""

import time

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.anatomy import keep_possible_anatomy, slice_offsets_px
from cinecor.inference.context import phase_input
from cinecor.inference.frame_model import CERTAIN, FrameLabels, FrameModel
from cinecor.inference.heart import find_heart
from cinecor.inference.segmentation import Label, Runtime, Segmentation
from cinecor.inference.window import Window, readout
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.study.stack import CineStack

_WORTH_TELLING_ML = 0.5  # less than any reader could see
_MUCH_REMOVED = 0.1  # share of all outlined pixels; the 20 validation patients lose 1 % on average
_RIM = 0.95 * CERTAIN  # a pixel that is background with less certainty than this belongs to the heart's rim


def segment(
    stack: CineStack,
    session: FrameModel,
    *,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> Segmentation:
    """Outline both ventricles and the myocardium in every slice and phase of `stack`.

    Raises `Cancelled` between phases when asked to stop.
    """
    started = time.perf_counter()
    stop_if(cancelled)
    contract = session.input_contract
    window, found = find_heart(stack, session)
    back = readout(window, rows=stack.rows, columns=stack.columns)
    located = time.perf_counter()

    labels = np.empty(stack.pixels.shape, dtype=np.uint8)
    confidence = np.empty(stack.pixels.shape[:2], dtype=np.float32)
    for phase in range(stack.phases):
        stop_if(cancelled)
        frames = phase_input(stack, phase, window=window, contract=contract)
        outlined = session.outline(frames, to_rows=back.to_rows, to_columns=back.to_columns)
        labels[:, phase] = back.placed(outlined.labels, window, rows=stack.rows, columns=stack.columns)
        confidence[:, phase] = _confidence(outlined)
        progress(Progress("Outlining ventricles", phase + 1, stack.phases))
    inferred = time.perf_counter()

    notes, doubts = _clean(labels, stack)
    if not found:
        doubts.append("No ventricle stood out; the middle of the image was searched, and what it shows is doubtful.")
    if _touches_border(labels, window):
        doubts.append("The heart reaches the edge of the image or of the searched window; volumes may be too small.")
    labels.setflags(write=False)
    confidence.setflags(write=False)
    seconds = {
        "find_heart": located - started,
        "infer": inferred - located,
        "clean_up": time.perf_counter() - inferred,
    }
    runtime = Runtime(
        session.provider_requested, session.provider_used, seconds, session.device_reason, session.fallback
    )
    if session.fallback:
        notes.append(session.fallback)
    return Segmentation(labels, confidence, session.identity, runtime, tuple(notes), tuple(doubts))


def _confidence(outlined: FrameLabels) -> NDArray[np.float32]:
    """Mean winning probability over the heart and its rim, one value a frame; 1 where nothing suggests a heart."""
    heart = (outlined.labels != Label.BACKGROUND) | (outlined.confidence < _RIM)
    count = heart.sum(axis=(1, 2))
    total = (outlined.confidence * heart).sum(axis=(1, 2)) / CERTAIN
    return np.where(count > 0, total / np.maximum(count, 1), 1).astype(np.float32)


def _clean(labels: NDArray[np.uint8], stack: CineStack) -> tuple[list[str], list[str]]:
    """Keep what is anatomically possible, in place, phase by phase; say what was changed and what puts it in doubt."""
    geometry = stack.geometry
    pixel_ml = geometry.pixel_spacing_mm[0] * geometry.pixel_spacing_mm[1] * geometry.slice_spacing_mm / 1000
    offsets_px = slice_offsets_px(geometry)
    removed_ml, filled_ml, removed_share = [], [], []
    for phase in range(labels.shape[1]):
        before = int(np.count_nonzero(labels[:, phase]))
        cleaned = keep_possible_anatomy(
            labels[:, phase], pixel_spacing_mm=geometry.pixel_spacing_mm, offsets_px=offsets_px
        )
        labels[:, phase] = cleaned.labels
        removed_ml.append(cleaned.removed_px * pixel_ml)
        filled_ml.append(cleaned.filled_px * pixel_ml)
        removed_share.append(cleaned.removed_px / max(before, 1))
    notes = []
    for amounts, text in (
        (removed_ml, "Pieces that cannot belong to the ventricles were removed"),
        (filled_ml, "Holes inside the left ventricle were filled"),
    ):
        phases = sum(amount >= _WORTH_TELLING_ML for amount in amounts)
        if phases:
            notes.append(f"{text} in {phases} of {len(amounts)} phases (at most {max(amounts):.1f} mL in one).")
    doubts = []
    large = [phase for phase, share in enumerate(removed_share) if share > _MUCH_REMOVED]
    if large:
        doubts.append(
            f"A large part of what was outlined ({max(removed_share):.0%}) did not hang together with the rest and was "
            f"removed, in {len(large)} of {len(removed_share)} phases; look at the outlines before using a volume."
        )
    return notes, doubts


def _touches_border(labels: NDArray[np.uint8], window: Window) -> bool:
    """Tell whether a ventricle is cut by the image's or the window's edge."""
    laid = window.orientation.apply(np.asarray(labels.any(axis=(0, 1))))
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
