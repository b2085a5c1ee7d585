"""Rules of the names of result folders."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.measure.conventions import NOTICE
from cinecor.report.names import FILES, input_id, result_names


def earlier(folder, **fields):
    """A folder as an earlier run leaves it."""
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).touch()
    document = {"schema_version": 1, "notice": NOTICE, **fields}
    (folder / "results.json").write_text(json.dumps({k: v for k, v in document.items() if v is not None}))
    return folder


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
    earlier(tmp_path / "study", input_id=input_id(Path("study")))
    (tmp_path / "study" / "my notes.txt").touch()
    assert result_names([Path("study")], out_dir=tmp_path) == ("study",)


def test_that_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "study").mkdir()
    assert result_names([Path("study")], out_dir=tmp_path) == ("study",)


@pytest.mark.parametrize("name", FILES)
def test_that_a_users_own_file_with_the_name_of_a_result_is_left_alone(tmp_path, name):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / name).touch()
    assert result_names([Path("study")], out_dir=tmp_path) == ("study-2",)


@pytest.mark.parametrize("content", [b"{}", b"[]", b"", b"\xff", b"[" * 100_000, b'{"schema_version": 1}'])
def test_that_three_files_that_are_not_ours_are_left_alone(tmp_path, content):
    earlier(tmp_path / "study", input="study")
    (tmp_path / "study" / "results.json").write_bytes(content)
    assert result_names([Path("study")], out_dir=tmp_path) == ("study-2",)


@pytest.mark.parametrize("field", [{"schema_version": None}, {"notice": None}, {"notice": "Ours."}, {"input": None}])
def test_that_results_without_our_marks_are_left_alone(tmp_path, field):
    earlier(tmp_path / "study", **{"input": "study", **field})
    assert result_names([Path("study")], out_dir=tmp_path) == ("study-2",)


def test_that_results_of_another_patient_are_left_alone_and_found_again(tmp_path):
    a, b = tmp_path / "A" / "study", tmp_path / "B" / "study"
    earlier(tmp_path / "R" / "study", input="study", input_id=input_id(a))
    assert result_names([b], out_dir=tmp_path / "R") == ("study-2",)
    earlier(tmp_path / "R" / "study-2", input="study", input_id=input_id(b))
    assert result_names([b], out_dir=tmp_path / "R") == ("study-2",)
    assert result_names([a], out_dir=tmp_path / "R") == ("study",)
    assert result_names([b, a], out_dir=tmp_path / "R") == ("study-2", "study")


def test_that_results_of_another_series_of_the_input_are_left_alone_when_series_are_told(tmp_path):
    study = tmp_path / "study"
    earlier(tmp_path / "R" / "study", input_id=input_id(study), stack={"series_uids": ["1.2", "1.3"]})
    assert result_names([study], out_dir=tmp_path / "R", series_uids=["1.3"]) == ("study",)
    assert result_names([study], out_dir=tmp_path / "R", series_uids=["9.9"]) == ("study-2",)
    assert result_names([study], out_dir=tmp_path / "R") == ("study",)


def test_that_one_relative_name_in_two_working_folders_is_two_inputs(tmp_path, monkeypatch):
    for patient in ("A", "B"):
        (tmp_path / patient).mkdir()
    monkeypatch.chdir(tmp_path / "A")
    earlier(tmp_path / "R" / "study", input="study", input_id=input_id(Path("study")))
    assert result_names([tmp_path / "A" / "study"], out_dir=Path("../R")) == ("study",)
    monkeypatch.chdir(tmp_path / "B")
    assert result_names([Path("study")], out_dir=Path("../R")) == ("study-2",)


def test_that_results_without_an_id_are_told_by_the_recorded_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    earlier(tmp_path / "R" / "study", input="A/study")
    assert result_names([tmp_path / "A" / "study"], out_dir=tmp_path / "R") == ("study",)
    assert result_names([Path("A/../A/study")], out_dir=tmp_path / "R") == ("study",)
    assert result_names([tmp_path / "B" / "study"], out_dir=tmp_path / "R") == ("study-2",)


def test_that_a_folder_that_holds_an_input_of_the_run_is_never_replaced(tmp_path):
    given = tmp_path / "A" / "study"
    folder = earlier(tmp_path / "R" / "study", input_id=input_id(given))
    names = result_names([given, folder / "segmentation.nii.gz"], out_dir=tmp_path / "R")
    assert names == ("study-2", "segmentation")


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
