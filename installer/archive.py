"""The archive that runs from any folder, without root."""

import shutil
import subprocess
from pathlib import Path

from payload import settle
from release import BUILD, PAYLOAD, Release, reproducible_environment

_HERE = Path(__file__).resolve().parent


def make_archive(release: Release) -> Path:
    """Write dist/cinecor-<version>-linux-x86_64.tar.gz and give its path."""
    folder = BUILD / "archive" / release.folder_name
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.copytree(PAYLOAD, folder, symlinks=True)
    share = folder / "share"
    share.mkdir()
    for name in ("cinecor.desktop", "zz-cinecor-folder.desktop", "cinecor.svg"):
        shutil.copy(_HERE / "linux" / name, share)
    shutil.copy(_HERE / "linux" / "add-to-menu.sh", folder)
    settle(folder, executables=frozenset({"cinecor", "add-to-menu.sh"}), epoch=release.epoch)
    pack(folder, release.archive, release)
    return release.archive


def pack(folder: Path, archive: Path, release: Release) -> None:
    """Pack one folder: sorted, of nobody, of one time."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    command = ["tar", "--create", "--format=gnu", "--sort=name", f"--mtime=@{release.epoch}", "--owner=0", "--group=0"]
    command += ["--numeric-owner", "--directory", str(folder.parent), folder.name]
    with archive.open("wb") as file:
        tar = subprocess.Popen(command, stdout=subprocess.PIPE, env=reproducible_environment(release))
        subprocess.run(["gzip", "--no-name", "-6"], stdin=tar.stdout, stdout=file, check=True)
    if tar.wait() != 0:
        raise SystemExit(f"tar failed on {folder}")
