"""`planted_faults`: damage done to the installed program, which its self-test must find and name."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from debian_root import HOME, DebianRoot
from report import Failed

_INTERNAL: Final = "/usr/lib/cinecor/_internal"
_RESOURCES: Final = f"{_INTERNAL}/cinecor_resources"
_REFUSED_MODEL: Final = 4

_Damage = Callable[[DebianRoot], contextlib.AbstractContextManager[None]]


def planted_faults(root: DebianRoot) -> Iterator[tuple[str, Callable[[], str]]]:
    """Give each fault's name, and the step that plants it, tries the self-test and mends it again."""
    faults: tuple[tuple[str, _Damage, int, tuple[str, ...]], ...] = (
        ("a codec is missing", partial(_without, f"{_INTERNAL}/_gdcm"), 1, ("cannot be read here", "again")),
        (
            "the model is damaged",
            partial(_damaged, f"{_RESOURCES}/models/cinecor-sax.cinecor"),
            _REFUSED_MODEL,
            ("The model that ships with Cinecor is not as it was made", "install Cinecor again"),
        ),
        (
            "a resource is removed",
            partial(_without, f"{_RESOURCES}/locale/fr/LC_MESSAGES/cinecor.mo"),
            1,
            ("The installation lacks cinecor.mo", "install Cinecor again"),
        ),
        (
            "the home cannot be written to",
            _unwritable_home,
            1,
            (HOME, "cannot be written to", "ask for the permission"),
        ),
    )
    for name, damage, code, words in faults:
        yield f"self-test: {name}", partial(_tried, root, damage, code, words)


def _tried(root: DebianRoot, damage: _Damage, code: int, words: tuple[str, ...]) -> str:
    """Give the sentence that the self-test ends with. Raises `Failed` when it passes, or says something else."""
    with damage(root):
        run = root.run(["cinecor", "selftest"], user=True)
    said = run.stdout + run.stderr
    sentence = next((line for line in said.splitlines() if all(word in line for word in words)), None)
    if run.returncode != code or sentence is None or "Traceback" in said:
        raise Failed(f"exit code {run.returncode} instead of {code}: {said[-600:]}")
    return f"exit code {code}: {sentence}"


@contextlib.contextmanager
def _without(place: str, root: DebianRoot) -> Iterator[None]:
    path = root.path(place)
    aside = root.path("/root") / path.name
    shutil.move(path, aside)
    try:
        yield
    finally:
        shutil.move(aside, path)


@contextlib.contextmanager
def _damaged(place: str, root: DebianRoot) -> Iterator[None]:
    """Turn one byte in the middle of a file."""
    path = root.path(place)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    try:
        yield
    finally:
        path.write_bytes(whole)


@contextlib.contextmanager
def _unwritable_home(root: DebianRoot) -> Iterator[None]:
    folders = [path for path in (root.path(HOME), *root.path(HOME).rglob("*")) if path.is_dir()]
    modes = {path: path.stat().st_mode for path in folders}
    _set_modes({path: mode & ~0o222 for path, mode in modes.items()})
    try:
        yield
    finally:
        _set_modes(modes)


def _set_modes(modes: dict[Path, int]) -> None:
    for path, mode in modes.items():
        path.chmod(mode)
