"""What an installation must have beside its code: resources that load, folders that can be written, a desktop."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from cinecor.app.screen import has_display
from cinecor.app.settings import settings_path
from cinecor.errors import CinecorError
from cinecor.home import VARIABLE, home
from cinecor_phantom import TRANSFER_SYNTAXES
from cinecor_resources import bundled_model, encoded_frames, fonts, probe_frames, translation

_PATIENCE_S = 120
_AGAIN = "install Cinecor again"


def resources_load() -> str:
    """Load every file that ships with Cinecor but the model and the fonts, which are run and drawn elsewhere."""
    texts = [translation(name) for name in ("en", "fr", "engine-fr")]
    images = [encoded_frames() / f"{name}.dcm" for name in TRANSFER_SYNTAXES]
    expected = [bundled_model(), probe_frames(), encoded_frames() / "frame.npy", *fonts(), *texts, *images]
    missing = [path.name for path in expected if not path.is_file()]
    if missing:
        raise CinecorError(f"The installation lacks {', '.join(missing)}; {_AGAIN}.")
    damaged = [path.name for path in (*texts, probe_frames()) if not _loads(path)]
    if damaged:
        raise CinecorError(f"{', '.join(damaged)} of the installation cannot be read; {_AGAIN}.")
    return f"All {len(expected)} files that ship with Cinecor are there, and texts and probe load."


def _loads(path: Path) -> bool:
    try:
        if path.suffix == ".json":
            return bool(json.loads(path.read_text(encoding="utf-8")))
        with np.load(path) as stored:
            return bool(stored["pixels"].any())
    except (OSError, ValueError, KeyError):
        return False


def folders_writable() -> str:
    """Write a file into each folder that belongs to this user."""
    folders = {
        "installed models and device choices": (home(), f"set {VARIABLE} to another folder"),
        "settings": (settings_path().parent, "give this user a home folder that can be written to"),
        "unpacked .zip files": (Path(tempfile.gettempdir()), "set TMPDIR to another folder"),
    }
    for what, (folder, remedy) in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"Cinecor")
        except OSError as error:
            raise CinecorError(
                f"{folder}, where {what} are kept, cannot be written to ({error.strerror}); ask for the permission, "
                f"free space or {remedy}."
            ) from error
    return "; ".join(f"{what}: {folder}" for what, (folder, _) in folders.items()) + "."


def desktop_starts() -> str:
    """Start the desktop on an invisible screen and, where there is one, a hidden window on the user's own.

    Each in a process of its own: Qt ends the one in which it fails.
    """
    said = _started()
    if not has_display():
        return said
    return f"{said.rstrip('.')}, and reaches this display ({_started('--on-screen')})."


def _started(*options: str) -> str:
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "cinecor"]
    try:
        done = subprocess.run(
            [*program, "selftest", "--desktop-only", *options],
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            env=os.environ | {"PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise CinecorError(f"The desktop does not start within {_PATIENCE_S} s; {_AGAIN}.") from error
    said, complaint = (stream.decode("utf-8", "replace").strip() for stream in (done.stdout, done.stderr))
    if done.returncode == 0:
        return said or "The desktop starts."
    if complaint.startswith("cinecor: "):  # a sentence of ours
        raise CinecorError(complaint.removeprefix("cinecor: ").splitlines()[0])
    if options:
        reason = complaint.partition("\n")[0] or f"exit code {done.returncode}"
        raise CinecorError(
            f"The desktop does not start on this display ({reason}); check DISPLAY and WAYLAND_DISPLAY, or {_AGAIN}."
        )
    raise CinecorError(f"The desktop does not start ({' '.join(complaint.split()) or done.returncode}); {_AGAIN}.")
