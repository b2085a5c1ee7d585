"""The reading room at every size, scheme and language, and its mended faults, by real events on a virtual screen."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from told_places import telling_program
from virtual_screen import PATIENCE_S, Screen, check, program, screen

_TOAST_S = 8.0  # a message has gone by then
_SHARES = {"image": (0.4, 0.3), "matrix": (0.25, 0.86), "panel": (0.97, 0.93)}
"""Places as shares of the window: on the image, on a cell, and beside everything that takes clicks."""


@dataclass(frozen=True, slots=True)
class Room:
    """One screen and how the desktop is dressed on it; the language comes from LANG alone."""

    name: str
    size: tuple[int, int]
    scale: int
    theme: str
    lang: str

    @property
    def settings_title(self) -> str:
        """What the dialog of the settings is called."""
        return "Réglages" if self.lang.startswith("fr") else "Settings"


ROOMS = (
    Room("1366x768-dark-en", (1366, 768), 1, "dark", "C.UTF-8"),
    Room("1366x768-light-fr", (1366, 768), 1, "light", "fr_FR.UTF-8"),
    Room("1920x1080-dark-fr", (1920, 1080), 1, "dark", "fr_FR.UTF-8"),
    Room("1920x1080-light-en", (1920, 1080), 1, "light", "C.UTF-8"),
    Room("3840x2160x2-dark-en", (3840, 2160), 2, "dark", "C.UTF-8"),
    Room("3840x2160x2-light-fr", (3840, 2160), 2, "light", "fr_FR.UTF-8"),
    Room("1920x1080x2-dark-en", (1920, 1080), 2, "dark", "C.UTF-8"),
)


def walk_through_rooms(study: Path, out: Path) -> None:
    """Open the study in every room, then go through the faults that were mended."""
    with tempfile.TemporaryDirectory() as kept:
        with screen(out, (1920, 1080)) as at:
            _live_in(at, ROOMS[-1], Path(kept))
            _outline_once(at, study, Path(kept))
        for room in ROOMS:
            folder = out / room.name
            folder.mkdir()
            with screen(folder, room.size) as at:
                _live_in(at, room, Path(kept))
                _look_round(at, room, study)
        folder = out / "faults"
        folder.mkdir()
        faults = Room("faults", (1920, 1080), 1, "dark", "C.UTF-8")
        with screen(folder, faults.size) as at:
            _live_in(at, faults, Path(kept))
            _mended_faults(at, study, Path(kept))


def _live_in(at: Screen, room: Room, home: Path) -> None:
    """Set the scheme by the settings' file and the language by the environment; what is kept of studies stays."""
    file = home / "cinecor" / "settings.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"format": 1, "settings": {"theme": room.theme}}), encoding="utf-8")
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        at.environment.pop(name, None)
    own = {name: str(home) for name in ("XDG_CONFIG_HOME", "CINECOR_HOME", "HOME")}
    at.environment |= {**own, "LANG": room.lang, "QT_SCALE_FACTOR": str(room.scale)}


def _outline_once(at: Screen, study: Path, home: Path) -> None:
    """Let the model outline the study, so that every room shows it at once."""
    with telling_program(at, home) as told:
        _open(at, study)
        told.until(lambda places: "es_line" in places and not places["busy"], "the study was not outlined")
        at.key("ctrl+q")
        told.ended()


def _at(at: Screen, what: str) -> tuple[float, float]:
    return at.size[0] * _SHARES[what][0], at.size[1] * _SHARES[what][1]


def _look_round(at: Screen, room: Room, study: Path) -> None:
    with program(at, study) as running:
        at.wait_for(" – Cinecor")
        at.settle()
        at.require_within(" – Cinecor")
        for layout, name in (("1", "reading"), ("2", "correcting"), ("3", "comparing"), ("4", "base-and-apex")):
            at.key(layout)
            at.settle(still_s=0.6)
            at.picture(name)
        at.key("1", "ctrl+comma")
        at.wait_for(room.settings_title)
        at.require_within(room.settings_title)
        at.picture("settings")
        at.key("Escape")
        at.click(*_at(at, "image"), button=3)
        at.picture("image-menu")
        at.key("Escape", "ctrl+k")
        at.settle(still_s=0.6)
        at.type("contour")
        at.settle(still_s=0.6)
        at.picture("palette-contour")
        at.key("Escape", "ctrl+l")
        at.settle(still_s=0.6)
        at.picture("worklist")
        at.key("ctrl+q")
        check(running.wait(PATIENCE_S) == 0, "the program ended with an error")


