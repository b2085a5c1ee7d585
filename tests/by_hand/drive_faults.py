"""Part 5 by real events: every fault that was mended, each with its kind."""

import re
import subprocess
import sys
import time
from pathlib import Path

from steps import NotHere, check
from told_places import Told
from virtual_screen import PATIENCE_S, Screen
from walk import Walk


def go_through_faults(walk: Walk, inputs: Path) -> None:
    """Begin with the study open, and end with it in front."""
    told = walk.told
    told.outlined()
    walk.settle()
    _keys_in_one_study(walk)
    _numbers_and_curve(walk)
    _hover_and_menus(walk)
    _palette(walk)
    _full_screen(walk)
    _bad_inputs(walk, inputs)
    _same_study(walk, inputs)
    _second_study(walk, inputs)
    _other_inputs(walk, inputs)
    _recent(walk)
    _drop(walk, inputs)


def _keys_in_one_study(walk: Walk) -> None:
    at, told = walk.at, walk.told
    for where in ("an empty panel", "the curves", "the strip"):
        with walk.step(5, f"keys reach the study after a click on {where}"):
            now = told.now()
            left, top, width, height = now["shown"]["curves" if where == "the curves" else "matrix"]
            if where == "an empty panel":
                at.click(*now["below_numbers"])
            else:
                at.click(left + 0.5 * width, top + (0.5 * height if where == "the curves" else height - 2))
            _keys_work(walk)
    with walk.step(5, "a drag over the strip goes where the mouse is"):
        cells = told.now()["cells"]
        (x, y), end = cells[1][1], cells[2][3]
        at.click(x, y)
        told.until(lambda so: so["place"] == [1, 1], "a click goes elsewhere")
        at.drag((x, y), (end[0], end[1]))
        told.until(lambda so: so["place"] == [2, 3], f"a drag ends at {told.now()['place']}")
    with walk.step(5, "a text field keeps what is typed"):
        now = told.now()
        at.click(*now["fields"]["age_years"])
        at.key("ctrl+a")
        at.type("61")
        at.key("Left", "Home")
        after = told.now()
        check(after["place"] == now["place"] and after["layout"] == now["layout"], "a key went to the study")
        at.key("Return")
        told.until(lambda so: "61" in so["banner"]["person"], "the age was not taken")
        at.click(*now["below_numbers"])


def _keys_work(walk: Walk) -> None:
    """Press what must reach the study: arrows, Home, End, D, S, Space."""
    at, told = walk.at, walk.told
    at.key("d", "Home")
    now = told.until(lambda so: so["place"] == [0, so["ed"]], "D and Home do not go to the first slice at ED")
    last, phases = now["slices"] - 1, now["phases"]
    for key, wanted in (
        ("Down", lambda so: so["place"][0] == min(1, last)),
        ("Right", lambda so: so["place"][1] == (so["ed"] + 1) % phases),
        ("Left", lambda so: so["place"][1] == so["ed"]),
        ("End", lambda so: so["place"][0] == last),
        ("Up", lambda so: so["place"][0] == max(last - 1, 0)),
        ("s", lambda so: so["place"][1] == so["es"]),
        ("space", lambda so: so["playing"]),
        ("space", lambda so: not so["playing"]),
    ):
        at.key(key)
        told.until(wanted, f"{key} does not reach the study", patience_s=10)


