"""Small cohorts for tests: synthetic studies that are read and outlined in a fraction of a second."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pydicom

from cinecor_phantom import Acquisition, HeartShape, Phantom, make_phantom, write_dicom

TINY = Acquisition(
    slices=5, phases=2, rows=64, columns=64, pixel_spacing_mm=3.0, slice_thickness_mm=12.0, slice_gap_mm=12.0
)


def write_studies(root: Path, names: Sequence[str], *, style: str = "ge") -> list[Path]:
    """Write one tiny study a name, all of them different, and return their folders."""
    folders = []
    for seed, name in enumerate(names):
        write_dicom(_heart(seed), root / name, style=style)
        folders.append(root / name)
    return folders


@cache
def _heart(seed: int) -> Phantom:
    return make_phantom(HeartShape.of_volumes(140.0 + 8 * seed, 60.0 + 4 * seed), TINY, seed=seed)


def dicom_files(folder: Path) -> list[Path]:
    """Return the files of a study by slice and phase."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(files, key=lambda path: int(pydicom.dcmread(path, stop_before_pixels=True).InstanceNumber))
