"""A file is replaced whole or not at all, and whoever cannot write is told why."""

import errno
import os
import stat
from pathlib import Path

import pytest

from cinecor import durable_file
from cinecor.durable_file import UNFINISHED, replace_file, write_through
from cinecor.errors import OutputError


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_that_a_file_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "a.json"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert _names(path.parent) == ["a.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such permissions")
@pytest.mark.parametrize(("private", "others_may"), [(False, True), (True, False)])
def test_that_only_a_private_file_is_closed_to_others(tmp_path: Path, private: bool, others_may: bool) -> None:
    before = os.umask(0o022)
    try:
        replace_file(tmp_path / "a", b"", private=private)
    finally:
        os.umask(before)
    assert bool(stat.S_IMODE((tmp_path / "a").stat().st_mode) & 0o044) is others_may


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_that_a_failure_leaves_what_was_there_and_says_why(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    replace_file(path, b"one")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "Kein Platz")  # in the words of a system in another language

    if failing == "fsync":
        monkeypatch.setattr(durable_file.os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError) as refused:
        replace_file(path, b"two")
    message = refused.value.message
    assert (message.code, message.values["path"], message.values["reason"].code) == (
        "file_not_written",
        path,
        "no_space",
    )
    assert path.read_bytes() == b"one"
    assert _names(tmp_path) == ["a"]


def test_that_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError) as refused:
        replace_file(tmp_path / "file" / "a", b"")
    assert refused.value.message.values["reason"].code in ("not_a_directory", "file_exists")


def test_that_a_file_that_is_there_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    with pytest.raises(FileExistsError):
        write_through(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("step", range(1, 40))
def test_that_a_kill_at_any_line_leaves_one_content_whole(tmp_path: Path, step: int) -> None:
    import multiprocessing
    import signal
    import sys

    path = tmp_path / "a"
    replace_file(path, b"one")

    def die_at_step() -> None:
        run = 0

        def count(frame, event, _):  # type: ignore[no-untyped-def]
            nonlocal run
            if frame.f_code.co_filename != durable_file.__file__:
                return None
            run += event == "line"
            if run == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return count

        sys.settrace(count)
        replace_file(path, b"two")

    child = multiprocessing.get_context("fork").Process(target=die_at_step)
    child.start()
    child.join()
    assert path.read_bytes() in (b"one", b"two")
    assert all(name == "a" or name.startswith(UNFINISHED) for name in _names(tmp_path))
    if child.exitcode == 0:
        assert path.read_bytes() == b"two"
