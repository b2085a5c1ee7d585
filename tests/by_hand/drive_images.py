"""Part 3 by real events: greys, sharp outlines, places and callipers, and what is taken along."""

import time
from pathlib import Path

import numpy as np
from PIL import Image
from steps import check
from virtual_screen import PATIENCE_S
from walk import Walk

_NOTICE = (0xF0, 0xB4, 0x3C)  # the colour of "Research use only" below pictures that are saved
_NOTICE_PX = 60


def look_at_images(walk: Walk) -> None:
    """Change what the images show, measure on them, and copy them."""
    at, told = walk.at, walk.told
    with walk.step(3, "presets of the window by key and menu, numbers that one can type"):
        at.key("a")
        walk.settle()
        usual = told.now()["level"]
        at.key("shift+a")
        told.until(lambda so: so["level"] != usual, "no brighter window")
        x, y = told.now()["cine"]
        at.drag((x, y), (x + 70, y + 40), button=3)
        at.picture("window-dragged")
        at.key("ctrl+shift+l")
        walk.sheet("LevelSheet")
        at.type("400")
        at.key("Tab")
        at.key("ctrl+a")
        at.type("210")
        at.key("Tab")
        told.until(lambda so: so["level"] == [10.0, 410.0], "width 400 at level 210 are not shown")
        at.picture("window-typed")
        at.key("Escape")
        walk.gone("LevelSheet")
        at.key("a")
        told.until(lambda so: so["level"] == usual, "A does not give the usual window back")
    with walk.step(3, "outlines are smooth at 400 %, fills too"):
        x, y = told.now()["cavity"]
        while told.now()["zoom"] < 4.0:
            at.turn(x, y, 2, held="ctrl")
        walk.settle()
        at.picture("outlines-at-400")
        at.key("shift+o")
        walk.settle()
        at.picture("fills-at-400")
        at.key("shift+o", "shift+o")
        at.key("f")
        told.until(lambda so: so["zoom"] == 1.0, "F does not show the whole image")
        at.picture("labels-and-rulers-on-fat")
        at.key("h")
        told.until(lambda so: so["zoom"] > 1.2, "H does not zoom to the heart")
    with walk.step(3, "crosshair and mm under the mouse"):
        at.hover(*told.now()["cavity"])
        told.until(lambda so: so["crosshair"], "no place is told")
        at.picture("place-under-the-mouse")
    with walk.step(3, "a distance and an area calliper, taken back one by one"):
        now = told.now()
        (x, y), radius = now["cavity"], now["cavity_radius"]
        at.key("x")
        told.until(lambda so: so["tool"] == "distance", "X takes no calliper")
        at.drag((x - radius, y), (x + radius, y))
        told.until(lambda so: so["callipers"] == 1, "no distance was measured")
        at.key("z")
        told.until(lambda so: so["tool"] == "area", "Z takes no calliper")
        at.stroke([(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)])
        told.until(lambda so: so["callipers"] == 2, "no area was measured")
        at.picture("callipers")
        at.key("BackSpace", "BackSpace")
        told.until(lambda so: so["callipers"] == 0, "Backspace takes none back")
        at.key("Escape")
    with walk.step(3, "Ctrl+C copies the numbers, Ctrl+Shift+C the view"):
        at.key("ctrl+c")
        text = told.until(lambda so: so["clipboard"]["text"], "no numbers on the clipboard")["clipboard"]["text"]
        check("EDV" in text and "EF" in text, f"the clipboard holds {text[:60]}")
        at.key("ctrl+shift+c")
        told.until(lambda so: so["clipboard"]["image"], "no image on the clipboard")


def save_pictures(walk: Walk) -> None:
    """Save a picture and a movie by their dialogs; the view stays where it is meanwhile."""
    at, told = walk.at, walk.told
    phases = told.now()["phases"]
    for key, title, name in (("ctrl+p", "Save picture", "views.png"), ("ctrl+shift+p", "Save cine", "cine.gif")):
        with walk.step(3, f"{title.lower()}, with its caption, without moving the view"):
            path, place = walk.out / name, told.now()["place"]
            at.key(key)
            at.wait_for(title)
            at.key("ctrl+a")
            walk.enter(str(path), dialog=title)
            _written(path)
            check(told.now()["place"] == place, "the view has moved")
            with Image.open(path) as saved:
                frames = getattr(saved, "n_frames", 1)
                below = np.asarray(saved.convert("RGB"))[-_NOTICE_PX:]
            check((below == _NOTICE).all(axis=2).any(), "no notice stands below it")
            check(frames == (phases if name == "cine.gif" else 1), f"{frames} frames of {phases}")
            walk.dismiss()


def _written(path: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not path.is_file():
        check(time.monotonic() < end, f"{path.name} was not written")
        time.sleep(0.2)
