"""The way to a signature by real events: correct, decide, export, compare, answer, sign."""

import json
from pathlib import Path

from steps import NotHere, check
from walk import Walk

_GESTURES = (
    ("p", "push", [(0.6, -0.3), (0.95, 0.0), (0.6, 0.3)]),
    ("r", "redraw_arc", [(-0.75, 0.68), (0.0, 0.6), (0.65, 0.75)]),
    ("j", "handles", [(0.0, -1.0), (0.05, -1.25)]),
    ("b", "brush", [(1.2, 0.0), (1.35, 0.4)]),
    ("e", "eraser", [(1.35, 0.4), (1.5, 0.6)]),
)
"""Key, tool, and the way of the hand in shares of the cavity's radius from its middle."""


def correct(walk: Walk) -> None:
    """Correct an outline with each tool, carry the change, look at what was carried, and take all of it back."""
    at, told = walk.at, walk.told
    at.key("1", "d", "h")
    walk.settle()
    now = told.now()
    (x, y), radius = now["cavity"], now["cavity_radius"]

    def there(right: float, down: float) -> tuple[float, float]:
        return x + radius * right, y + radius * down

    with walk.step(2, "every tool corrects, and the strip marks what was corrected"):
        for key, tool, way in _GESTURES:
            at.key(key)
            told.until(lambda so, tool=tool: so["tool"] == tool, f"{tool} was not taken")
            at.stroke([there(*one) for one in way])
            at.picture(f"{tool}-done")
        now = told.until(lambda so: so["redrawn"] == 1, "no stroke changed the frame")
        check("corrected" in now["differing"], f"the strip tells {now['differing']}")
    with walk.step(2, "a new outline is clicked, papillary muscles are shown"):
        at.key("n")
        told.until(lambda so: so["tool"] == "new_outline", "the tool for outlines was not taken")
        for place in ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)):
            at.click(*there(*place))
        at.picture("new-outline-clicked")
        at.key("BackSpace", "Escape", "m")
        at.hover(*there(0.05, 0.0))
        at.picture("papillary-muscles")
        at.key("Escape", "Escape")
    with walk.step(2, "the model's outlines beside the reader's"):
        at.key("q")
        told.until(lambda so: so["compared"] == ["model"], "they are not shown")
        at.picture("beside-the-models")
        at.key("q")
        told.until(lambda so: not so["compared"], "they stay")
    with walk.step(2, "what was carried is provisional until it was looked at"):
        at.key("k")
        now = told.until(lambda so: not so["busy"] and (so["redrawn"] > 1 or so["message"]), "nothing came of K")
        if now["redrawn"] == 1:
            raise NotHere(now["message"])
        check("provisional" in now["differing"], f"the strip tells {now['differing']}")
        at.picture("carried")
        at.key("Return", "shift+Return")
        at.picture("accepted")
    with walk.step(2, "undo takes all of it back"):
        for _ in range(20):
            if told.now()["redrawn"] == 0:
                break
            at.key("ctrl+z")
        check(told.now()["redrawn"] == 0, "not everything was taken back")
    at.key("f", "h")


def decide(walk: Walk) -> Path:
    """Leave a slice out at ED, move ES, export, and return the folder of the results."""
    at, told = walk.at, walk.told
    with walk.step(2, "ES is dragged in the curves"):
        before = told.now()
        (x, y), phase = before["es_line"], before["one_phase"]
        step = 2 if before["es"] + 2 < before["phases"] else -2
        at.drag((x, y), (x + step * phase, y))
        told.until(lambda so: so["es"] == before["es"] + step, "ES stays")
        at.picture("es-dragged")
    with walk.step(4, "Not exported stands there until the results are written"):
        told.until(lambda so: so["banner"]["exported"] == "Not exported", "it does not come")
        results = walk.out / "results"
        results.mkdir()
        at.key("ctrl+s")
        at.wait_for("Folder for the results")
        walk.enter(str(results), dialog="Folder for the results")
        told.until(lambda so: not so["banner"]["exported"], "it stays", patience_s=90)
        at.picture("results-saved")
    with walk.step(2, "an impression has as many lines as it needs, and is kept with the study"):
        at.key("ctrl+shift+s")
        sheet = walk.sheet("ExportSheet")
        at.click(*sheet["words"]["Impression"]["at"])
        at.type("No scar")
        at.key("Return")
        at.type("Follow-up in a year")
        wanted = "No scar\nFollow-up in a year"
        told.until(lambda so: so["sheets"][0]["words"]["Impression"]["text"] == wanted, "the lines are not taken")
        at.picture("impression")
        at.key("Escape")
        walk.gone("ExportSheet")
        at.key("ctrl+shift+s")
        found = walk.sheet("ExportSheet")["words"]["Impression"]["text"]
        at.key("Escape")
        walk.gone("ExportSheet")
        check(found == wanted, f"opened again it says {found!r}")
    written = list((walk.out / "results").glob("*/results.json"))
    with walk.step(4, "files that programs read count from 0 and tell who chose"):
        check(len(written) == 1, f"{len(written)} results were written")
        document = json.loads(written[0].read_text(encoding="utf-8"))
        check(document["choices"]["es_phase"] == "reader", "ES is not told as the reader's")
        check(document["es_phase"] == told.now()["es"], "ES is another phase in the file")
    walk.goes(5, "the message about saving goes after some seconds", 8.0)
    return written[0].parent if written else walk.out


def compare(walk: Walk, results: Path) -> None:
    """Lay the results that were saved beside the review, which has changed since."""
    at, told = walk.at, walk.told
    with walk.step(2, "results of another reading stand beside these"):
        at.key("ctrl+k")
        walk.sheet("CommandPalette")
        at.type("compare with")
        at.key("Return")
        at.wait_for("Folder with the results")
        walk.enter(str(results), dialog="Folder with the results")
        told.until(lambda so: so["compared"] == ["other"], "the results are not shown beside", patience_s=60)
        walk.settle()
        at.picture("compared")


def sign(walk: Walk) -> None:
    """Walk through what is doubtful, then sign."""
    at, told = walk.at, walk.told
    with walk.step(4, "Review: the doubts are answered one by one"):
        walk.answer_all()
        told.until(lambda so: so["open_doubts"] == 0, "some stay open")
        at.picture("answered")
    with walk.step(4, "the reading is signed, and the banner says so"):
        at.key("F9")
        walk.sheet("SignSheet")
        at.type("Dr Ada Wall")
        at.picture("signature")
        at.key("Return")
        now = told.until(lambda so: so["locked"], "the study was not signed")
        at.picture("signed")
        check("Signed" in now["banner"]["status"], now["banner"]["status"])
