"""The reading room at every size, scheme and language, by real events on virtual screens; the language from LANG."""

import json
from dataclasses import dataclass
from pathlib import Path

from steps import Steps, check
from told_places import telling_program
from virtual_screen import Screen, screen
from walk import Walk


@dataclass(frozen=True, slots=True)
class Room:
    """One screen and how the desktop is dressed on it."""

    name: str
    size: tuple[int, int]
    scale: float
    theme: str
    lang: str

    @property
    def french(self) -> bool:
        """Whether French is spoken in it."""
        return self.lang.startswith("fr")


ROOMS = (
    Room("1366x768-dark-en", (1366, 768), 1, "dark", "C.UTF-8"),
    Room("1366x768-light-fr", (1366, 768), 1, "light", "fr_FR.UTF-8"),
    Room("1920x1080-dark-fr", (1920, 1080), 1, "dark", "fr_FR.UTF-8"),
    Room("1920x1080-light-en", (1920, 1080), 1, "light", "C.UTF-8"),
    Room("3840x2160x2-dark-en", (3840, 2160), 2, "dark", "C.UTF-8"),
    Room("3840x2160x2-light-fr", (3840, 2160), 2, "light", "fr_FR.UTF-8"),
    Room("1920x1080x2-dark-en", (1920, 1080), 2, "dark", "C.UTF-8"),
    Room("2560x1440x1.5-light-en", (2560, 1440), 1.5, "light", "C.UTF-8"),
    Room("3840x2160-dark-fr", (3840, 2160), 1, "dark", "fr_FR.UTF-8"),
)


def live_in(at: Screen, room: Room, home: Path) -> None:
    """Set the scheme by the settings' file and the language by the environment; what is kept of studies stays."""
    file = home / "settings.json"
    file.write_text(json.dumps({"format": 1, "settings": {"theme": room.theme}}), encoding="utf-8")
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        at.environment.pop(name, None)
    own = {name: str(home) for name in ("XDG_CONFIG_HOME", "CINECOR_HOME", "HOME")}
    at.environment |= {**own, "LANG": room.lang, "QT_SCALE_FACTOR": str(room.scale)}


def walk_through_rooms(steps: Steps, study: Path, *, out: Path, home: Path) -> None:
    """Open a study that the store knows in every room, and look at everything once."""
    for room in ROOMS:
        with screen(out / room.name, room.size) as at:
            live_in(at, room, home)
            with telling_program(at, home, study) as told:
                _look_round(Walk(at, told, steps, study, out, home), room)


def _look_round(walk: Walk, room: Room) -> None:
    at, told = walk.at, walk.told
    with walk.step(2, f"{room.name}: the first window lies within the screen, everything is seen"):
        told.outlined()
        walk.settle()
        at.require_within(" – Cinecor")
        for layout, name in (("1", "reading"), ("2", "correcting"), ("3", "comparing"), ("4", "base-and-apex")):
            at.key(layout)
            told.until(lambda so, layout=layout: so["layout"] == layout, f"{layout} changes no layout")
            walk.settle()
            at.picture(name)
            check(told.now()["rows_hidden"] == 0, "rows of the strip are hidden")
        at.key("1")
        walk.settle()
        cine, page = told.now()["shown"]["cine"], told.now()["page"]
        check(cine[2] * cine[3] >= 0.2 * page[2] * page[3], f"the short axis has {cine[2]:.0f} × {cine[3]:.0f} px")
    with walk.step(4, f"{room.name}: the language follows LANG, the words are the agreed ones"):
        card = told.now()["cards"][0]
        if card["shown"]:  # in the narrowest rooms the cards come when another series is asked for
            entries = {one["text"] for one in walk.menu_at(*card["at"])}
            at.picture("menu-of-a-card")
            walk.close_menu()
            wanted = "Utiliser pour l’analyse" if room.french else "Use for analysis"
            check(wanted in entries, f"the menu of a card holds {entries}")
        at.key("F1")
        texts = " ".join(walk.sheet("KeySheet")["texts"]).lower()
        walk.settle()
        at.picture("keys")
        at.key("Escape")
        walk.gone("KeySheet")
        check(not room.french or ("bouton droit" in texts and "glisser à droite" not in texts), "no “bouton droit”")
    with walk.step(5, f"{room.name}: the settings lie within the screen, their buttons can be clicked"):
        at.key("ctrl+comma")
        walk.sheet("SettingsDialog")
        walk.settle()
        at.picture("settings")
        sheet = walk.sheet("SettingsDialog")  # where it lies once the window manager has placed it
        left, top, width, height = sheet["area"]
        check(
            left >= 0 and top >= 0 and left + width <= at.size[0] and top + height <= at.size[1],
            f"they lie at {sheet['area']}",
        )
        close = "Fermer" if room.french else "Close"
        check(close in sheet["buttons"], f"the buttons are {sorted(sheet['buttons'])}")
        at.click(*sheet["buttons"][close])
        walk.gone("SettingsDialog")
    with walk.step(5, f"{room.name}: context menu, palette and worklist"):
        walk.menu_at(*told.now()["cine"])
        at.picture("menu-of-the-image")
        walk.close_menu()
        at.key("ctrl+k")
        walk.sheet("CommandPalette")
        at.type("contour")
        found = walk.told.until(lambda so: so["sheets"] and len(so["sheets"][0]["rows"]) < 30, "nothing is filtered")
        at.picture("palette-contour")
        check(found["sheets"][0]["rows"], "the palette finds nothing")
        at.key("Escape")
        walk.gone("CommandPalette")
        at.key("ctrl+l")
        told.until(lambda so: "first_row" in so, "the worklist does not come")
        walk.settle()
        at.picture("worklist")
    with walk.step(5, f"{room.name}: the program ends without an error"):
        at.key("ctrl+q")
        told.ended()
