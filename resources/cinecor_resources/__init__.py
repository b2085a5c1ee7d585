"""Files that ship with Cinecor: the bundled model."""

from importlib.resources import files
from pathlib import Path


def bundled_model() -> Path:
    """Give the path of the model that ships with this version."""
    return Path(str(files(__name__) / "models" / "cinecor-sax.onnx"))
