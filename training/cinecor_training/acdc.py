"""Reading the ACDC challenge's training part: NIfTI frames, labels and `Info.cfg`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError

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
    """Tell whether a patient, named like `patient005`, belongs to the fixed validation set."""
    return int(patient.removeprefix("patient")) % VALIDATION_EVERY == 0


def read_info(path: Path) -> dict[str, str]:
    """Read an `Info.cfg`: lines of `key: value`."""
    pairs = (line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def find_cases(folder: Path) -> tuple[Case, ...]:
    """List every labelled frame under an ACDC training folder (`patientNNN/…`), sorted by patient.

    Raises `InputError` when there is none.
    """
    cases = tuple(_patient_cases(patient) for patient in sorted(folder.glob("patient[0-9][0-9][0-9]")))
    found = tuple(case for patient in cases for case in patient)
    if not found:
        raise InputError(f"No ACDC patients under {folder}; point --data at the folder that holds patient001, …")
    return found


def _patient_cases(patient: Path) -> Iterator[Case]:
    info = read_info(patient / "Info.cfg")
    for moment in ("ED", "ES"):
        stem = f"{patient.name}_frame{int(info[moment]):02d}"
        image, labels = patient / f"{stem}.nii.gz", patient / f"{stem}_gt.nii.gz"
        if not (image.is_file() and labels.is_file()):
            raise InputError(f"{patient.name}: {stem} is named by Info.cfg but its files are missing.")
        yield Case(patient.name, moment, info.get("Group", "unknown"), image, labels)


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read a label volume as (slice, row, column) uint8; raises `InputError` on values outside 0 to 3."""
    import nibabel as nib

    data = np.asarray(nib.Nifti1Image.from_filename(path).dataobj)
    labels = np.rint(data).astype(np.uint8)
    if labels.ndim != 3 or labels.max(initial=0) > 3:
        raise InputError(f"{path.name}: expected a 3D label volume with values 0 to 3, got shape {data.shape}.")
    return np.ascontiguousarray(labels.transpose(2, 1, 0))
