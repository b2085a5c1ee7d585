"""What takes long to make and is only read: made once for all workers of a test run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cinecor.inference.store.store_lock import locked

Once = Callable[[str, Callable[[Path], object]], Path]
"""From a name to a folder, which whoever comes first of the workers fills."""

_LONG_S = 3600.0


def shared_by_workers(base: pytest.TempPathFactory) -> Once:
    """Return where folders of this test run are made once."""
    place = base.getbasetemp()
    shared = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "once"
    shared.mkdir(exist_ok=True)

    def made(name: str, fill: Callable[[Path], object]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with locked(shared / f"{name}.lock", wait_s=_LONG_S):
            if not done.exists():
                folder.mkdir(exist_ok=True)
                fill(folder)
                done.touch()
        return folder

    return made
