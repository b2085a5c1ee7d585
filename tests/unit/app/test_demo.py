"""The demonstration study is made once, and no other study is passed off as it."""

from pathlib import Path

import pytest

from cinecor.app.demo import demo_study
from cinecor.cli.main import main
from cinecor_phantom import SMALL, Phantom, make_phantom, write_dicom


@pytest.fixture(scope="module")
def small() -> Phantom:
    return make_phantom(acquisition=SMALL)


@pytest.fixture(autouse=True)
def _small_demonstration(small: Phantom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cinecor.app.demo.make_phantom", lambda: small)


def test_that_the_demonstration_is_made_once_and_then_found(tmp_path: Path, small: Phantom) -> None:
    made = demo_study(tmp_path)
    written = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}
    again = demo_study(tmp_path)
    assert (again.folder, again.truth) == (made.folder, small.truth)
    assert {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")} == written


def test_that_the_demonstration_does_not_pass_another_study_off_as_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_dicom(make_phantom(acquisition=SMALL, seed=5), tmp_path / "study")
    assert main(["demo", "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "another study" in line
