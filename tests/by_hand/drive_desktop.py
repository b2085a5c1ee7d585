"""Drive the desktop as a person does: a window manager on a virtual screen, real mouse and key events, pictures.

    python tests/by_hand/drive_desktop.py [STUDY] [--out build/drive]

Needs Xvfb, openbox, xdotool, xwininfo and ImageMagick. No part of the program is imported here; where a hand must aim,
it is started by `telling_desktop.py`, which tells where its views lie. Look at the pictures: the script itself checks
what was written, how the program ended, and what can be told by a machine.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drive_rooms import walk_through_rooms
from told_places import ToldPlaces, stroke, telling_program
from virtual_screen import PATIENCE_S, TOOLS, Screen, check, screen

SCREEN = (1920, 1080)


def drive(at: Screen, study: Path, out: Path, home: Path) -> None:
    """Walk through a session from the first window to the signature, in two runs of the program."""
    at.environment |= {"XDG_CONFIG_HOME": str(home), "CINECOR_HOME": str(home), "LANG": "C.UTF-8", "HOME": str(home)}
    with telling_program(at, home) as told:
        at.picture("welcome")
        at.key("ctrl+o")
        at.wait_for("Open a study folder")
        at.picture("folder-dialog")
        at.enter(str(study), dialog="Open a study folder")
        at.wait_for(f"{study.name} ")
        at.picture("opening")
        told.until(lambda so: "es_line" in so and not so["busy"], "the study was not outlined")
        at.settle()
        at.picture("outlined")
        look(at, told)
        correct(at, told)
        choose(at, told)
        results = save(at, out)
        at.key("shift+x", "ctrl+q")  # kept: nothing is asked
        told.ended()
    with telling_program(at, home) as told:
        told.until(lambda so: "first_row" in so, "the worklist is empty")
        at.picture("worklist")
        at.click(*told.now()["first_row"])
        at.key("Return")
        told.until(lambda so: "es_line" in so and not so["busy"], "the kept study did not open")
        at.picture("as-it-was-left")
        compare(at, told, results)
        sign(at, told)
        at.key("ctrl+q")
        told.ended()


def look(at: Screen, told: ToldPlaces) -> None:
    """Move through slices, phases, layouts and sheets."""
    at.key("Up", "Up", "Right", "Right")
    at.picture("arrows")
    at.key("space")
    time.sleep(1.2)
    at.picture("playing")
    at.key("space", "s")
    at.picture("end-systole")
    for layout in "23451":
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
    x, y = told.now()["cine"]
    at.drag((x, y), (x + 70, y + 40), button=3)
    at.picture("window-dragged")
    at.key("a", "F8")
    at.settle()
    at.picture("light")
    at.key("F8")
    at.settle()


def correct(at: Screen, told: ToldPlaces) -> None:
    """Correct an outline with each tool, carry the change, look at what was carried, and take all of it back.

    Places are shares of the cavity's radius from its middle.
    """
    at.key("1", "d", "h")
    time.sleep(0.5)
    (x, y), radius = told.now()["cavity"], told.now()["cavity_radius"]

    def there(right: float, down: float) -> tuple[float, float]:
        return x + radius * right, y + radius * down

    steps = 0
    for key, tool, name, way in (
        ("p", "push", "push", [(0.6, -0.3), (0.95, 0.0), (0.6, 0.3)]),
        ("r", "redraw_arc", "redraw-arc", [(-0.75, 0.68), (0.0, 0.6), (0.65, 0.75)]),
        ("j", "handles", "handles", [(0.0, -1.0), (0.05, -1.25)]),
        ("b", "brush", "brush", [(1.2, 0.0), (1.35, 0.4)]),
        ("e", "eraser", "eraser", [(1.35, 0.4), (1.5, 0.6)]),
    ):
        at.key(key)
        told.until(lambda so, tool=tool: so["tool"] == tool, f"{tool} was not taken")
        at.picture(f"{name}-taken")
        stroke(at, [there(*one) for one in way])
        steps += 1
        at.picture(f"{name}-done")
    told.until(lambda so: so["redrawn"] == 1, "no stroke changed the frame")
    at.key("n")
    told.until(lambda so: so["tool"] == "new_outline", "the tool for outlines was not taken")
    for place in ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)):
        at.click(*there(*place))
    at.picture("new-outline-clicked")
    at.key("BackSpace", "Escape", "m")
    at.run("xdotool", "mousemove", *map(round, there(0.1, 0.0)))
    at.run("xdotool", "mousemove", *map(round, there(0.0, 0.0)))
    at.picture("papillary-muscles")
    at.key("Escape", "q")
    told.until(lambda so: so["compared"] == ["model"], "the model's outlines are not shown")
    at.picture("beside-the-models")
    at.key("q", "k")
    told.until(lambda so: so["redrawn"] > 1 and not so["busy"], "nothing was carried")
    at.picture("carried")
    at.key("Return", "shift+Return")
    at.picture("accepted")
    at.key(*["ctrl+z"] * (steps + 3))
    at.key("f")
    told.until(lambda so: so["redrawn"] == 0, "not everything was taken back")
    at.picture("taken-back")


def choose(at: Screen, told: ToldPlaces) -> None:
    """Decide what a doctor decides: a slice, ES."""
    at.click(*told.now()["cells"][3][10])
    told.until(lambda so: so["place"] == [3, 10], "the click went to another frame")
    at.picture("cell-clicked")
    at.click(*told.now()["counts"]["ed"][1])
    at.picture("slice-left-out-at-ed")
    (x, y), phase = told.now()["es_line"], told.now()["one_phase"]
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
        end = time.monotonic() + PATIENCE_S
        while not path.is_file():
            check(time.monotonic() < end, f"{path.name} was not written")
            time.sleep(0.2)
    written = list(results.glob("*/results.json"))
    check(len(written) == 1, "no results were written")
    document = json.loads(written[0].read_text(encoding="utf-8"))
    choices = document["choices"]
    check(choices["es_phase"] == "reader", "ES was not moved")
    check(choices["ed_phase"] == "automatic", "ED was moved")
    check(choices["slices_left_out"]["ed"] == [1], "slice 2 was not left out at ED")
    return written[0].parent


def compare(at: Screen, told: ToldPlaces, results: Path) -> None:
    """Lay the results that were saved beside the review, which has lost a slice since."""
    at.key("ctrl+k")
    time.sleep(0.5)
    at.type("compare with")
    at.key("Return")
    at.wait_for("Folder with the results")
    at.enter(str(results), dialog="Folder with the results")
    told.until(lambda so: so["compared"] == ["other"], "the results are not shown beside")
    at.picture("compared")


def sign(at: Screen, told: ToldPlaces) -> None:
    """Walk through what is doubtful, then sign."""
    for _ in range(told.now()["open_doubts"]):
        at.key("F4", "F5")
        time.sleep(0.3)
    at.picture("answered")
    at.key("F9")
    at.wait_for("Sign")
    at.type("Dr Ada Wall")
    at.picture("signature")
    at.key("Return")
    told.until(lambda so: so["locked"], "the study was not signed")
    at.picture("signed")


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
