"""The worklist: every kept study is found by what a person remembers, opened, and forgotten only when that is meant."""

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from result_folders import write_results_of
from unit.review.studies import small_review

from cinecor.app.drift import Drift, MonthOfReadings
from cinecor.app.settings import Settings
from cinecor.cohort.input_row import State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.study_facts import StudyFacts
from cinecor.message import Message
from cinecor.report.kept_results import read_results
from cinecor.review import Gesture, redraw_one
from cinecor.review.ledger import Act, Person
from cinecor.review.log.record import record_of
from cinecor.review.store.identity import study_identity
from cinecor.review.store.kept_values import Summary
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.ui.sheets.drift_sheet import DriftSheet
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.worklist.worklist_model import COLUMNS
from cinecor.ui.worklist.worklist_view import WorklistView
from cinecor_phantom import HeartShape, make_phantom, write_dicom

from .conftest import LONG_MS, SMALL, page_when

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
_STUDIES = (
    ("Berg Anna", "1", "2025-03-02", 61.0, 0),
    ("Adler Bo", "2", "2024-11-20", None, 0),
    ("Ceder Cleo", "3", "2025-01-09", 34.0, 2),
)


@pytest.fixture
def listed(desktop: Desktop, qtbot: QtBot) -> WorklistView:
    """A worklist of three studies."""
    assert desktop.store is not None
    for seed, (name, number, date, ef, findings) in enumerate(_STUDIES, start=11):
        review = small_review(seed=seed)
        kept = desktop.store.open(
            study_identity(review.stack), StudyCard(Path("/images") / number, (), name, number, date, "SAX")
        )
        if ef is not None:
            kept.add_result(review.segmentation)  # type: ignore[arg-type]
            worst = Message("volume_jump", "The volume jumps.") if findings else None
            doubtful = frozenset({"lv.ef_percent"} if findings else ())
            kept.keep_summary(Summary(ef, ef - 5, "volume_jump" if findings else "", findings, worst, doubtful))
        kept.close()
    view = desktop.window.home.worklist
    _after(qtbot, view, view.refresh)
    return view


def _after(qtbot: QtBot, view: WorklistView, act: Callable[[], object]) -> None:
    with qtbot.waitSignal(view.shown, timeout=LONG_MS):
        act()


def _names(view: WorklistView) -> list[str]:
    return [view.model.row(at).patient_name for at in range(view.model.rowCount())]


def _text(view: WorklistView, row: int, heading: str) -> str:
    column = [one.heading for one in COLUMNS].index(heading)
    return str(view.model.index(row, column).data())


def test_that_a_window_with_nothing_kept_says_where_to_begin(desktop: Desktop, qtbot: QtBot) -> None:
    home = desktop.window.home
    qtbot.waitUntil(lambda: home.currentWidget() is home.welcome)
    assert any(button.text() == "Synthetic study" for button in home.welcome.findChildren(QPushButton))
    assert not desktop.window.list_button.isVisible()


def test_that_kept_studies_are_the_first_thing_to_see_with_what_is_known_of_them(
    desktop: Desktop, listed: WorklistView
) -> None:
    assert desktop.window.home.currentWidget() is listed
    assert listed.state.text() == "3 studies"
    at = _names(listed).index("Ceder Cleo")
    assert _text(listed, at, "Patient") == "Ceder Cleo\n3"
    assert _text(listed, at, "Study date") == "2025-01-09"
    assert (_text(listed, at, "LV EF"), _text(listed, at, "RV EF")) == ("34?\u00a0%", "29\u00a0%")  # one is in doubt
    assert _text(listed, at, "Status") == "Outlined"
    assert _text(listed, at, "Open findings") == "2 open: The volume jumps."
    assert _text(listed, at, "Model") == "model 1"
    new = _names(listed).index("Adler Bo")
    assert (_text(listed, new, "Status"), _text(listed, new, "LV EF")) == ("New", "–")


