"""Drive the desktop as a person does: a window manager on a virtual screen, real mouse and key events, pictures.

    python tests/by_hand/drive_desktop.py [STUDY] [--out build/drive]

Needs Xvfb, openbox, xdotool, xwininfo and ImageMagick. No part of the program is imported here. Look at the pictures:
the script itself checks what was written, how the program ended, and what can be told by a machine.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from drive_rooms import walk_through_rooms
from virtual_screen import PATIENCE_S, TOOLS, Screen, check, program, screen

SCREEN = (1920, 1080)

# Places on the screen, with the window as it is at its first start and a stack of 12 slices × 20 phases.
CINE = (592, 346)
CELL = (530, 724)  # slice 3, phase 10
ED_OF_SLICE_1 = (698, 697)
ES_LINE, TWO_PHASES = (980, 760), 26.5
FIRST_RECENT = (700, 558)


def drive(at: Screen, study: Path, out: Path, home: Path) -> None:
    """Walk through a session from the first window to the last question, then come back by the recent studies."""
    at.environment |= {"XDG_CONFIG_HOME": str(home), "CINECOR_HOME": str(home), "LANG": "C.UTF-8", "HOME": str(home)}
    with program(at) as running:
        at.picture("welcome")
        at.key("ctrl+o")
        at.wait_for("Open a study folder")
        at.picture("folder-dialog")
        at.enter(str(study), dialog="Open a study folder")
        at.wait_for(f"{study.name} ")
        at.picture("opening")
        at.settle()
        at.picture("segmented")
        look(at)
        correct(at)
        choose(at)
        save(at, out)
        at.key("shift+x")
        for key in ("ctrl+w", "ctrl+q"):
            at.key(key)
            time.sleep(0.5)
            at.picture(f"question-at-{key}")
            at.key("Escape")
        at.picture("still-there")
        at.key("ctrl+q")
        time.sleep(0.5)
        at.key("Tab", "Return")
        check(running.wait(PATIENCE_S) == 0, "the program ended with an error")
    with program(at) as running:
        at.picture("recent")
        at.click(*FIRST_RECENT)
        at.wait_for(f"{study.name} ")
        at.key("ctrl+w")  # in the middle of its work
        at.settle()
        at.picture("closed-in-mid-work")
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
    at.drag(CINE, (CINE[0] + 70, CINE[1] + 40), button=3)
    at.picture("window-dragged")
    at.key("a", "F8")
    at.settle()
    at.picture("light")
    at.key("F8")
    at.settle()


def correct(at: Screen) -> None:
    """Correct an outline with each tool, carry the change, look at what was carried, and take all of it back."""
    at.key("1", "d", "h")
    steps = 0
    for key, name, way in (
        ("p", "push", [(60, -20), (75, 0), (60, 20)]),
        ("r", "redraw-arc", [(-60, 40), (0, 30), (60, 40)]),
        ("j", "handles", [(0, -65), (0, -80)]),
        ("b", "brush", [(95, 0), (100, 30)]),
        ("e", "eraser", [(100, 20), (110, 35)]),
    ):
        at.key(key)
        at.picture(f"{name}-taken")
        places = [(CINE[0] + right, CINE[1] + down) for right, down in way]
        for start, end in pairwise(places):
            at.drag(start, end)
            steps += 1
        at.picture(f"{name}-done")
    at.key("n")
    for right, down in ((0, -60), (60, 0), (0, 60), (-60, 0)):
        at.click(CINE[0] + right, CINE[1] + down)
    at.picture("new-outline-clicked")
    at.key("BackSpace", "Escape", "m")
    at.run("xdotool", "mousemove", CINE[0] + 5, CINE[1])
    at.run("xdotool", "mousemove", *CINE)
    at.picture("papillary-muscles")
    at.key("Escape", "k")
    at.settle()
    at.picture("carried")
    at.key("Return", "shift+Return")
    at.picture("accepted")
    at.key(*["ctrl+z"] * (steps + 3))
    at.key("f")
    at.picture("taken-back")


def choose(at: Screen) -> None:
    """Decide what a doctor decides: a slice, ES."""
    at.click(*CELL)
    at.picture("cell-clicked")
    at.click(*ED_OF_SLICE_1)
    at.picture("slice-left-out-at-ed")
    at.drag(ES_LINE, (ES_LINE[0] + TWO_PHASES, ES_LINE[1]))
    at.picture("es-dragged")


def save(at: Screen, out: Path) -> None:
    """Save results, a picture and an animation, and check what was written."""
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
    check(choices["slices_left_out"]["ed"] == [1], "slice 1 was not left out at ED")


def main() -> None:
    """Run the drive on a study, or on a phantom of the same size as SC-HF-I-1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("study", type=Path, nargs="?", help="12 slices × 20 phases (default: a phantom)")
    parser.add_argument("--out", type=Path, default=Path("build/drive"))
    parser.add_argument(
        "--rooms-only", action="store_true", help="only the sizes, schemes, languages and mended faults"
    )
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(
            f"{', '.join(missing)} not found; "
            "on Debian and Ubuntu: apt install xvfb openbox xdotool x11-utils imagemagick"
        )
    out = options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as home:
        study = options.study or Path(home) / "phantom" / "study"
        if options.study is None:
            size = ("--slices", "12", "--phases", "20")
            subprocess.run([sys.executable, "-m", "cinecor", "phantom", "--out", study.parent, *size], check=True)
        if not options.rooms_only:
            with screen(out, SCREEN) as at:
                drive(at, study.resolve(), out, Path(home))
        walk_through_rooms(study.resolve(), out)
    sys.stdout.write(f"pictures: {out}\n")


if __name__ == "__main__":
    main()
