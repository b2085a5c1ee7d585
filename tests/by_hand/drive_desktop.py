"""Drive the desktop as a person does: a window manager on virtual screens, real mouse and key events, pictures.

    python tests/by_hand/drive_desktop.py [STUDY…] [--out build/drive] [--only reading keeping faults rooms]

Needs Xvfb, openbox, xdotool and xwininfo. Walks through every line of the reading room on each study (default: a
phantom with long-axis cines), says of each whether it was seen, and ends with an error where one was not. The program
runs unchanged, but for a timer that tells where its views lie. Look at the pictures as well.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from drive_faults import go_through_faults
from drive_first_look import change_layouts, look_at_panels, nothing_moves, open_first_study
from drive_images import look_at_images, save_pictures
from drive_keeping import be_cut_off, come_back, tidy_up
from drive_long_axis import look_along_the_heart
from drive_review import compare, correct, decide, sign
from drive_rooms import Room, live_in, walk_through_rooms
from steps import Line, Seen, Steps, Unmet, as_table
from told_places import Died, telling_program
from virtual_screen import Screen, missing_tools, screen
from walk import Walk

DESK = Room("1920x1080-dark-en", (1920, 1080), 1, "dark", "C.UTF-8")
WALKS = ("reading", "keeping", "faults", "rooms")


def read_a_study(steps: Steps, study: Path, out: Path, home: Path) -> None:
    """Go from the first window to the signature, in two runs of the program."""
    with screen(out / "reading", DESK.size) as at:
        live_in(at, DESK, home)
        with telling_program(at, home) as told:
            walk = Walk(at, told, steps, study, out / "reading", home)
            open_first_study(walk)
            look_at_panels(walk)
            nothing_moves(walk)
            change_layouts(walk)
            look_along_the_heart(walk)
            look_at_images(walk)
            correct(walk)
            results = decide(walk)
            save_pictures(walk)
            with walk.step(5, "closing a kept study asks nothing"):
                at.key("shift+x", "ctrl+q")
                told.ended()
        with telling_program(at, home) as told:
            walk = Walk(at, told, steps, study, out / "reading", home)
            with walk.step(2, "the worklist is the first screen once studies are kept, and opens one as it was left"):
                now = told.until(lambda so: "first_row" in so, "the worklist is empty")
                at.picture("worklist")
                at.click(*now["first_row"])
                at.key("Return")
                told.outlined()
                at.picture("as-it-was-left")
            compare(walk, results)
            sign(walk)
            with walk.step(5, "the program ends without an error"):
                at.key("ctrl+q")
                told.ended()


def keep_a_study(steps: Steps, study: Path, out: Path, home: Path) -> None:
    """Be cut off in the middle of a reading, come back to it, and tidy the worklist up: three runs of the program."""
    other = phantom(home / "other", "--slices", 6, "--phases", 10)
    with screen(out / "keeping", DESK.size) as at:
        outline_once(at, other, home)
        for walked in (be_cut_off, come_back, tidy_up):
            start = (study,) if walked is be_cut_off else ()
            with telling_program(at, home, *start) as told:
                walked(Walk(at, told, steps, study, out / "keeping", home))


def mended_faults(steps: Steps, study: Path, out: Path, home: Path) -> None:
    """Go through the faults in one run of the program."""
    inputs = home / "inputs"
    prepare = [sys.executable, Path(__file__).with_name("prepare_inputs.py"), study, inputs]
    subprocess.run(prepare, check=True)
    phantom(inputs / "other", "--slices", 6, "--phases", 10)
    with screen(out / "faults", DESK.size) as at:
        live_in(at, DESK, home)
        with telling_program(at, home, study) as told:
            walk = Walk(at, told, steps, study, out / "faults", home)
            go_through_faults(walk, inputs)
            with walk.step(5, "the program ends without an error after many studies"):
                at.key("ctrl+q")
                told.ended()


def outline_once(at: Screen, study: Path, home: Path) -> None:
    """Let the model outline the study, so that the store knows it."""
    live_in(at, DESK, home)
    with telling_program(at, home, study) as told:
        told.outlined()
        at.key("ctrl+q")
        told.ended()


def phantom(folder: Path, *options: object) -> Path:
    """Write a synthetic study, and give its folder."""
    words = [sys.executable, "-m", "cinecor", "phantom", "--out", folder, *options]
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
    return folder / "study"


def drive(study: Path, name: str, out: Path, walks: list[str]) -> list[Line]:
    """Drive the program through one study, with a home of its own for each walk that signs or breaks something."""
    steps = Steps(name)
    for walk in walks:
        with tempfile.TemporaryDirectory() as home:
            try:
                if walk == "reading":
                    read_a_study(steps, study, out, Path(home))
                elif walk == "keeping":
                    keep_a_study(steps, study, out, Path(home))
                elif walk == "faults":
                    mended_faults(steps, study, out, Path(home))
                else:
                    with screen(out / walk, DESK.size) as at:
                        outline_once(at, study, Path(home))
                    walk_through_rooms(steps, study, out=out / walk, home=Path(home))
            except (Died, Unmet) as death:
                steps.lines.append(Line(name, 5, f"{walk}: the program lives to the end", Seen.FAILED, str(death)))
    return steps.lines


def write_seen(page: Path, lines: list[Line]) -> None:
    """Write the table of what was seen between the markers of a page."""
    start, end = "<!-- seen -->\n", "<!-- end of seen -->"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(start)
    page.write_text(f"{before}{start}\n{as_table(lines)}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> None:
    """Drive the program through every study, and tell what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("study", type=Path, nargs="*", help="folders with a study each (default: a phantom)")
    parser.add_argument("--out", type=Path, default=Path("build/drive"))
    parser.add_argument("--only", nargs="+", choices=WALKS, default=list(WALKS), help="some of the walks")
    parser.add_argument("--page", type=Path, help="a page whose table of what was seen is written anew")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        sys.exit(f"{', '.join(missing)} not found; on Debian and Ubuntu: apt install xvfb openbox xdotool x11-utils")
    out = options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as own:
        small = ("--slices", 10, "--phases", 16, "--distractors", "--valves")
        studies = options.study or [phantom(Path(own) / "phantom", *small)]
        for study in studies:
            name = "phantom" if study.is_relative_to(own) else study.name
            lines += drive(study.resolve(), name, out / name, options.only)
            (out / "seen.md").write_text(as_table(lines), encoding="utf-8")
    if options.page:
        write_seen(options.page, lines)
    failed = [line for line in lines if line.seen is Seen.FAILED]
    passed = sum(line.seen is Seen.PASSED for line in lines)
    sys.stdout.write(f"{passed} seen, {len(failed)} not as it should be; table and pictures: {out}\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