def test_that_typing_finds_a_study_and_a_filter_leaves_one_status(
    desktop: Desktop, listed: WorklistView, qtbot: QtBot
) -> None:
    qtbot.keyClicks(listed.search, "cleo 2025")
    qtbot.waitUntil(lambda: _names(listed) == ["Ceder Cleo"], timeout=LONG_MS)
    qtbot.keyClicks(listed.search, " nobody")
    qtbot.waitUntil(lambda: _names(listed) == [], timeout=LONG_MS)
    assert "No study matches" in listed.state.text()
    assert desktop.window.home.currentWidget() is listed  # there is something: the search is to be changed
    listed.search.clear()
    qtbot.waitUntil(lambda: len(_names(listed)) == 3, timeout=LONG_MS)
    listed.filter.setCurrentIndex(1)
    qtbot.waitUntil(lambda: _names(listed) == ["Adler Bo"], timeout=LONG_MS)


def test_that_what_another_model_outlined_and_nobody_signed_can_be_listed(
    desktop: Desktop, listed: WorklistView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = listed.filter.findText("Outlined by another model")
    _after(qtbot, listed, lambda: listed.filter.setCurrentIndex(at))
    assert sorted(_names(listed)) == ["Berg Anna", "Ceder Cleo"]  # the third has no outlines
    review = small_review(seed=11)
    assert review.segmentation is not None
    monkeypatch.setattr("cinecor.ui.worklist.worklist_view.active_model", lambda: review.segmentation.model.sha256)
    _after(qtbot, listed, listed.refresh)
    assert _names(listed) == []
    assert not listed.empty


def test_that_a_click_on_a_heading_sorts_and_the_unknown_comes_last_either_way(
    listed: WorklistView, qtbot: QtBot
) -> None:
    header = listed.table.horizontalHeader()

    def click(column: int) -> None:
        place = header.sectionViewportPosition(column) + 10
        qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(place, 8))

    click(0)
    assert _names(listed) == ["Adler Bo", "Berg Anna", "Ceder Cleo"]
    click(2)
    assert _names(listed) == ["Ceder Cleo", "Berg Anna", "Adler Bo"]
    click(2)
    assert _names(listed) == ["Berg Anna", "Ceder Cleo", "Adler Bo"]


def test_that_the_order_is_that_of_the_last_time(
    desktop: Desktop, listed: WorklistView, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    listed.table.horizontalHeader().setSortIndicator(2, Qt.SortOrder.AscendingOrder)
    assert _names(listed) == ["Ceder Cleo", "Berg Anna", "Adler Bo"]
    desktop.window.remember()
    again = Desktop(qapp, Settings(tmp_path / "config" / "settings.json"), store_folder=tmp_path / "store")
    view = again.window.home.worklist
    qtbot.waitUntil(lambda: view.model.rowCount() == 3, timeout=LONG_MS)
    assert _names(view) == ["Ceder Cleo", "Berg Anna", "Adler Bo"]
    assert again.close()
    again.window.deleteLater()
    again.deleteLater()


def test_that_names_are_hidden_by_one_setting(desktop: Desktop, listed: WorklistView, qtbot: QtBot) -> None:
    desktop.settings.change("show_patient", False)
    qtbot.waitUntil(lambda: desktop.window.home.worklist is not listed)
    view = desktop.window.home.worklist
    qtbot.waitUntil(lambda: view.model.rowCount() == 3, timeout=LONG_MS)
    for row in range(3):
        assert _text(view, row, "Patient") == "Name hidden"
        tip = view.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert tip is None


def test_that_who_is_called_by_a_number_stands_there_once(
    listed: WorklistView, qtbot: QtBot, desktop: Desktop, tmp_path: Path
) -> None:
    assert desktop.store is not None
    review = small_review(seed=21)
    kept = desktop.store.open(study_identity(review.stack), StudyCard(tmp_path, (), "SCD7", "SCD7"))
    kept.add_result(review.segmentation)  # type: ignore[arg-type]
    edit = redraw_one(Gesture.DELETE, (0, 0), np.zeros_like(review.labels[0, 0]))  # type: ignore[index]
    kept.keep(record_of(edit), Act("redraw.delete", edit.places), person=Person("Ada Wall", "", "ada"))
    kept.close()
    _after(qtbot, listed, listed.refresh)
    at = _names(listed).index("SCD7")
    assert _text(listed, at, "Patient") == "SCD7"
    listed.table.selectRow(at)
    listed.actions_by_name["forget"].trigger()
    box = next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible())
    assert box.text().endswith("It is in review or signed.")
    box.reject()


