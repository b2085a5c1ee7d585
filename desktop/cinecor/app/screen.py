"""`has_display`: whether a window can be shown here, asked before Qt is loaded."""

import os
import sys


def has_display() -> bool:
    """Return whether a window can be shown; Qt would end the program otherwise."""
    if not sys.platform.startswith("linux"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.partition(":")[0] not in ("offscreen", "minimal")
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
