"""MyoPS 2020 crops as PNG files: patients with infarcts, Philips 1.5 T, all three structures at end-diastole.

A folder for each patient, `101/`, with `0.png`, `0_labels.png` (this project's label numbers), … and `info.json`. The
crops are 128 × 128 pixels of roughly 0.75 to 0.9 mm, which of it is not recorded; the RV may reach beyond the crop.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.data.case import ALL_KNOWN, BadCase, Case, FoundCases, LabelledFrames, file_key
from cinecor_training.data.label_volume import OWN_LABELS
from cinecor_training.data.picture_stack import read_picture_info, read_pictures

VALIDATION_EVERY: Final = 5
_PIXEL_MM: Final = 0.82
_SLICE_MM: Final = 15.0


@dataclass(frozen=True, slots=True)
class MyopsCase:
    """End-diastole of one patient."""

    patient: str
    folder: Path
    slices: tuple[int, ...]

    @property
    def moment(self) -> str:
        """All of them were taken at end-diastole."""
        return "ED"

    @property
    def group(self) -> str:
        """All of them have infarcts; named as ACDC does."""
        return "MINF"

    @property
    def key(self) -> str:
        """A text that changes when a picture does."""
        return f"{self.patient} {file_key(*(path for pair in self._files() for path in pair))}"

    def read(self) -> LabelledFrames:
        """Return the slices; raises `InputError` when one is bad."""
        return read_pictures(self._files(), numbers=OWN_LABELS, known=ALL_KNOWN, pixel_mm=_PIXEL_MM, slice_mm=_SLICE_MM)

    def _files(self) -> list[tuple[Path, Path]]:
        return [(self.folder / f"{index}.png", self.folder / f"{index}_labels.png") for index in self.slices]


@dataclass(frozen=True, slots=True)
class MyopsSource:
    """A folder with the patients' folders."""

    folder: Path
    name: str = "myops"

    def find(self) -> FoundCases:
        """Return every patient; raises `InputError` when there is none. Numbers divisible by 5 validate."""
        folders = sorted(self.folder.glob("[0-9][0-9][0-9]"))
        if not folders:
            raise InputError(
                Message(
                    "no_myops_patients",
                    "No patients under {folder}; name the folder that holds 101, …",
                    folder=self.folder,
                )
            )
        cases: list[Case] = []
        bad: list[BadCase] = []
        for folder in folders:
            try:
                cases.append(MyopsCase(folder.name, folder, read_picture_info(folder, numbers="slices")))
            except InputError as error:
                bad.append(BadCase(self.name, folder.name, "", str(error)))
        held_out = frozenset(folder.name for folder in folders if int(folder.name) % VALIDATION_EVERY == 0)
        return FoundCases(tuple(cases), tuple(bad), held_out)