def test_that_the_files_of_a_study_are_shown_or_said_to_be_gone(
    listed: WorklistView, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    listed.table.selectRow(_names(listed).index("Adler Bo"))
    listed.actions_by_name["reveal"].trigger()
    assert shown == []
    assert "no longer in" in listed.state.text()
    store = listed._store
    assert store is not None
    review = small_review(seed=20)
    store.open(study_identity(review.stack), StudyCard(tmp_path, (), "Dahl Dag", "4")).close()
    _after(qtbot, listed, listed.refresh)
    listed.table.selectRow(_names(listed).index("Dahl Dag"))
    listed.actions_by_name["reveal"].trigger()
    assert shown == [str(tmp_path)]


def test_that_forgetting_asks_first_and_takes_everything_that_was_derived(
    desktop: Desktop, listed: WorklistView, qtbot: QtBot
) -> None:
    store = desktop.store
    assert store is not None
    listed.table.selectRow(_names(listed).index("Berg Anna"))
    folders = sorted(path.name for path in (store.folder / "studies").iterdir())
    for button, left in ((1, 3), (0, 2)):
        listed.table.setFocus()
        qtbot.keyClick(listed.table, Qt.Key.Key_Delete)
        box = next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible())
        choices = sorted(box.buttons(), key=lambda one: one.text() != "Forget")
        qtbot.mouseClick(choices[button], LEFT)
        qtbot.waitUntil(lambda left=left: listed.model.rowCount() == left)
    assert "Berg Anna" not in _names(listed)
    assert len(list((store.folder / "studies").iterdir())) == len(folders) - 1


def test_that_an_open_study_stays_when_all_are_forgotten(
    desktop: Desktop, listed: WorklistView, reviewed: StudyPage, qtbot: QtBot
) -> None:
    assert desktop.store is not None
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, CTRL)
    desktop.window.actions_by_name["forget_all"].trigger()
    box = next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible())
    qtbot.mouseClick(next(one for one in box.buttons() if one.text() == "Forget"), LEFT)
    qtbot.waitUntil(lambda: listed.model.rowCount() == 1, timeout=LONG_MS)
    assert desktop.store.worklist()[0].source == str(reviewed.desk.path)
    told = next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible() and one is not box)
    assert "stays" in told.text()
    told.accept()


def test_that_the_worklist_and_the_open_studies_are_one_key_apart(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    window = desktop.window
    assert window.list_button.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_L, CTRL)
    assert window.page is None
    assert window.home.isVisible()
    assert not window.actions_by_name["save_results"].isEnabled()
    qtbot.mouseClick(window.list_button, LEFT)
    assert window.page is reviewed
    qtbot.mouseClick(window.list_button, LEFT)
    assert window.page is None
    view = window.home.worklist
    qtbot.waitUntil(lambda: view.model.rowCount() == 1, timeout=LONG_MS)
    view.table.selectRow(0)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert window.page is reviewed  # and not a second tab
    assert len(window.workspace.pages) == 1


def test_that_a_folder_with_many_studies_becomes_rows(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, phantom_study: Path
) -> None:
    folder = tmp_path / "disc"
    shutil.copytree(phantom_study, folder / "one")
    write_dicom(make_phantom(acquisition=replace(SMALL, slices=9)), folder / "two", style="ge")
    desktop.open(folder)
    first = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert desktop.store is not None
    assert len(desktop.store.worklist()) == 2
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, CTRL)
    view = desktop.window.home.worklist
    qtbot.waitUntil(lambda: view.model.rowCount() == 2, timeout=LONG_MS)
    waiting = next(at for at in range(2) if view.model.row(at).id < 0)
    view.table.selectRow(waiting)
    view.actions_by_name["open"].trigger()
    page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    second = desktop.window.page
    assert second is not None
    assert second is not first
    assert first.desk.reading.study is not None
    assert second.desk.reading.study is not None
    assert not set(first.desk.reading.study.stack.series_uids) & set(second.desk.reading.study.stack.series_uids)
    assert all(row.id > 0 for row in desktop.store.worklist())


