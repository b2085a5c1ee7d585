"""Why a window cannot be shown here, found before Qt would end the program without a word to catch."""

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLibraryInfo

from cinecor.errors import CinecorError, UsageError
from cinecor.message import Message

_PACKAGES: Final = {
    "xcb": "libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1",
    "wayland": "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libwayland-client0 libwayland-cursor0 "
    "libwayland-egl1",
}
"""Debian's packages with the libraries of each of Qt's platforms."""


def require_plugins() -> None:
    """Look for Qt's plugins for X11 and Wayland, and load them: X11's always, Wayland's where it is in use.

    Raises `CinecorError` when one is not there and `UsageError` when it lacks a library of the system.
    """
    if sys.platform.startswith("linux"):
        plugins = {platform: _plugin(platform) for platform in _PACKAGES}
        for platform, plugin in plugins.items():
            if platform == "xcb" or os.environ.get("WAYLAND_DISPLAY"):
                _load(plugin, platform)


def require_display() -> None:
    """Do the same for the one platform that Qt is going to use."""
    if sys.platform.startswith("linux"):
        platform = _platform()
        if platform in _PACKAGES:
            _load(_plugin(platform), platform)


def _platform() -> str:
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    if asked:
        return asked.partition(":")[0].partition(";")[0].partition("-")[0]
    if os.environ.get("DISPLAY"):
        return "xcb"
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") else ""


def _plugin(platform: str) -> Path:
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    plugin = next(iter(sorted(folder.glob(f"libq{platform}*.so"))), None)  # Wayland's has borne several names
    if plugin is None:
        raise CinecorError(
            Message(
                "qt_plugin_missing",
                "The desktop cannot start: Qt's plugin {plugin} is missing in {folder}; install Cinecor again.",
                plugin=f"libq{platform}.so",
                folder=folder,
            )
        )
    return plugin


def _load(plugin: Path, platform: str) -> None:
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        loader = str(error)  # the system's loader has words alone
        if "cannot open shared object" not in loader or "libQt6" in loader:
            raise UsageError(
                Message(
                    "qt_plugin_damaged",
                    "The desktop cannot start: Qt's plugin {plugin} cannot be loaded ({reason}); install Cinecor "
                    "again.",
                    plugin=plugin.name,
                    reason=loader,
                )
            ) from error
        raise UsageError(
            Message(
                "system_library_missing",
                "The desktop cannot start: Qt's plugin {plugin} cannot be loaded ({reason}); "
                "on Debian and Ubuntu: apt install {packages}.",
                plugin=plugin.name,
                reason=loader,
                packages=_PACKAGES[platform],
            )
        ) from error
