"""`require_display`: why a window cannot be shown here, before Qt would end the program without a word to catch."""

import ctypes
import os
import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo

from cinecor.errors import UsageError

_PACKAGES = (
    "libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1"
)


def require_display() -> None:
    """Raise `UsageError` when Qt's plugin for X11 lacks a library of the system."""
    if not sys.platform.startswith("linux") or not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM"):
        return
    plugin = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms" / "libqxcb.so"
    if not plugin.exists():
        return
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        raise UsageError(
            f"The desktop cannot start: a library of the system is missing ({error}); on Debian and Ubuntu: "
            f"apt install {_PACKAGES}."
        ) from error
