"""Contoured Sunnybrook frames as PNG files: GE 1.5 T, the LV cavity alone.

A folder for each patient, `SC-HF-I-07/`, with `20.png`, `20_lv.png`, … and `info.json` that lists the numbers. A number
is slice × 20 + phase + 1, slices from base to apex. Pixels are 1.25 to 1.37 mm, which of it is not recorded.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor_training.data.case import BadCase, Case, FoundCases, LabelledFrames, file_key, known_bits
from cinecor_training.data.picture_stack import read_picture_info, read_pictures

PHASES: Final = 20
_PIXEL_MM: Final = 1.3
_SLICE_MM: Final = 10.0
_PATIENT = re.compile(r"SC-(HF-NI|HF-I|HYP|N)-(\d+)")
_NUMBERS: Final = {0: Label.BACKGROUND, 1: Label.LV}


@dataclass(frozen=True, slots=True)
class SunnybrookFramesCase:
    """The contoured slices of one phase."""

    patient: str
    moment: str
    group: str
    folder: Path
    numbers: tuple[int | None, ...]  # by slice from the first contoured to the last; None: not contoured

    @property
    def key(self) -> str:
        """A text that changes when a picture does."""
        files = [path for pair in self._files() for path in pair or ()]
        return f"{self.patient} {self.moment} {self.numbers} {file_key(*files)}"

    def read(self) -> LabelledFrames:
        """Return the slices; one without contour between two with one is blank, and not known."""
        return read_pictures(
            self._files(),
            numbers=_NUMBERS,
            known=known_bits((Label.LV,)),
            pixel_mm=_PIXEL_MM,
            slice_mm=_SLICE_MM,
        )

    def _files(self) -> list[tuple[Path, Path] | None]:
        return [
            None if number is None else (self.folder / f"{number}.png", self.folder / f"{number}_lv.png")
            for number in self.numbers
        ]


@dataclass(frozen=True, slots=True)
class SunnybrookFramesSource:
    """A folder with the patients' folders."""

    folder: Path
    name: str = "sunnybrook-frames"

    def find(self) -> FoundCases:
        """Return every phase with contours; raises `InputError` when there is no patient.

        Patients whose number ends in 5 or 0 validate.
        """
        folders = [path for path in sorted(self.folder.glob("SC-*")) if _PATIENT.fullmatch(path.name)]
        if not folders:
            raise InputError(
                Message(
                    "no_sunnybrook_patients",
                    "No patients under {folder}; name the folder that holds SC-HF-I-07, …",
                    folder=self.folder,
                )
            )
        cases: list[Case] = []
        bad: list[BadCase] = []
        for folder in folders:
            try:
                cases += _cases(folder)
            except InputError as error:
                bad.append(BadCase(self.name, folder.name, "", str(error)))
        held_out = frozenset(folder.name for folder in folders if folder.name[-1] in "05")
        return FoundCases(tuple(cases), tuple(bad), held_out)


def _cases(folder: Path) -> list[Case]:
    slices: dict[int, dict[int, int]] = defaultdict(dict)  # by phase, then slice
    for number in read_picture_info(folder, numbers="image_numbers"):
        slices[(number - 1) % PHASES][(number - 1) // PHASES] = number
    match = _PATIENT.fullmatch(folder.name)
    # The cavity of each slice is largest at end-diastole, where more slices are contoured too.
    ed = max(slices, key=lambda phase: (len(slices[phase]), phase))
    found: list[Case] = []
    for phase, numbers in sorted(slices.items(), key=lambda entry: entry[0] != ed):
        moment = "ED" if phase == ed else "ES" if len(slices) == 2 else f"phase {phase}"
        run = tuple(numbers.get(position) for position in range(min(numbers), max(numbers) + 1))
        found.append(SunnybrookFramesCase(folder.name, moment, match[1] if match else "unknown", folder, run))
    return found
