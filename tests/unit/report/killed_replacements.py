"""Kill the replacement of a folder before every line that it runs, and look at what is left; run by its test.

usage: killed_replacements.py FOLDER EARLIER SWAPS (each of the two 0 or 1)

A process of its own, because forking the one that runs the tests, with all its libraries, takes ten times as long.
Prints one JSON line a kill, and one for the child that came to its end.
"""

import json
import multiprocessing
import os
import shutil
import signal
import sys
from pathlib import Path

from cinecor.durable_file import write_through
from cinecor.report.exchange import exchange
from cinecor.report.names import FILES
from cinecor.report.replacement import UNFINISHED, replace_folder

_SIZE = 20_000
_WRITERS = (replace_folder.__code__.co_filename, write_through.__code__.co_filename)


def _replace(target: Path, version: int, *, swaps: bool) -> None:
    replace_folder(
        target,
        files={name: bytes([version]) * _SIZE for name in FILES},
        replaceable=_replaceable,
        swap=exchange if swaps else lambda _one, _other: False,
    )


def _replaceable(target: Path) -> bool:
    """Return whether a folder may be replaced: nothing, an empty folder, or one that holds all files."""
    held = {one.name for one in target.iterdir()} if target.exists() else set()
    return not held or held.issuperset(FILES)


def _version(folder: Path) -> int | None:
    """Return the version that all files agree on; None where they do not, or one is not whole."""
    contents = [(folder / name).read_bytes() for name in FILES]
    found = {content for content in contents if len(content) == _SIZE}
    return next(iter(found))[0] if len(found) == 1 and len(set(contents)) == 1 else None


def _replace_and_die_at(line: int, target: Path, swaps: bool) -> None:
    """Replace, and be killed before the given line of the modules that write is run, counted as they are run."""
    run = 0

    def count(frame: object, event: str, _: object) -> object:
        nonlocal run
        if frame.f_code.co_filename not in _WRITERS:  # type: ignore[attr-defined]
            return None
        if event == "line":
            run += 1
            if run == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(count)  # type: ignore[arg-type]
    _replace(target, 2, swaps=swaps)
    sys.settrace(None)


def _run(folder: Path, *, earlier: bool, swaps: bool) -> None:
    target, fork = folder / "study", multiprocessing.get_context("fork")
    line, killed = 0, True
    while killed:
        line += 1
        if earlier:
            _replace(target, 1, swaps=swaps)
        child = fork.Process(target=_replace_and_die_at, args=(line, target, swaps))
        child.start()
        child.join()
        killed = child.exitcode == -signal.SIGKILL
        found: dict[str, object] = {"code": child.exitcode, "there": target.exists()}
        if target.exists():
            found["version"] = _version(target)
        elif earlier:
            found["aside"] = [
                [_version(one) for one in (folder / UNFINISHED).glob(f"{kind}-*")] for kind in ("old", "new")
            ]
        _replace(target, 3, swaps=swaps)
        found |= {"then": _version(target), "left": sorted(one.name for one in folder.iterdir())}
        sys.stdout.write(json.dumps(found) + "\n")
        shutil.rmtree(target)


if __name__ == "__main__":
    _run(Path(sys.argv[1]), earlier=sys.argv[2] == "1", swaps=sys.argv[3] == "1")
