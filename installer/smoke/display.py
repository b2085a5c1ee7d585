"""`Display`: an invisible X screen with a window manager, its pictures, and the keys pressed on it."""

import colorsys
import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 1600, 1000
_HUES = {"lv": 0.115, "rv": 0.560, "myo": 0.453}  # of the dark theme
_NEAR = 0.04  # what smooth edges and the image below make of a hue
_LEAST_PIXELS = 60  # of each outline's colour, in the upper middle of the window, where the cine is
_DRAWN_SHARE = 0.3  # of the screen that is not black any more: the window is painted


@dataclass(frozen=True, slots=True)
class Display:
    """A running X screen."""

    name: str  # for DISPLAY

    def tool(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run an X tool on this screen."""
        environment = {**os.environ, "DISPLAY": self.name}
        return subprocess.run(arguments, capture_output=True, check=False, env=environment)

    def has_window(self) -> bool:
        """Whether a window of the program is on the screen."""
        return bool(self.tool("xdotool", "search", "--onlyvisible", "--class", "cinecor").stdout.strip())

    def press(self, keys: str) -> None:
        """Press keys in the program's window."""
        window = self.tool("xdotool", "search", "--onlyvisible", "--class", "cinecor").stdout.split()
        if window:
            self.tool("xdotool", "windowactivate", "--sync", window[0].decode())
        self.tool("xdotool", "key", "--clearmodifiers", keys)

    def pixels(self) -> bytes:
        """Give the screen as RGB bytes."""
        return self.tool("import", "-window", "root", "-depth", "8", "rgb:-").stdout

    def picture(self, path: Path) -> None:
        """Write the screen as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.tool("import", "-window", "root", str(path))


@contextlib.contextmanager
def invisible_display() -> Iterator[Display]:
    """Start Xvfb with a window manager; both end with the block."""
    number = next(n for n in range(90, 200) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    command = ["Xvfb", f":{number}", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-ac"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    manager: subprocess.Popen[bytes] | None = None
    try:
        wait_until(lambda: Path(f"/tmp/.X11-unix/X{number}").exists(), 10)
        if shutil.which("openbox"):
            manager = subprocess.Popen(
                ["openbox"], env={**os.environ, "DISPLAY": f":{number}"}, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        yield Display(f":{number}")
    finally:
        for process in (manager, server):
            if process is not None:
                process.terminate()
                process.wait()


def is_painted(pixels: bytes) -> bool:
    """Whether a window covers the black screen."""
    sample = pixels[:: 3 * 97]
    return bool(sample) and sum(value > 0 for value in sample) > _DRAWN_SHARE * len(sample)


def outlined(pixels: bytes) -> dict[str, int]:
    """Count the pixels of each structure's colour in the upper middle of the screen."""
    counts = dict.fromkeys(_HUES, 0)
    for row in range(60, HEIGHT // 2):
        start = 3 * (row * WIDTH + WIDTH * 15 // 100)
        line = pixels[start : start + 3 * (WIDTH * 55 // 100)]
        for at in range(0, len(line) - 2, 3):
            red, green, blue = line[at], line[at + 1], line[at + 2]
            if max(red, green, blue) - min(red, green, blue) < 60:
                continue  # grey, as the images are
            hue = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0]
            for name, wanted in _HUES.items():
                counts[name] += abs(hue - wanted) < _NEAR
    return counts


def shows_outlines(pixels: bytes) -> bool:
    """Whether all three structures are outlined."""
    return min(outlined(pixels).values()) >= _LEAST_PIXELS


def wait_until(ready: Callable[[], bool], limit_s: float) -> float:
    """Wait until `ready()` and give the seconds it took. Raises `TimeoutError`."""
    begun = time.perf_counter()
    while not ready():
        if time.perf_counter() - begun > limit_s:
            raise TimeoutError(f"nothing within {limit_s:.0f} s")
        time.sleep(0.02)
    return time.perf_counter() - begun