def _mended_faults(at: Screen, study: Path, home: Path) -> None:
    nothing, other = home / "nothing", home / "other" / "study"
    nothing.mkdir()
    small = ("--slices", "6", "--phases", "10")
    subprocess.run([sys.executable, "-m", "cinecor", "phantom", "--out", other.parent, *small], check=True)
    with program(at, study) as running:
        at.wait_for(" – Cinecor")
        at.settle()
        _keys_reach_the_study(at)
        at.click(*_at(at, "matrix"), button=3)
        at.picture("matrix-menu")
        at.key("Escape")
        _hover_over_row(at)
        at.click(100, 150, button=3)
        at.picture("card-menu")
        at.key("Escape", "ctrl+k")
        at.settle(still_s=0.6)
        at.type("zzz")
        at.settle(still_s=0.6)
        at.picture("palette-finds-nothing")
        at.key("Escape")
        _full_screen_and_back(at)
        _open(at, nothing)
        at.settle()
        at.picture("bad-input-opens-no-tab")
        at.key("Tab")  # a failure waits to be dismissed
        _open(at, study)
        at.settle()
        at.picture("same-study-once")
        _open(at, other)
        at.settle()
        at.picture("second-study")
        before = at.look()
        at.key("Right", "Down")
        check(_changed(at, before), "keys do not reach the second study")
        at.key("ctrl+Tab")
        at.settle(still_s=0.6)
        before = at.look()
        at.key("Right")
        check(_changed(at, before), "keys do not reach the study after Ctrl+Tab")
        at.key("u")  # nothing lies between corrected phases: that is told
        at.picture("toast")
        told = at.look()
        time.sleep(_TOAST_S)
        check(_changed(at, told), "the message does not go")
        at.picture("toast-has-gone")
        at.key("alt+f")
        at.key(*["Down"] * 3, "Right")
        at.picture("recent-studies")
        at.key("Escape", "Escape")
        _drop(at, other)
        at.key("ctrl+q")
        check(running.wait(PATIENCE_S) == 0, "the program ended with an error")


def _changed(at: Screen, before: str) -> bool:
    """Wait for the screen to show something else: a busy machine paints late."""
    end = time.monotonic() + PATIENCE_S / 4
    while at.look() == before:
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _keys_reach_the_study(at: Screen) -> None:
    for where in ("panel", "matrix"):
        at.click(*_at(at, where))
        for key in ("Up", "Right", "End", "Home", "d", "s"):
            before = at.look()
            at.key(key)
            if key in ("Up", "Right"):
                check(_changed(at, before), f"{key} does not reach the study after a click on the {where}")
    at.picture("keys-reach-the-study")


def _hover_over_row(at: Screen) -> None:
    """Go along the second row of the matrix, where the Siemens study has doubtful cells."""
    width, height = at.size
    for part in range(14):
        at.run("xdotool", "mousemove", round(width * (0.22 + 0.012 * part)), round(height * 0.8))
        time.sleep(0.1)
    at.hover(width * 0.452, height * 0.808)
    time.sleep(0.5)
    at.picture("hover-says-why")


def _full_screen_and_back(at: Screen) -> None:
    before = at.place_of(" – Cinecor")
    at.key("F11")
    at.settle(still_s=0.6)
    check(at.place_of(" – Cinecor")[2:] == at.size, "F11 does not fill the screen")
    at.key("F11")
    at.settle(still_s=0.6)
    check(at.place_of(" – Cinecor") == before, "F11 does not give back the window as it was")


def _open(at: Screen, folder: Path) -> None:
    at.key("ctrl+o")
    at.wait_for("Open a study folder")
    at.enter(str(folder), dialog="Open a study folder")


_SOURCE = """
import sys
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel
class Source(QLabel):
    def mouseMoveEvent(self, _):
        drag, data = QDrag(self), QMimeData()
        data.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag.setMimeData(data)
        print(drag.exec(Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, Qt.DropAction.MoveAction).name, flush=True)
        QApplication.quit()
application = QApplication(sys.argv)
source = Source("drag from here")
source.setWindowTitle("file manager")
source.setGeometry(1500, 200, 300, 200)
source.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
source.show()
application.exec()
"""


def _drop(at: Screen, folder: Path) -> None:
    """Drag a folder over from a file manager that proposes to move it, and see that it is copied."""
    source = subprocess.Popen(
        [sys.executable, "-c", _SOURCE, folder], env=at.environment, stdout=subprocess.PIPE, text=True
    )
    at.wait_for("file manager")
    at.run("xdotool", "mousemove", 1600, 300, "mousedown", 1)
    for step in range(12):
        at.run("xdotool", "mousemove", 1600 - 60 * step, 300 + 10 * step)
        time.sleep(0.1)
    at.picture("dragged-over-the-window")
    at.run("xdotool", "mouseup", 1)
    told, _ = source.communicate(timeout=PATIENCE_S)
    check(told.strip() == "CopyAction", f"a drop is taken as {told.strip() or 'nothing'}")
    at.settle()
    at.picture("dropped")
