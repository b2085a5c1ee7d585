"""ACDC's training part as a source of cases."""

from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import InputError
from cinecor_training.acdc import is_validation, patient_cases, patient_folders
from cinecor_training.data.case import BadCase, Case, FoundCases
from cinecor_training.data.nifti_case import NiftiCase


@dataclass(frozen=True, slots=True)
class AcdcSource:
    """A folder with `patient001/`, …: NIfTI frames and labels at ED and ES, `Info.cfg`."""

    folder: Path
    name: str = "acdc"

    def find(self) -> FoundCases:
        """List both moments of every patient; raises `InputError` when there is no patient.

        Patients whose number is divisible by 5 validate, as in every figure that was ever published of Cinecor.
        """
        cases: list[Case] = []
        bad: list[BadCase] = []
        folders = patient_folders(self.folder)
        for patient in folders:
            try:
                found = patient_cases(patient)
            except InputError as error:
                bad.append(BadCase(self.name, patient.name, "", str(error)))
                continue
            cases += [NiftiCase(case.patient, case.moment, case.group, case.image, case.labels) for case in found]
        held_out = frozenset(patient.name for patient in folders if is_validation(patient.name))
        return FoundCases(tuple(cases), tuple(bad), held_out)
