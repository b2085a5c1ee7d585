"""The menu Help: commands and keys, the device, the program itself."""

from typing import Final

from PySide6.QtGui import QKeySequence

from cinecor.ui.look.texts import N_, tr
from cinecor.ui.sheets.command_palette import CommandPalette
from cinecor.ui.sheets.key_sheet import MOUSE, WITH_TOOL, Group, KeySheet
from cinecor.ui.sheets.notes import show_about, show_device, show_licences
from cinecor.ui.window.command import Bench, Menu

HELP: Final = Menu(N_("Help"))

_COLUMNS = ((0, 1, 4), (2, 3), (5, 6, 7), (8, 9, 10))  # of the key sheet: menus, and the mouse after them


@HELP.command(N_("Command palette…"), "Ctrl+K")
def palette(bench: Bench) -> None:
    """Open the command palette."""
    named = [
        (tr(menu.title), bench.action(command.entry.name), tr(command.entry.also) if command.entry.also else "")
        for menu in bench.menus
        for command in menu.commands
    ]
    CommandPalette(named, bench.window).open()


@HELP.command(N_("Keys and mouse…"), "F1")
def key_sheet(bench: Bench) -> None:
    """Open the sheet of all keys."""
    groups: list[Group] = []
    for menu in bench.menus:
        entries = [command.entry for command in menu.commands if command.entry.keys]
        groups.append((tr(menu.title), [(_keys(one.keys), tr(one.text).removesuffix("…")) for one in entries]))
    groups.append((tr("Mouse"), [(tr(how), tr(what)) for how, what in MOUSE]))
    groups.append((tr("With a tool"), [(tr(how), tr(what)) for how, what in WITH_TOOL]))
    KeySheet(groups, places=_COLUMNS, parent=bench.window).open()


@HELP.command(N_("Device…"))
def device(bench: Bench) -> None:
    """Say which device runs the model, and why."""
    page = bench.workspace.page
    show_device(bench.window, None if page is None else page.desk.outlining.running_on, bench.settings)


@HELP.command(N_("How the model is corrected…"))
def drift(bench: Bench) -> None:
    """Show how readers corrected the model, month by month, and whether to train anew is worth it."""
    bench.home.worklist.show_drift()


@HELP.command(N_("Licences…"))
def licences(bench: Bench) -> None:
    """Show the licences of the program and of what it brings along."""
    show_licences(bench.window)


@HELP.command(N_("About Cinecor…"))
def about(bench: Bench) -> None:
    """Say what this program is."""
    show_about(bench.window)


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
