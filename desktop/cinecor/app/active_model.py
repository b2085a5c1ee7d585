"""Which model a study would be outlined with now, told without opening it."""

from pathlib import Path

from cinecor.errors import CinecorError
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.store.model_store import ModelStore


def active_model(model: Path | None = None) -> str | None:
    """Return the digest of the model of this workstation, or of the file `model`; None where it cannot be read.

    That it cannot is told when something is outlined with it.
    """
    try:
        return open_model_file(ModelStore().active().path if model is None else model).sha256
    except (CinecorError, OSError):
        return None
