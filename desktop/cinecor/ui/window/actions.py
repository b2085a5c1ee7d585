"""`Actions`: one `QAction` a command, which menus, palette and keys share."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from cinecor.ui.look.texts import tr
from cinecor.ui.window.command import AtStudy, Bench, Command, Menu, StudyCommand


class Actions(QObject):
    """Bound to the bench of one window; those that need a study run on the one in front."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.window)
        self._bench = bench
        self._commands = [(menu, command) for menu in bench.menus for command in menu.commands]
        self._texts = {command.entry.name: tr(command.entry.text) for _, command in self._commands}
        self.by_name = {command.entry.name: self._made(menu, command) for menu, command in self._commands}

    def _made(self, menu: Menu, command: Command | StudyCommand) -> QAction:
        entry = command.entry
        action = QAction(self._texts[entry.name], self)
        action.setShortcuts([QKeySequence(key) for key in entry.keys])
        action.setAutoRepeat(menu.repeats)
        action.setMenuRole(QAction.MenuRole.NoRole)
        run = self._bound(command)
        action.triggered.connect(lambda _=False: run())
        return action

    def _bound(self, command: Command | StudyCommand) -> Callable[[], None]:
        bench = self._bench
        if isinstance(command, Command):
            return lambda: command.run(bench)

        def run() -> None:
            page = bench.workspace.page
            if page is not None:
                command.run(AtStudy(page, bench))

        return run

    def fill(self, bar: QMenuBar, *, below: Mapping[str, QMenu]) -> None:
        """Put every action into its menu, in the order of the commands; `below` some of them comes a menu."""
        bar.clear()
        taken: set[str] = set()
        for menu in self._bench.menus:
            shown = bar.addMenu(_with_letter(tr(menu.title), taken))
            for command in menu.commands:
                if command.entry.separated:
                    shown.addSeparator()
                shown.addAction(self.by_name[command.entry.name])
                if command.entry.name in below:
                    shown.addMenu(below[command.entry.name])

    def add_to(self, widget: QWidget) -> None:
        """Give a window the keys of all commands."""
        for action in self.by_name.values():
            widget.addAction(action)

    def why_not(self, key: QKeySequence) -> str | None:
        """Return why the command of a key cannot be done at the study in front; None where nothing is to be said."""
        page = self._bench.workspace.page
        for _, command in self._commands:
            action = self.by_name[command.entry.name]
            if page is not None and isinstance(command, StudyCommand) and key in action.shortcuts():
                return None if action.isEnabled() else command.why_not(page)
        return None

    def refresh(self) -> None:
        """Enable what can be done now, and name what it would change."""
        page = self._bench.workspace.page
        for _, command in self._commands:
            if isinstance(command, StudyCommand):
                action = self.by_name[command.entry.name]
                action.setEnabled(page is not None and command.when(page))
                what = None if page is None else command.what(page)
                text = self._texts[command.entry.name]
                action.setText(text if what is None else tr("{name}: {what}", name=text, what=what))


def _with_letter(title: str, taken: set[str]) -> str:
    """Return a menu's title with the letter marked that opens it with Alt: the first that no other menu has."""
    for at, letter in enumerate(title.lower()):
        if letter.isalpha() and letter not in taken:
            taken.add(letter)
            return f"{title[:at]}&{title[at:]}"
    return title
