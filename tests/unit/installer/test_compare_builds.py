"""Rules of the comparison of two builds: it sees every difference, and excuses only what is explained."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from compare_builds import main


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same files."""
    for name in ("a", "b"):
        folder = tmp_path / name / "_internal"
        folder.mkdir(parents=True)
        (folder.parent / "cinecor").write_bytes(b"program")
        (folder / "lib.so").write_bytes(b"library")
        (folder / "link.so").symlink_to("lib.so")
    return tmp_path / "a", tmp_path / "b"


def _compare(builds: tuple[Path, Path], **known: str) -> int:
    return main([str(path) for path in builds], known=known)


def test_that_equal_builds_are_equal(builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert _compare(builds) == 0
    assert capsys.readouterr().out == "3 of 3 files are the same; 0 unexplained\n"


@pytest.mark.parametrize("change", ["content", "mode", "link", "absent", "more"])
def test_that_every_difference_is_seen(
    builds: tuple[Path, Path], change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = builds[1] / "_internal"
    if change == "content":
        (folder / "lib.so").write_bytes(b"librarY")
    elif change == "mode":
        (folder / "lib.so").chmod(0o755)
    elif change == "link":
        (folder / "link.so").unlink()
        (folder / "link.so").symlink_to("../cinecor")
    elif change == "absent":
        (folder / "lib.so").unlink()
    else:
        (folder / "more.so").touch()
    assert _compare(builds) == 1
    assert "_internal/" in capsys.readouterr().out


def test_that_only_an_explained_difference_is_excused(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (builds[1] / "cinecor").write_bytes(b"prograM")
    assert _compare(builds, cinecor="the day of the week") == 0
    assert "known: the day of the week" in capsys.readouterr().out
    (builds[1] / "cinecor").unlink()
    assert _compare(builds, cinecor="the day of the week") == 1  # that it is gone was not explained


def test_that_archives_and_packages_are_compared_by_what_they_hold(builds: tuple[Path, Path]) -> None:
    made = []
    for folder in builds:
        archive = folder.with_suffix(".tar.gz")
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, arcname="cinecor", filter=_settled)
        made.append(archive)
    assert _compare((made[0], made[1])) == 0
    with tarfile.open(made[1], "w:gz") as tar:
        tar.add(builds[1], arcname="cinecor")  # with owner and time of this machine
    assert _compare((made[0], made[1])) == 1


def _settled(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid = 1, 9, 9
    return member


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed here")
def test_that_a_changed_script_of_a_package_is_seen(builds: tuple[Path, Path]) -> None:
    made = []
    for folder, word in zip(builds, ("exit 0", "exit 1"), strict=True):
        (folder / "DEBIAN").mkdir()
        (folder / "DEBIAN" / "control").write_text(
            "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x.invalid>\nDescription: x\n"
        )
        (folder / "DEBIAN" / "postrm").write_text(f"#!/bin/sh\n{word}\n")
        (folder / "DEBIAN" / "postrm").chmod(0o755)
        package = folder.with_suffix(".deb")
        subprocess.run(["dpkg-deb", "--build", "-Znone", str(folder), str(package)], check=True, capture_output=True)
        made.append(package)
    assert _compare((made[0], made[0])) == 0
    assert _compare((made[0], made[1])) == 1
