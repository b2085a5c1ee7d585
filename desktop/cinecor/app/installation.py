"""What an installation must have beside its code: resources that load, folders that can be written, a desktop."""

import gettext
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from cinecor.app.screen import has_display
from cinecor.app.settings import settings_path
from cinecor.errors import CinecorError, system_reason
from cinecor.failure import SOME_FAILED, WRONG_USAGE
from cinecor.home import VARIABLE, home
from cinecor.language import DOMAIN, LANGUAGES
from cinecor.message import Message
from cinecor_phantom import TRANSFER_SYNTAXES
from cinecor_resources import bundled_model, catalogues, encoded_frames, fonts, probe_frames, tick

_PATIENCE_S = 120


def resources_load() -> Message:
    """Load every file that ships with Cinecor but the model and the fonts, which are run and drawn elsewhere."""
    spoken = [catalogues() / code / "LC_MESSAGES" / f"{DOMAIN}.mo" for code in LANGUAGES if code != "en"]
    images = [encoded_frames() / f"{name}.dcm" for name in TRANSFER_SYNTAXES]
    expected = [
        bundled_model(),
        probe_frames(),
        encoded_frames() / "frame.npy",
        *fonts(),
        tick("dark"),
        tick("light"),
        *spoken,
        *images,
    ]
    missing = [path.name for path in expected if not path.is_file()]
    if missing:
        raise CinecorError(
            Message(
                "resources_missing",
                "The installation lacks {files}; install Cinecor again.",
                files=", ".join(missing),
            )
        )
    damaged = [path.name for path in (*spoken, probe_frames()) if not _loads(path)]
    if damaged:
        raise CinecorError(
            Message(
                "resources_damaged",
                "{files} of the installation cannot be read; install Cinecor again.",
                files=", ".join(damaged),
            )
        )
    return Message(
        "resources_whole",
        "All {count} files that ship with Cinecor are there, and texts and probe load.",
        count=len(expected),
    )


def _loads(path: Path) -> bool:
    try:
        if path.suffix == ".mo":
            with path.open("rb") as stream:
                return bool(gettext.GNUTranslations(stream).info())
        with np.load(path) as stored:
            return bool(stored["pixels"].any())
    except (OSError, ValueError, KeyError):
        return False


def folders_writable() -> Message:
    """Write a file into each folder that belongs to this user."""
    folders = (
        (
            Message("models_and_choices", "installed models and device choices"),
            home(),
            Message("set_variable", "set {variable} to another folder", variable=VARIABLE),
        ),
        (
            Message("settings", "settings"),
            settings_path().parent,
            Message("give_home", "give this user a home folder that can be written to"),
        ),
    )
    for what, folder, remedy in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"Cinecor")
        except OSError as error:
            raise CinecorError(
                Message(
                    "folder_not_writable",
                    "{folder}, where {what} are kept, cannot be written to ({reason}); ask for the permission, "
                    "free space or {remedy}.",
                    folder=folder,
                    what=what,
                    reason=system_reason(error),
                    remedy=remedy,
                )
            ) from error
    kept = tuple(Message("kept_in", "{what} in {folder}", what=what, folder=folder) for what, folder, _ in folders)
    return Message("folders_writable", "Can be written to: {folders}.", folders=kept)


def desktop_starts() -> Message:
    """Start the desktop on an invisible screen and, where there is one, a hidden window on the user's own.

    Each in a process of its own: Qt ends the one in which it fails.
    """
    unseen = _started()
    if not has_display():
        return Message("desktop_starts", "{unseen}", unseen=unseen)
    return Message(
        "desktop_reaches_display",
        "{unseen} It reaches this display ({platform}).",
        unseen=unseen,
        platform=_started("--on-screen"),
    )


def _started(*options: str) -> str:
    """Return what the desktop says of itself. Raises `CinecorError` with its complaint when it does not start."""
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
        raise CinecorError(
            Message(
                "desktop_too_slow",
                "The desktop does not start within {limit_s} s; install Cinecor again.",
                limit_s=_PATIENCE_S,
            )
        ) from error
    said, complaint = (stream.decode("utf-8", "replace").strip() for stream in (done.stdout, done.stderr))
    if done.returncode == 0:
        return said
    lines = complaint.splitlines() or [str(done.returncode)]
    if done.returncode in (SOME_FAILED, WRONG_USAGE):  # it told itself why; Qt's own end is another
        raise CinecorError(Message("desktop_said", "{text}", text=lines[-1].removeprefix("cinecor: ")))
    if options:
        raise CinecorError(
            Message(
                "display_not_reached",
                "The desktop does not start on this display ({reason}); "
                "check DISPLAY and WAYLAND_DISPLAY, or install Cinecor again.",
                reason=lines[0],
            )
        )
    raise CinecorError(
        Message(
            "desktop_does_not_start",
            "The desktop does not start ({reason}); install Cinecor again.",
            reason=" ".join(lines),
        )
    )
