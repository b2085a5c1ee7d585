"""Other people's validators, as tests use them; continuous integration installs them all (.ci/run)."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

_JARS = Path("/usr/share/java")
_PREFLIGHT = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation", "jaxb-api")


def dciodvfy_errors(path: Path) -> list[str]:
    """Return the errors that dciodvfy finds in an object; none where it does not know the object at all."""
    told = _told_by("dciodvfy", [path])
    return [line for line in told.splitlines() if line.startswith("Error")]


def dciodvfy_kind(path: Path) -> str:
    """Return what dciodvfy takes an object for: its last word that is a name alone."""
    names = [line for line in _told_by("dciodvfy", [path]).splitlines() if line.isalnum()]
    return names[-1] if names else ""


def dcentvfy_errors(paths: Iterable[Path]) -> list[str]:
    """Return where dcentvfy finds objects of a study that contradict each other."""
    return [line for line in _told_by("dcentvfy", paths).splitlines() if "Error" in line]


def pdfa_faults(path: Path) -> str:
    """Return what PDFBox's preflight finds against PDF/A-1b; empty for a file that conforms."""
    jars = [_JARS / f"{name}.jar" for name in _PREFLIGHT]
    if shutil.which("java") is None or not all(jar.is_file() for jar in jars):
        _missing("PDFBox's preflight (Debian: libpdfbox2-java libactivation-java libjaxb-api-java)")
    program = ["java", "-cp", ":".join(map(str, jars)), "org.apache.pdfbox.preflight.Validator_A1b"]
    told = subprocess.run([*program, path], capture_output=True, text=True, check=False)
    return "" if "is a valid PDF/A-1b file" in told.stdout else told.stdout + told.stderr


def _told_by(program: str, paths: Iterable[Path]) -> str:
    if shutil.which(program) is None:
        _missing(f"{program} (Debian: dicom3tools)")
    told = subprocess.run([program, *paths], capture_output=True, text=True, check=False)
    return told.stdout + told.stderr


def _missing(what: str) -> None:
    """Skip, but fail where every check has to run."""
    if os.environ.get("CINECOR_EVERY_VALIDATOR"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")
