"""The real studies read as their providers describe them."""

import warnings
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom import dcmread

from cinecor.study import open_input
from cinecor.study.nifti.nifti_file import nifti_header

pytestmark = pytest.mark.real


def test_that_the_ge_study_is_twelve_slices_of_twenty_phases_in_file_order(sunnybrook: Path) -> None:
    stack, audit = open_input(sunnybrook / "SCD0000101")
    assert stack.pixels.shape == (12, 20, 256, 256)
    assert stack.files is not None
    for number, row in enumerate(stack.files):
        assert row == tuple(f"{number * 20 + phase + 1}.dcm" for phase in range(20))
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=0.01)
    assert stack.heart_rate_bpm == pytest.approx(79, abs=1)
    assert (audit.files_given, audit.files_used) == (240, 240)
    (told,) = audit.warnings  # ImagesInAcquisition says 280: two slices were not published
    assert (told.code, told.values["n"]) == ("images_not_there", 40)
    assert audit.cautions == (told,)


@pytest.mark.parametrize("value", [None, 0.0], ids=["absent", "zero"])
def test_that_the_ge_study_keeps_its_order_without_cycle_times(
    sunnybrook: Path, tmp_path: Path, value: float | None
) -> None:
    """Its ContentTime is the order of reconstruction, which is not that of the phases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in (sunnybrook / "SCD0000101").glob("*.dcm"):
            ds = dcmread(path)
            for keyword in ("TriggerTime", "NominalCardiacTriggerDelayTime"):
                delattr(ds, keyword) if value is None else setattr(ds, keyword, value)
            ds.save_as(tmp_path / path.name)
    stack, audit = open_input(tmp_path)
    assert audit.phase_order_tag == "InstanceNumber"
    assert stack.files is not None
    assert [row[7] for row in stack.files] == [f"{number * 20 + 8}.dcm" for number in range(12)]
    assert stack.phase_times_ms is None


def test_that_contours_beside_the_images_are_rows_of_the_audit(sunnybrook: Path) -> None:
    _, audit = open_input(sunnybrook)
    assert (audit.files_given, audit.files_used, len(audit.left_out)) == (267, 240, 27)


def test_that_the_last_slice_of_the_ge_study_is_the_apex(sunnybrook: Path) -> None:
    """The left ventricle the experts drew grows smaller from the first slice to the last."""
    areas: dict[int, float] = {}
    for path in sorted((sunnybrook / "contours").rglob("*ocontour-manual.txt")):
        x, y = np.loadtxt(path).T
        number = (int(path.name.split("-")[2]) - 1) // 20
        areas[number] = 0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))
    assert areas[min(areas)] > 1.5 * areas[max(areas)]


def test_that_the_siemens_series_are_one_stack_and_long_axes_are_left_out(siemens: Path) -> None:
    stack, audit = open_input(siemens)
    assert stack.pixels.shape == (6, 25, 208, 256)
    assert len(stack.series_uids) == 6
    assert stack.geometry.slice_spacing_mm == pytest.approx(17.7, abs=0.01)
    assert stack.files is not None
    assert [row[0].split("/")[1] for row in stack.files if row[0]] == ["Se11", "Se1", "Se2", "Se3", "Se4", "Se5"]
    assert stack.heart_rate_bpm == pytest.approx(72.3, abs=0.5)
    assert audit.phase_order_tag == "TriggerTime"
    assert (audit.files_given, audit.files_used, len(audit.left_out)) == (225, 150, 75)
    assert {str(row.reason).split(": ")[1] for row in audit.left_out} == {"long-axis cine"}
    assert any("thickness 6 mm + gap 11.7 mm = 17.7 mm" in warning for warning in map(str, audit.warnings))


def test_that_acdc_volumes_keep_grid_and_affine(acdc_patient: Callable[[int], Path]) -> None:
    path = next(acdc_patient(5).glob("*_frame01.nii.gz"))
    stack, audit = open_input(path)
    image = nibabel.load(path)
    assert stack.pixels.shape == (image.shape[2], 1, image.shape[1], image.shape[0])
    assert stack.nifti is not None
    assert (nifti_header(stack.nifti.header).get_best_affine() == image.affine).all()
    assert stack.geometry.slice_spacing_mm == pytest.approx(float(image.header.get_zooms()[2]))
    assert audit.files_used == 1
