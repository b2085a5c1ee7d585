"""What is kept, by real events: after a kill the study is as it was left; sign, amend; search, sort, forget."""

from steps import check
from walk import Walk


def be_cut_off(walk: Walk) -> None:
    """Correct a frame, then end the program as a power cut would."""
    at, told = walk.at, walk.told
    told.outlined()
    at.key("1", "d", "h", "p", "c")
    walk.settle()
    now = told.now()
    (x, y), radius = now["cavity"], now["cavity_radius"]
    with walk.step(2, "a push is told in the strip and leaves the study not exported"):
        at.stroke([(x + 0.6 * radius, y - 0.3 * radius), (x + 0.95 * radius, y), (x + 0.6 * radius, y + 0.3 * radius)])
        told.until(lambda so: so["redrawn"] == 1, "the push changed nothing")
        told.until(lambda so: so["banner"]["exported"] == "Not exported", "the banner does not tell it")
        at.picture("pushed")
    told.kill()


def come_back(walk: Walk) -> None:
    """Find the study as it was left, carry the correction, answer and sign, and amend."""
    at, told = walk.at, walk.told
    with walk.step(2, "after a kill the worklist opens the study with the last gesture in it"):
        now = told.until(lambda so: so.get("first_row"), "the worklist is empty")
        check(now["worklist"][0] == str(walk.study), f"{now['worklist'][0]} is the last that was touched")
        at.click(*now["first_row"])
        at.key("Return")
        check(told.outlined()["redrawn"] == 1, "the kill took more than the gesture in progress")
        at.picture("after-the-kill")
    with walk.step(2, "carrying tells which frames it reached and why it went no further"):
        at.key("k")
        now = told.until(lambda so: not so["busy"] and so["message"], "nothing is told")
        check(now["message"].startswith(("Carried to", "No other frame")), now["message"])
        walk.settle()
        at.picture("where-carrying-stopped")
        at.key("shift+Return")
    with walk.step(2, "ED and ES go back to the curve in one step"):
        before = told.now()
        at.key("Right", "ctrl+e")
        by_hand = told.until(lambda so: so["es"] != before["es"], "ES is not set")
        at.key("ctrl+k")
        walk.sheet("CommandPalette")
        at.type("from the curve")
        at.key("Return")
        told.until(lambda so: so["es"] == before["es"], "ES stays where it was set")
        at.key("ctrl+z")
        told.until(lambda so: so["es"] == by_hand["es"], "one undo does not bring it back")
        at.key("ctrl+z")
    with walk.step(2, "the list is answered, the reading signed"):
        walk.answer_all()
        told.until(lambda so: so["open_doubts"] == 0, "some doubts stay open")
        at.key("F9")
        walk.sheet("SignSheet")
        at.type("Dr Ada Wall")
        at.picture("signature")
        at.key("Return")
        now = told.until(lambda so: so["locked"], "the study was not signed")
        check("version 1" in now["banner"]["status"], now["banner"]["status"])
        at.picture("signed")
    with walk.step(2, "a signed reading is amended as version 2"):
        walk.gone("SignSheet")
        at.key("ctrl+k")
        walk.sheet("CommandPalette")
        at.type("amend")
        at.key("Return")
        walk.sheet("QInputDialog")
        at.type("A second look")
        at.key("Return")
        told.until(lambda so: not so["locked"], "it stays locked")
        at.picture("amended")
    at.key("ctrl+q")
    told.ended()


def tidy_up(walk: Walk) -> None:
    """Search, sort and forget in the worklist."""
    at, told = walk.at, walk.told
    told.until(lambda so: len(so.get("worklist", ())) == 2, "two studies are not in the worklist")
    at.picture("worklist")
    with walk.step(2, "the worklist is searched"):
        at.click(*told.now()["search"])
        at.type("nobody at all")
        told.until(lambda so: so["worklist"] == [], "the search finds what is not there")
        at.picture("nothing-found")
        at.key("ctrl+a", "BackSpace")
        at.type(walk.study.parent.name)
        told.until(lambda so: so["worklist"] == [str(walk.study)], "the search does not find a folder")
        at.key("ctrl+a", "BackSpace")
        told.until(lambda so: len(so["worklist"]) == 2, "the emptied search hides studies")
    with walk.step(2, "a click on a heading sorts, a second one the other way round"):
        for _ in range(2):
            before = told.now()
            at.click(*before["headings"][-1])
            told.until(lambda so, was=before["worklist"]: so["worklist"] == was[::-1], "the order stays")
        at.picture("sorted")
    with walk.step(2, "forgetting asks first and keeps what was not meant"):
        for button, left in (("Keep", 2), ("Forget", 1)):
            at.click(*told.now()["first_row"])
            at.key("Delete")
            box = walk.sheet("QMessageBox")
            at.picture(f"asked-before-{button.lower()}ing")
            at.click(*box["buttons"][button])
            told.until(lambda so, left=left: len(so.get("worklist", ())) == left, f"{button} leaves another number")
    at.key("ctrl+q")
    told.ended()