def _numbers_and_curve(walk: Walk) -> None:
    at, told = walk.at, walk.told
    with walk.step(5, "curve and numbers agree when a slice is dropped at one moment"):
        at.key("d")
        now = told.now()
        index = now["slices"] // 2
        at.click(*now["counts"]["ed"][index])
        told.until(lambda so: so["rings"].get("LV ed"), "no ring stands beside the curve")
        told.until(lambda so: so["no_rates"], "no word where the rates would be")
        at.picture("ring-beside-the-curve")
        now = told.now()
        number = float(re.sub(r"[^\d.]", "", now["numbers"]["lv.edv_ml"]))
        check(abs(now["rings"]["LV ed"] - number) < 0.6, f"ring {now['rings']}, number {number}")
        at.key("ctrl+z")
        now = told.until(lambda so: not so["rings"].get("LV ed"), "the ring stays")
        number = float(re.sub(r"[^\d.]", "", now["numbers"]["lv.edv_ml"]))
        check(abs(now["curve_at_ed"] - number) < 0.6, f"curve {now['curve_at_ed']:.1f}, number {number}")
    with walk.step(5, "mass gets its ? when volumes do"):
        before = told.now()
        at.key("s", "ctrl+d")  # ED where the ventricle is smallest …
        told.until(lambda so: so["ed"] == before["es"], "ED cannot be set")
        at.key(*["Left" if before["ed"] < before["es"] else "Right"] * abs(before["es"] - before["ed"]))
        at.key("ctrl+e")
        now = told.until(lambda so: so["numbers"]["lv.edv_ml"].endswith("?"), "EDV gets no ?")
        at.picture("doubtful-numbers")
        check(now["numbers"]["lv.mass_g"].endswith("?"), f"mass is {now['numbers']['lv.mass_g']}")
        for _ in range(4):
            if told.now()["ed"] == before["ed"] and told.now()["es"] == before["es"]:
                break
            at.key("ctrl+z")
        check(told.now()["ed"] == before["ed"], "undo does not give ED back")


def _hover_and_menus(walk: Walk) -> None:
    at, told = walk.at, walk.told
    with walk.step(5, "hovering a doubtful cell says why"):
        now = told.now()
        if not now["doubtful"]:
            raise NotHere("no doubtful cell")
        index, phase = now["doubtful"][0]
        at.hover(*now["cells"][index][phase])
        at.hover(*now["cells"][index][phase])
        now = told.until(lambda so: so["tooltip"], "no tooltip comes")
        at.picture("why-a-cell-is-doubtful")
        check(len(now["tooltip"].splitlines()) > 1, f"it says {now['tooltip']}")
        check(re.search(r"doubtful.*\. \w", now["hint"]), f"the hint says {now['hint']}")
    for where, entry in (("cine", "ES is this phase"), ("matrix", "ES is this phase"), ("card", "Use for analysis")):
        with walk.step(5, f"the right button opens a menu on the {where}"):
            now = told.now()
            place = {"cine": now["cine"], "matrix": now["cells"][1][1], "card": now["cards"][0]["at"]}[where]
            entries = [one["text"] for one in walk.menu_at(*place)]
            at.picture(f"menu-on-the-{where}")
            walk.close_menu()
            check(entry in entries, f"it holds {entries}")


def _palette(walk: Walk) -> None:
    at = walk.at
    with walk.step(5, "the palette knows export, report, contour, and says when it finds nothing"):
        for typed, wanted in (
            ("export", "Export results"), ("report", "Export report"), ("contour", "Segment again"),
            ("zzz", "No command is called so"),
        ):  # fmt: skip
            at.key("ctrl+k")
            walk.sheet("CommandPalette")
            at.type(typed)
            walk.told.until(
                lambda so, wanted=wanted: any(wanted in row for one in so["sheets"] for row in one["rows"]),
                f"“{typed}” does not find {wanted}",
            )
            at.picture(f"palette-{typed}")
            at.key("Escape")
            walk.gone("CommandPalette")


def _full_screen(walk: Walk) -> None:
    at, told = walk.at, walk.told
    with walk.step(5, "F11 gives the maximised window back"):
        before, was = at.place_of(" – Cinecor"), told.now()["maximised"]
        check(was, "the window was not maximised")
        at.key("F11")
        told.until(lambda so: so["full_screen"], "F11 does not fill the screen")
        walk.settle()
        check(at.place_of(" – Cinecor")[2:] == at.size, "the screen is not filled")
        at.key("F11")
        told.until(lambda so: not so["full_screen"] and so["maximised"], "the window is not maximised again")
        walk.settle()
        check(at.place_of(" – Cinecor") == before, "it lies elsewhere")


