"""Reading the ACDC challenge's training part: NIfTI frames, labels and `Info.cfg`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.data.label_volume import read_label_volume

VALIDATION_EVERY = 5  # patients whose number is divisible by 5 are never trained on


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled frame stack of one patient: end-diastole or end-systole."""

    patient: str
    moment: str  # "ED" or "ES"
    group: str
    image: Path
    labels: Path


def is_validation(patient: str) -> bool:
    """Return whether a patient, named like `patient005`, belongs to the fixed validation set."""
    return int(patient.removeprefix("patient")) % VALIDATION_EVERY == 0


def read_info(path: Path) -> dict[str, str]:
    """Read an `Info.cfg`: lines of `key: value`."""
    pairs = (line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def patient_folders(folder: Path) -> tuple[Path, ...]:
    """List the patients' folders, sorted; raises `InputError` when there is none."""
    found = tuple(sorted(folder.glob("patient[0-9][0-9][0-9]")))
    if not found:
        raise InputError(
            Message(
                "no_acdc_patients",
                "No ACDC patients under {folder}; point --data at the folder that holds patient001, …",
                folder=folder,
            )
        )
    return found


def find_cases(folder: Path) -> tuple[Case, ...]:
    """List every labelled frame under an ACDC training folder (`patientNNN/…`), sorted by patient.

    Raises `InputError` when there is none, and for the first patient that is incomplete.
    """
    return tuple(case for patient in patient_folders(folder) for case in patient_cases(patient))


def patient_cases(patient: Path) -> tuple[Case, Case]:
    """Return end-diastole and end-systole of one patient's folder; raises `InputError` when something is missing."""
    info_file = patient / "Info.cfg"
    if not info_file.is_file():
        raise InputError(Message("info_cfg_missing", "{patient}: Info.cfg is missing.", patient=patient.name))
    info = read_info(info_file)
    return _case(patient, "ED", info), _case(patient, "ES", info)


def _case(patient: Path, moment: str, info: dict[str, str]) -> Case:
    if not info.get(moment, "").isdigit():
        raise InputError(
            Message(
                "info_cfg_without_frame",
                "{patient}: Info.cfg does not tell the frame number of {moment}.",
                patient=patient.name,
                moment=moment,
            )
        )
    stem = f"{patient.name}_frame{int(info[moment]):02d}"
    image, labels = patient / f"{stem}.nii.gz", patient / f"{stem}_gt.nii.gz"
    if not (image.is_file() and labels.is_file()):
        raise InputError(
            Message(
                "acdc_files_missing",
                "{patient}: {stem} is named by Info.cfg but its files are missing.",
                patient=patient.name,
                stem=stem,
            )
        )
    return Case(patient.name, moment, info.get("Group", "unknown"), image, labels)


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read a label volume as (slice, row, column) uint8; raises `InputError` on values outside 0 to 3."""
    return read_label_volume(path)
