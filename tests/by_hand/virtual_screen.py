"""A virtual screen with a window manager on which the desktop runs, and a hand with mouse and keys.

Needs Xvfb, openbox, xdotool, xwininfo and ImageMagick. No part of the program is imported here.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

TOOLS = ("Xvfb", "openbox", "xdotool", "xwininfo", "import")
PATIENCE_S = 120.0


class Screen:
    """One virtual screen with one running program."""

    def __init__(self, number: int, out: Path, size: tuple[int, int]) -> None:
        self.environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        self.size = size
        self._out = out
        self._taken = 0

    def run(self, *command: object) -> str:
        """Run a tool on this screen and give what it prints."""
        words = [str(word) for word in command]
        return subprocess.run(words, env=self.environment, check=True, capture_output=True, text=True).stdout.strip()

    def key(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.run("xdotool", "key", "--clearmodifiers", key)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        """Type a text."""
        self.run("xdotool", "type", "--delay", 15, text)

    def enter(self, text: str, *, dialog: str) -> None:
        """Type a text into a dialog and press Enter until it has closed: the first may only close a completion."""
        self.type(text)
        end = time.monotonic() + PATIENCE_S
        while any(dialog in name for name in self.windows()):
            check(time.monotonic() < end, f"the dialog stays open: {dialog}")
            time.sleep(0.8)
            if any(dialog in name for name in self.windows()):
                self.key("Return")

    def click(self, x: float, y: float, button: int = 1) -> None:
        """Click at a place of the screen."""
        self.run("xdotool", "mousemove", round(x), round(y), "click", button)
        time.sleep(0.2)

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: int = 1) -> None:
        """Drag slowly: every step is one event of the mouse."""
        self.run("xdotool", "mousemove", *map(round, start), "mousedown", button)
        for part in range(1, 21):
            at = (round(a + (b - a) * part / 20) for a, b in zip(start, end, strict=True))
            self.run("xdotool", "mousemove", *at)
            time.sleep(0.02)
        self.run("xdotool", "mouseup", button)
        time.sleep(0.2)

    def hover(self, x: float, y: float) -> None:
        """Move the mouse to a place of the screen, in two steps."""
        for at in (x - 3, x):
            self.run("xdotool", "mousemove", round(at), round(y))
            time.sleep(0.2)

    def look(self) -> str:
        """Give a number for what the screen shows now."""
        self.run("import", "-window", "root", self._out / "now.ppm")
        now = subprocess.run(["cksum"], stdin=(self._out / "now.ppm").open("rb"), capture_output=True, check=True)
        (self._out / "now.ppm").unlink(missing_ok=True)
        return now.stdout.decode()

    def place_of(self, title: str) -> tuple[int, int, int, int]:
        """Give where the window with `title` in its name lies: left, top, width, height, without its frame."""
        window = next(one for one in self._seen() if title in self._named(one))
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

    def picture(self, name: str) -> None:
        """Take a picture of the whole screen."""
        self._taken += 1
        self.run("import", "-window", "root", self._out / f"{self._taken:02d}-{name}.png")

    def settle(self, *, still_s: float = 1.5) -> None:
        """Wait until nothing moves on the screen."""
        before, since, end = "", time.monotonic(), time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            now = self.look()
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > still_s:
                break
            time.sleep(0.2)

    def windows(self) -> list[str]:
        """Give the titles of all windows that can be seen."""
        return [self._named(window) for window in self._seen()]

    def _seen(self) -> list[str]:
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
            if time.monotonic() > end:
                sys.exit(f"no window came or went: {title}")
            time.sleep(0.1)


@contextlib.contextmanager
def screen(out: Path, size: tuple[int, int]) -> Iterator[Screen]:
    """A virtual screen with a window manager, gone afterwards."""
    number = next(one for one in range(80, 200) if not Path(f"/tmp/.X11-unix/X{one}").exists())
    running = []
    try:
        pixels = "x".join(map(str, (*size, 24)))
        running.append(subprocess.Popen(["Xvfb", f":{number}", "-screen", "0", pixels, "-nolisten", "tcp"]))
        made = Screen(number, out, size)
        while not Path(f"/tmp/.X11-unix/X{number}").exists():
            time.sleep(0.05)
        running.append(subprocess.Popen(["openbox"], env=made.environment))
        time.sleep(0.5)
        yield made
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


@contextlib.contextmanager
def program(at: Screen, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """The desktop, its window on the screen."""
    running = subprocess.Popen([sys.executable, "-m", "cinecor", *map(str, arguments)], env=at.environment)
    try:
        at.wait_for("Cinecor")
        at.settle()
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(30)


def check(holds: bool, otherwise: str) -> None:
    """Stop with a sentence when something is not as it should be."""
    if not holds:
        sys.exit(f"driving the desktop: {otherwise}; look at the pictures")