def _bad_inputs(walk: Walk, inputs: Path) -> None:
    at, told = walk.at, walk.told
    for name in ("nothing", "letter.txt", "broken.zip", "broken.nii.gz"):
        with walk.step(5, f"a bad input opens no tab and says why: {name}"):
            before = told.now()
            walk.open_by_dialog(inputs / name, file=name != "nothing")
            now = told.until(
                lambda so, tabs=before["tabs"]: so["tabs"] == tabs and (so["message"] or so["message_of_window"]),
                "nothing is told",
            )
            at.picture(f"bad-input-{name}")
            check(now["tab"] == before["tab"], "another study is in front")
            check(name.partition(".")[0] in (now["message"] or now["message_of_window"]), "the input is not named")
            images = {name: now["shown"][name] for name in ("cine", "matrix")}
            check(images == {name: before["shown"][name] for name in images}, "the message moves the images")
            walk.dismiss()
            told.until(lambda so: not so["message"], "it cannot be dismissed")


def _same_study(walk: Walk, inputs: Path) -> None:
    told = walk.told
    for text, path in (("by the same folder", walk.study), ("by a copy of its files", inputs / "copy")):
        with walk.step(5, f"the same study has one tab: {text}"):
            before = told.now()
            walk.open_by_dialog(path)
            if path != walk.study:  # only when its files are read is it known to be the same
                told.until(lambda so: "one tab" in so.get("message", ""), "nothing is told of it", patience_s=60)
            walk.settle()
            now = told.now()
            check(now["tabs"] == before["tabs"], "it has two tabs")
            check(now["tab"] == before["tab"], "another study is in front")
            walk.dismiss()


def _second_study(walk: Walk, inputs: Path) -> None:
    at, told = walk.at, walk.told
    first = told.now()
    with walk.step(5, "keys reach a second study"):
        walk.open_by_dialog(inputs / "other" / "study")
        told.until(lambda so: so["tabs"] == first["tabs"] + 1, "no second tab")
        told.outlined()
        _keys_work(walk)
        at.picture("second-study")
    with walk.step(5, "keys reach the study after Ctrl+Tab"):
        at.key("ctrl+Tab")
        told.until(lambda so: so["tab"] == first["tab"], "Ctrl+Tab brings no other study")
        _keys_work(walk)
        at.key("ctrl+Tab")
        told.until(lambda so: so["tab"] != first["tab"], "Ctrl+Tab does not lead back")
        _keys_work(walk)
    with walk.step(5, "a message belongs to its study, moves no image and goes"):
        before = told.now()["shown"]["cine"]
        at.key("u")  # nothing lies between corrected phases: that is told
        now = told.until(lambda so: so["message"], "nothing is told")
        at.picture("message")
        check(now["shown"]["cine"] == before, "the message moves the image")
        at.key("u", "ctrl+Tab")  # told anew: on a slow machine its seconds may be over by now
        told.until(lambda so: so["tab"] == first["tab"], "Ctrl+Tab brings no other study")
        check(not told.now()["message"], "it stands over the other study too")
        at.key("ctrl+Tab")
        told.until(lambda so: so["message"], "it does not wait for its study", patience_s=5)
    walk.goes(5, "a message goes after some seconds", 8.0)
    at.key("ctrl+w")
    told.until(lambda so: so["tab"] == first["tab"], "Ctrl+W does not close the second study")


def _other_inputs(walk: Walk, inputs: Path) -> None:
    at, told = walk.at, walk.told
    tabs = told.now()["tabs"]
    with walk.step(5, "a stack of one phase shows its volume"):
        walk.open_by_dialog(inputs / "single-phase.nii.gz", file=True)
        told.until(lambda so: so["tabs"] == tabs + 1 and so.get("phases") == 1, "it does not open")
        now = told.until(lambda so: not so["busy"] and "volume" in so["heads"][0]["name"], "no volume is told",
                         patience_s=120)  # fmt: skip
        walk.settle()
        at.picture("one-phase")
        check(re.match(r"\d+", now["heads"][0]["value"]) and now["heads"][0]["unit"] == "mL", str(now["heads"]))
    _close_tab(walk, tabs)
    with walk.step(5, "a NIfTI stack whose first slice is the apex stands with its base on top"):
        walk.open_by_dialog(inputs / "apex-first.nii.gz", file=True)
        told.until(lambda so: so["tabs"] == tabs + 1, "it does not open")
        told.outlined()
        at.key("4")
        walk.settle()
        at.picture("apex-first")
        cut = told.now()["cut"]
        check(cut["base_is_last"] is True, f"the base is taken to be {cut['base_is_last']}")
        check(cut["tops"] == sorted(cut["tops"], reverse=True), "the base does not stand on top")
        now = told.now()
        check(now["cells"][0][0][1] > now["cells"][-1][0][1], "the strip has the apex on top")
        at.key("Home")
        told.until(lambda so: so["place"][0] == so["slices"] - 1, "Home does not go to the base")
        at.key("1")
    _close_tab(walk, tabs)
    with walk.step(5, "a stack of unusual orientation in use is called so"):
        walk.open_by_dialog(inputs / "turned")
        now = told.until(lambda so: so["tabs"] == tabs + 1 and so["cards"], "it does not open", patience_s=60)
        walk.settle()
        at.picture("unusual-orientation")
        check(now["cards"][0]["title"] == "Short axis, unusual planes", f"its card says {now['cards'][0]['title']}")
    _close_tab(walk, tabs)


