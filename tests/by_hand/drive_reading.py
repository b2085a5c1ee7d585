"""Read studies as a doctor does, on a virtual screen: correct, be cut off, come back, answer, sign, amend, forget.

    python tests/by_hand/drive_reading.py STUDY [STUDY …] [--out build/drive-reading]

Needs what `drive_desktop.py` needs. Look at the pictures; what a machine can tell is checked.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from drive_desktop import SCREEN, correct, sign
from told_places import ToldPlaces, stroke, telling_program
from virtual_screen import Screen, check, screen


def read(at: Screen, study: Path, home: Path) -> None:
    """Go the whole way with one study, in three runs of the program."""
    name = study.name
    with telling_program(at, home) as told:
        at.key("ctrl+o")
        at.wait_for("Open a study folder")
        at.enter(str(study), dialog="Open a study folder")
        told.until(_outlined, f"{name} was not outlined")
        at.settle()
        correct(at, told)
        _push(at, told)
        at.picture(f"{name}-pushed")
        told.until(lambda so: so["redrawn"] == 1, "the push changed nothing")
        told.kill()
    with telling_program(at, home) as told:
        _open_first(at, told)
        check(told.now()["redrawn"] == 1, "the kill took more than the gesture in progress")
        check(told.now()["exported"] == "Not exported", "nobody exported this")
        at.picture(f"{name}-after-the-kill")
        at.key("k")
        told.until(
            lambda so: so["message"].startswith(("Carried to", "No other frame")), "what was carried is not told"
        )
        at.picture(f"{name}-where-it-stopped")
        at.key("shift+Return")
        at.key("F4")
        at.settle(still_s=0.6)
        at.picture(f"{name}-first-doubt")
        sign(at, told)
        check("version 1" in told.now()["status"], "the banner does not name the version")
        _amend(at, told)
        at.picture(f"{name}-amended")
        at.key("ctrl+q")
        told.ended()


def tidy(at: Screen, studies: list[Path], home: Path) -> None:
    """Search, sort and forget in the worklist."""
    with telling_program(at, home) as told:
        told.until(lambda so: len(so.get("rows", ())) == len(studies), "not every study is in the worklist")
        at.picture("worklist")
        at.click(*told.now()["search"])
        at.type("nobody at all")
        told.until(lambda so: so["rows"] == [], "the search finds what is not there")
        at.picture("worklist-nothing-found")
        at.key("ctrl+a", "BackSpace")
        at.type(studies[0].name)
        told.until(lambda so: so["rows"] == [str(studies[0])], "the search does not find a folder")
        at.picture("worklist-found")
        at.key("ctrl+a", "BackSpace")
        told.until(lambda so: len(so["rows"]) == len(studies), "the emptied search hides studies")
        orders = []
        for _ in range(2):
            before = told.now()["rows"]
            at.click(*told.now()["headings"][2])
            told.until(lambda so, before=before: so["rows"] != before or len(before) == 1, "a heading sorts nothing")
            orders.append(told.now()["rows"])
        check(len(studies) == 1 or orders[0] == orders[1][::-1], "the second click does not turn the order round")
        at.picture("worklist-sorted")
        at.click(*told.now()["first_row"])
        at.key("Delete")
        time.sleep(0.7)
        at.picture("worklist-forgetting")
        at.key("Escape")
        time.sleep(0.5)
        check(len(told.now()["rows"]) == len(studies), "Escape forgot a study")
        at.key("Delete")
        time.sleep(0.7)
        at.key("shift+Tab", "space")
        told.until(lambda so: len(so.get("rows", ())) == len(studies) - 1, "the study was not forgotten")
        at.picture("worklist-forgotten")
        at.key("ctrl+q")
        told.ended()


def _outlined(so: dict[str, object]) -> bool:
    return "es_line" in so and not so["busy"]


def _open_first(at: Screen, told: ToldPlaces) -> None:
    told.until(lambda so: "first_row" in so, "the worklist is empty")
    at.click(*told.now()["first_row"])
    at.key("Return")
    told.until(_outlined, "the kept study did not open")
    at.settle()


def _push(at: Screen, told: ToldPlaces) -> None:
    """Push the cavity's line outwards on one side."""
    at.key("1", "d", "h")
    time.sleep(0.5)
    (x, y), radius = told.now()["cavity"], told.now()["cavity_radius"]
    at.key("p", "c")
    stroke(at, [(x + 0.6 * radius, y - 0.3 * radius), (x + 0.95 * radius, y), (x + 0.6 * radius, y + 0.3 * radius)])
    at.key("c", "Escape")


def _amend(at: Screen, told: ToldPlaces) -> None:
    at.key("ctrl+k")
    time.sleep(0.5)
    at.type("amend")
    at.key("Return")
    at.wait_for("Amend")
    at.type("A second look")
    at.key("Return")
    told.until(lambda so: not so["locked"], "the study was not amended")


def main() -> None:
    """Read the studies one after the other, then look through the worklist."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("study", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("build/drive-reading"))
    options = parser.parse_args()
    out, studies = options.out.resolve(), [study.resolve() for study in options.study]
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as home, screen(out, SCREEN) as at:
        at.environment |= {"XDG_CONFIG_HOME": home, "CINECOR_HOME": home, "LANG": "C.UTF-8", "HOME": home}
        for study in studies:
            read(at, study, Path(home))
        tidy(at, studies, Path(home))
    sys.stdout.write(f"pictures: {out}\n")


if __name__ == "__main__":
    main()
