"""A virtual screen with a window manager on which the desktop runs, and a hand with mouse and keys.

Needs Xvfb, openbox, xdotool and xwininfo. No part of the program is imported here.
"""

import contextlib
import os
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from steps import Unmet, check

TOOLS = ("Xvfb", "openbox", "xdotool", "xwininfo")
PATIENCE_S = 120.0
_LONGEST_S = 8.0  # something may move for ever: a caret
_STRAIGHT_PARTS = 12
_HEADER = struct.Struct(">25I")  # of the format XWD, in which Xvfb lays its screen into a file


class Screen:
    """One virtual screen with one running program."""

    def __init__(self, number: int, out: Path, size: tuple[int, int], frame: Path) -> None:
        self.environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        self.size = size
        self._out = out
        self._frame = frame
        self._taken = 0

    def run(self, *command: object) -> str:
        """Run a tool on this screen and give what it prints."""
        words = [str(word) for word in command]
        return subprocess.run(words, env=self.environment, check=True, capture_output=True, text=True).stdout.strip()

    # -- keys

    def key(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.run("xdotool", "key", "--clearmodifiers", key)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        """Type a text."""
        self.run("xdotool", "type", "--delay", 15, text)

    def confirm(self, dialog: str) -> None:
        """Press Enter until a dialog has closed: the first may only close a completion."""
        end = time.monotonic() + PATIENCE_S
        while any(dialog in name for name in self.windows()):
            check(time.monotonic() < end, f"the dialog stays open: {dialog}")
            time.sleep(0.8)
            if any(dialog in name for name in self.windows()):
                self.key("Return")

    # -- mouse

    def click(self, x: float, y: float, button: int = 1, *, times: int = 1) -> None:
        """Click at a place of the screen."""
        self.run("xdotool", "mousemove", round(x), round(y), "click", "--repeat", times, "--delay", 60, button)
        time.sleep(0.2)

    def turn(self, x: float, y: float, notches: int, *, held: str = "") -> None:
        """Turn the wheel at a place of the screen, up where `notches` are positive."""
        self.run("xdotool", "mousemove", round(x), round(y))
        before, after = (("keydown", held), ("keyup", held)) if held else ((), ())
        click = ("click", "--repeat", abs(notches), "--delay", 60, 4 if notches > 0 else 5)
        self.run("xdotool", *before, *click, *after)
        time.sleep(0.2)

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: int = 1) -> None:
        """Drag slowly: every step is one event of the mouse."""
        self.stroke([start, end], button)

    def stroke(self, way: list[tuple[float, float]], button: int = 1) -> None:
        """Drag along several places without letting go."""
        self.run("xdotool", "mousemove", *map(round, way[0]), "mousedown", button)
        for start, end in pairwise(way):
            for part in range(1, _STRAIGHT_PARTS + 1):
                at = (round(a + (b - a) * part / _STRAIGHT_PARTS) for a, b in zip(start, end, strict=True))
                self.run("xdotool", "mousemove", *at)
                time.sleep(0.02)
        self.run("xdotool", "mouseup", button)
        time.sleep(0.2)

    def hover(self, x: float, y: float) -> None:
        """Move the mouse to a place of the screen, in two steps, and rest there."""
        for at in (x - 3, x):
            self.run("xdotool", "mousemove", round(at), round(y))
            time.sleep(0.2)

    # -- what is seen

    def _seen_pixels(self) -> NDArray[np.uint8]:
        """Return the screen (row, column, 3)."""
        data = self._frame.read_bytes()
        header = _HEADER.unpack_from(data)
        size, width, height, row_bytes, colours = (header[at] for at in (0, 4, 5, 12, 19))
        rows = np.frombuffer(data, np.uint8, offset=size + 12 * colours, count=row_bytes * height)
        return rows.reshape(height, row_bytes)[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1]

    def look(self) -> int:
        """Give a number for what the screen shows now."""
        return zlib.crc32(self._frame.read_bytes())

    def picture(self, name: str) -> None:
        """Take a picture of the whole screen."""
        self._taken += 1
        Image.fromarray(np.ascontiguousarray(self._seen_pixels())).save(self._out / f"{self._taken:02d}-{name}.png")

    def settle(self, *, still_s: float = 0.7) -> None:
        """Wait until nothing moves on the screen."""
        before, since, end = 0, time.monotonic(), time.monotonic() + _LONGEST_S
        while time.monotonic() < end:
            now = self.look()
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > still_s:
                break
            time.sleep(0.1)

    # -- windows

    def place_of(self, title: str) -> tuple[int, int, int, int]:
        """Give where the window with `title` in its name lies: left, top, width, height, without its frame."""
        window = next((one for one in self._visible() if title in self._named(one)), None)
        if window is None:
            raise Unmet(f"no window is called {title}")
        told = dict(
            line.strip().split(":", 1) for line in self.run("xwininfo", "-id", window).splitlines() if ": " in line
        )
        left, top = (int(told[f"Absolute upper-left {axis}"]) for axis in "XY")
        return left, top, int(told["Width"]), int(told["Height"])

    def require_within(self, title: str) -> None:
        """Stop when a window hangs over an edge of the screen."""
        left, top, width, height = self.place_of(title)
        check(
            left >= 0 and top >= 0 and left + width <= self.size[0] and top + height <= self.size[1],
            f"{title} hangs over the edge: {left}, {top}, {width} × {height} on {self.size}",
        )

    def windows(self) -> list[str]:
        """Give the titles of all windows that can be seen."""
        return [self._named(window) for window in self._visible()]

    def _visible(self) -> list[str]:
        return subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "."],
            env=self.environment, check=False, capture_output=True, text=True,
        ).stdout.split()  # fmt: skip

    def _named(self, window: str) -> str:
        told = subprocess.run(
            ["xdotool", "getwindowname", window], env=self.environment, check=False, capture_output=True, text=True
        )
        return told.stdout.strip()  # empty for one that has just gone

    def wait_for(self, title: str, *, gone: bool = False) -> None:
        """Wait for a window with `title` in its name to come, or to go."""
        end = time.monotonic() + PATIENCE_S
        while any(title in name for name in self.windows()) is gone:
            check(time.monotonic() < end, f"no window came or went: {title}")
            time.sleep(0.1)


@contextlib.contextmanager
def screen(out: Path, size: tuple[int, int]) -> Iterator[Screen]:
    """A virtual screen with a window manager, gone afterwards."""
    number = next(one for one in range(80, 200) if not Path(f"/tmp/.X11-unix/X{one}").exists())
    running: list[subprocess.Popen[bytes]] = []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as buffers:
        try:
            pixels = "x".join(map(str, (*size, 24)))
            xvfb = ["Xvfb", f":{number}", "-screen", "0", pixels, "-nolisten", "tcp", "-fbdir", buffers]
            running.append(subprocess.Popen(xvfb))
            made = Screen(number, out, size, Path(buffers) / "Xvfb_screen0")
            while not Path(f"/tmp/.X11-unix/X{number}").exists():
                time.sleep(0.05)
            running.append(subprocess.Popen(["openbox"], env=made.environment))
            time.sleep(0.5)
            yield made
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait()


def missing_tools() -> list[str]:
    """Give the names of the programs that a drive needs and that are not there."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]
