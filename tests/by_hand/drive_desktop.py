"""Drive the desktop as a person does: a window manager on a virtual screen, real mouse and key events, pictures.

    python tests/by_hand/drive_desktop.py [STUDY] [--out build/drive]

Needs Xvfb, openbox, xdotool and ImageMagick. No part of the program is imported here; it is started by
`telling_desktop.py`, which tells where its views lie. Look at the pictures; the script itself checks what was written,
what the program tells of itself, and how it ended.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

SCREEN = (1600, 1000)
TOOLS = ("Xvfb", "openbox", "xdotool", "import")
PATIENCE_S = 60.0


class Screen:
    """One virtual screen with one running program."""

    def __init__(self, number: int, out: Path) -> None:
        self.environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        self.told = out / "places.json"  # where the program tells where its views lie
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

    def stroke(self, way: list[tuple[float, float]]) -> None:
        """Drag along several places without letting go."""
        self.run("xdotool", "mousemove", *map(round, way[0]), "mousedown", 1)
        for start, end in pairwise(way):
            for part in range(1, 11):
                at = (round(a + (b - a) * part / 10) for a, b in zip(start, end, strict=True))
                self.run("xdotool", "mousemove", *at)
                time.sleep(0.02)
        self.run("xdotool", "mouseup", 1)
        time.sleep(0.2)

    def places(self) -> dict[str, Any]:
        """Give where the views lie now, once the program has told anew."""
        before = time.time()
        end = time.monotonic() + PATIENCE_S
        while not self.told.is_file() or self.told.stat().st_mtime < before:
            check(time.monotonic() < end, "the program tells nothing")
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(self.told.read_text(encoding="utf-8"))
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool], otherwise: str) -> None:
        """Wait until what the program tells is so."""
        end = time.monotonic() + 3 * PATIENCE_S
        while not holds(self.places()):
            check(time.monotonic() < end, otherwise)

    def picture(self, name: str) -> None:
        """Take a picture of the whole screen."""
        self._taken += 1
        self.run("import", "-window", "root", self._out / f"{self._taken:02d}-{name}.png")

    def settle(self, *, still_s: float = 1.5) -> None:
        """Wait until nothing moves on the screen."""
        before, since, end = "", time.monotonic(), time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.run("import", "-window", "root", self._out / "now.ppm")
            now = subprocess.run(["cksum", self._out / "now.ppm"], capture_output=True, text=True, check=True).stdout
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > still_s:
                break
            time.sleep(0.2)
        (self._out / "now.ppm").unlink(missing_ok=True)

    def windows(self) -> list[str]:
        """Give the titles of all windows that can be seen."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "."],
            env=self.environment, check=False, capture_output=True, text=True,
        ).stdout.split()  # fmt: skip
        return [self.run("xdotool", "getwindowname", window) for window in found]

    def wait_for(self, title: str, *, gone: bool = False) -> None:
        """Wait for a window with `title` in its name to come, or to go."""
        end = time.monotonic() + PATIENCE_S
        while any(title in name for name in self.windows()) is gone:
            if time.monotonic() > end:
                sys.exit(f"no window came or went: {title}")
            time.sleep(0.1)


@contextlib.contextmanager
def screen(out: Path) -> Iterator[Screen]:
    """A virtual screen with a window manager, gone afterwards."""
    number = next(one for one in range(80, 200) if not Path(f"/tmp/.X11-unix/X{one}").exists())
    running = []
    try:
        size = "x".join(map(str, (*SCREEN, 24)))
        running.append(subprocess.Popen(["Xvfb", f":{number}", "-screen", "0", size, "-nolisten", "tcp"]))
        made = Screen(number, out)
        while not Path(f"/tmp/.X11-unix/X{number}").exists():
            time.sleep(0.05)
        running.append(subprocess.Popen(["openbox"], env=made.environment))
        time.sleep(0.5)
        yield made
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