def _close_tab(walk: Walk, tabs: int) -> None:
    def asked(so: Told) -> bool:
        return any(one["title"] == "Cinecor" for one in so["sheets"])

    if walk.told.now()["tabs"] > tabs:
        walk.at.key("ctrl+w")
        if asked(walk.told.until(lambda so: so["tabs"] == tabs or asked(so), "Ctrl+W does nothing")):
            walk.at.key("Tab", "Return")
        walk.told.until(lambda so: so["tabs"] == tabs, "the tab does not close")


def _recent(walk: Walk) -> None:
    at, told = walk.at, walk.told
    with walk.step(5, "recent studies stand in the File menu with patient, date and EF"):
        at.key("alt+f")
        menu = told.until(lambda so: so["menu"], "no menu File")["menu"]
        at.click(*next(one["at"] for one in menu if one["text"] == "Recent studies"))
        rows = told.until(lambda so: so["menu"] and so["menu"] != menu, "no list of studies")["menu"]
        at.picture("recent-studies")
        at.key("Escape", "Escape", "Escape")
        told.until(lambda so: so["menu"] is None, "the menu stays")
        check(any(re.search(r" · .*LV EF \d+", one["text"]) for one in rows), str([one["text"] for one in rows]))
    with walk.step(5, "the right button opens a menu on a row of the worklist"):
        at.key("ctrl+l")
        now = told.until(lambda so: "first_row" in so, "the worklist does not come")
        walk.settle()
        entries = [one["text"] for one in walk.menu_at(*now["first_row"])]
        at.picture("menu-on-the-worklist")
        walk.close_menu()
        at.key("ctrl+l")
        told.until(lambda so: "place" in so, "the study does not come back")
        check("Open" in entries, str(entries))


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


def _drop(walk: Walk, inputs: Path) -> None:
    """Drag a folder over from a file manager that proposes to move it, and see that it is copied."""
    at, told, folder = walk.at, walk.told, inputs / "other" / "study"
    with walk.step(5, "a drop copies, and the window shows where it would land"):
        files = sorted(folder.rglob("*"))
        tabs = told.now()["tabs"]
        source = subprocess.Popen(
            [sys.executable, "-c", _SOURCE, folder], env=at.environment, stdout=subprocess.PIPE, text=True
        )
        at.wait_for("file manager")
        walk.settle()
        _pull(at)
        told.until(lambda so: so["dropping"], "the window shows nothing while a study is dragged over it")
        at.picture("dragged-over-the-window")
        at.run("xdotool", "mouseup", 1)
        action, _ = source.communicate(timeout=PATIENCE_S)
        check(action.strip() == "CopyAction", f"a drop is taken as {action.strip() or 'nothing'}")
        told.until(lambda so: so["tabs"] == tabs + 1 and not so["dropping"], "what was dropped does not open")
        at.picture("dropped")
        check(sorted(folder.rglob("*")) == files, "files are gone")


def _pull(at: Screen) -> None:
    at.run("xdotool", "mousemove", 1600, 300, "mousedown", 1)
    for step in range(12):
        at.run("xdotool", "mousemove", 1600 - 60 * step, 300 + 10 * step)
        time.sleep(0.1)
