"""A Python that may open no socket, in any process that is started with it."""

import os
from pathlib import Path

# Python runs this first in every process that it starts.
_EVERYWHERE = """
import os, pathlib, socket
def refuse(*_, **__):
    pathlib.Path(os.environ["CINECOR_TEST_TOLD"], f"socket-{os.getpid()}").touch()
    raise RuntimeError("a socket was opened")
pathlib.Path(os.environ["CINECOR_TEST_TOLD"], f"watched-{os.getpid()}").touch()
socket.socket.__init__ = refuse
socket.create_connection = refuse
"""


def offline(folder: Path) -> dict[str, str]:
    """Return the environment of a process that may open no socket, nor may its children.

    `folder / "told"` then holds a file `watched-…` for each of them, and `socket-…` for each that tried nevertheless.
    """
    early, told = folder / "early", folder / "told"
    early.mkdir()
    told.mkdir()
    (early / "sitecustomize.py").write_text(_EVERYWHERE)
    paths = os.pathsep.join(filter(None, [str(early), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": paths, "CINECOR_TEST_TOLD": str(told)}