def drive(at: Screen, study: Path, out: Path, home: Path) -> None:
    """Walk through a session from the first window to the signature, in two runs of the program."""
    at.environment |= {"XDG_CONFIG_HOME": str(home), "CINECOR_HOME": str(home), "LANG": "C.UTF-8", "HOME": str(home)}
    with program(at, home) as running:
        at.picture("welcome")
        at.key("ctrl+o")
        at.wait_for("Open a study folder")
        at.picture("folder-dialog")
        at.enter(str(study), dialog="Open a study folder")
        at.wait_for(f"{study.name} ")
        at.picture("opening")
        at.until(lambda places: "es_line" in places and not places["busy"], "the study was not outlined")
        at.settle()
        at.picture("outlined")
        look(at)
        correct(at)
        choose(at)
        results = save(at, out)
        at.key("shift+x", "ctrl+q")  # kept: nothing is asked
        check(running.wait(PATIENCE_S) == 0, "the program ended with an error")
    with program(at, home) as running:
        at.until(lambda places: "first_row" in places, "the worklist is empty")
        at.picture("worklist")
        at.click(*at.places()["first_row"])
        at.key("Return")
        at.until(lambda places: "es_line" in places and not places["busy"], "the kept study did not open")
        at.picture("as-it-was-left")
        compare(at, results)
        sign(at)
        at.key("ctrl+q")
        check(running.wait(PATIENCE_S) == 0, "the program ended with an error")


def look(at: Screen) -> None:
    """Move through slices, phases, layouts and sheets."""
    at.key("Up", "Up", "Right", "Right")
    at.picture("arrows")
    at.key("space")
    time.sleep(1.2)
    at.picture("playing")
    at.key("space", "s")
    at.picture("end-systole")
    for layout in "2341":
        at.key(layout)
        time.sleep(0.5)
        at.picture(f"layout-{layout}")
    at.key("d", "o")
    at.picture("overlay-off")
    at.key("o", "ctrl+k")
    time.sleep(0.5)
    at.type("layout")
    at.picture("palette")
    at.key("Escape")
    for key, name in (("F1", "keys"), ("F3", "audit"), ("ctrl+comma", "settings")):
        at.key(key)
        time.sleep(0.7)
        at.picture(name)
        at.key("Escape")
    x, y = at.places()["cine"]
    at.drag((x, y), (x + 70, y + 40), button=3)
    at.picture("window-dragged")
    at.key("a", "F8")
    at.settle()
    at.picture("light")
    at.key("F8")
    at.settle()


def correct(at: Screen) -> None:
    """Correct an outline with each tool, carry the change, look at what was carried, and take all of it back.

    Places are shares of the cavity's radius from its middle.
    """
    at.key("1", "d", "h")
    time.sleep(0.5)
    (x, y), radius = at.places()["cavity"], at.places()["cavity_radius"]

    def there(right: float, down: float) -> tuple[float, float]:
        return x + radius * right, y + radius * down

    steps = 0
    for key, name, way in (
        ("p", "push", [(0.6, -0.3), (0.95, 0.0), (0.6, 0.3)]),
        ("r", "redraw-arc", [(-0.75, 0.68), (0.0, 0.6), (0.65, 0.75)]),
        ("j", "handles", [(0.0, -1.0), (0.05, -1.25)]),
        ("b", "brush", [(1.2, 0.0), (1.35, 0.4)]),
        ("e", "eraser", [(1.35, 0.4), (1.5, 0.6)]),
    ):
        at.key(key)
        at.picture(f"{name}-taken")
        at.stroke([there(*one) for one in way])
        steps += 1
        at.picture(f"{name}-done")
    at.until(lambda places: places["redrawn"] == 1, "no stroke changed the frame")
    at.key("n")
    for place in ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)):
        at.click(*there(*place))
    at.picture("new-outline-clicked")
    at.key("BackSpace", "Escape", "m")
    at.run("xdotool", "mousemove", *map(round, there(0.1, 0.0)))
    at.run("xdotool", "mousemove", *map(round, there(0.0, 0.0)))
    at.picture("papillary-muscles")
    at.key("Escape", "q")
    time.sleep(0.5)
    at.picture("beside-the-models")
    at.key("q", "k")
    at.until(lambda places: places["redrawn"] > 1 and not places["busy"], "nothing was carried")
    at.picture("carried")
    at.key("Return", "shift+Return")
    at.picture("accepted")
    at.key(*["ctrl+z"] * (steps + 3))
    at.key("f")
    at.until(lambda places: places["redrawn"] == 0, "not everything was taken back")
    at.picture("taken-back")


