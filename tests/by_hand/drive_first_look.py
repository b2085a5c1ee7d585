"""Part 2 by real events: how a study opens, what stands where, and that nothing moves that should stand."""

import re
import time

from steps import NotHere, check
from told_places import Told
from walk import Walk

LAYOUTS = {
    "1": {"cine", "matrix", "curves", "numbers"},
    "2": {"cine", "matrix", "numbers"},
    "3": {"grid", "matrix", "curves", "numbers"},
    "4": {"cine", "matrix", "numbers"},
    "5": {"cine"},
}
VIEWS = {"cine", "grid", "matrix", "curves", "numbers"}


def open_first_study(walk: Walk) -> None:
    """Open a study in a window that has nothing open, and wait for its outlines."""
    at, told = walk.at, walk.told
    with walk.step(2, "the first screen says where to begin"):
        check(told.now().get("welcome"), "the first screen is another")
        at.picture("welcome")
    with walk.step(5, "the dialog of folders opens a study"):
        walk.open_by_dialog(walk.study)
        told.until(lambda so: so["tabs"] == 1, "no tab came")
        at.picture("opening")
    with walk.step(2, "it opens at ED, in the middle slice, the heart large"):
        now = told.outlined()
        walk.settle()
        at.picture("outlined")
        check(now["place"][1] == now["ed"], f"it stands at phase {now['place'][1]}, ED is {now['ed']}")
        outer = max(1, now["slices"] // 4)
        check(outer <= now["place"][0] < now["slices"] - outer or now["slices"] < 4, f"slice {now['place'][0]}")
        check(now["zoom"] > 1.2, f"the zoom is {now['zoom']:.2f}")
    with walk.step(5, "the dialog begins where the last study lies"):
        at.key("ctrl+o")
        at.wait_for("Open a study folder")
        directory = walk.sheet("QFileDialog").get("directory")
        at.key("Escape")
        walk.gone("QFileDialog")
        check(directory == str(walk.study.parent), f"it begins in {directory}")


def look_at_panels(walk: Walk) -> None:
    """Read what stands above, beside and below the images."""
    at, told = walk.at, walk.told
    now = told.now()
    with walk.step(2, "the banner holds patient, scan, body and status"):
        banner = now["banner"]
        check(banner["name"] and banner["scan"] and banner["status"], f"something is missing: {banner}")
    with walk.step(2, "a card tells slices × phases and their distance"):
        used = [card for card in now["cards"] if card["used"]]
        check(len(used) == 1, f"{len(used)} cards are marked as used")
        check(re.fullmatch(r"\d+ slices? × \d+ phases?( · [\d.]+\s?mm)?", used[0]["facts"]), used[0]["facts"])
    with walk.step(2, "Use for analysis, Order phases by stand in a menu"):
        entries = [one["text"] for one in walk.menu_at(*now["cards"][0]["at"])]
        at.picture("menu-of-a-card")
        walk.close_menu()
        check({"Use for analysis", "Order phases by", "Import audit…"} <= set(entries), str(entries))
    with walk.step(2, "the other series are folded, with their number"):
        if not now["fold"]["text"]:
            raise NotHere("no other series")
        check(not now["fold"]["unfolded"], "they are unfolded")
        at.click(*now["fold"]["at"])
        told.until(lambda so: so["fold"]["unfolded"], "they do not unfold")
        at.picture("other-series")
        at.click(*told.now()["fold"]["at"])
        told.until(lambda so: not so["fold"]["unfolded"], "they do not fold")
    with walk.step(2, "both EF stand large, the LV's with its interval or why there is none"):
        heads = {one["name"]: one for one in now["heads"]}
        check({"LV EF", "RV EF"} <= set(heads), str(heads))
        check(all(re.match(r"\d+\??", one["value"]) and one["unit"] == "%" for one in heads.values()), str(heads))
        below = heads["LV EF"]["interval"]  # or why there is none
        check("9 of 10" in below or "no interval: " in below, f"no interval, and no reason: {heads['LV EF']}")
    with walk.step(2, "volumes, output, mass, and their ranges stand below"):
        wanted = [f"{side}.{name}" for side in ("lv", "rv") for name in ("edv_ml", "esv_ml", "sv_ml")]
        missing = [name for name in (*wanted, "lv.mass_g") if now["numbers"][name] in ("", "–")]
        check(not missing, f"unknown: {missing}")
        check(now["ranges"] > 0, "no range stands beside a value")
    with walk.step(2, "conventions stand behind the i"):
        at.click(*now["about"])
        walk.sheet("NumbersSheet")
        at.picture("how-the-numbers-come-about")
        at.key("Escape")
        walk.gone("NumbersSheet")


def nothing_moves(walk: Walk) -> None:
    """Type, decide and read findings: form and columns stay where they are."""
    at, told = walk.at, walk.told
    before = told.now()
    with walk.step(2, "height and weight give values per m², and nothing moves"):
        for name, text in (("height_cm", "170"), ("weight_kg", "70")):
            at.click(*before["fields"][name])
            at.key("ctrl+a")
            at.type(text)
            at.key("Return")
        now = told.until(lambda so: so["numbers"]["lv.edv_ml.indexed"] != "–", "no value per m² comes")
        check("BSA 1.82" in now["banner"]["body"], f"the banner says {now['banner']['body']}")
        walk.settle()
        now = told.now()
        check(now["form"] == before["form"], f"the form moved: {before['form']} → {now['form']}")
        check(not _moved(before, now), f"the columns moved: {before['columns']} → {now['columns']}")
    with walk.step(2, "a Δ column tells what a choice changed, and the form stays"):
        slice_ = now["place"][0]
        at.click(*now["counts"]["ed"][slice_])
        after = told.until(lambda so: so["numbers"]["lv.edv_ml.change"].strip(), "no change is told")
        at.picture("change-against-the-model")
        check(after["form"] == before["form"], "the form moved")
        check(not _moved(before, after), "the columns moved")
        at.click(*now["counts"]["ed"][slice_])
        told.until(lambda so: not so["numbers"]["lv.edv_ml.change"].strip(), "the change stays")
    with walk.step(2, "findings have two lines at most, the whole as tooltip, and open"):
        rows = [one for one in told.now()["findings"] if one["seen"]]
        if not rows:
            raise NotHere("nothing was found")
        tall = [one["sentence"] for one in rows if one["height"] > 2.9 * one["line"]]
        check(not tall, f"higher than two lines: {tall}")
        check(all(one["tooltip"] == one["sentence"] for one in rows), "a tooltip is not the whole sentence")
        at.click(*rows[0]["at"])
        sentence = rows[0]["sentence"]
        told.until(lambda so: any(one["opened"] and sentence in one["sentence"] for one in so["findings"]),
                   "a click does not open it")  # fmt: skip
        walk.settle()
        at.picture("finding-opened")
        check(told.now()["form"] == before["form"], "the form moved")
    with walk.step(2, "no row of the strip is hidden, and its legend tells what differs"):
        now = told.now()
        check(len(now["cells"]) == now["slices"], f"{len(now['cells'])} rows")
        check(now["rows_hidden"] == 0, f"{now['rows_hidden']} rows are hidden")


def change_layouts(walk: Walk) -> None:
    """Go through the layouts and both schemes."""
    at, told = walk.at, walk.told
    with walk.step(2, "layouts for reading, correcting, comparing, base and apex, image alone"):
        for key in "23451":
            at.key(key)
            now = told.until(lambda so, key=key: so["layout"] == key, f"{key} changes no layout")
            walk.settle()
            at.picture(f"layout-{key}")
            shown = VIEWS & set(told.now()["shown"])
            check(shown == LAYOUTS[key], f"layout {key} shows {sorted(shown)}")
        width, height = now["page"][2:]
        cine = told.now()["shown"]["cine"]
        check(cine[3] >= 0.6 * height, f"the short axis has {cine[3]:.0f} of {height:.0f} px")
        check(cine[2] >= 0.5 * width, f"the short axis has {cine[2]:.0f} of {width:.0f} px")
    with walk.step(4, "light and dark"):
        at.key("F8")
        told.until(lambda so: so.get("theme") == "light", "it stays dark")
        walk.settle()
        at.picture("light")
        at.key("F8")
        told.until(lambda so: so.get("theme") == "dark", "it stays light")
        walk.settle()
    with walk.step(4, "slices and phases count from 1, and Slice … of … stands on the image"):
        now = told.now()
        at.hover(*now["cells"][0][0])
        told.until(lambda so: so["hint"].startswith("Slice 1, phase 1:"), "the first cell is called otherwise")
    with walk.step(4, "the research notice is there, quiet, at the lower rim"):
        check("Research use only" in told.now()["notice"], "no notice")
    with walk.step(2, "arrows, playing and sheets"):
        at.key("Up", "Right")
        at.key("space")
        told.until(lambda so: so["playing"], "it does not play")
        time.sleep(1.0)
        at.picture("playing")
        at.key("space", "s")
        told.until(lambda so: not so["playing"] and so["place"][1] == so["es"], "S does not go to ES")
        at.key("d", "o")
        at.picture("overlay-off")
        at.key("o")
        for key, kind in (("F1", "KeySheet"), ("F3", "AuditSheet"), ("ctrl+comma", "SettingsDialog")):
            at.key(key)
            walk.sheet(kind)
            walk.settle()
            at.picture(kind)
            at.key("Escape")
            walk.gone(kind)


def _moved(before: Told, now: Told) -> bool:
    """Return whether a column of numbers lies elsewhere, by more than the pixel that a wider number may take."""
    return any(
        abs(one - other) > 1
        for name, place in before["columns"].items()
        for one, other in zip(place, now["columns"][name], strict=True)
    )
