"""What is known of a patient's body: by the headers, in a folder as in an archive, and by what was typed."""

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest

from cinecor.app.study_run import body_of
from cinecor.cli.main import main
from cinecor.measure.reference.table import Sex
from cinecor.review import Body
from cinecor.study import open_input
from cinecor_phantom import Acquisition, make_phantom, write_dicom


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "one"
    protocol = Acquisition(slices=8, phases=4, rows=96, columns=96, slice_gap_mm=6.0)
    write_dicom(make_phantom(acquisition=protocol), folder, style="ge")
    for path in (path for path in folder.rglob("*") if path.is_file()):
        dataset = pydicom.dcmread(path)
        dataset.PatientSex, dataset.PatientAge = "F", "063Y"
        dataset.PatientSize, dataset.PatientWeight = 1.68, 72
        dataset.save_as(path)
    return folder


@pytest.fixture(scope="module")
def archive(study: Path) -> Path:
    return Path(shutil.make_archive(str(study), "zip", study.parent, study.name))


def test_that_an_archive_tells_what_its_folder_tells(study: Path, archive: Path) -> None:
    bodies = [body_of(open_input(path)[0], path) for path in (study, archive)]
    assert bodies[0] == bodies[1]
    assert (bodies[0].sex, bodies[0].age_years) == (Sex.FEMALE, 63)
    assert (bodies[0].height_cm, bodies[0].weight_kg) == (168.0, 72.0)


def test_that_what_was_typed_goes_before_the_headers_and_leaves_the_rest(study: Path) -> None:
    stack, _ = open_input(study)
    found = body_of(stack, study, typed=Body(sex=Sex.MALE, height_cm=180.0))
    assert (found.sex, found.height_cm) == (Sex.MALE, 180.0)
    assert (found.age_years, found.weight_kg) == (63, 72.0)
    assert found.heart_rate_bpm == stack.heart_rate_bpm


def test_that_of_a_nifti_all_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "one.nii.gz"
    nib.save(nib.nifti1.Nifti1Image(np.arange(16 * 16 * 12, dtype=np.float32).reshape(16, 16, 4, 3), np.eye(4)), path)
    stack, _ = open_input(path)
    assert body_of(stack, path) == Body()
    typed = Body(66.0, 175.0, 74.0, Sex.MALE, 60)
    assert body_of(stack, path, typed=typed) == typed


@pytest.mark.parametrize("wrong", [("--age", "121"), ("--age", "-1"), ("--height", "1.7"), ("--weight", "x")])
def test_that_what_no_person_has_is_wrong_usage(
    study: Path, tmp_path: Path, wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["segment", str(study), "--out", str(tmp_path / "out"), *wrong])
    assert stopped.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_that_a_height_in_metres_is_told_the_unit(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["segment", str(study), "--out", str(tmp_path / "out"), "--height", "1.75"])
    assert "'1.75' is no number from 40 to 250 cm" in capsys.readouterr().err
