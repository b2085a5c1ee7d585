"""A graph that is not in a package yet, run as the application runs it."""

import tempfile
from pathlib import Path

from cinecor.inference.model import ModelSession, open_model


def open_graph(content: bytes) -> ModelSession:
    """Start a sealed graph on the CPU. Raises `ModelRefused` as the application would."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "graph.onnx")
        path.write_bytes(content)
        return open_model(path, device="cpu")
