"""The canvas: a case's frames at the network's spacing, the heart in the middle, made by the application's own code."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.crop import Crop, Orientation, customary_orientation, network_input
from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.contract import InputContract
from cinecor.message import Message
from cinecor_training.data.case import LabelledFrames, known_bits

BLANK = np.uint64(0)  # the hash of a frame without any contrast: two of them are not the same image
# Where the heart's centre lies from the LV's in the customary view, (row, column): mean of ACDC's training patients.
_LV_TO_HEART_MM = (0.0, -14.0)
_REACH_MM: float = InputContract.model_fields["neighbour_reach_mm"].default


@dataclass(frozen=True, slots=True)
class Canvas:
    """How large the square is that frames are kept on: more than the network sees, so that they can be moved."""

    spacing_mm: float
    size_px: int

    @property
    def key(self) -> str:
        """A text that changes when what `laid` gives may have changed."""
        return repr((self, Orientation(), _REACH_MM, _LV_TO_HEART_MM))


@dataclass(frozen=True, slots=True, eq=False)
class CanvasFrames:
    """One case on the canvas."""

    images: NDArray[np.float16]  # (slice, size, size), each slice scaled to its own range
    labels: NDArray[np.uint8]  # (slice, size, size)
    known: NDArray[np.uint8]  # (slice,)
    hashes: NDArray[np.uint64]  # (slice,) of the images' own pixels
    near: bool  # whether neighbouring slices are shown to each other


def laid(frames: LabelledFrames, canvas: Canvas) -> CanvasFrames:
    """Bring a case to the canvas, its labels' centre in the middle; the heart's usual place around an LV alone.

    Raises `InputError` when labels and images do not fit, nothing is labelled, or pixels are not finite.
    """
    _check(frames)
    geometry = frames.geometry
    orientation = customary_orientation(geometry.column_axis, geometry.row_axis)
    spacing = orientation.swap(geometry.pixel_spacing_mm)
    labels = orientation.apply(frames.labels)
    _, rows, columns = np.nonzero(labels)
    heart_mm = (0.0, 0.0) if (frames.known & known_bits((Label.RV,))).any() else _LV_TO_HEART_MM
    window = Crop(
        centre_mm=(
            float(rows.mean() * spacing[0]) + heart_mm[0],
            float(columns.mean() * spacing[1]) + heart_mm[1],
        ),
        pixel_spacing_mm=spacing,
        spacing_mm=canvas.spacing_mm,
        size_px=canvas.size_px,
        orientation=orientation,
    )
    images = network_input(frames.pixels, window)
    top = np.maximum(np.abs(images).max(axis=(1, 2), keepdims=True), 1e-6)
    return CanvasFrames(
        (images / top).astype(np.float16),
        _resampled(frames.labels, window),
        frames.known,
        np.array([_image_hash(plane) for plane in frames.pixels], dtype=np.uint64),
        geometry.slice_spacing_mm <= _REACH_MM,
    )


def _check(frames: LabelledFrames) -> None:
    if frames.labels.shape != frames.pixels.shape:
        raise InputError(
            Message(
                "labels_do_not_fit",
                "labels {labels} do not fit the images {images}.",
                labels=str(frames.labels.shape),
                images=str(frames.pixels.shape),
            )
        )
    if not np.isfinite(frames.pixels).all():
        raise InputError(Message("pixels_not_finite", "some pixels are not finite (NaN)."))
    if not frames.labels.any():
        raise InputError(Message("nothing_labelled", "nothing is labelled: the masks are empty."))


def _resampled(labels: NDArray[np.uint8], window: Crop) -> NDArray[np.uint8]:
    """Bring labels to the canvas through class shares, so that thin structures keep their area."""
    shares = np.stack([network_input((labels == value).astype(np.float32), window) for value in range(4)])
    winner: NDArray[np.uint8] = shares.argmax(axis=0).astype(np.uint8)
    return winner


def _image_hash(plane: NDArray[np.float32]) -> np.uint64:
    """Return a number for an image's content, the same when only its intensity scale differs."""
    low, high = float(plane.min()), float(plane.max())
    if high <= low:
        return BLANK
    levels = np.rint((plane - low) * (255.0 / (high - low))).astype(np.uint8)
    digest = hashlib.sha256(repr(plane.shape).encode() + levels.tobytes()).digest()
    return np.uint64(int.from_bytes(digest[:8], "little") or 1)
