"""`OutlinedPatient`: ED and ES of one patient, outlined by the application's pipeline and by readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import CinecorError, InputError
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.heart_box import heart_box
from cinecor.measure.moment import ByMoment
from cinecor.message import Message
from cinecor.study.cine_stack import CineStack, StackGeometry, pixel_volume_ml
from cinecor_training.data.case import Case, Source
from cinecor_training.data.kaggle_source import KaggleCase

_MARGIN_PX = 4


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedPatient:
    """Both moments as two phases, cut to the heart; what the files lack is None."""

    patient: str
    held_out: bool  # by the data set's rule: never trained on
    labels: NDArray[np.uint8]  # (slice, phase, row, column), of the model
    reader: NDArray[np.uint8]
    confidence: NDArray[np.float32]  # (slice, phase)
    uncertain_px: NDArray[np.float32]  # (slice, phase, label)
    pixel_mm: tuple[float, float]
    extent_mm: NDArray[np.float64]  # (slice,)
    moments: ByMoment[int | None]
    true_ml: tuple[float, float] | None  # EDV and ESV, where they are known from a whole cine

    @property
    def pixel_ml(self) -> NDArray[np.float64]:
        """Volume of a pixel in each slice, (slice, 1)."""
        return pixel_volume_ml(self.pixel_mm, self.extent_mm)[:, None]

    def ml(self, labels: NDArray[np.uint8], label: Label) -> NDArray[np.float64]:
        """Return a structure's volume in each frame, (slice, phase), mL."""
        return np.asarray(np.count_nonzero(labels == label, axis=(2, 3)) * self.pixel_ml)

    @property
    def geometry(self) -> StackGeometry:
        """Spacing and extents, as the checks of shape need them; directions are not kept."""
        positions = np.cumsum(self.extent_mm)[:, None] * np.array([0.0, 0.0, 1.0])
        return StackGeometry(
            positions,
            np.array([1.0, 0.0, 0.0]),
            np.array([0.0, 1.0, 0.0]),
            self.pixel_mm,
            float(np.median(self.extent_mm)),
            self.extent_mm,
        )


def outlined_patients(source: Source, model: FrameModel, *, keep: Path) -> Iterator[OutlinedPatient | str]:
    """Yield every patient with ED and ES on the same slices, or in a sentence why one is left out.

    What the model outlined is kept in the folder `keep`, one file a patient, and read from there the next time.
    """
    keep.mkdir(parents=True, exist_ok=True)
    found = source.find()
    held_out = found.held_out or frozenset()
    cases = sorted(found.cases, key=lambda case: case.patient)
    for patient, group in groupby(cases, key=lambda case: case.patient):
        file = keep / f"{patient}.npz"
        try:
            if not file.is_file():
                _keep(tuple(group), model, file)
            yield _kept(file, patient, held_out=patient in held_out)
        except CinecorError as error:
            yield f"{patient}: {error}"


def _keep(cases: tuple[Case, ...], model: FrameModel, file: Path) -> None:
    by_moment = {case.moment: case for case in cases}
    if {"ED", "ES"} - by_moment.keys():
        raise InputError(Message("moment_missing", "there are not both moments, ED and ES."))
    ed, es = (by_moment[moment] for moment in ("ED", "ES"))
    frames = ed.read(), es.read()
    extent_mm, true_ml = frames[0].geometry.slice_extent_mm, np.zeros(0)
    if isinstance(ed, KaggleCase):
        info = ed.info
        if info.places["ED"] != info.places["ES"] or not info.places["ED"].even:
            raise InputError(Message("slices_differ", "ED and ES are not on the same evenly spaced slices."))
        extent_mm, true_ml = info.places["ED"].extent_mm, np.array([info.edv_ml, info.esv_ml])
    if frames[0].pixels.shape != frames[1].pixels.shape:
        raise InputError(Message("slices_differ", "ED and ES are not on the same evenly spaced slices."))
    pixels = np.stack([one.pixels for one in frames], axis=1)
    reader = np.stack([one.labels for one in frames], axis=1)
    made = segment(CineStack(pixels, frames[0].geometry, None, None, None, ()), model)
    box = heart_box(np.maximum(made.labels, reader))
    if box is None or made.uncertain_px is None:
        raise InputError(Message("nothing_outlined", "nothing was outlined."))
    rows = slice(max(0, box.top - _MARGIN_PX), box.bottom + _MARGIN_PX)
    columns = slice(max(0, box.left - _MARGIN_PX), box.right + _MARGIN_PX)
    np.savez_compressed(
        file,
        labels=made.labels[:, :, rows, columns],
        reader=reader[:, :, rows, columns],
        confidence=made.confidence,
        uncertain_px=made.uncertain_px,
        pixel_mm=np.array(frames[0].geometry.pixel_spacing_mm),
        extent_mm=extent_mm,
        true_ml=true_ml,
    )


def _kept(file: Path, patient: str, *, held_out: bool) -> OutlinedPatient:
    with np.load(file) as kept:
        truth = kept["true_ml"]
        return OutlinedPatient(
            patient,
            held_out,
            kept["labels"],
            kept["reader"],
            kept["confidence"],
            kept["uncertain_px"],
            (float(kept["pixel_mm"][0]), float(kept["pixel_mm"][1])),
            kept["extent_mm"],
            ByMoment(0, 1),
            (float(truth[0]), float(truth[1])) if truth.size else None,
        )
