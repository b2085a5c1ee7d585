"""The desktop on a virtual screen, started so that it keeps telling where its views lie."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from virtual_screen import PATIENCE_S, Screen, check


class ToldPlaces:
    """What `telling_desktop.py` writes: places on the screen, and how far the study in front has come."""

    def __init__(self, path: Path, running: subprocess.Popen[bytes]) -> None:
        self._path = path
        self._running = running

    def now(self) -> dict[str, Any]:
        """Give what is so now, once the program has told anew."""
        before, end = time.time(), time.monotonic() + PATIENCE_S
        while not self._path.is_file() or self._path.stat().st_mtime < before:
            check(time.monotonic() < end and self._running.poll() is None, "the program tells nothing")
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool], otherwise: str) -> None:
        """Wait until what the program tells is so."""
        end = time.monotonic() + 3 * PATIENCE_S
        while not holds(self.now()):
            check(time.monotonic() < end, otherwise)

    def kill(self) -> None:
        """End the program as a power cut would."""
        self._running.kill()
        self._running.wait(PATIENCE_S)

    def ended(self) -> None:
        """Wait for the program's end, and stop where it ended with an error."""
        check(self._running.wait(PATIENCE_S) == 0, "the program ended with an error")


@contextlib.contextmanager
def telling_program(at: Screen, home: Path) -> Iterator[ToldPlaces]:
    """The desktop, its window on the screen."""
    path = home / "places.json"
    path.unlink(missing_ok=True)
    running = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("telling_desktop.py"), path], env=at.environment
    )
    try:
        at.wait_for("Cinecor")
        at.settle()
        yield ToldPlaces(path, running)
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(30)


def stroke(at: Screen, way: list[tuple[float, float]]) -> None:
    """Drag along several places without letting go."""
    at.run("xdotool", "mousemove", *map(round, way[0]), "mousedown", 1)
    for start, end in pairwise(way):
        for part in range(1, 11):
            at.run("xdotool", "mousemove", *(round(a + (b - a) * part / 10) for a, b in zip(start, end, strict=True)))
            time.sleep(0.02)
    at.run("xdotool", "mouseup", 1)
    time.sleep(0.2)
