"""How far volumes move when only a NIfTI header's axes are made up: ACDC frames in three header forms, as a table.

usage: python tests/benchmarks/header_forms.py --data ACDC_TRAINING_FOLDER [--patients 12]

The same values are read as published, with an affine of nothing but the voxel sizes, and with qform and sform unset.
Errors are those of the whole volume against the readers' labels. Returns 1 when a form's mean error is more than 0.5 mL
off that of the published files, a case's more than 3 mL, or an orientation that was guessed is not told.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nibabel
import numpy as np

from cinecor.app.session import open_session
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Label
from cinecor.study import open_input
from cinecor_training.acdc import Case, is_validation, patient_cases, patient_folders

FORMS: Final = ("as published", "spacing only", "codes unset")
VENTRICLES: Final = {"RV": Label.RV, "LV": Label.LV}
_MOST_ON_AVERAGE_ML: Final = 0.5
_MOST_OF_A_CASE_ML: Final = 3.0
_HEAD: Final = "| header | mean RV error mL | mean LV error mL | most of a case RV mL | LV mL | guessed | told |"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: the error of each ventricle against the reader, and whether a guess was told."""

    errors_ml: Mapping[str, float]
    oriented: bool  # by the header
    told: bool  # that the way the heart lies was found in the picture

    @property
    def honest(self) -> bool:
        """Whether every guess is told, and nothing else is called one."""
        return self.told != self.oriented


def written(image: Path, form: str, folder: Path) -> Path:
    """Write the values of an image under a header of a form, and return the file."""
    if form == "as published":
        return image
    given = nibabel.load(image)
    values, zooms = np.asarray(given.dataobj).astype(np.int16), given.header.get_zooms()[:3]
    path = folder / image.name
    made = nibabel.Nifti1Image(values, np.diag([*zooms, 1.0]) if form == "spacing only" else None)
    if form == "codes unset":
        made.header.set_zooms(zooms)
        made.header["qform_code"] = made.header["sform_code"] = 0
    nibabel.save(made, path)
    return path


def read(path: Path, labels: Path, model: FrameModel) -> Reading:
    """Return how far the volumes of one file are off those of the reader's labels."""
    stack, audit = open_input(path)
    outlined = segment(stack, model).labels[:, 0]
    geometry = stack.geometry
    voxel_ml = geometry.pixel_spacing_mm[0] * geometry.pixel_spacing_mm[1] * geometry.slice_spacing_mm / 1000
    true = np.asarray(nibabel.load(labels).dataobj)
    errors = {
        name: float(abs(int((outlined == label).sum()) - int((true == label).sum())) * voxel_ml)
        for name, label in VENTRICLES.items()
    }
    told = any(caution.code == "unoriented" for caution in audit.cautions)
    return Reading(errors, geometry.oriented, told)


def table(readings: Mapping[str, Mapping[str, Reading]]) -> tuple[str, bool]:
    """Return the table of all readings (form → case → reading), and whether it is as it must be."""
    published = readings[FORMS[0]]
    lines = [_HEAD, "|---" * 7 + "|"]
    good = True
    for form, cases in readings.items():
        means, worst = [], []
        for name in VENTRICLES:
            errors = [reading.errors_ml[name] for reading in cases.values()]
            off = [abs(cases[case].errors_ml[name] - published[case].errors_ml[name]) for case in cases]
            means.append(float(np.mean(errors)))
            worst.append(max(off))
            before = float(np.mean([published[case].errors_ml[name] for case in cases]))
            good &= abs(means[-1] - before) <= _MOST_ON_AVERAGE_ML and worst[-1] <= _MOST_OF_A_CASE_ML
        good &= all(reading.honest for reading in cases.values())
        guessed = sum(not reading.oriented for reading in cases.values())
        told = sum(reading.told for reading in cases.values())
        lines.append(
            f"| {form} | {means[0]:.2f} | {means[1]:.2f} | {worst[0]:.2f} | {worst[1]:.2f} | {guessed} of {len(cases)} "
            f"| {told} of {len(cases)} |"
        )
    return "\n".join(lines), good


def main() -> int:
    """Read every case in every form and print the table."""
    parser = argparse.ArgumentParser(description="Volumes of ACDC frames in three header forms.")
    parser.add_argument("--data", type=Path, required=True, help="ACDC's training folder")
    parser.add_argument(
        "--patients", type=int, default=12, help="of the validation set, by number; default: %(default)s"
    )
    options = parser.parse_args()
    validation = [folder for folder in patient_folders(options.data) if is_validation(folder.name)]
    model = open_session(device="cpu")
    readings: dict[str, dict[str, Reading]] = {form: {} for form in FORMS}
    with tempfile.TemporaryDirectory(prefix="cinecor-headers-") as folder:
        for case in (case for patient in validation[: options.patients] for case in patient_cases(patient)):
            for form in FORMS:
                reading = read(written(case.image, form, Path(folder)), case.labels, model)
                readings[form][_name(case)] = reading
                errors = "  ".join(f"{name} {error:6.2f} mL" for name, error in reading.errors_ml.items())
                sys.stdout.write(f"{_name(case)}  {form:13}  {errors}\n")
                sys.stdout.flush()
    text, good = table(readings)
    sys.stdout.write(f"\n{text}\n")
    return 0 if good else 1


def _name(case: Case) -> str:
    return f"{case.patient} {case.moment}"


if __name__ == "__main__":
    sys.exit(main())
