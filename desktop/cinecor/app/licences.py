"""Where the licences of this program and of what it brings along can be read."""

import sys
from pathlib import Path

NOTICES = "THIRD-PARTY-NOTICES.txt"


def notices_file() -> Path | None:
    """Give the file with every licence text, beside the installed program; None when this runs from source."""
    if not getattr(sys, "frozen", False):
        return None
    file = Path(sys.executable).resolve().with_name(NOTICES)
    return file if file.is_file() else None
