"""Keys, mouse and menus: what a person does all day."""

import threading
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QDialogButtonBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.ui.look.texts import use_language
from cinecor.ui.look.theme import DARK, LIGHT, Theme, apply_theme
from cinecor.ui.sheets.command_palette import CommandPalette
from cinecor.ui.sheets.incoming_sheet import Incoming, IncomingSheet, Use
from cinecor.ui.sheets.key_sheet import KeySheet
from cinecor.ui.sheets.settings_dialog import SettingsDialog
from cinecor.ui.window import taking_over
from cinecor.ui.window.commands import MENUS
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import LAYOUTS, StudyPage
from cinecor.ui.window.window import Window

from .colour_vision import contrast
from .conftest import LONG_MS
from .mouse import move_held, turn_wheel

Key = Qt.Key
ENTRIES = [command.entry for menu in MENUS for command in menu.commands]


def _press(qtbot: QtBot, page: StudyPage, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    page.cine.setFocus()
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    qtbot.keyClick(page.cine, key, held)


def test_that_arrows_move_slice_and_phase_and_the_cycle_closes(qtbot: QtBot, reviewed: StudyPage) -> None:
    cursor = reviewed.desk.cursor
    assert (cursor.slice, cursor.phase) == (4, 0)
    _press(qtbot, reviewed, Key.Key_Up)
    _press(qtbot, reviewed, Key.Key_Right)
    assert (cursor.slice, cursor.phase) == (3, 1)
    _press(qtbot, reviewed, Key.Key_Left)
    _press(qtbot, reviewed, Key.Key_Left)
    assert cursor.phase == 9
    _press(qtbot, reviewed, Key.Key_Home)
    _press(qtbot, reviewed, Key.Key_Up)
    assert cursor.slice == 0
    _press(qtbot, reviewed, Key.Key_End)
    _press(qtbot, reviewed, Key.Key_Down)
    assert cursor.slice == 7


def test_that_d_and_s_go_to_ed_and_es(qtbot: QtBot, reviewed: StudyPage) -> None:
    assert reviewed.desk.review.result is not None
    found = reviewed.desk.review.result.measurements
    _press(qtbot, reviewed, Key.Key_S)
    assert reviewed.desk.cursor.phase == found.moments.es
    _press(qtbot, reviewed, Key.Key_D)
    assert reviewed.desk.cursor.phase == found.moments.ed


def test_that_space_plays_at_the_heart_rate_and_stops(qtbot: QtBot, reviewed: StudyPage) -> None:
    assert reviewed.desk.review.present is not None
    rate = reviewed.desk.review.present.body.heart_rate_bpm
    assert rate is not None
    assert reviewed.player.timeline().cycle_ms == pytest.approx(60_000 / rate)
    with qtbot.waitSignal(reviewed.desk.cursor.phase_moved, timeout=LONG_MS):
        _press(qtbot, reviewed, Key.Key_Space)
    assert reviewed.player.playing
    _press(qtbot, reviewed, Key.Key_Space)
    assert not reviewed.player.playing


def test_that_o_hides_the_overlay_and_brings_the_same_back(
    qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    settings.change("overlay", "both")
    _press(qtbot, reviewed, Key.Key_O)
    assert settings.text("overlay") == "off"
    _press(qtbot, reviewed, Key.Key_O)
    assert settings.text("overlay") == "both"


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_that_a_digit_shows_its_layout(qtbot: QtBot, reviewed: StudyPage, name: str) -> None:
    _press(qtbot, reviewed, Qt.Key(ord(name)))
    shown = LAYOUTS[name]
    assert reviewed.cine.isVisible() == ("cine" in shown)
    assert reviewed.grid.isVisible() == ("grid" in shown)
    assert reviewed.long_axis.isVisible() == ("long_axis" in shown)
    assert reviewed.matrix.isVisible() == ("matrix" in shown)
    assert reviewed.curves.isVisible() == ("curves" in shown)
    assert reviewed.numbers.isVisible() == ("numbers" in shown)


def test_that_a_digit_typed_into_a_field_is_a_number(qtbot: QtBot, reviewed: StudyPage, settings: Settings) -> None:
    field = reviewed.numbers.body.fields["height_cm"]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "182")
    qtbot.keyClick(field, Key.Key_Return)
    assert settings.text("layout") == "1"
    assert reviewed.desk.review.present is not None
    assert reviewed.desk.review.present.body.height_cm == 182


def test_that_dragging_scrubs_phases_across_and_slices_up_and_down(qtbot: QtBot, reviewed: StudyPage) -> None:
    cine, cursor = reviewed.cine, reviewed.desk.cursor
    start = QPoint(200, 200)
    qtbot.mousePress(cine, Qt.MouseButton.LeftButton, pos=start)
    move_held(cine, start, start + QPoint(30, 0), Qt.MouseButton.LeftButton)
    assert cursor.phase == 2
    move_held(cine, start + QPoint(30, 0), start + QPoint(30, 30), Qt.MouseButton.LeftButton)
    assert cursor.slice == 5
    qtbot.mouseRelease(cine, Qt.MouseButton.LeftButton)


def test_that_a_right_drag_changes_window_and_level_and_a_key_gives_them_back(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    before = reviewed.desk.level.window
    start = QPoint(200, 200)
    qtbot.mousePress(reviewed.cine, Qt.MouseButton.RightButton, pos=start)
    move_held(reviewed.cine, start, start + QPoint(60, 40), Qt.MouseButton.RightButton)
    qtbot.mouseRelease(reviewed.cine, Qt.MouseButton.RightButton)
    assert reviewed.desk.level.window.width > before.width
    assert reviewed.desk.level.window.level > before.level
    _press(qtbot, reviewed, Key.Key_A)
    assert reviewed.desk.level.window == before


def test_that_the_wheel_changes_the_slice_and_with_ctrl_zooms_about_the_pointer(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    cine = reviewed.cine
    turn_wheel(cine, QPointF(100, 100), -120)
    assert reviewed.desk.cursor.slice == 5
    under = cine.to_screen().inverted()[0].map(QPointF(100, 100))
    turn_wheel(cine, QPointF(100, 100), 480, Qt.KeyboardModifier.ControlModifier)
    assert cine.viewport.zoom > 1.5
    still = cine.to_screen().inverted()[0].map(QPointF(100, 100))
    assert (still - under).manhattanLength() < 1e-6
    qtbot.mouseDClick(cine, Qt.MouseButton.LeftButton)
    assert cine.viewport.zoom == 1


def test_that_the_image_keeps_its_pixels_aspect(reviewed: StudyPage) -> None:
    transform = reviewed.cine.to_screen()
    assert reviewed.desk.reading.study is not None
    row_mm, column_mm = reviewed.desk.reading.study.stack.geometry.pixel_spacing_mm
    assert transform.m11() / column_mm == pytest.approx(transform.m22() / row_mm)


def test_that_every_action_is_in_a_menu_with_its_key_and_on_the_key_sheet(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    in_menus = [action for top in desktop.window.menuBar().actions() for action in top.menu().actions()]  # type: ignore[attr-defined]
    for entry in ENTRIES:
        action = desktop.window.actions_by_name[entry.name]
        assert action in in_menus
        assert len(action.shortcuts()) == len(entry.keys)
    qtbot.keyClick(desktop.window, Key.Key_F1)
    sheet = desktop.window.findChild(KeySheet)
    assert sheet is not None
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"Space", "Ctrl+K", "Play or pause", "Right drag"} <= texts
    sheet.close()


def test_that_no_key_has_two_actions() -> None:
    keys = [key for entry in ENTRIES for key in entry.keys]
    assert len(keys) == len(set(keys))


def test_that_the_palette_finds_an_action_by_letters_and_runs_it(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    qtbot.keyClick(desktop.window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = desktop.window.findChild(CommandPalette)
    assert palette is not None
    qtbot.keyClicks(palette.line, "layout grid")
    assert [palette.list.item(row).text() for row in range(palette.list.count())] == ["View: Layout: comparing"]
    qtbot.waitUntil(palette.line.hasFocus)  # until then Return is the window's: it accepts a frame
    qtbot.keyClick(palette.line, Key.Key_Return)
    assert settings.text("layout") == "3"


_FOUND = {
    "en": {
        "contour": "Study: Segment again",
        "report": "File: Export report, DICOM, NIfTI…",
        "export": "File: Export results…",
        "zzz": "No command is called so",
    },
    "fr": {"contour": "Étude", "compte rendu": "Fichier", "exporter": "Fichier", "zzz": "Aucune commande"},
}


@pytest.mark.parametrize("language", list(_FOUND))
def test_that_the_palette_knows_other_words_and_says_when_it_finds_nothing(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings, language: str
) -> None:
    if language == "fr":
        before = desktop.window
        settings.change("language", language)
        qtbot.waitUntil(lambda: desktop.window is not before)
    desktop.window.actions_by_name["palette"].trigger()
    palette = desktop.window.findChild(CommandPalette)
    assert palette is not None
    for typed, found in _FOUND[language].items():
        palette.line.setText(typed)
        rows = [palette.list.item(row).text() for row in range(palette.list.count())]
        assert any(row.startswith(found) for row in rows), (typed, rows)
    palette.close()


def test_that_the_menu_of_recent_studies_names_patient_date_and_ef_and_opens_one(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    reviewed.desk.keeping.keep_now()
    assert reviewed.desk.reading.study is not None
    assert reviewed.desk.review.result is not None
    card, ef = reviewed.desk.reading.study.card, reviewed.desk.review.result.measurements.lv.ef_percent
    menu = desktop.window.recent_menu
    menu.aboutToShow.emit()
    text = menu.actions()[0].text()
    assert text == f"{card.name} · {card.study_date} · LV EF {ef:.0f}\N{NO-BREAK SPACE}%"
    qtbot.keyClick(desktop.window, Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert desktop.window.page is not None
    assert desktop.window.page.desk.path == reviewed.desk.path
    settings._values["show_patient"] = False
    menu.aboutToShow.emit()
    assert menu.actions()[0].text().startswith("Name hidden · ")


def test_that_the_settings_dialog_scrolls_within_a_screen_that_is_lower_than_it(
    desktop: Desktop, qtbot: QtBot, settings: Settings
) -> None:
    desktop.window.actions_by_name["settings"].trigger()
    dialog = desktop.window.findChild(SettingsDialog)
    assert dialog is not None
    dialog.resize(dialog.width(), 360)  # as on a full-HD screen at 200 %
    qtbot.wait(20)
    assert dialog.height() <= 360
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    assert dialog.rect().contains(buttons.geometry())
    assert dialog.height() <= dialog.screen().availableGeometry().height()
    dialog.close()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_that_an_unticked_box_is_seen_and_a_tick_is_told_from_it(
    qtbot: QtBot, qapp: QApplication, theme: Theme
) -> None:
    apply_theme(qapp, theme)
    box = QCheckBox("")
    qtbot.addWidget(box)
    box.resize(40, 30)
    box.show()
    looks = []
    for ticked in (False, True):
        box.setChecked(ticked)
        image = box.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        looks.append(max(contrast(colour, theme.window) for colour in colours))
        assert looks[-1] >= 3
    assert looks[1] > looks[0]


def test_that_the_settings_dialog_has_every_setting_and_changes_hold_at_once(
    desktop: Desktop, qtbot: QtBot, settings: Settings
) -> None:
    qtbot.keyClick(desktop.window, Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = desktop.window.findChild(SettingsDialog)
    assert dialog is not None
    qtbot.mouseClick(dialog.fields["rulers"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert not settings.flag("rulers")
    dialog.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_the_settings_show_whole_what_a_line_is_for(desktop: Desktop, settings: Settings, language: str) -> None:
    use_language(language)
    dialog = SettingsDialog(settings, desktop.window)
    dialog.show()
    lines = dialog.findChildren(QLineEdit)
    told = [line for line in lines if line.placeholderText()]
    assert len(told) == 2
    for line in told:
        assert line.fontMetrics().horizontalAdvance(line.placeholderText()) < line.width() - 8
    dialog.close()
    use_language("en")


def test_that_layout_and_settings_are_remembered(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    _press(qtbot, reviewed, Key.Key_4)
    settings.change("overlay_opacity", 60)
    desktop.window.remember()
    again = Settings(settings._path)
    assert again.text("layout") == "4"
    assert again.number("overlay_opacity") == 60
    assert again.state["geometry"] == settings.state["geometry"]


def test_that_the_language_changes_over_an_open_study_without_losing_it(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    desk, before = reviewed.desk, desktop.window
    desk.cursor.go(to_slice=2, to_phase=5)
    settings.change("language", "fr")
    qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    assert page.desk is desk
    assert (desk.cursor.slice, desk.cursor.phase) == (2, 5)
    assert "diagnostique" in desktop.window.strip.notice.text()
    assert page.numbers.cells["lv.edv_ml"].text() != "–"


def test_that_the_notice_is_on_the_screen_in_every_layout(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    assert desktop.window.strip.notice.isVisible()
    for name in LAYOUTS:
        _press(qtbot, reviewed, Qt.Key(ord(name)))
        assert desktop.window.strip.notice.isVisible()
        assert "Research use only" in desktop.window.strip.notice.text()


class _Shown(QObject):
    """Notes every widget that appears as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt names it
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.names.append(type(watched).__name__)
        return False


def test_that_changes_that_follow_each_other_at_once_open_no_window(
    qtbot: QtBot, qapp: QApplication, reviewed: StudyPage
) -> None:
    shown = _Shown()
    qapp.installEventFilter(shown)
    for _ in range(3):
        _press(qtbot, reviewed, Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    qapp.processEvents()
    qapp.removeEventFilter(shown)
    assert shown.names == []


def test_that_title_and_tab_say_whose_study_it_is_only_when_names_are_shown(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, settings: Settings
) -> None:
    assert opened.desk.reading.study is not None
    card = opened.desk.reading.study.card
    assert desktop.window.windowTitle().startswith(card.name or card.id)
    assert card.study_date in desktop.window.windowTitle()
    assert desktop.window.workspace.tabText(0).startswith(card.name or card.id)
    before = desktop.window
    settings.change("show_patient", False)
    qtbot.waitUntil(lambda: desktop.window is not before)
    assert desktop.window.windowTitle() == f"Name hidden · {card.study_date} – Cinecor"
    assert desktop.window.workspace.tabText(0) == f"Name hidden · {card.study_date}"


def test_that_a_new_theme_leaves_one_before_the_worklist_and_loses_nothing_that_is_read(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    going_on, ended = threading.Event(), threading.Event()

    def slowly(*_: object, **__: object) -> None:
        going_on.wait(LONG_MS / 1000)
        ended.set()
        raise InputError(Message("planted", "There is nothing in it."))

    monkeypatch.setattr(taking_over, "read_outlines", slowly)
    desktop.window.taking_over.ask(reviewed, Use.COMPARE)
    sheet = desktop.window.findChild(IncomingSheet)
    sheet.wanted.emit(Incoming(tmp_path, Use.COMPARE, MappingProxyType({}), None))  # type: ignore[union-attr]
    desktop.window.actions_by_name["worklist"].trigger()
    assert desktop.window.page is None
    before = desktop.window
    desktop.settings.change("theme", "light")
    threading.Timer(0.1, going_on.set).start()
    qtbot.waitUntil(lambda: desktop.window is not before, timeout=LONG_MS)
    assert ended.is_set(), "what others drew is read to its end while its window is there"
    assert desktop.window.page is None
    assert desktop.window.workspace.count() == 1
    desktop.window.list_button.click()
    assert desktop.window.page is not None
    assert desktop.window.page.desk is reviewed.desk


def test_that_a_new_window_is_no_larger_than_the_screen(qapp: QApplication, settings: Settings) -> None:
    window = Window(settings, DARK, ())
    room = window.screen().availableGeometry()
    assert window.width() <= room.width()
    assert window.height() <= room.height()
    window.deleteLater()


@pytest.mark.parametrize("maximised", [True, False])
def test_that_full_screen_gives_back_the_window_as_it_was(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, *, maximised: bool
) -> None:
    window = desktop.window
    if maximised:
        window.showMaximized()
    before = window.geometry()
    qtbot.keyClick(window, Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window, Key.Key_F11)
    assert not window.isFullScreen()
    assert window.isMaximized() is maximised
    assert window.geometry() == before
