"""Rules of the manifest: who may open it when, names without a clash, and rows that survive what ends a run."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cinecor.cohort import manifest_file
from cinecor.cohort.input_row import State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.manifest_file import FILE_NAME
from cinecor.errors import OutputError, UsageError
from cinecor.message import Message


def test_that_a_cohort_is_looked_at_when_its_run_has_ended_and_not_before(tmp_path: Path) -> None:
    manifest = Manifest.open(tmp_path, resume=False)
    manifest.add(tmp_path / "a", name="a")
    manifest.commit()
    with pytest.raises(UsageError) as refused:
        Manifest.read(tmp_path)
    assert refused.value.message.code == "cohort_being_worked_on"
    manifest.close()
    with closing(Manifest.read(tmp_path)) as looked_at:
        assert [row.name for row in looked_at.inputs()] == ["a"]


def test_that_a_folder_without_manifest_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none:
        Manifest.read(tmp_path)
    assert none.value.message.code == "no_cohort"
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    with pytest.raises(OutputError) as damaged:
        Manifest.read(tmp_path)
    assert damaged.value.message.code == "cohort_damaged"
    with pytest.raises(OutputError) as damaged:
        Manifest.open(tmp_path, resume=True)
    assert damaged.value.message.code == "cohort_damaged"


def test_that_a_second_run_on_a_cohort_is_refused_while_the_first_goes_on(tmp_path: Path) -> None:
    first = Manifest.open(tmp_path, resume=False)
    with pytest.raises(OutputError) as refused:
        Manifest.open(tmp_path, resume=True)
    assert refused.value.message.code == "cohort_in_use"
    first.close()
    Manifest.open(tmp_path, resume=True).close()


def test_that_inputs_of_one_name_get_folders_of_their_own_also_where_case_does_not_count(tmp_path: Path) -> None:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        for folder, name in (("a", "Study"), ("b", "study"), ("c", "study-2"), ("d", "STUDY")):
            manifest.add(tmp_path / folder, name=name)
        names = [row.name for row in manifest.inputs()]
    assert names == ["Study", "study-2", "study-2-2", "STUDY-3"]


def test_that_no_input_is_named_as_a_study_of_an_input_of_several_would_be(tmp_path: Path) -> None:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        for folder, name in (
            ("a", "x"),
            ("b", "X-study-0123456789ab"),
            ("c", "y-study-ff0000000000"),
            ("d", "y"),
            ("e", "z-study-1"),
            ("f", "z"),
        ):
            manifest.add(tmp_path / folder, name=name)
        names = [row.name for row in manifest.inputs()]
    assert names == ["x", "X-study-0123456789ab-2", "y-study-ff0000000000", "y-2", "z-study-1", "z"]


def test_that_claimed_inputs_wait_again_and_settled_ones_do_not(tmp_path: Path) -> None:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        for name in "abc":
            manifest.add(tmp_path / name, name=name)
        done, claimed = (manifest.row_of(tmp_path / name) for name in "ab")
        assert done is not None
        assert claimed is not None
        manifest.claim(done, content="x", mark="")
        manifest.settle(done, state=State.DONE, studies=(StudyRow(1, "a"),))
        manifest.claim(claimed, content="y", mark="before")
    with closing(Manifest.open(tmp_path, resume=True)) as manifest:
        manifest.take_back()
        assert [row.state for row in manifest.inputs()] == [State.DONE, State.WAITING, State.WAITING]
        again = manifest.next_waiting()
        assert again is not None
        assert again.name == "b"
        # Results that lie there now, of the same content, were written by the run that ended.
        assert manifest.claim(again, content="y", mark="after") == "before"
        assert manifest.claim(again, content="changed", mark="after") == "after"


def test_that_failures_are_counted_by_reason_the_most_frequent_first(tmp_path: Path) -> None:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        for name, code in (("a", "zip_broken"), ("b", "no_short_axis"), ("c", "zip_broken")):
            manifest.add(tmp_path / name, name=name)
            row = manifest.row_of(tmp_path / name)
            assert row is not None
            manifest.settle(row, state=State.FAILED, failure=Message(code, "Why."))
        assert manifest.failures() == [("zip_broken", 2, "Why."), ("no_short_axis", 1, "Why.")]
        assert manifest.counts() == {State.FAILED: 3}


def test_that_a_manifest_whose_making_was_broken_off_is_made_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = manifest_file._TABLES
    monkeypatch.setattr(manifest_file, "_TABLES", tables.replace("CREATE INDEX", "BROKEN OFF"))
    with pytest.raises(OutputError):
        Manifest.open(tmp_path, resume=False)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == []
        file.executescript(tables.partition(";")[0])  # as an earlier version could leave it
    monkeypatch.setattr(manifest_file, "_TABLES", tables)
    with closing(Manifest.open(tmp_path, resume=True)) as manifest:
        manifest.add(tmp_path / "a", name="a")
        assert [row.name for row in manifest.inputs()] == ["a"]


def test_that_a_manifest_that_cannot_be_written_any_more_says_where_it_lies(tmp_path: Path) -> None:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        manifest.add(tmp_path / "a", name="a")
        manifest.commit()
        manifest._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(OutputError) as refused:
            manifest.add(tmp_path / "b", name="b")
        manifest._connection.execute("PRAGMA query_only = OFF")
    assert refused.value.message.code == "cohort_not_opened"
    assert str(tmp_path / FILE_NAME) in str(refused.value)


def test_that_a_file_system_without_locks_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_locks(_: int) -> bool:
        raise OSError("no locks available")

    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        assert manifest.locked
    monkeypatch.setattr(manifest_file, "take_lock", without_locks)
    with closing(Manifest.open(tmp_path, resume=True)) as manifest:
        assert not manifest.locked
