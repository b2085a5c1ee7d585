"""Folders and files that this user alone can read."""

import os
import subprocess
import sys
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it, closed to other users; one that is there is closed too. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":
        # What lies in a user's own data folder is closed already; a folder elsewhere inherits what its drive allows.
        subprocess.run(closing_command(folder), check=False, capture_output=True, timeout=20)
        return
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def closing_command(folder: Path) -> list[str]:
    """Return the command by which Windows gives a folder to its user alone, with everything that will lie in it."""
    user = f"{os.environ.get('USERDOMAIN', '.')}\\{os.environ.get('USERNAME', '')}"
    return ["icacls", str(folder), "/inheritance:r", "/grant:r", f"{user}:(OI)(CI)F", "/Q"]


def make_private_file(path: Path) -> None:
    """Make an empty file that only this user may read; one that is there is closed. Raises `OSError`."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
