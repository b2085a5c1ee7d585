"""What is built, from the one place where each is said: version, time, names of the files."""

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
BUILD: Final = ROOT / "build" / "installer"
DIST: Final = ROOT / "dist"
PAYLOAD: Final = BUILD / "cinecor"
_PEP_440: Final = re.compile(
    r"(?P<release>\d+(\.\d+){0,2})((?P<pre>a|b|rc)(?P<n>\d+))?(\.post(?P<post>\d+))?(\.dev(?P<dev>\d+))?"
)
_STAGES: Final = {"dev": 0, "a": 10_000, "b": 20_000, "rc": 30_000, "": 40_000, "post": 50_000}


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the program."""

    version: str
    epoch: int  # seconds since 1970: what every file in the artifacts is dated

    @property
    def deb(self) -> Path:
        """The Debian package."""
        return DIST / f"cinecor_{self.debian_version}_amd64.deb"

    @property
    def debian_version(self) -> str:
        """The version as dpkg orders it: a release candidate before its release."""
        return debian_version(self.version)

    @property
    def folder_name(self) -> str:
        """The folder in the archive."""
        return f"cinecor-{self.version}-linux-x86_64"

    @property
    def archive(self) -> Path:
        """The archive that runs from any folder."""
        return DIST / f"{self.folder_name}.tar.gz"

    @property
    def cuda_pack(self) -> Path:
        """The pack that brings CUDA, put beside the program."""
        return DIST / f"cinecor-{self.version}-cuda-pack-linux-x86_64.tar.gz"


def debian_version(version: str) -> str:
    """Give a version of PEP 440 in Debian's spelling, in which `~` comes before the end.

    Raises `SystemExit` for a version that is none of the project's.
    """
    _read(version)
    return re.sub(r"\.dev(\d+)", r"~~dev\1", re.sub(r"(a|b|rc)(\d+)", r"~\1\2", version))


def windows_numbers(version: str) -> str:
    """Give the four numbers by which Windows installers compare versions: the last one orders the stages.

    Raises `SystemExit` for a version that is none of the project's, and for a development version of a stage.
    """
    read = _read(version)
    stage, number = "", "0"
    if read["pre"]:
        stage, number = read["pre"], read["n"]
    for later in ("post", "dev"):
        if read[later] is not None:
            if stage:
                raise SystemExit(f"The version {version} has no four numbers for Windows; number it without .{later}.")
            stage, number = later, read[later]
    release = [*read["release"].split("."), "0", "0"][:3]
    return ".".join([*release, str(_STAGES[stage] + int(number))])


def _read(version: str) -> dict[str, str]:
    found = _PEP_440.fullmatch(version)
    if found is None:
        raise SystemExit(f"The version {version} cannot be packaged; write it as 1.2.3, 1.2.3rc1 or the like.")
    return found.groupdict()


def this_release() -> Release:
    """Give the version of pyproject.toml, dated by SOURCE_DATE_EPOCH or by the commit."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        log = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
        epoch = log.stdout
    return Release(str(project["version"]), int(epoch))


def reproducible_environment(release: Release) -> dict[str, str]:
    """Give the environment in which tools make the same bytes of the same input."""
    return {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(release.epoch),
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
