"""What is built, from the one place where each is said: version, time, names of the files."""

import os
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
BUILD: Final = ROOT / "build" / "installer"
DIST: Final = ROOT / "dist"
PAYLOAD: Final = BUILD / "cinecor"


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the program."""

    version: str
    epoch: int  # seconds since 1970: what every file in the artifacts is dated

    @property
    def deb(self) -> Path:
        """The Debian package."""
        return DIST / f"cinecor_{self.version}_amd64.deb"

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
