"""Where Cinecor keeps what belongs to this user on this machine: installed models, whom they may come from, devices."""

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "CINECOR_HOME"
"""Environment variable that names another folder."""


def home() -> Path:
    """Return the folder; it need not exist."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("cinecor", appauthor=False))
