"""Menus made of the table of actions, with one `QAction` each that the command palette and key sheet share."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar

from cinecor.ui.look.texts import tr
from cinecor.ui.window.actions import ACTIONS, MENUS


def make_actions(commands: QObject, parent: QObject) -> dict[str, QAction]:
    """Make one action a row of the table, bound to the method of `commands` with its name."""
    made = {}
    for entry in ACTIONS:
        action = QAction(tr(f"action.{entry.name}"), parent)
        action.setShortcuts([QKeySequence(key) for key in entry.keys])
        action.setShortcutContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut if entry.in_views else Qt.ShortcutContext.WindowShortcut
        )
        action.setAutoRepeat(entry.menu == "go")
        action.setMenuRole(QAction.MenuRole.NoRole)
        method = getattr(commands, entry.name)
        action.triggered.connect(lambda _=False, run=method: run())
        made[entry.name] = action
    return made


def fill_menus(bar: QMenuBar, actions: dict[str, QAction]) -> None:
    """Put every action into its menu, in the order of the table."""
    bar.clear()
    for menu_name in MENUS:
        menu = bar.addMenu(tr(f"menu.{menu_name}"))
        for entry in ACTIONS:
            if entry.menu == menu_name:
                if entry.separated:
                    menu.addSeparator()
                menu.addAction(actions[entry.name])


def enable_actions(
    actions: dict[str, QAction], *, study: bool, segmenting: bool, undo: str | None, redo: str | None
) -> None:
    """Enable what can be done now, and name what undo and redo would change."""
    for entry in ACTIONS:
        actions[entry.name].setEnabled(study or not entry.needs_study)
    actions["segment"].setEnabled(study and not segmenting)
    for name, what in (("undo", undo), ("redo", redo)):
        actions[name].setEnabled(what is not None)
        text = tr(f"action.{name}")
        actions[name].setText(text if what is None else tr("action.named", name=text, what=tr(what)))
