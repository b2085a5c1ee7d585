"""The Second Annual Data Science Bowl (Kaggle, 2015) with published masks of the LV cavity, as a source of cases.

A folder for each patient: `0001/0001_ED.nii.gz`, `0001_ED_lv.nii.gz`, the same for ES, and `info.json` with the true
volumes and the places of the slices. The masks hold the LV alone, papillary muscles inside; slices without a mask are
taken as slices without LV. Single masks at the base are imprecise, so stacks whose masks do not add up to the true
end-diastolic volume can be left out.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor_training.data.case import BadCase, Case, FoundCases, LabelledFrames, file_key, known_bits
from cinecor_training.data.label_volume import read_label_volume
from cinecor_training.data.nifti_case import NiftiCase

VALIDATION_EVERY: Final = 5  # patients whose number is divisible by 5 are never trained on
VOLUME_TOLERANCE: Final = 0.15
_MOMENTS: Final = ("ED", "ES")
_NUMBERS: Final = {0: Label.BACKGROUND, 1: Label.LV}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the slices of one stack lie along its axis."""

    location_mm: tuple[float, ...]
    even: bool

    @property
    def extent_mm(self) -> NDArray[np.float64]:
        """How much of the axis each slice stands for: half the way to each neighbour, twice that at an end."""
        if len(self.location_mm) < 2:
            return np.zeros(len(self.location_mm))
        gaps = np.abs(np.diff(self.location_mm))
        padded = np.concatenate((gaps[:1], gaps, gaps[-1:]))
        return np.asarray((padded[:-1] + padded[1:]) / 2, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class KaggleInfo:
    """What `info.json` tells of a patient."""

    edv_ml: float
    esv_ml: float
    pixel_mm: float
    places: dict[str, Places]  # by moment


@dataclass(frozen=True, slots=True)
class KaggleCase:
    """End-diastole or end-systole of one patient."""

    patient: str
    moment: str
    folder: Path
    volume_tolerance: float | None  # largest share by which the masks' EDV may differ from the true one

    @property
    def group(self) -> str:
        """The competition names no disease."""
        return "unknown"

    @property
    def key(self) -> str:
        """A text that changes when one of the files does."""
        names = [f"{self.patient}_{moment}{part}.nii.gz" for moment in _MOMENTS for part in ("", "_lv")]
        files = [self.folder / name for name in (*names, "info.json")]
        return f"{self.patient} {self.moment} {self.volume_tolerance} {file_key(*files)}"

    @property
    def info(self) -> KaggleInfo:
        """The patient's true volumes and slice places; raises `InputError` when the file does not hold them."""
        return read_info(self.folder)

    def read(self) -> LabelledFrames:
        """Return the frames; raises `InputError` when the masks are too far from the true end-diastolic volume."""
        if self.volume_tolerance is not None:
            self._check_volume(self.volume_tolerance)
        image, masks = (self.folder / f"{self.patient}_{self.moment}{part}.nii.gz" for part in ("", "_lv"))
        frames = NiftiCase(self.patient, self.moment, self.group, image, masks, numbers=_NUMBERS).read()
        known = np.full(len(frames.known), known_bits((Label.LV,)), dtype=np.uint8)
        return LabelledFrames(frames.pixels, frames.labels, known, frames.geometry)

    def _check_volume(self, tolerance: float) -> None:
        info = self.info
        masks = read_label_volume(self.folder / f"{self.patient}_ED_lv.nii.gz", numbers=_NUMBERS)
        extent_mm = info.places["ED"].extent_mm
        if len(extent_mm) != len(masks):
            raise InputError(
                Message(
                    "kaggle_slices_differ",
                    "info.json places {slices} slices, the masks have {masks}.",
                    slices=len(extent_mm),
                    masks=len(masks),
                )
            )
        area_mm2 = np.count_nonzero(masks, axis=(1, 2)) * info.pixel_mm**2
        drawn_ml = float((area_mm2 * extent_mm).sum()) / 1000
        if abs(drawn_ml - info.edv_ml) > tolerance * info.edv_ml:
            raise InputError(
                Message(
                    "kaggle_volume_differs",
                    "the masks hold {drawn_ml:.0f} mL at ED, the patient's true EDV is {edv_ml:.0f} mL.",
                    drawn_ml=drawn_ml,
                    edv_ml=info.edv_ml,
                )
            )


@dataclass(frozen=True, slots=True)
class KaggleSource:
    """A folder with the patients' folders; `volume_tolerance` None takes every stack."""

    folder: Path
    name: str = "kaggle"
    volume_tolerance: float | None = VOLUME_TOLERANCE

    def find(self) -> FoundCases:
        """Return both moments of every patient; raises `InputError` when there is none.

        Patients whose number is divisible by 5 validate.
        """
        folders = sorted(self.folder.glob("[0-9][0-9][0-9][0-9]"))
        if not folders:
            raise InputError(
                Message(
                    "no_kaggle_patients",
                    "No patients under {folder}; name the folder that holds 0001, …",
                    folder=self.folder,
                )
            )
        cases: list[Case] = []
        bad: list[BadCase] = []
        for patient in folders:
            missing = [name for name in _file_names(patient.name) if not (patient / name).is_file()]
            if missing:
                bad.append(BadCase(self.name, patient.name, "", f"{missing[0]} is missing."))
                continue
            cases += [KaggleCase(patient.name, moment, patient, self.volume_tolerance) for moment in _MOMENTS]
        held_out = frozenset(patient.name for patient in folders if int(patient.name) % VALIDATION_EVERY == 0)
        return FoundCases(tuple(cases), tuple(bad), held_out)


def read_info(folder: Path) -> KaggleInfo:
    """Return what a patient's `info.json` tells; raises `InputError` when something is missing in it."""
    try:
        raw: Any = json.loads((folder / "info.json").read_text("utf-8"))
        places = {
            moment: Places(tuple(float(place) for place in frame["location_mm"]), bool(frame["even"]))
            for moment, frame in raw["frames"].items()
        }
        info = KaggleInfo(float(raw["edv_ml"]), float(raw["esv_ml"]), float(raw["pixel_mm"]), places)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            Message(
                "kaggle_info_unreadable",
                "{folder}/info.json does not tell volumes and slices ({reason}).",
                folder=folder.name,
                reason=repr(error),
            )
        ) from error
    if not set(_MOMENTS) <= info.places.keys() or not info.edv_ml > 0:
        raise InputError(
            Message("kaggle_info_incomplete", "{folder}/info.json needs ED, ES and an EDV above 0.", folder=folder.name)
        )
    return info


def _file_names(patient: str) -> tuple[str, ...]:
    return ("info.json", *(f"{patient}_{moment}{part}.nii.gz" for moment in _MOMENTS for part in ("", "_lv")))
