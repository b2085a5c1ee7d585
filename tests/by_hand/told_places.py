"""The desktop on a virtual screen, started so that it keeps telling where its views lie and what they show."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from steps import Unmet, check
from virtual_screen import PATIENCE_S, Screen

Told = dict[str, Any]


class Died(Exception):
    """The program has ended by itself: nothing more can be seen of it."""


class ToldPlaces:
    """What `telling_desktop.py` writes: places on the screen, and how far the study in front has come."""

    def __init__(self, path: Path, running: subprocess.Popen[bytes]) -> None:
        self._path = path
        self._running = running

    def now(self) -> Told:
        """Give what is so now, once the program has told anew."""
        before, end = time.time(), time.monotonic() + PATIENCE_S
        while not self._path.is_file() or self._path.stat().st_mtime < before:
            if self._running.poll() is not None:
                raise Died(f"the program ended with {self._running.returncode}")
            check(time.monotonic() < end, "the program tells nothing")
            time.sleep(0.05)
        found: Told = json.loads(self._path.read_text(encoding="utf-8"))
        if "untold" in found:
            raise Unmet(f"the program cannot tell where it is: {found['untold']}")
        return found

    def until(self, holds: Callable[[Told], object], otherwise: str, *, patience_s: float = 30.0) -> Told:
        """Wait until what the program tells is so, and give it."""
        end = time.monotonic() + patience_s
        while not holds(now := self.now()):
            check(time.monotonic() < end, otherwise)
        return now

    def outlined(self) -> Told:
        """Wait until the study in front has its outlines and numbers."""
        return self.until(lambda so: so.get("ed") is not None and not so["busy"], "the study was not outlined",
                          patience_s=4 * PATIENCE_S)  # fmt: skip

    def kill(self) -> None:
        """End the program as a power cut would."""
        self._running.kill()
        self._running.wait(PATIENCE_S)

    def ended(self) -> None:
        """Wait for the program's end, and stop where it ended with an error."""
        try:
            check(self._running.wait(PATIENCE_S) == 0, "the program ended with an error")
        except subprocess.TimeoutExpired as error:
            raise Unmet("the program does not end") from error


@contextlib.contextmanager
def telling_program(at: Screen, home: Path, *arguments: object) -> Iterator[ToldPlaces]:
    """The desktop, its window on the screen."""
    path = home / "places.json"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-X", "faulthandler", Path(__file__).with_name("telling_desktop.py"), path, *arguments]
    running = subprocess.Popen([str(word) for word in command], env=at.environment)
    try:
        at.wait_for("Cinecor")
        at.settle()
        yield ToldPlaces(path, running)
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(30)
