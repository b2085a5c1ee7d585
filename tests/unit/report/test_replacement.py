"""Rules of the replacement of one folder by another, with and without names that can be swapped in one step."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cinecor.errors import OutputError
from cinecor.report.exchange import exchange
from cinecor.report.names import FILES
from cinecor.report.replacement import UNFINISHED
from cinecor.report.replacement import replace_folder as replace_folder_if

SIZE = 20_000


def replaceable(target):
    """A rule simpler than the one for results: nothing, an empty folder, or one that holds all files."""
    held = set(entries(target)) if target.exists() else set()
    return not held or held.issuperset(FILES)


def replace_folder(target, *, files, swap=exchange):
    replace_folder_if(target, files=files, replaceable=replaceable, swap=swap)


def cannot_swap(one, other):
    """What `exchange` says on Windows, on macOS and on some network shares."""
    return False


both = pytest.mark.parametrize("swap", [exchange, cannot_swap])
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def files(version):
    return {name: bytes([version % 256]) * SIZE for name in FILES}


def version_of(folder):
    """The version that all three files agree on."""
    contents = [(folder / name).read_bytes() for name in FILES]
    assert all(len(content) == SIZE for content in contents)
    (version,) = {byte for content in contents for byte in content}
    return version


def entries(folder):
    return sorted(entry.name for entry in folder.iterdir())


def set_aside(target, kind):
    """A folder in the hidden place as a killed writer leaves it, with a copy of what the target holds."""
    digest = hashlib.sha256(target.name.encode()).hexdigest()[:12]
    return shutil.copytree(target, target.with_name(UNFINISHED) / f"{kind}-{digest}-0123abcd")


def test_that_linux_can_swap_two_folders_in_one_step(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "one" / "mark").touch()
    swapped = exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "other" / "mark").exists() is swapped


def test_that_names_that_are_not_there_are_not_swapped(tmp_path):
    assert exchange(tmp_path / "one", tmp_path / "other") is False


def test_that_a_place_that_another_writer_removes_at_the_same_moment_is_made_anew(tmp_path, monkeypatch):
    place, looked = tmp_path / UNFINISHED, Path.is_dir
    place.mkdir()

    def gone_when_looked_at(path):
        if path == place and place.exists():
            place.rmdir()
        return looked(path)

    monkeypatch.setattr(Path, "is_dir", gone_when_looked_at)
    replace_folder(tmp_path / "study", files=files(1))
    assert version_of(tmp_path / "study") == 1


@both
def test_that_earlier_files_are_replaced_and_nothing_is_left(tmp_path, swap):
    for version in (1, 2, 3):
        replace_folder(tmp_path / "study", files=files(version), swap=swap)
        assert version_of(tmp_path / "study") == version
        assert entries(tmp_path) == ["study"]


@both
def test_that_entries_of_the_user_stay_in_place(tmp_path, swap):
    replace_folder(tmp_path / "study", files=files(1), swap=swap)
    (tmp_path / "study" / "notes.txt").write_text("looks fine")
    (tmp_path / "study" / "figures").mkdir()
    replace_folder(tmp_path / "study", files=files(2), swap=swap)
    assert entries(tmp_path / "study") == sorted([*FILES, "notes.txt", "figures"])
    assert entries(tmp_path) == ["study"]


@both
def test_that_an_empty_folder_may_be_filled(tmp_path, swap):
    (tmp_path / "study").mkdir()
    replace_folder(tmp_path / "study", files=files(1), swap=swap)
    assert version_of(tmp_path / "study") == 1


@both
def test_that_a_folder_of_other_things_is_refused(tmp_path, swap):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "1.dcm").touch()
    with pytest.raises(OutputError):
        replace_folder(tmp_path / "study", files=files(1), swap=swap)
    assert entries(tmp_path / "study") == ["1.dcm"]
    assert entries(tmp_path) == ["study"]


@both
def test_that_half_written_leavings_of_this_name_go_and_those_of_others_stay(tmp_path, swap):
    replace_folder(tmp_path / "study", files=files(1), swap=swap)
    (set_aside(tmp_path / "study", "new") / FILES[1]).write_bytes(b"cut off")
    other = tmp_path / UNFINISHED / "new-ffffffffffff-0123abcd"
    other.mkdir()
    replace_folder(tmp_path / "study", files=files(2), swap=swap)
    assert entries(tmp_path) == [UNFINISHED, "study"]
    assert entries(tmp_path / UNFINISHED) == [other.name]


@both
def test_that_files_set_aside_by_a_killed_writer_return_before_anything_else(tmp_path, swap):
    target = tmp_path / "study"
    replace_folder(target, files=files(1), swap=swap)
    (target / "notes.txt").write_text("looks fine")
    set_aside(target, "old")
    shutil.rmtree(target)
    replace_folder(target, files=files(2), swap=swap)
    assert version_of(target) == 2
    assert (target / "notes.txt").read_text() == "looks fine"
    assert entries(tmp_path) == ["study"]


@both
def test_that_files_set_aside_and_half_removed_do_not_return(tmp_path, swap):
    target = tmp_path / "study"
    replace_folder(target, files=files(1), swap=swap)
    (set_aside(target, "old") / FILES[0]).unlink()
    shutil.rmtree(target)
    with pytest.raises(OSError, match="No such file"):
        replace_folder(target, files={"no/such/folder": b""}, swap=swap)
    assert entries(tmp_path) == []


def test_that_a_stop_between_the_two_renames_brings_the_earlier_files_back(tmp_path):
    target = tmp_path / "study"
    replace_folder(target, files=files(1))

    def lose_the_new_files(new, _):
        shutil.rmtree(new)
        return False

    with pytest.raises(FileNotFoundError):
        replace_folder(target, files=files(2), swap=lose_the_new_files)
    assert version_of(target) == 1
    assert entries(tmp_path) == ["study"]


def test_that_a_place_that_another_writer_has_just_removed_is_made_again(tmp_path, monkeypatch):
    made = Path.mkdir
    removed = []

    def mkdir(path, *args, **options):
        made(path, *args, **options)
        if path.name == UNFINISHED and len(removed) < 3:
            path.rmdir()
            removed.append(path)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    replace_folder(tmp_path / "study", files=files(1))
    assert version_of(tmp_path / "study") == 1
    assert len(removed) == 3


@needs_fork
@pytest.mark.parametrize("swaps", [True, False])
@pytest.mark.parametrize("earlier", [True, False])
def test_that_a_kill_at_any_line_leaves_one_complete_version(tmp_path, swaps, earlier):
    script = Path(__file__).with_name("killed_replacements.py")
    command = [sys.executable, str(script), str(tmp_path), str(int(earlier)), str(int(swaps))]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    *kills, end = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(kills) > 30
    assert all(one["code"] == -signal.SIGKILL for one in kills)
    assert end["code"] == 0
    assert all((one["then"], one["left"]) == (3, ["study"]) for one in (*kills, end))
    seen = [one["version"] for one in (*kills, end) if one["there"]]
    assert set(seen) == ({1, 2} if earlier else {2})
    assert seen == sorted(seen)
    between = [one for one in kills if earlier and not one["there"]]
    assert all(one["aside"] == [[1], [2]] for one in between)
    # The moment without a name is one that only systems without a swap have.
    assert bool(between) is (earlier and not swaps)
