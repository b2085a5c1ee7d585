"""`Walk`: the screen, the program on it, the study that is walked through, and what was seen on the way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steps import Steps, check
from told_places import ToldPlaces
from virtual_screen import Screen


@dataclass(frozen=True, slots=True)
class Walk:
    """One run of the program, by one hand."""

    at: Screen
    told: ToldPlaces
    steps: Steps
    study: Path
    out: Path
    home: Path

    @contextmanager
    def step(self, part: int, text: str) -> Iterator[None]:
        """Do a step; after one that failed, close what it may have left open."""
        before = len(self.steps.failed)
        with self.steps.step(part, text):
            yield
        if len(self.steps.failed) > before:
            self.at.picture(f"failed-{text[:40].replace(' ', '-').replace('/', '-')}")
            self.at.key("Escape", "Escape")

    def settle(self) -> None:
        """Wait until the program has come round twice, and nothing moves on the screen: a busy machine paints late."""
        self.told.now()
        self.told.now()
        self.at.settle()

    def sheet(self, kind: str) -> dict[str, Any]:
        """Wait for a sheet that has the keys, and tell what it holds: what is typed before is lost."""
        now = self.told.until(lambda so: _sheets(so, kind) and so["active"] == kind, f"{kind} does not come")
        return _sheets(now, kind)[0]

    def gone(self, kind: str) -> None:
        """Wait for a sheet to go, and for the window to have the keys again."""
        self.told.until(lambda so: not _sheets(so, kind) and so["active"] == "Window", f"{kind} does not go")

    def answer_all(self) -> None:
        """Accept every doubt that is open, one by one."""
        for _ in range(self.told.now()["open_doubts"]):
            before = self.told.now()["open_doubts"]
            self.at.key("F4", "F5")
            self.told.until(lambda so, before=before: so["open_doubts"] < before, "a doubt cannot be answered")

    def menu_at(self, x: float, y: float) -> list[dict[str, Any]]:
        """Open the menu of the right button at a place, and give its entries."""
        self.at.click(x, y, button=3)
        found: list[dict[str, Any]] = self.told.until(lambda so: so["menu"], "no menu comes")["menu"]
        return found

    def close_menu(self) -> None:
        """Close the menu that is open."""
        self.at.key("Escape")
        self.told.until(lambda so: so["menu"] is None, "the menu does not close")

    def open_by_dialog(self, path: Path, *, file: bool = False) -> None:
        """Open an input by the dialog of folders, or that of files."""
        title = "Open a study file" if file else "Open a study folder"
        self.at.key("ctrl+shift+o" if file else "ctrl+o")
        self.at.wait_for(title)
        self.at.settle()  # a dialog that is not painted yet may not have the keys
        self.at.key("ctrl+a")
        self.enter(str(path), dialog=title)

    def enter(self, text: str, *, dialog: str) -> None:
        """Type a text into a dialog, and press Enter when all of it stands there."""
        self.at.type(text)
        self.told.until(
            lambda so: any(text in one["typed"] for one in so["sheets"]), f"the dialog does not hold {text}"
        )
        self.at.confirm(dialog)

    def dismiss(self) -> None:
        """Dismiss what the window or the page says."""
        for _ in range(2):
            now = self.told.now()
            if now.get("message"):
                self.at.click(*now["dismiss"])
            elif now.get("message_of_window"):
                self.at.click(*now["dismiss_of_window"])

    def goes(self, part: int, text: str, seconds: float) -> None:
        """Wait for a message to go by itself."""
        with self.step(part, text):
            self.at.run("xdotool", "mousemove", 400, 100)  # under the mouse it would stay: somebody reads it
            end = time.monotonic() + 3 * seconds
            while (now := self.told.now()).get("message"):
                check(time.monotonic() < end, f"it stays: {now['message']}")


def _sheets(so: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in so.get("sheets", ()) if one["kind"] == kind]
