"""Rules of what commands write: without a terminal, as a desktop program on Windows, they work all the same."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cinecor.cli.main import main

KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.fixture
def unheard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """A function that runs a command in a process that has no output at all."""
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", None)
            patch.setattr(sys, "stderr", None)
            return main(arguments)

    return run


@pytest.mark.parametrize(
    "command", ["list", "verify", "activate bundled", f"trust {KEY}"], ids=lambda command: command.split()[0]
)
def test_that_model_commands_need_no_terminal(unheard: Callable[..., int], command: str) -> None:
    assert unheard("model", *command.split()) == 0


@pytest.mark.slow
def test_that_a_phantom_needs_no_terminal(unheard: Callable[..., int], tmp_path: Path) -> None:
    assert unheard("phantom", "--out", str(tmp_path / "new"), "--phases", "2", "--rows", "96", "--columns", "96") == 0
    assert any((tmp_path / "new" / "study").rglob("*.dcm"))


def test_that_a_failure_needs_no_terminal(unheard: Callable[..., int]) -> None:
    assert unheard("model", "activate", "unknown") in (2, 4)


def test_that_wrong_usage_needs_no_terminal(unheard: Callable[..., int]) -> None:
    with pytest.raises(SystemExit) as end:
        unheard("model", "no-such-command")
    assert end.value.code == 2
