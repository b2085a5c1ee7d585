"""The M&Ms challenge (Campello et al., IEEE TMI 2021) as a source of cases.

Published as a CSV file with `External code`, `ED` and `ES` (phases from 0), and for each code a folder with
`<code>_sa.nii.gz` and `<code>_sa_gt.nii.gz`, both 4D, labelled at ED and ES: 1 LV, 2 myocardium, 3 RV.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.data.case import BadCase, Case, FoundCases
from cinecor_training.data.label_volume import MNMS_LABELS
from cinecor_training.data.nifti_case import NiftiCase
from cinecor_training.data.patient_table import find_table

_COLUMNS = ("External code", "ED", "ES")


@dataclass(frozen=True, slots=True)
class MnmsSource:
    """A folder with M&Ms' CSV file and, at any depth, the patients' folders."""

    folder: Path
    name: str = "mnms"

    def find(self) -> FoundCases:
        """List ED and ES of every patient of the CSV file; raises `InputError` when that file is not there."""
        table = find_table(self.folder, columns=_COLUMNS)
        if table is None:
            raise InputError(
                Message(
                    "no_mnms_table",
                    "No CSV file with the columns {columns} in {folder}.",
                    columns=", ".join(_COLUMNS),
                    folder=self.folder,
                )
            )
        images = {path.parent.name: path for path in sorted(self.folder.rglob("*_sa.nii.gz"))}
        found = [one for row in table.rows for one in self._patient(row, images)]
        return FoundCases(
            tuple(case for case in found if not isinstance(case, BadCase)),
            tuple(case for case in found if isinstance(case, BadCase)),
        )

    def _patient(self, row: dict[str, str], images: dict[str, Path]) -> Iterator[Case | BadCase]:
        code = row["external code"]
        image = images.get(code)
        if image is None:
            yield BadCase(self.name, code, "", f"{code}_sa.nii.gz is missing.")
            return
        labels = image.with_name(f"{code}_sa_gt.nii.gz")
        for moment in ("ED", "ES"):
            phase = row.get(moment.lower(), "")
            if not labels.is_file():
                yield BadCase(self.name, code, moment, f"{labels.name} is missing.")
            elif not phase.isdigit():
                yield BadCase(self.name, code, moment, f"the CSV file gives “{phase}” as the phase of {moment}.")
            else:
                group = row.get("pathology") or "unknown"
                yield NiftiCase(code, moment, group, image, labels, phase=int(phase), numbers=MNMS_LABELS)
