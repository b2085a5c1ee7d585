"""`Command`: one thing a person can do, registered beside its function with its text, its menu and its keys.

    @EDIT.study_command(N_("Undo"), "Ctrl+Z", when=…)
    def undo(at: AtStudy) -> None:
        at.desk.review.undo()

A command that needs an open study takes `AtStudy`, any other takes the `Bench`: the type says which, and the type
checker holds the decorator to it. Menus, command palette, key sheet and the table in the guide are made of the menus.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from cinecor.app.recent import RecentStudies
from cinecor.app.settings import Settings
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.leaving import Leaving
from cinecor.ui.window.opening import Opening
from cinecor.ui.window.saving import Saving
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.window.taking_over import TakingOver
from cinecor.ui.window.workspace import Workspace
from cinecor.ui.worklist.home import Home


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What the window lends to its commands."""

    window: QMainWindow
    workspace: Workspace
    home: Home
    settings: Settings
    theme: Theme
    recent: RecentStudies
    opening: Opening
    saving: Saving
    taking_over: TakingOver
    leaving: Leaving
    menus: "Sequence[Menu]"
    action: Callable[[str], QAction]  # by the name of its command


@dataclass(frozen=True, slots=True, eq=False)
class AtStudy:
    """The study in front, and the bench."""

    page: StudyPage
    bench: Bench

    @property
    def desk(self) -> StudyDesk:
        """What is open there."""
        return self.page.desk

    @property
    def place(self) -> tuple[int, int]:
        """The slice and phase under the cursor."""
        return self.desk.cursor.slice, self.desk.cursor.phase


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as menus, palette and key sheet show it."""

    name: str  # of its function
    text: str  # English; said by `tr`
    keys: tuple[str, ...] = ()
    separated: bool = False  # a line above it in the menu
    also: str = ""  # English; other words for it, by which the palette finds it too


@dataclass(frozen=True, slots=True)
class Command:
    """What can always be done."""

    entry: Entry
    run: Callable[[Bench], None]


@dataclass(frozen=True, slots=True)
class StudyCommand:
    """What can be done while a study is open."""

    entry: Entry
    run: Callable[[AtStudy], None]
    when: Callable[[StudyPage], bool] = lambda _: True
    what: Callable[[StudyPage], str | None] = lambda _: None  # what it would change, in the language in use
    why_not: Callable[[StudyPage], str | None] = lambda _: None  # said when its key is pressed and it cannot be done


@dataclass(frozen=True, slots=True)
class Menu:
    """Commands in the order in which they stand; registered where they are defined."""

    title: str  # English; said by `tr`
    repeats: bool = False  # while a key is held
    commands: list[Command | StudyCommand] = field(default_factory=list)

    def command(
        self, text: str, *keys: str, separated: bool = False, also: str = ""
    ) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
        """Return a decorator that registers a command that needs no study."""

        def register(run: Callable[[Bench], None]) -> Callable[[Bench], None]:
            self.commands.append(Command(Entry(run.__name__, text, keys, separated, also), run))
            return run

        return register

    def study_command(
        self,
        text: str,
        *keys: str,
        separated: bool = False,
        also: str = "",
        when: Callable[[StudyPage], bool] = lambda _: True,
        what: Callable[[StudyPage], str | None] = lambda _: None,
        why_not: Callable[[StudyPage], str | None] = lambda _: None,
    ) -> Callable[[Callable[[AtStudy], None]], Callable[[AtStudy], None]]:
        """Return a decorator that registers a command for the study in front."""

        def register(run: Callable[[AtStudy], None]) -> Callable[[AtStudy], None]:
            entry = Entry(run.__name__, text, keys, separated, also)
            self.commands.append(StudyCommand(entry, run, when, what, why_not))
            return run

        return register
