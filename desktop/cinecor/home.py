"""Where Cinecor keeps what belongs to this user on this machine: models, whom they may come from, devices, studies."""

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "CINECOR_HOME"
"""Environment variable that names another folder."""


def given_home() -> bool:
    """Return whether the user named another folder than the usual one."""
    return bool(os.environ.get(VARIABLE))


def home() -> Path:
    """Return the folder; it need not exist."""
    if given_home():
        return Path(os.environ[VARIABLE])
    import platformdirs

    return Path(platformdirs.user_data_dir("cinecor", appauthor=False))
