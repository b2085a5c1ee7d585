"""The menu Edit: what the doctor decides, and the way back."""

from typing import Final

from PySide6.QtGui import QGuiApplication

from cinecor.app.reference import ReferenceShelf
from cinecor.measure.moment import Moment
from cinecor.review import DropSlice, Edit, FollowCurve, SetPhase, ToggleSlice
from cinecor.ui.look.names import edit_name
from cinecor.ui.look.texts import N_, said
from cinecor.ui.sheets.numbers_sheet import NumbersSheet
from cinecor.ui.sheets.reference_sheet import ReferenceSheet
from cinecor.ui.sheets.settings_dialog import SettingsDialog
from cinecor.ui.window.command import AtStudy, Bench, Menu
from cinecor.ui.window.study_page import StudyPage

EDIT: Final = Menu(N_("Edit"))


def _changeable(page: StudyPage) -> bool:
    return not page.desk.review.locked


def _measured(page: StudyPage) -> bool:
    return page.desk.review.result is not None


def _undone(page: StudyPage) -> str | None:
    history = page.desk.review.history
    return (
        None if history is None or not _changeable(page) or history.undo_name is None else edit_name(history.undo_name)
    )


def _redone(page: StudyPage) -> str | None:
    history = page.desk.review.history
    return (
        None if history is None or not _changeable(page) or history.redo_name is None else edit_name(history.redo_name)
    )


@EDIT.study_command(N_("Undo"), "Ctrl+Z", when=lambda page: _undone(page) is not None, what=_undone)
def undo(at: AtStudy) -> None:
    """Take back the last edit, and show what it had changed."""
    history = at.desk.review.history
    edit = None if history is None else history.undo_edit
    at.desk.review.undo()
    _show(at, edit)


@EDIT.study_command(N_("Redo"), "Ctrl+Shift+Z", "Ctrl+Y", when=lambda page: _redone(page) is not None, what=_redone)
def redo(at: AtStudy) -> None:
    """Bring back the edit that was undone last, and show what it changes."""
    history = at.desk.review.history
    edit = None if history is None else history.redo_edit
    at.desk.review.redo()
    _show(at, edit)


def _show(at: AtStudy, edit: Edit | None) -> None:
    """Go to the nearest frame that an edit touches; what touches none leaves the view where it is."""
    if edit is not None and edit.places:
        index, phase = min(edit.places, key=lambda one: (abs(one[0] - at.place[0]), abs(one[1] - at.place[1])))
        at.desk.cursor.go(to_slice=index, to_phase=phase)


@EDIT.study_command(N_("Count slice at ED, or not"), "Shift+D", separated=True, when=_changeable)
def toggle_slice_ed(at: AtStudy) -> None:
    """Take the slice in or out at ED."""
    _toggle(at, Moment.ED)


@EDIT.study_command(N_("Count slice at ES, or not"), "Shift+S", when=_changeable)
def toggle_slice_es(at: AtStudy) -> None:
    """Take the slice in or out at ES."""
    _toggle(at, Moment.ES)


def _toggle(at: AtStudy, moment: Moment) -> None:
    review, index = at.desk.review, at.desk.cursor.slice
    if review.present is None or review.result is None:
        return
    why_not = review.why_no_choice(index, moment)
    if why_not is None:
        review.edit(ToggleSlice(index, moment))
    else:
        at.page.messages.show_text(said(why_not))


@EDIT.study_command(N_("Drop or restore slice"), "Shift+X", when=_changeable, also=N_("exclude slice"))
def drop_slice(at: AtStudy) -> None:
    """Let the slice count at no phase, or again."""
    review, index = at.desk.review, at.desk.cursor.slice
    why_not = review.why_no_choice(index)
    if why_not is None:
        review.edit(DropSlice(index))
    else:
        at.page.messages.show_text(said(why_not))


@EDIT.study_command(N_("ED is this phase"), "Ctrl+D", separated=True, when=_changeable)
def set_ed(at: AtStudy) -> None:
    """Move ED to the phase that is shown."""
    at.desk.review.edit(SetPhase(Moment.ED, at.desk.cursor.phase))


@EDIT.study_command(N_("ES is this phase"), "Ctrl+E", when=_changeable)
def set_es(at: AtStudy) -> None:
    """Move ES to the phase that is shown."""
    at.desk.review.edit(SetPhase(Moment.ES, at.desk.cursor.phase))


@EDIT.study_command(N_("ED and ES from the curve again"), when=_changeable)
def reset_moments(at: AtStudy) -> None:
    """Give the choice of both moments back to the volume curve."""
    at.desk.review.edit(FollowCurve())


@EDIT.study_command(N_("Copy the numbers"), "Ctrl+C", separated=True, when=_measured)
def copy_numbers(at: AtStudy) -> None:
    """Put the numbers on the clipboard, as lines of cells."""
    QGuiApplication.clipboard().setText(at.page.numbers.text())


@EDIT.study_command(N_("Copy the image"), "Ctrl+Shift+C")
def copy_view(at: AtStudy) -> None:
    """Put the image in front on the clipboard, with its caption."""
    at.bench.saving.copy(at.page)


@EDIT.study_command(N_("How the numbers come about…"))
def about_numbers(at: AtStudy) -> None:
    """Say how ED and ES were chosen, with which ranges values are compared, and by which conventions they hold."""
    shown = at.page.numbers
    sheet = NumbersSheet(
        at.desk.review.present, at.desk.review.result, shown.numbers, book=shown.book, parent=at.bench.window
    )
    sheet.tables_wanted.connect(lambda: reference_tables(at.bench))
    sheet.open()


@EDIT.command(N_("Reference tables…"), separated=True)
def reference_tables(bench: Bench) -> None:
    """Choose which table each value is compared with."""

    def compare_anew() -> None:
        for page in bench.workspace.pages:
            page.reread_ranges()

    ReferenceSheet(ReferenceShelf(), changed=compare_anew, parent=bench.window).open()


@EDIT.command(N_("Settings…"), "Ctrl+,", also=N_("preferences options language"))
def settings(bench: Bench) -> None:
    """Open the settings."""
    SettingsDialog(bench.settings, bench.window).open()
