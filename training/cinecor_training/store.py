"""The training frames of a data set, resampled once and kept in one file."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.window import Orientation, Window, customary_orientation, network_input
from cinecor.study import read_nifti
from cinecor_training.acdc import Case, read_labels

STORE_VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class FrameStore:
    """Every slice of every case on one canvas at the network's spacing, the heart in the middle."""

    images: NDArray[np.float16]  # (frame, canvas, canvas), each slice scaled to its own range
    labels: NDArray[np.uint8]  # (frame, canvas, canvas)
    stacks: NDArray[np.int32]  # (frame,) which stack a frame belongs to; its frames follow each other in slice order
    patients: tuple[str, ...]  # one name a frame

    def neighbour(self, frames: NDArray[np.intp], *, offset: NDArray[np.int64]) -> NDArray[np.intp]:
        """Give the index of the frame `offset` (one for each) slices away from `frames`, -1 where the stack ends."""
        other = frames + offset
        inside = (other >= 0) & (other < len(self.stacks))
        same = self.stacks[np.clip(other, 0, len(self.stacks) - 1)] == self.stacks[frames]
        return np.where(inside & same, other, -1)


def _resampled_labels(labels: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """Bring labels to the canvas through class shares, so that thin structures keep their area."""
    shares = np.stack([network_input((labels == value).astype(np.float32), window) for value in range(4)])
    winner: NDArray[np.uint8] = shares.argmax(axis=0).astype(np.uint8)
    return winner


def _case_frames(case: Case, *, spacing_mm: float, canvas_px: int) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    stack, _ = read_nifti(case.image)
    labels = read_labels(case.labels)
    if labels.shape != stack.pixels[:, 0].shape:
        raise InputError(f"{case.labels.name}: labels {labels.shape} do not fit the image {stack.pixels[:, 0].shape}.")
    orientation = customary_orientation(stack.geometry.column_axis, stack.geometry.row_axis)
    spacing = orientation.swap(stack.geometry.pixel_spacing_mm)
    laid = orientation.apply(labels)
    _, rows, columns = np.nonzero(laid)
    window = Window(
        centre_mm=(float(rows.mean() * spacing[0]), float(columns.mean() * spacing[1])),
        pixel_spacing_mm=spacing,
        spacing_mm=spacing_mm,
        size_px=canvas_px,
        orientation=orientation,
    )
    frames = network_input(stack.pixels[:, 0], window)
    top = np.maximum(np.abs(frames).max(axis=(1, 2), keepdims=True), 1e-6)
    return (frames / top).astype(np.float16), _resampled_labels(labels, window)


def build_store(cases: Sequence[Case], *, spacing_mm: float, canvas_px: int) -> FrameStore:
    """Resample every slice of `cases` to `spacing_mm` on a canvas of `canvas_px`² around its heart."""
    images, labels, stacks, patients = [], [], [], []
    for number, case in enumerate(cases):
        frames, truth = _case_frames(case, spacing_mm=spacing_mm, canvas_px=canvas_px)
        images.append(frames)
        labels.append(truth)
        stacks += [number] * len(frames)
        patients += [case.patient] * len(frames)
    return FrameStore(np.concatenate(images), np.concatenate(labels), np.array(stacks, np.int32), tuple(patients))


def cached_store(cases: Sequence[Case], *, spacing_mm: float, canvas_px: int, folder: Path) -> FrameStore:
    """Give the store of `cases`, from `folder` when the same was built there before."""
    key = repr((STORE_VERSION, spacing_mm, canvas_px, Orientation(), [(c.patient, c.image.name) for c in cases]))
    path = folder / f"frames-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
    if path.is_file():
        with np.load(path) as kept:
            return FrameStore(kept["images"], kept["labels"], kept["stacks"], tuple(kept["patients"].tolist()))
    store = build_store(cases, spacing_mm=spacing_mm, canvas_px=canvas_px)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part.npz")
    np.savez(
        temporary, images=store.images, labels=store.labels, stacks=store.stacks, patients=np.array(store.patients)
    )
    os.replace(temporary, path)  # noqa: PTH105
    return store
