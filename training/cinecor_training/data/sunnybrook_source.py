"""Sunnybrook Cardiac Data as a source of cases: GE DICOM studies, contours of the left ventricle in text files.

The right ventricle is not outlined anywhere, the myocardium only where there is an outer contour, and slices without
contours may still show the heart: what is not known is marked as such, so that it is not learnt as background.
Image folders are called `SCD0000101`, contour folders `SC-HF-I-1` (or `SC-HF-I-01`); a CSV file with `PatientID` and
`OriginalID` (or `patient_id` and `original_id`) joins them, and where there is one of each they are joined without.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.study import CineStack, open_input
from cinecor_training.data.case import BadCase, Case, FoundCases, LabelledFrames, file_key, known_bits
from cinecor_training.data.patient_table import find_table
from cinecor_training.sunnybrook import contour_mask, find_contours, read_contour

_IMAGES = re.compile(r"SCD\d{7}")
_CONTOURS = re.compile(r"SC-(HF-NI|HF-I|HYP|N)-0*(\d+)")
_TABLES = (("patientid", "originalid"), ("patient_id", "original_id"))


@dataclass(frozen=True, slots=True)
class SunnybrookCase:
    """One phase of a study in which at least one slice has a contour."""

    patient: str
    moment: str
    group: str
    study: Path
    inner: tuple[tuple[int, Path], ...]  # (file number, contour of the cavity)
    outer: tuple[tuple[int, Path], ...]  # (file number, contour of the wall's outside)

    @property
    def key(self) -> str:
        """A text that changes when a contour or the study's folder does."""
        contours = [path for _, path in (*self.inner, *self.outer)]
        return f"{self.patient} {self.moment} {file_key(self.study, *contours)}"

    def read(self) -> LabelledFrames:
        """Read all slices of the phase; those without contour have no structure known."""
        stack = _stack(self.study)
        places = _places(stack)
        phase = places[self.inner[0][0]][1]
        labels = np.zeros((stack.slices, stack.rows, stack.columns), dtype=np.uint8)
        known = np.zeros(stack.slices, dtype=np.uint8)
        outer = dict(self.outer)
        for number, path in self.inner:
            position, _ = places[number]
            cavity = contour_mask(read_contour(path), rows=stack.rows, columns=stack.columns)
            if number in outer:
                wall = contour_mask(read_contour(outer[number]), rows=stack.rows, columns=stack.columns)
                labels[position][wall] = Label.MYO
                known[position] = known_bits((Label.MYO, Label.LV))
            else:
                known[position] = known_bits((Label.LV,))
            labels[position][cavity] = Label.LV
        return LabelledFrames(stack.pixels[:, phase], labels, known, stack.geometry)


@dataclass(frozen=True, slots=True)
class SunnybrookSource:
    """A folder that holds, at any depth, image folders and contour folders."""

    folder: Path
    name: str = "sunnybrook"

    def find(self) -> FoundCases:
        """List every phase with contours; raises `InputError` when there are no studies or no contours."""
        folders = [path for path in sorted(self.folder.rglob("SC*")) if path.is_dir()]
        studies = {path.name: path for path in folders if _IMAGES.fullmatch(path.name)}
        contours = {_original(path.name): path for path in folders if _CONTOURS.fullmatch(path.name)}
        if not studies or not contours:
            raise InputError(
                Message(
                    "sunnybrook_folders_missing",
                    "{folder} needs image folders such as SCD0000101 and contour folders such as SC-HF-I-1; {studies} "
                    "and {contours} are there.",
                    folder=self.folder,
                    studies=len(studies),
                    contours=len(contours),
                )
            )
        joined = self._joined(studies, contours)
        cases: list[Case] = []
        bad: list[BadCase] = []
        for patient, study in studies.items():
            if patient not in joined:
                bad.append(BadCase(self.name, patient, "", "no contours belong to it."))
                continue
            try:
                cases += _cases(patient, study=study, contours=joined[patient])
            except InputError as error:
                bad.append(BadCase(self.name, patient, "", str(error)))
        return FoundCases(tuple(cases), tuple(bad))

    def _joined(self, studies: dict[str, Path], contours: dict[str, Path]) -> dict[str, Path]:
        for patient_column, original_column in _TABLES:
            table = find_table(self.folder, columns=(patient_column, original_column))
            if table is not None:
                pairs = [(row[patient_column], _original(row[original_column])) for row in table.rows]
                return {patient: contours[original] for patient, original in pairs if original in contours}
        if len(studies) == len(contours) == 1:
            return {next(iter(studies)): next(iter(contours.values()))}
        raise InputError(
            Message(
                "sunnybrook_table_missing",
                "{folder} needs a CSV file with PatientID and OriginalID that joins images and contours.",
                folder=self.folder,
            )
        )


def _original(name: str) -> str:
    """Return a patient's original name with its number unpadded: SC-HF-I-01 is SC-HF-I-1."""
    match = _CONTOURS.fullmatch(name)
    return f"SC-{match[1]}-{int(match[2])}" if match else name


def _cases(patient: str, *, study: Path, contours: Path) -> Iterator[SunnybrookCase]:
    inner, outer = find_contours(contours, kind="i"), find_contours(contours, kind="o")
    places = _places(_stack(study))
    absent = sorted((inner.keys() | outer.keys()) - places.keys())
    if absent:
        raise InputError(
            Message(
                "contours_without_images",
                "contours of images that are not in the stack: {numbers}.",
                numbers=", ".join(map(str, absent[:5])),
            )
        )
    if not inner:
        raise InputError(Message("no_inner_contours", "no i-contours."))
    match = _CONTOURS.fullmatch(contours.name)
    # Outer contours were drawn at end-diastole alone.
    diastolic = {places[number][1] for number in outer}
    phases = sorted({places[number][1] for number in inner}, key=lambda phase: (phase not in diastolic, phase))
    for phase in phases:
        here = [number for number in sorted(inner) if places[number][1] == phase]
        yield SunnybrookCase(
            patient,
            "ED" if phase in diastolic else "ES" if len(phases) == 2 else f"phase {phase}",
            match[1] if match else "unknown",
            study,
            tuple((number, inner[number]) for number in here),
            tuple((number, outer[number]) for number in here if number in outer),
        )


@lru_cache(maxsize=1)
def _stack(study: Path) -> CineStack:
    """Read a study once for all its phases, which follow each other."""
    return open_input(study)[0]


def _places(stack: CineStack) -> dict[int, tuple[int, int]]:
    """Return (slice, phase) by file number: the last number in a DICOM file's name."""
    found = {}
    rows: NDArray[np.object_] = np.array(stack.files, dtype=object)
    for (position, phase), file in np.ndenumerate(rows):
        numbers = re.findall(r"\d+", Path(file).stem) if file else []
        if numbers:
            found[int(numbers[-1])] = (position, phase)
    return found