def test_that_a_store_that_cannot_be_read_is_told_in_the_worklist(
    desktop: Desktop, listed: WorklistView, qtbot: QtBot
) -> None:
    assert desktop.store is not None
    broken = StudyStore(desktop.store.folder)
    broken.close()
    _after(qtbot, listed, lambda: listed.show_store(broken))
    assert listed.state.text()
    assert desktop.window.home.currentWidget() is listed
    _after(qtbot, listed, lambda: listed.show_store(desktop.store))
    assert listed.state.text() == "3 studies"


def test_that_a_cohort_opens_as_a_list_of_what_is_doubtful_and_each_with_its_results(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    phantom = make_phantom(HeartShape(), SMALL)
    study, trial = tmp_path / "study", tmp_path / "trial"
    write_dicom(phantom, study)
    with closing(Manifest.open(trial, resume=False)) as manifest:
        results = read_results(write_results_of(phantom.labels, study, trial, name="p1")).results
        manifest.add(study, name="p1")
        row = manifest.row_of(study)
        assert row is not None
        facts = replace(StudyFacts.of(results), doubtful=["rv"], findings={"rv_area_off": "doubtful"})
        manifest.settle(row, state=State.DONE, studies=(StudyRow(1, "p1", facts=facts),))
    view = desktop.window.home.worklist
    desktop.open(trial)
    qtbot.waitUntil(lambda: _names(view) == ["p1"], timeout=LONG_MS)
    assert view.search.text() == "trial"
    assert "1 doubtful study" in desktop.window.messages.text.text()
    view.table.selectRow(0)
    view.open_chosen()
    qtbot.waitUntil(lambda: desktop.window.page is not None, timeout=LONG_MS)
    page = page_when(desktop, qtbot, lambda desk: getattr(desk.review.decided, "segmentation", None) is not None)
    assert page.desk.path == study
    segmentation = page.desk.review.decided.segmentation  # type: ignore[union-attr]
    assert (segmentation.labels == phantom.labels).all()  # type: ignore[union-attr]
    assert segmentation.model.sha256 == "ab" * 32  # type: ignore[union-attr]  # no model had to run


def test_that_what_readers_corrected_is_shown_by_month(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = (
        MonthOfReadings("2026-09", signed=8, corrected=2, ef_known=0, ef_change_points=None, confidence=None),
        MonthOfReadings("2026-10", signed=8, corrected=2, ef_known=3, ef_change_points=0.0, confidence=None),
        MonthOfReadings("2026-11", signed=10, corrected=5, ef_known=10, ef_change_points=2.35, confidence=0.913),
    )
    found = Drift(months, 7, worth_it=False, why=Message("round_not_needed", "Not needed."))
    monkeypatch.setattr("cinecor.ui.worklist.worklist_view.drift", lambda *_, **__: found)
    desktop.window.actions_by_name["drift"].trigger()
    qtbot.waitUntil(lambda: bool(desktop.window.findChildren(DriftSheet)), timeout=LONG_MS)
    (sheet,) = desktop.window.findChildren(DriftSheet)
    assert sheet.verdict.text() == "Not needed."
    rows = [[sheet.table.item(row, column).text() for column in range(5)] for row in range(3)]
    assert rows == [
        ["2026-11", "10", "50\N{NO-BREAK SPACE}%", "2.4 points", "0.91"],
        ["2026-10", "8", "25\N{NO-BREAK SPACE}%", "0.0 points (3 of 8)", "–"],
        ["2026-09", "8", "25\N{NO-BREAK SPACE}%", "unknown", "–"],
    ]
    sheet.reject()
