"""A tiny data set in ACDC's layout, made of discs and rings."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest


def write_patient(folder: Path, number: int) -> None:
    patient = folder / f"patient{number:03d}"
    patient.mkdir(parents=True)
    patient.joinpath("Info.cfg").write_text("ED: 1\nES: 8\nGroup: NOR\nHeight: 170\nNbFrame: 20\nWeight: 70\n")
    random = np.random.default_rng(number)
    y, x = np.mgrid[:90, :100]
    for frame, radius in ((1, 14), (8, 10)):
        distance = np.hypot(y - 45 - number % 3, x - 55)
        labels = np.zeros((90, 100), np.uint8)
        labels[np.hypot(y - 45, x - 33) < radius] = 1
        labels[distance < radius + 6] = 2
        labels[distance < radius] = 3
        image = np.array([60.0, 200.0, 90.0, 220.0])[labels] + random.normal(0, 8, labels.shape)
        affine = np.diag([-1.5, -1.5, 10.0, 1.0])
        for suffix, plane, kind in (("", image, np.float32), ("_gt", labels, np.uint8)):
            volume = np.repeat(plane.T[..., None], 3, axis=2).astype(kind)
            nib.save(nib.Nifti1Image(volume, affine), patient / f"{patient.name}_frame{frame:02d}{suffix}.nii.gz")


@pytest.fixture(scope="session")
def small_acdc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("acdc")
    for number in (1, 2, 5):
        write_patient(folder, number)
    return folder
