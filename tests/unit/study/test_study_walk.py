"""What counts as one input below a folder, and that the search tells of it before it has seen everything."""

import os
import shutil
from pathlib import Path

import pydicom
import pytest
from cohorts import dicom_files, write_studies

from cinecor.study.study_input import read_studies
from cinecor.study.study_walk import FoundInput, WithoutImage, inputs_below


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_studies(tmp_path_factory.mktemp("walk"), ("first", "second"))


def _names(root: Path) -> list[str]:
    return [one.name for one in inputs_below(root) if isinstance(one, FoundInput)]


def _as_series(study: Path, folder: Path) -> None:
    """Lay a study out with one folder and one series a slice."""
    for number, path in enumerate(dicom_files(study)):
        dataset = pydicom.dcmread(path)
        dataset.SeriesInstanceUID = f"1.2.3.{number // 2}.{len(folder.name)}"
        target = folder / f"series{number // 2}" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(target)


@pytest.mark.slow
def test_that_each_study_folder_archive_and_nifti_is_an_input(studies: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "root"
    for study in studies:
        shutil.copytree(study, root / "patients" / study.name)
    shutil.make_archive(str(root / "packed"), "zip", studies[0])
    (root / "p1").mkdir()
    (root / "p1" / "cine.nii.gz").touch()
    (root / "p1" / "Info.cfg").touch()
    assert _names(root) == ["p1_cine.nii.gz", "packed.zip", "patients_first", "patients_second"]


def test_that_an_archive_that_is_still_being_copied_is_no_input(tmp_path: Path) -> None:
    for name in ("whole.zip", "other", "coming.zip.part"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 and so on")
    assert _names(tmp_path) == ["other", "whole.zip"]


def test_that_folders_of_one_study_are_one_input(studies: list[Path], tmp_path: Path) -> None:
    for study in studies:
        _as_series(study, tmp_path / "root" / study.name)
    assert _names(tmp_path / "root") == ["first", "second"]
    assert _names(tmp_path / "root" / "first") == ["first"]


def test_that_copies_and_links_of_one_study_are_inputs_of_their_own(studies: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(studies[0], root / "a")
    shutil.copytree(studies[0], root / "b")
    (root / "c").symlink_to(studies[0], target_is_directory=True)
    assert _names(root) == ["a", "b", "c"]


def test_that_a_study_is_named_by_its_own_folder_where_its_files_lie_deeper(
    studies: list[Path], tmp_path: Path
) -> None:
    for study in studies:
        shutil.copytree(study, tmp_path / "root" / study.name / "DICOM")
    assert _names(tmp_path / "root") == ["first", "second"]


def test_that_folders_without_images_are_told_and_empty_ones_are_not(studies: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(studies[0], root / "study")
    (root / "papers").mkdir()
    (root / "papers" / "readme.txt").write_text("no image")
    (root / "empty").mkdir()
    found = list(inputs_below(root))
    assert [one for one in found if isinstance(one, WithoutImage)] == [WithoutImage(root / "papers")]
    assert len(found) == 2


def test_that_a_root_without_inputs_is_an_input_so_that_reading_says_why(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("no image")
    assert list(inputs_below(tmp_path)) == [FoundInput(tmp_path, tmp_path.name)]


def test_that_the_search_stays_out_of_the_results_and_of_circles(studies: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(studies[0], root / "study")
    shutil.copytree(studies[1], root / "out" / "old")
    (root / "circle").symlink_to(root, target_is_directory=True)
    assert list(inputs_below(root, without=root / "out")) == [FoundInput(root / "study", "study")]


@pytest.mark.slow
def test_that_the_first_input_comes_before_the_rest_was_looked_at(
    studies: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(1000):
        (root / f"s{number:03d}").symlink_to(studies[number % 2], target_is_directory=True)
    looked_into: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: looked_into.append(place) or scandir(place))
    assert next(inputs_below(root)) == FoundInput(root / "s000", "s000")
    assert len(looked_into) < 500


@pytest.mark.parametrize("kind", ["cine_4d.nii.gz", "study.zip", "both"])
def test_that_the_first_of_many_folders_without_dicom_comes_before_the_rest_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """As data sets lay them out: a folder a patient, with an image, a label map or an archive, and a text."""
    names = ("cine_4d.nii.gz", "cine_frame01_gt.nii.gz", "study.zip") if kind == "both" else (kind,)
    for number in range(300):
        folder = tmp_path / "root" / f"patient{number:03d}"
        folder.mkdir(parents=True)
        for name in (*names, "Info.cfg"):
            (folder / name).touch()
    looked_into: list[object] = []
    opened: list[object] = []
    scandir, open_path = os.scandir, Path.open
    monkeypatch.setattr(os, "scandir", lambda place: looked_into.append(place) or scandir(place))
    monkeypatch.setattr(Path, "open", lambda path, *rest, **more: opened.append(path) or open_path(path, *rest, **more))
    first = next(inputs_below(tmp_path / "root"))
    assert first.path == tmp_path / "root" / "patient000" / names[0]
    assert len(looked_into) < 100
    assert len(opened) < 100
    assert not any(str(path).endswith((".nii.gz", ".zip")) for path in opened)


def test_that_thousands_of_archives_in_one_folder_are_found_without_opening_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        (tmp_path / f"s{number:02d}.zip").touch()
    monkeypatch.setattr(Path, "open", lambda path, *_, **__: pytest.fail(f"{path} was opened"))
    assert len(_names(tmp_path)) == 50


def test_that_two_studies_in_one_folder_are_read_one_after_the_other(studies: list[Path], tmp_path: Path) -> None:
    for study in studies:
        for path in dicom_files(study):
            shutil.copy(path, tmp_path / f"{study.name}-{path.name}")
    read = list(read_studies(tmp_path))
    assert [one.error for one in read] == [None, None]
    assert {one.of for one in read} == {2}
    uids = [one.stack.series_uids for one in read if one.stack is not None]
    assert len(set(uids)) == 2
    for one in read:
        assert one.audit is not None
        assert one.audit.files_given == 20
        assert one.audit.files_used == 10
        assert not any(warning.code == "several_studies" for warning in one.audit.warnings)
