"""`CleanStudy`: a small phantom, its files as they are before anything happens to them, and what is true of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.study import CineStack, open_input
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.dicom.study_folder import write_dicom
from cinecor_phantom.phantom import Phantom, make_phantom
from cinecor_phantom.shape import HeartShape

_LABELS = (1, 3)  # right and left cavity
_ALIKE = 0.995  # correlation of a frame with itself after a harmless change of its values
_SAME_VOLUME = 0.01
_SAME_RATE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class CleanStudy:
    """The files of a study by name, the stack that they give, and the true size of both cavities in each frame."""

    files: Mapping[str, bytes]
    stack: CineStack
    told: frozenset[str]  # what is said of it as it is
    true_px: NDArray[np.int64]  # (cavity, slice, phase)
    frames: Mapping[str, tuple[int, int]]  # where each frame lies, by its digest

    def differences(self, stack: CineStack) -> tuple[str, ...]:
        """Say what is otherwise than in the clean study: frames, their order, volumes, heart rate."""
        if not np.isfinite(stack.pixels).all():
            return ("values that are no numbers",)
        places, strange = self._places(stack)
        told = [f"{strange} frames of other content"] if strange else []
        told += _order_differences(places)
        true = self._volumes_ml(self.stack, self._places(self.stack)[0])
        for name, ours, theirs in zip(("RV", "LV"), self._volumes_ml(stack, places), true, strict=True):
            for moment, one, other in (("EDV", ours.max(), theirs.max()), ("ESV", ours.min(), theirs.min())):
                if abs(one - other) > _SAME_VOLUME * max(other, 1.0):
                    told.append(f"{name} {moment} {other:.0f} -> {one:.0f}")
        rates = stack.heart_rate_bpm, self.stack.heart_rate_bpm
        if (rates[0] is None) != (rates[1] is None) or (
            rates[0] is not None and rates[1] is not None and abs(rates[0] / rates[1] - 1.0) > _SAME_RATE
        ):
            told.append(f"heart rate {rates[1]} -> {rates[0]}")
        return tuple(told)

    def _places(self, stack: CineStack) -> tuple[NDArray[np.int64], int]:
        """Return which clean (slice, phase) each frame is, (-1, -1) for none, and how many are none."""
        places, strange = np.full((*stack.pixels.shape[:2], 2), -1), 0
        for position, phase in np.ndindex(stack.pixels.shape[:2]):
            frame = stack.pixels[position, phase]
            where = self.frames.get(_digest(frame))
            if where is None:
                where = self._alike(frame, position, phase)
                strange += where is None
            if where is not None:
                places[position, phase] = where
        return places, strange

    def _alike(self, frame: NDArray[np.float32], position: int, phase: int) -> tuple[int, int] | None:
        clean = self.stack.pixels
        if position >= clean.shape[0] or phase >= clean.shape[1] or frame.shape != clean.shape[2:]:
            return None
        one, other = (values - values.mean(dtype=np.float64) for values in (frame, clean[position, phase]))
        size = float(np.sqrt((one**2).sum() * (other**2).sum()))
        return (position, phase) if size > 0.0 and float((one * other).sum()) / size > _ALIKE else None

    def _volumes_ml(self, stack: CineStack, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the true volumes (cavity, phase) of the frames in the geometry that was read."""
        geometry = stack.geometry
        pixel_mm2 = geometry.pixel_spacing_mm[0] * geometry.pixel_spacing_mm[1]
        seen = places[..., 0] >= 0
        pixels = np.where(seen, self.true_px[:, places[..., 0], places[..., 1]], 0)
        return np.asarray((pixels * geometry.slice_extent_mm[:, np.newaxis]).sum(axis=1) * pixel_mm2 / 1000)


@cache
def small_phantom(shape: HeartShape | None = None, *, phases: int = 8) -> Phantom:
    """Return the phantom that the fuzzer starts from: as few and as small frames as make a cine."""
    acquisition = Acquisition(
        slices=7, phases=phases, rows=48, columns=56, pixel_spacing_mm=4.0, slice_thickness_mm=10.0, slice_gap_mm=7.0
    )
    return make_phantom(shape, acquisition, seed=3)


def clean_study(phantom: Phantom, folder: Path, *, style: str, transfer_syntax: str = "explicit") -> CleanStudy:
    """Write the phantom into a folder and return it as a clean study."""
    write_dicom(phantom, folder, style=style, transfer_syntax=transfer_syntax)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return read_clean(phantom, folder, files=dict(sorted(files.items())))


def read_clean(phantom: Phantom, path: Path, *, files: Mapping[str, bytes]) -> CleanStudy:
    """Return what is true of an input that holds the phantom."""
    stack, audit = open_input(path)
    true_px = np.stack([(phantom.labels == label).sum(axis=(2, 3)) for label in _LABELS])
    frames = {_digest(stack.pixels[where]): where for where in np.ndindex(stack.pixels.shape[:2])}
    return CleanStudy(files, stack, frozenset(map(str, audit.warnings)), true_px, frames)


def _order_differences(places: NDArray[np.int64]) -> list[str]:
    """Say whether a phase holds frames of several phases, or a slice of several slices."""
    told = []
    if any(len(set(column[column >= 0].tolist())) > 1 for column in places[..., 1].T):
        told.append("phases mixed")
    if any(len(set(row[row >= 0].tolist())) > 1 for row in places[..., 0]):
        told.append("slices mixed")
    return told


def _digest(frame: NDArray[np.float32]) -> str:
    return hashlib.sha256(frame.tobytes()).hexdigest()
