"""The M&Ms-2 challenge (Martín-Isla et al., IEEE JBHI 2023) as a source of cases.

Published as `dataset_information.csv` (`SUBJECT_CODE`, `DISEASE`, …) and for each code a folder such as `001/` with
`001_SA_ED.nii.gz`, `001_SA_ED_gt.nii.gz` and the same for ES: 1 LV, 2 myocardium, 3 RV. Long-axis files are left alone.
"""

from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.data.case import BadCase, Case, FoundCases
from cinecor_training.data.label_volume import MNMS_LABELS
from cinecor_training.data.nifti_case import NiftiCase
from cinecor_training.data.patient_table import find_table

_CODE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Mnms2Source:
    """A folder with M&Ms-2's CSV file and, at any depth, the patients' folders."""

    folder: Path
    name: str = "mnms2"

    def find(self) -> FoundCases:
        """List ED and ES of every patient of the CSV file or with a folder; raises `InputError` when there is none."""
        table = find_table(self.folder, columns=("SUBJECT_CODE",)) or find_table(
            self.folder.parent, columns=("SUBJECT_CODE",)
        )
        rows = table.rows if table else ()
        groups = {row["subject_code"].zfill(_CODE_DIGITS): row.get("disease") or "unknown" for row in rows}
        folders = {
            path.parent.name: path.parent
            for path in sorted(self.folder.rglob("*_SA_E[DS]*.nii.gz"))
            if path.name.startswith(f"{path.parent.name}_")
        }
        if not folders:
            raise InputError(
                Message(
                    "no_mnms2_patients",
                    "No M&Ms-2 patients under {folder}: no file like 001/001_SA_ED.nii.gz.",
                    folder=self.folder,
                )
            )
        cases: list[Case] = []
        bad: list[BadCase] = []
        for code in sorted(groups.keys() | folders.keys()):
            if code not in folders:
                bad.append(BadCase(self.name, code, "", "the CSV file names it, but it has no folder."))
                continue
            for moment in ("ED", "ES"):
                image, labels = (folders[code] / f"{code}_SA_{moment}{end}.nii.gz" for end in ("", "_gt"))
                missing = [path.name for path in (image, labels) if not path.is_file()]
                if missing:
                    bad.append(BadCase(self.name, code, moment, f"{' and '.join(missing)} missing."))
                else:
                    group = groups.get(code, "unknown")
                    cases.append(NiftiCase(code, moment, group, image, labels, numbers=MNMS_LABELS))
        return FoundCases(tuple(cases), tuple(bad))
