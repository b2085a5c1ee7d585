"""Rules of the names of result folders."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.report.names import FILES, result_names


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("study", "study"),
        ("study.zip", "study"),
        ("STUDY.ZIP", "STUDY"),
        ("patient001_4d.nii.gz", "patient001_4d"),
        ("patient001.nii", "patient001"),
        ("scan.2024.zip", "scan.2024"),
        ("Müller 心", "Müller 心"),
        ("a:b?c", "a_b_c"),
        ("CON", "_CON"),
        ("aux.zip", "_aux"),
        ("ends with dots...", "ends with dots"),
        (".zip", "study"),
    ],
)
def test_that_the_base_name_is_kept_as_far_as_every_system_allows(tmp_path, given_name, expected):
    assert result_names([Path("somewhere") / given_name], out_dir=tmp_path) == (expected,)


def test_that_inputs_of_one_name_are_numbered_in_order(tmp_path):
    inputs = [Path("a/study"), Path("b/study.zip"), Path("c/other"), Path("d/STUDY"), Path("e/study-2")]
    assert result_names(inputs, out_dir=tmp_path) == ("study", "study-2", "other", "STUDY-3", "study-2-2")


def test_that_dots_and_the_root_get_a_name(tmp_path, monkeypatch):
    (tmp_path / "case" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "case")
    out = tmp_path / "out"
    assert result_names([Path(), Path("sub/.."), Path("/")], out_dir=out) == ("case", "case-2", "study")


def test_that_earlier_results_keep_their_name(tmp_path):
    (tmp_path / "study").mkdir()
    for name in FILES:
        (tmp_path / "study" / name).touch()
    (tmp_path / "study" / "my notes.txt").touch()
    assert result_names([Path("study")], out_dir=tmp_path) == ("study",)


def test_that_a_folder_of_dicom_files_is_never_taken_for_results(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "1.dcm").touch()
    assert result_names([tmp_path / "study"], out_dir=tmp_path) == ("study-2",)


def test_that_a_file_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "study").touch()
    assert result_names([Path("study.zip")], out_dir=tmp_path) == ("study-2",)


@given(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=120))
def test_that_any_name_becomes_one_that_windows_and_linux_can_hold(tmp_path_factory, name):
    if name in {".", ".."}:
        return
    (safe,) = result_names([Path("/nowhere") / name], out_dir=Path("/nowhere/out"))
    assert safe
    assert len(safe.encode()) <= 250
    assert not set(safe) & set('<>:"/\\|?*')
    assert all(ord(character) >= 32 for character in safe)
    assert safe == safe.rstrip(". ")
