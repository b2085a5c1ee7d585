"""Rules of PyInstaller's script: which programs it makes on which system. The real build tries what it collects."""

import runpy
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from release import ROOT


def _programs(monkeypatch: pytest.MonkeyPatch, platform: str) -> dict[str, bool]:
    """The programs that are collected, with whether each has a console; PyInstaller itself needs its own system."""
    collected: list[Any] = []
    tools = {
        "SPECPATH": str(ROOT / "installer"),
        "Analysis": lambda *_, **__: SimpleNamespace(binaries=[], datas=[], pure=[], scripts=[]),
        "PYZ": lambda modules: modules,
        "EXE": lambda *_, **options: options,
        "COLLECT": lambda *parts, **_: collected.extend(parts),
    }
    monkeypatch.setattr(sys, "platform", platform)
    runpy.run_path(str(ROOT / "installer" / "cinecor.spec"), init_globals=tools)
    return {part["name"]: part["console"] for part in collected if isinstance(part, dict)}


def test_that_windows_gets_a_second_program_that_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _programs(monkeypatch, "win32") == {"cinecor": False, "cinecor-cli": True}


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_that_elsewhere_one_program_does_both(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    assert _programs(monkeypatch, platform) == {"cinecor": True}
