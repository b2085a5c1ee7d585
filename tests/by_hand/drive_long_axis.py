"""Part 1 by real events: long-axis cines beside the short axis, their lines, and the valves drawn in them."""

from typing import Any

from steps import NotHere, Unmet, check
from told_places import Told
from walk import Walk

_PULL_PX = 8  # of a valve's end


def look_along_the_heart(walk: Walk) -> None:
    """Go through everything that the long-axis views show and take."""
    now = walk.told.now()
    if now["views"]:
        _cines(walk)
        _valves(walk)
    else:
        for text in ("long-axis cines open beside the short axis", "a valve drawn once is followed"):
            with walk.step(1, text):
                raise NotHere("no long-axis cines")
    _cut(walk)
    with walk.step(1, "the bull's-eye has its place"):
        walk.at.key("shift+w")
        walk.told.until(lambda so: "bullseye" in so["shown"], "it does not come")
        walk.settle()
        walk.at.picture("bulls-eye")
        walk.at.key("shift+w")
        walk.told.until(lambda so: "bullseye" not in so["shown"], "it does not go")


def _cines(walk: Walk) -> None:
    at, told = walk.at, walk.told
    with walk.step(1, "long-axis cines open beside the short axis"):
        now = told.now()
        cards = [card for card in now["cards"] if not card["used"]]
        check(len(now["views"]) == min(3, len(cards)), f"{len(now['views'])} views, {len(cards)} cards")
        at.picture("long-axis-views")
    with walk.step(1, "they show the moment of the short axis by the share of the cycle"):
        at.key("d")
        for _ in range(now["phases"] // 3):
            at.key("Right")
        now = told.now()
        share = now["place"][1] / now["phases"]
        for view in now["views"]:
            off = abs(view["own_phase"] / view["phases"] - share)
            check(
                min(off, 1 - off) <= 1.0 / view["phases"] + 1e-6, f"{view['name']}: {view['own_phase']} at {share:.2f}"
            )
    with walk.step(1, "each has a line a slice, a click goes to it"):
        view, lines = _lines(told.now())
        for index in (min(lines), max(lines)):
            at.click(*_middle(lines[index]))
            told.until(lambda so, index=index: so["place"][0] == index, f"a click does not go to slice {index + 1}")
        at.picture("line-clicked")
    with walk.step(1, "a line can be dragged"):
        view, lines = _lines(told.now())
        first, last = min(lines), max(lines)
        at.drag(_middle(lines[first]), _middle(lines[last]))
        told.until(lambda so: so["place"][0] == last, f"the drag ends at slice {told.now()['place'][0] + 1}")
    with walk.step(1, "a double click lets a long-axis view and the short axis change places; Ctrl and the wheel zoom"):
        view = told.now()["views"][0]
        at.click(*view["at"], times=2)
        now = told.until(lambda so: so["large"] == view["name"], "a double click does not bring it to the main place")
        place, large = now["place"], now["views"][0]
        at.turn(*large["at"], 3, held="ctrl")
        now = told.until(lambda so: so["views"][0]["zoom"] > 1.2, "Ctrl and the wheel do not zoom")
        check(now["place"] == place, "Ctrl and the wheel change the slice")
        at.picture("long-axis-view-large")
        at.click(*now["views"][0]["at"], times=2)
        told.until(lambda so: not so["large"], "a double click does not bring the short axis back")
    with walk.step(1, "the short axis shows where the long-axis views cut it"):
        now = told.now()
        check(now["planes"] >= len(now["views"]), f"{now['planes']} lines of {len(now['views'])} views")
    with walk.step(1, "neither click nor double click on such a card replaces the short axis"):
        before = told.now()
        card = next(card for card in before["cards"] if not card["used"])
        at.click(*card["at"])
        at.click(*card["at"], times=2)
        now = told.outlined()
        check(now["series"] == before["series"], "another series is in use")
        check([one["used"] for one in now["cards"]] == [one["used"] for one in before["cards"]], "another card is used")
    with walk.step(1, "outlines stand as segments on the lines; slices that do not count are dashed"):
        at.key("d")
        now = told.now()
        runs = sum(len(view["runs"]["LV"]) for view in now["views"])
        check(runs > 0, "no segment of the LV in any view")
        index = max(int(one) for one, line in now["views"][0]["runs"]["LV"].items() if line)
        check(now["views"][0]["counting"][index], f"slice {index + 1} does not count")
        at.click(*now["counts"]["ed"][index])
        told.until(lambda so: not so["views"][0]["counting"][index], "its line is not dashed")
        at.picture("slice-not-counted-is-dashed")
        at.key("ctrl+z")
        told.until(lambda so: so["views"][0]["counting"][index], "its line stays dashed")
    with walk.step(1, "offsets between breath-holds are told in mm"):
        notes = [note[1] for view in told.now()["views"] for note in view["notes"] if note[1]]
        if not notes:
            raise NotHere("no slice is shifted by 2.5 mm or more")
        check(all(note.endswith("mm") for note in notes), str(notes))


def _valves(walk: Walk) -> None:
    for valve, key, label, number in (
        ("mitral", "shift+v", "LV", "lv.mapse_mm"),
        ("tricuspid", "shift+t", "RV", "rv.tapse_mm"),
    ):
        with walk.step(1, f"a line of the {valve} valve drawn once is followed, and moved in any phase"):
            _follow_valve(walk, valve, key, label)
        with walk.step(1, f"the excursion of the {valve} valve (mm) falls out, or what it waits for is told"):
            now = walk.told.now()
            check(number in now["numbers"], f"no place for it among {sorted(now['numbers'])[-6:]}")
            if not any(one["valve"] == valve and one["drawn"] for view in now["views"] for one in view["valves"]):
                raise NotHere(f"no line of the {valve} valve")
            waits = [
                one["sentence"]
                for one in now["findings"]
                if valve in one["sentence"] and "left out of" in one["sentence"]
            ]
            check(now["numbers"][number] not in ("", "–") or waits, "neither a number nor what it waits for")
    with walk.step(1, "which slices lie below the plane at ED and ES is told"):
        told = walk.told
        sentences = [one["sentence"] for one in told.now()["findings"]]
        for key, moment in (("d", "ED"), ("s", "ES")):
            walk.at.key(key)
            now = told.until(
                lambda so, moment=moment: so["place"][1] == so[moment.lower()], f"{key} does not go to {moment}"
            )
            walk.settle()
            walk.at.picture(f"valves-at-{moment.lower()}")
            shares = any("%" in note[0] for view in now["views"] for note in view["notes"])
            named = any("valve" in one and moment in one for one in sentences)
            check(shares or named, f"nothing is told of slices below the plane at {moment}")
    with walk.step(1, "parts of slices count at the base where that is asked for, and whole ones again"):
        before = told.now()["numbers"]["lv.edv_ml"]
        _count_base(walk, "by their part below the valve")
        parts = told.now()["numbers"]["lv.edv_ml"]
        walk.at.picture("parts-of-slices")
        check(parts != before, f"the EDV stays {before}")
        _count_base(walk, "count whole")
        check(told.now()["numbers"]["lv.edv_ml"] == before, "whole slices give another EDV than before")
    with walk.step(1, "Escape brings the short axis back"):
        walk.at.key("Escape")
        walk.told.until(lambda so: not so["large"], "it stays behind the long-axis view")


def _count_base(walk: Walk, wanted: str) -> None:
    walk.at.key("ctrl+k")
    walk.sheet("CommandPalette")
    walk.at.type("slices at the base")
    walk.at.key("Return")
    walk.gone("CommandPalette")
    walk.told.until(lambda so: wanted in so["message"], f"it is not told that slices {wanted}")


def _follow_valve(walk: Walk, valve: str, key: str, label: str) -> None:
    at, told = walk.at, walk.told
    at.key("d")
    at.key(key)
    now = told.until(lambda so: so["large"], "no view is large to draw in")
    view = next(one for one in now["views"] if one["name"] == now["large"])
    runs = {int(index): line for index, line in view["runs"][label].items() if line is not None}
    if not runs:
        raise NotHere(f"no {label} on the lines of {view['name']}")
    ends = runs[min(runs)]
    at.drag(tuple(ends[0]), tuple(ends[1]))
    told.until(lambda so: _valve(so, view["name"], valve), f"no line of the {valve} valve")
    now = told.until(lambda so: not so["busy"] and not _valve(so, view["name"], valve)["waiting"], "it is not followed",
                     patience_s=90)  # fmt: skip
    at.picture(f"{valve}-at-ed")
    at.key("s")
    there = _valve(told.until(lambda so: so["place"][1] == so["es"], "S does not go to ES"), view["name"], valve)
    check(there and not there["drawn"], "at ES there is no line that was followed")
    x, y = there["ends"][0]
    at.drag((x, y), (x, y - _PULL_PX))
    told.until(lambda so: _valve(so, view["name"], valve)["drawn"], "an end cannot be dragged at ES")
    told.until(lambda so: not so["busy"], "it is not followed anew", patience_s=90)
    at.picture(f"{valve}-at-es")


def _cut(walk: Walk) -> None:
    at, told = walk.at, walk.told
    with walk.step(1, "without long-axis cines the cut stands in, its line on the short axis turns it"):
        now = told.now()
        if now["views"]:
            raise NotHere("there are long-axis cines")
        check(now["cut"]["shown"] and now["line_of_cut"], "no cut, or no line of it")
        at.picture("cut-and-its-line")
        before, (start, end) = now["cut"]["degrees"], now["line_of_cut"]
        far = end if _distance(end, now["cavity"]) > _distance(start, now["cavity"]) else start
        middle = now["cavity"]
        grip = [a + (b - a) * 0.8 for a, b in zip(middle, far, strict=True)]
        arm = [grip[0] - middle[0], grip[1] - middle[1]]
        there = (middle[0] + 0.94 * arm[0] - 0.34 * arm[1], middle[1] + 0.34 * arm[0] + 0.94 * arm[1])  # by 20°
        onto = _on_line(start, end, grip)
        at.drag(onto, there)
        now = told.until(lambda so: abs(so["cut"]["degrees"] - before) > 5, "a drag of the line does not turn the cut")
        before = now["cut"]["degrees"]
        at.turn(*now["cut"]["at"], 1)
        now = told.until(lambda so: so["cut"]["degrees"] != before, "the wheel does not turn the cut")
        before = now["cut"]["degrees"]
        at.key("t")
        told.until(lambda so: so["cut"]["degrees"] != before, "T does not turn the cut")


def _lines(now: Told) -> tuple[Told, dict[int, Any]]:
    """Return a long-axis view in which several lines can be hit, and those lines by slice."""
    for view in now["views"]:
        lines = {int(index): line for index, line in view["lines"].items() if line is not None}
        if len(lines) > 2:
            return view, lines
    raise Unmet("no view has lines of several slices")


def _valve(now: Told, name: str, valve: str) -> Told | None:
    view = next((one for one in now["views"] if one["name"] == name), None)
    return None if view is None else next((one for one in view["valves"] if one["valve"] == valve), None)


def _middle(line: list[list[float]]) -> tuple[float, float]:
    (a, b), (c, d) = line
    return (a + c) / 2, (b + d) / 2


def _distance(one: list[float], other: list[float]) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


def _on_line(start: list[float], end: list[float], near: list[float]) -> tuple[float, float]:
    """Return the point of a line that lies nearest to another."""
    along = (end[0] - start[0], end[1] - start[1])
    share = ((near[0] - start[0]) * along[0] + (near[1] - start[1]) * along[1]) / (along[0] ** 2 + along[1] ** 2)
    return start[0] + share * along[0], start[1] + share * along[1]