def choose(at: Screen) -> None:
    """Decide what a doctor decides: a slice, ES."""
    at.click(*at.places()["cells"][3][10])
    at.until(lambda places: places["place"] == [3, 10], "the click went to another frame")
    at.picture("cell-clicked")
    at.click(*at.places()["counts"]["ed"][1])
    at.picture("slice-left-out-at-ed")
    (x, y), phase = at.places()["es_line"], at.places()["one_phase"]
    at.drag((x, y), (x + 2 * phase, y))
    at.picture("es-dragged")


def save(at: Screen, out: Path) -> Path:
    """Save results, a picture and an animation, check what was written, and return the folder of the results."""
    results = out / "results"
    results.mkdir()
    at.key("ctrl+s")
    at.wait_for("Folder for the results")
    at.enter(str(results), dialog="Folder for the results")
    at.settle()
    at.picture("results-saved")
    for key, title, path in (
        ("ctrl+p", "Save picture", out / "views.png"),
        ("ctrl+shift+p", "Save cine", out / "cine.gif"),
    ):
        at.key(key)
        at.wait_for(title)
        at.picture(path.stem + "-dialog")
        at.key("ctrl+a")
        at.enter(str(path), dialog=title)
        at.settle()
        check(path.is_file(), f"{path.name} was not written")
    written = list(results.glob("*/results.json"))
    check(len(written) == 1, "no results were written")
    document = json.loads(written[0].read_text(encoding="utf-8"))
    choices = document["choices"]
    check(choices["es_phase"] == "reader", "ES was not moved")
    check(choices["ed_phase"] == "automatic", "ED was moved")
    check(choices["slices_left_out"]["ed"] == [1], "slice 2 was not left out at ED")
    return written[0].parent


def compare(at: Screen, results: Path) -> None:
    """Lay the results that were saved beside the review, which has lost a slice since."""
    at.key("ctrl+k")
    time.sleep(0.5)
    at.type("compare with")
    at.key("Return")
    at.wait_for("Folder with the results")
    at.enter(str(results), dialog="Folder with the results")
    at.settle()
    at.picture("compared")


def sign(at: Screen) -> None:
    """Walk through what is doubtful, then sign."""
    for _ in range(at.places()["open_doubts"]):
        at.key("F4", "F5")
        time.sleep(0.3)
    at.picture("answered")
    at.key("F9")
    at.wait_for("Sign")
    at.type("Dr Ada Wall")
    at.picture("signature")
    at.key("Return")
    at.until(lambda places: places["locked"], "the study was not signed")
    at.picture("signed")


@contextlib.contextmanager
def program(at: Screen, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The desktop, its window on the screen; it tells where its views lie."""
    at.told = home / "places.json"
    at.told.unlink(missing_ok=True)
    telling = Path(__file__).with_name("telling_desktop.py")
    running = subprocess.Popen([sys.executable, telling, at.told], env=at.environment)
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


def main() -> None:
    """Run the drive on a study, or on a phantom of the same size as SC-HF-I-1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("study", type=Path, nargs="?", help="12 slices × 20 phases (default: a phantom)")
    parser.add_argument("--out", type=Path, default=Path("build/drive"))
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"{', '.join(missing)} not found; on Debian and Ubuntu: apt install xvfb openbox xdotool imagemagick")
    out = options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as home:
        study = options.study or Path(home) / "phantom" / "study"
        if options.study is None:
            size = ("--slices", "12", "--phases", "20")
            subprocess.run([sys.executable, "-m", "cinecor", "phantom", "--out", study.parent, *size], check=True)
        with screen(out) as at:
            drive(at, study.resolve(), out, Path(home))
    sys.stdout.write(f"pictures: {out}\n")


if __name__ == "__main__":
    main()
