"""The manual has a page for every command, and each says what the command says of itself."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from cinecor.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "installer" / "linux" / "man"


def test_that_the_pages_are_those_of_the_commands() -> None:
    spec = importlib.util.spec_from_file_location("make_manual", ROOT / "docs" / "make_manual.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.1")}
    assert kept == module.manual(), "make manual"


def test_that_the_first_page_names_every_command() -> None:
    page = (PAGES.parent / "cinecor.1").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f".BR cinecor\\-{name} (1)" in page, name


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
@pytest.mark.parametrize("path", sorted(PAGES.glob("*.1")), ids=lambda path: path.stem)
def test_that_the_pages_can_be_read(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = subprocess.run(
        ["man", "--warnings", "-l", path],
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert told.stderr == ""
    name = path.stem.removeprefix("cinecor-")
    with pytest.raises(SystemExit):
        main([name, "--help"])
    options = {word.strip("[],") for word in capsys.readouterr().out.split() if word.strip("[],").startswith("--")}
    said = told.stdout.replace("\n", " ")
    assert options - {"--help"} <= {word.strip(",.") for word in said.split()}
