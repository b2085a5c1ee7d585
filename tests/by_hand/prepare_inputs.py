"""Write inputs that once went wrong, made of a study.

    python tests/by_hand/prepare_inputs.py STUDY FOLDER

single-phase.nii.gz, apex-first.nii.gz    of the study's own stack
turned/                                   the study with its planes turned to where no short axis lies
copy/                                     the study's files once more
letter.txt, broken.zip, broken.nii.gz, nothing/
"""

import gzip
import shutil
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
from numpy.typing import NDArray

from cinecor.study import open_input

_TURNED_DEGREES = 53.0


def main(study: Path, folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True)
    stack, _ = open_input(study)
    voxels = np.ascontiguousarray(stack.pixels.transpose(3, 2, 0, 1))  # (x, y, slice, phase)
    row_mm, column_mm = stack.geometry.pixel_spacing_mm
    affine = np.diag([column_mm, row_mm, stack.geometry.slice_spacing_mm, 1.0])
    for name, pixels in (("single-phase", voxels[..., 0]), ("apex-first", voxels[:, :, ::-1])):
        nib.save(nib.Nifti1Image(np.ascontiguousarray(pixels), affine), folder / f"{name}.nii.gz")  # type: ignore[attr-defined]
    shutil.copytree(study, folder / "copy")
    _turn(study, stack.series_uids, folder / "turned")
    (folder / "letter.txt").write_text("a letter, no image", encoding="utf-8")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 and nothing that follows")
    (folder / "broken.nii.gz").write_bytes(gzip.compress(bytes(200)))
    (folder / "nothing").mkdir()


def _turn(study: Path, series_uids: tuple[str, ...], folder: Path) -> None:
    """Write the stack's series with their planes turned about the rows' direction of the first."""
    folder.mkdir()
    about: NDArray[np.float64] | None = None
    for number, path in enumerate(sorted(one for one in study.rglob("*") if one.is_file())):
        try:
            header = pydicom.dcmread(path)
        except pydicom.errors.InvalidDicomError:
            continue
        if header.get("SeriesInstanceUID") not in series_uids or "ImageOrientationPatient" not in header:
            continue
        axes = np.array(header.ImageOrientationPatient, dtype=float).reshape(2, 3)
        about = axes[0] if about is None else about
        header.ImageOrientationPatient = [part for axis in axes for part in _turned(axis, about)]
        header.ImagePositionPatient = _turned(np.array(header.ImagePositionPatient, dtype=float), about)
        header.save_as(folder / f"{number:05d}.dcm")


def _turned(vector: NDArray[np.float64], about: NDArray[np.float64]) -> list[float]:
    angle = np.radians(_TURNED_DEGREES)
    along = about * (vector @ about)
    turned = along + np.cos(angle) * (vector - along) + np.sin(angle) * np.cross(about, vector)
    return [round(float(part), 5) for part in turned]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
