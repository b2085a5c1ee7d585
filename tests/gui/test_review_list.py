"""The review list and the signature: every doubt is answered or reasoned away, and what is signed stays as it is."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QInputDialog, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from cinecor.app.doubts import Doubt
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.findings.finding import Severity
from cinecor.measure.quantity import quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.verification import verify_results
from cinecor.review import (
    Answer,
    Body,
    DropSlice,
    Gesture,
    Moment,
    Redraw,
    SetBody,
    SetPhase,
    ToggleSlice,
    redraw_one,
)
from cinecor.review.ledger import Person
from cinecor.review.store.worklist import Status
from cinecor.scene.cells import Cell
from cinecor.ui.look.names import answer_name
from cinecor.ui.panels.few_lines import FewLines
from cinecor.ui.panels.finding_row import FindingRow
from cinecor.ui.panels.review_list import KEYS as KEYS_OF
from cinecor.ui.sheets.sign_sheet import SignSheet
from cinecor.ui.study.difference import difference_text
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS, page_when

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
KEYS = {answer: getattr(Qt.Key, f"Key_{key}") for answer, key in KEYS_OF.items()}


@pytest.fixture
def doubtful(reviewed: StudyPage, qtbot: QtBot) -> StudyPage:
    """The phantom with a heart rate that nobody believes, so that something is doubtful."""
    reviewed.desk.review.edit(SetBody(Body(290.0)))
    qtbot.waitUntil(lambda: bool(reviewed.desk.doubts.open))
    return reviewed


def marked(page: StudyPage, place: tuple[int, int]) -> bool:
    """Return whether the matrix marks a frame as doubtful."""
    state = page.desk.overlays.cells()
    assert state is not None
    return bool(state[place] == Cell.DOUBTFUL)


def _rows(page: StudyPage) -> list[FindingRow]:
    """The rows as they stand, from top to bottom."""
    return sorted(page.numbers.review_list.findChildren(FindingRow), key=lambda row: row.y())


def _sheet(desktop: Desktop) -> SignSheet:
    return next(one for one in desktop.window.findChildren(SignSheet) if one.isVisible())


def _sign(desktop: Desktop, qtbot: QtBot, page: StudyPage, *, name: str = "Dr Ada Wall") -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_F9)
    sheet = _sheet(desktop)
    sheet.name.clear()
    qtbot.keyClicks(sheet.name, name)
    sheet.organisation.setText("Heart Centre")
    for reason in sheet.reasons.values():
        qtbot.keyClicks(reason, "the rate was typed by hand")
    qtbot.mouseClick(sheet.sign, LEFT)
    qtbot.waitUntil(lambda: page.desk.review.locked)


def test_that_the_list_is_never_blank_while_it_is_made_anew(doubtful: StudyPage) -> None:
    before = _rows(doubtful)
    assert len(before) > 1
    doubtful.desk.review.edit(SetBody(Body(295.0)))  # one sentence is another: no event has been heard since
    after = _rows(doubtful)
    assert len(after) == len(before)
    assert sum(row in before for row in after) == len(after) - 1, "what says the same stays"
    assert any("295" in row.sentence for row in after)
    assert not any("290" in row.sentence for row in after)
    assert all(row.isVisible() and row.height() > 0 for row in after)
    places = [row.y() for row in after]
    column = doubtful.numbers.review_list.layout().itemAt(1).layout()
    shown = [column.itemAt(at).widget() for at in range(column.count())]
    assert sorted(places) == [row.y() for row in shown]


def test_that_one_reason_stands_for_every_doubt_without_one_of_its_own(qtbot: QtBot, desktop: Desktop) -> None:
    signed: list[dict[str, str]] = []
    sheet = SignSheet(
        Person.here("Dr Ada Wall"),
        [odd("base"), odd("apex"), odd("wall")],
        open_warnings=0,
        ejection_fractions=(),
        difference="",
        sign=lambda _, __, reasons: signed.append(reasons),
        parent=desktop.window,
    )
    sheet.open()
    assert sheet.for_all.isVisible()
    assert not sheet.sign.isEnabled()
    qtbot.keyClicks(sheet.reasons["apex"], "seen in the long axis")
    assert not sheet.sign.isEnabled()
    qtbot.keyClicks(sheet.for_all, "known from the last study")
    qtbot.mouseClick(sheet.sign, LEFT)
    known = "known from the last study"
    assert signed == [{"base": known, "apex": "seen in the long axis", "wall": known}]


def test_that_the_number_of_open_doubts_is_always_to_be_seen(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    number = len(doubtful.desk.doubts.open)
    assert f" · {number} open" in doubtful.banner.status.text()
    assert "In review" in doubtful.banner.status.text()
    desktop.settings.change("layout", "5")  # the image alone
    assert doubtful.banner.status.isVisible()


def test_that_the_doubts_are_walked_through_in_another_language_too(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    before, first, gone = desktop.window, doubtful.numbers, []
    first.destroyed.connect(lambda: gone.append(True))
    desktop.settings.change("language", "fr")
    qtbot.waitUntil(lambda: desktop.window is not before and bool(gone))
    page = desktop.window.page
    assert page is not None
    with qtbot.captureExceptions() as raised:
        qtbot.keyClick(desktop.window, Qt.Key.Key_F4)
        qtbot.waitUntil(lambda: page.numbers.review_list.current_row is not None)
    assert raised == []


def test_that_keys_walk_through_the_doubts_and_answer_them(desktop: Desktop, qtbot: QtBot, doubtful: StudyPage) -> None:
    doubts = doubtful.desk.doubts
    first = doubts.open[0]
    number = len(doubts.open)
    qtbot.keyClick(desktop.window, Qt.Key.Key_F5)  # nothing is looked at yet
    assert len(doubts.open) == number
    qtbot.keyClick(desktop.window, Qt.Key.Key_F4)
    assert doubts.current == first
    assert doubtful.findChild(QFrame, "current-doubt") is not None
    qtbot.keyClick(desktop.window, Qt.Key.Key_F6)  # nothing was corrected there
    assert len(doubts.open) == number
    assert "Correct an outline" in doubtful.messages.text.text()
    qtbot.keyClick(desktop.window, Qt.Key.Key_F5)
    assert len(doubts.open) == number - 1
    assert first.key in doubtful.desk.review.present.answers  # type: ignore[union-attr]
    told = [[label.text() for label in row.findChildren(QLabel)] for row in _rows(doubtful)]
    assert any(sign == "✓" and "accepted" in sentence for sign, sentence in told)
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert len(doubts.open) == number


def odd(
    what: str, severity: Severity = Severity.DOUBTFUL, *, slices: tuple[int, ...] = (), phases: tuple[int, ...] = ()
) -> Doubt:
    return Doubt(what, Message("odd", f"{what.title()} is odd."), severity, slices, phases)


def apical(page: StudyPage) -> int:
    """Return the last slice that counts at ED or ES."""
    result = page.desk.review.result
    assert result is not None
    moments = [phase for phase in result.moments.values() if phase is not None]
    return int(np.flatnonzero(result.curves.heart[:, moments].any(axis=1))[-1])


def test_that_no_slice_between_counted_ones_is_dropped_for_a_doubt(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    desk, doubts = reviewed.desk, reviewed.desk.doubts
    last = apical(reviewed)
    wide = odd("wide", slices=(3, last - 1, last))
    doubts.doubts = (wide,)
    doubts.go_to(wide)
    frame = reviewed.findChild(QFrame, "current-doubt")
    assert frame is not None
    assert {one.text() for one in frame.findChildren(QPushButton)} == {"Accept", "Corrected"}
    qtbot.keyClick(desktop.window, Qt.Key.Key_F7)
    assert "slice 4 cannot be left out: correct it instead" in reviewed.messages.text.text()
    assert desk.review.present is not None
    assert not desk.review.present.dropped
    assert not desk.review.present.answers


def test_that_the_doubt_in_question_and_its_answers_are_always_to_be_seen(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    desktop.window.resize(1366, 768)
    view, doubts = reviewed.numbers, reviewed.desk.doubts
    number = 12
    doubts.doubts = tuple(
        odd(f"a sentence of many words that needs more than one line, number {one},", slices=(one % 8,))
        for one in range(number)
    )
    doubts.changed.emit()
    for _ in range(number):
        qtbot.keyClick(desktop.window, Qt.Key.Key_F4)

        def seen() -> bool:
            row = view.review_list.current_row
            if row is None or row.sentence != str(doubts.current.message):  # type: ignore[union-attr]
                return False
            parts = row.findChildren(QPushButton)
            window = view.viewport().rect()
            places = [one.rect().translated(one.mapTo(view.viewport(), one.rect().topLeft())) for one in parts]
            return bool(parts) and all(window.contains(place) for place in places)

        qtbot.waitUntil(seen)


def test_that_the_mark_on_a_number_goes_with_the_last_doubt_of_it_and_comes_back_with_undo(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    def marked_by() -> set[str]:
        result = doubtful.desk.review.result
        assert result is not None
        return {one.code for one in result.doubts(quantity("co_l_min"), Ventricle.LV)}

    before = marked_by()
    assert "odd_heart_rate" in before
    doubts = doubtful.desk.doubts
    doubts.go_to(next(one for one in doubts.open if one.code == "odd_heart_rate"))
    qtbot.keyClick(desktop.window, Qt.Key.Key_F5)
    assert marked_by() == before - {"odd_heart_rate"}
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert marked_by() == before


def test_that_a_key_answers_the_doubt_of_the_frame_that_is_shown_and_says_which(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, doubts, told = reviewed.desk, reviewed.desk.doubts, reviewed.messages
    last = apical(reviewed)
    base, wide = odd("base", slices=(1,)), odd("wide", slices=(last - 1, last))
    apex = odd("apex", slices=(last - 1,), phases=(7,))

    def press(key: Qt.Key, *, at: tuple[int, int]) -> dict[str, str]:
        """Go to the first doubt, then to a frame, and answer there; undone again, what was answered."""
        monkeypatch.setattr(doubts, "doubts", (base, wide, apex))
        doubts.go_to(base)
        assert desk.cursor.slice == 1
        desk.cursor.go(to_slice=at[0], to_phase=at[1])
        told.hide()
        qtbot.keyClick(desktop.window, key)
        assert desk.review.present is not None
        answers = dict(desk.review.present.answers)
        if answers:
            desk.review.undo()
        return answers

    assert press(Qt.Key.Key_F5, at=(1, desk.cursor.phase)) == {"base": "accepted"}
    assert told.text.text() == "Accepted: Base is odd."
    assert press(Qt.Key.Key_F5, at=(last - 1, 7)) == {"apex": "accepted"}  # its own before the whole slice's
    assert told.text.text() == "Accepted: Apex is odd."
    assert press(Qt.Key.Key_F7, at=(last, 7)) == {"wide": "dropped"}
    assert told.text.text().startswith("Dropped: Wide is odd.")
    assert f"Slices {last} and {last + 1} dropped at every phase." in told.text.text()
    assert "LV EDV −" in told.text.text()
    assert press(Qt.Key.Key_F5, at=(2, 7)) == {}
    assert "F4" in told.text.text()


def test_that_an_answer_takes_the_place_of_nothing_that_waits(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    doubtful.messages.show_offer("These are another model’s.", "Segment again", lambda: None)
    number = len(doubtful.desk.doubts.open)
    qtbot.keyClick(desktop.window, Qt.Key.Key_F4)
    qtbot.keyClick(desktop.window, Qt.Key.Key_F5)
    assert len(doubtful.desk.doubts.open) == number - 1
    assert doubtful.messages.text.text() == "These are another model’s."


def test_that_a_doubt_without_a_slice_is_not_dropped(desktop: Desktop, qtbot: QtBot, doubtful: StudyPage) -> None:
    number = len(doubtful.desk.doubts.open)
    doubtful.desk.doubts.go_to(next(one for one in doubtful.desk.doubts.open if not one.slices))
    qtbot.keyClick(desktop.window, Qt.Key.Key_F7)
    assert len(doubtful.desk.doubts.open) == number
    assert "Nothing is outlined that could be left out" in doubtful.messages.text.text()


def test_that_the_list_is_worst_first_and_what_is_answered_last(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    desk = doubtful.desk
    labels = desk.overlays.labels
    assert labels is not None
    moved = np.roll(labels[3, 4], 1, axis=0)
    assert desk.review.edit(Redraw(Gesture.CARRY_PHASES, {(3, 4): moved}))

    def signs() -> str:
        return "".join(row.findChildren(QLabel)[0].text() for row in _rows(doubtful)).rstrip("·")

    before = signs()
    assert "?" in before
    assert before == "".join(sorted(before, key="?!".index))  # frames that were carried are a `?`
    first = desk.doubts.open[0]
    qtbot.keyClick(desktop.window, Qt.Key.Key_F4)
    qtbot.keyClick(desktop.window, Qt.Key.Key_F5)
    assert signs() == before[1:] + "✓"
    assert desk.doubts.doubts[-1].key == first.key


def test_that_nothing_is_signed_without_a_name_and_a_reason_for_each_open_doubt(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_F9)
    sheet = _sheet(desktop)
    assert sheet.reasons
    assert not sheet.sign.isEnabled()
    sheet.name.setText("Dr Ada Wall")
    assert not sheet.sign.isEnabled()
    for reason in sheet.reasons.values():
        reason.setText("seen")
    assert sheet.sign.isEnabled()
    sheet.name.setText("  ")
    assert not sheet.sign.isEnabled()
    sheet.reject()
    assert not doubtful.desk.review.locked


def test_that_the_sheet_counts_the_warnings_that_are_open(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*severities: Severity) -> str:
        doubts = tuple(Doubt(str(n), Message("odd", "Odd."), one) for n, one in enumerate(severities))
        monkeypatch.setattr(reviewed.desk.doubts, "doubts", doubts)
        qtbot.keyClick(desktop.window, Qt.Key.Key_F9)
        sheet = _sheet(desktop)
        texts = [label.text() for label in sheet.findChildren(QLabel)]
        assert not sheet.reasons  # warnings need none
        sheet.reject()
        return next((text for text in texts if "still open" in text), "")

    assert told() == ""
    assert told(Severity.WARNING) == "1 warning is still open; it puts no number in doubt."
    assert told(Severity.WARNING, Severity.WARNING) == "2 warnings are still open; none puts a number in doubt."


def test_that_a_signed_study_is_locked_exported_as_signed_and_amended_as_another_version(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage, tmp_path: Path
) -> None:
    desk, window = doubtful.desk, desktop.window
    tools = doubtful.correction.tools.items()
    assert all(button.isEnabled() for button in doubtful.correction.tools.values())
    left = len(desk.doubts.open)
    _sign(desktop, qtbot, doubtful)
    assert "Signed by Dr Ada Wall" in doubtful.banner.status.text()
    assert doubtful.banner.status.text().endswith(f" · {left} open")
    assert [name for name, button in tools if button.isEnabled()] == [name for name in ToolName if name.measures]
    assert not any(window.actions_by_name[name].isEnabled() for name in ("undo", "drop_slice", "set_ed", "push"))
    assert doubtful.banner.exported.text() == "Not exported"
    assert not desk.review.edit(DropSlice(2))
    assert "signed" in doubtful.messages.text.text()
    assert not window.actions_by_name["sign"].isEnabled()

    window.saving.ask_folder = lambda _: tmp_path / "out"
    doubtful.messages.hide()
    qtbot.keyClick(window, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not desk.review.not_exported, timeout=LONG_MS)
    assert doubtful.banner.exported.text() == ""
    (page,) = (tmp_path / "out").rglob("results.json")
    document = json.loads(page.read_text(encoding="utf-8"))
    assert document["status"]["state"] == "signed"
    assert document["status"]["signature"]["name"] == "Dr Ada Wall"
    assert verify_results(page.parent).faults == ()

    window.actions_by_name["amend"].trigger()
    box = next(one for one in window.findChildren(QInputDialog) if one.isVisible())
    box.setTextValue("the rate was wrong")
    box.accept()
    qtbot.waitUntil(lambda: not desk.review.locked)
    assert "In review" in doubtful.banner.status.text()
    assert desk.review.edit(DropSlice(2))
    session = desk.review.session
    assert session is not None
    assert session.standing.version == 2
    assert desk.keeping.kept is not None
    assert desk.keeping.kept.signature(1) is not None


def test_that_a_signed_study_is_signed_when_it_is_opened_again_and_the_name_is_known(
    desktop: Desktop, qtbot: QtBot, doubtful: StudyPage
) -> None:
    path = doubtful.desk.path
    _sign(desktop, qtbot, doubtful)
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, CTRL)
    qtbot.waitUntil(lambda: not desktop.leaving)
    desktop.open(path)
    page = page_when(desktop, qtbot, lambda desk: desk.review.result is not None and not desk.operations.busy)
    assert page.desk.review.locked
    assert "Signed by Dr Ada Wall" in page.banner.status.text()
    assert desktop.store is not None
    assert desktop.store.worklist()[0].status is Status.SIGNED
    assert page.desk.review.session is not None
    assert page.desk.review.session.person.organisation == "Heart Centre"


def test_that_a_click_answers_as_a_key_does(doubtful: StudyPage, qtbot: QtBot) -> None:
    doubts = doubtful.desk.doubts
    number = len(doubts.open)
    doubts.go_next()
    frame = doubtful.findChild(QFrame, "current-doubt")
    assert frame is not None
    accept = next(one for one in frame.findChildren(QPushButton) if one.text() == "Accept")
    qtbot.mouseClick(accept, LEFT)
    assert len(doubts.open) == number - 1


@pytest.mark.parametrize("by_click", [False, True])
def test_that_a_doubt_is_answered_by_what_was_corrected_or_by_dropping_the_slice(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation, by_click: bool
) -> None:
    desk, doubts = reviewed.desk, reviewed.desk.doubts
    unsure = phantom_segmentation.confidence.copy()
    unsure[4, 6] = 0.1
    desk.review.adopt(replace(phantom_segmentation, confidence=unsure))
    ed = desk.review.result.moments.ed  # type: ignore[union-attr]
    assert ed is not None
    place = (3, ed)
    assert desk.review.edit(redraw_one(Gesture.DELETE, place, np.zeros_like(desk.overlays.labels[place])))  # type: ignore[index]

    def hole(side: str) -> Doubt | None:
        return next((one for one in doubts.open if one.code == "empty_slice_inside" and one.key.endswith(side)), None)

    def answer(answer: Answer) -> None:
        if not by_click:
            qtbot.keyClick(desktop.window, KEYS[answer])
            return
        frame = reviewed.findChild(QFrame, "current-doubt")
        assert frame is not None
        said = answer_name(answer, asking=True)
        qtbot.mouseClick(next(one for one in frame.findChildren(QPushButton) if one.text() == said), LEFT)

    qtbot.waitUntil(lambda: hole("lv") is not None and hole("rv") is not None, timeout=LONG_MS)
    left, right = hole("lv"), hole("rv")
    assert left is not None
    assert right is not None
    doubts.go_to(left)
    assert (desk.cursor.slice, desk.cursor.phase) == place
    assert marked(reviewed, place)
    answer(Answer.CORRECTED)
    assert hole("lv") is None
    assert hole("rv") is not None  # the same fact of the other ventricle is another question
    assert desk.review.present is not None
    assert desk.review.present.answers == {left.key: "corrected"}
    last = odd("last", slices=(apical(reviewed),))
    doubts.doubts = (last, *doubts.doubts)
    doubts.go_to(last)
    answer(Answer.DROPPED)
    assert desk.review.present.dropped == set(last.slices)
    assert desk.review.present.answers[last.key] == "dropped"
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)  # the drop and its mark are one step
    assert desk.review.present.dropped == frozenset()
    assert hole("rv") is not None
    for one in doubts.open:  # whatever is said of this frame
        doubts.go_to(one)
        answer(Answer.ACCEPTED)
    assert not doubts.open
    assert not marked(reviewed, place)  # what is answered is no longer marked


def test_that_leaving_out_is_no_answer_where_nothing_is_outlined(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    desk, doubts = reviewed.desk, reviewed.desk.doubts
    labels = phantom_segmentation.labels.copy()
    labels[5] = 0
    desk.review.adopt(replace(phantom_segmentation, labels=labels))
    gap, full = odd("gap", slices=(5,)), odd("full", slices=(apical(reviewed),))
    monkeypatch.setattr(doubts, "doubts", (gap, full))
    for doubt, offered in ((gap, {"Accept", "Corrected"}), (full, {"Accept", "Corrected", "Drop"})):
        doubts.go_to(doubt)
        frame = reviewed.findChild(QFrame, "current-doubt")
        assert frame is not None
        assert {one.text() for one in frame.findChildren(QPushButton)} == offered
    doubts.go_to(gap)
    qtbot.keyClick(desktop.window, Qt.Key.Key_F7)
    assert "Nothing is outlined" in reviewed.messages.text.text()
    assert desk.review.present is not None
    assert not desk.review.present.dropped


def test_that_the_difference_to_the_model_is_told(reviewed: StudyPage, phantom_segmentation: Segmentation) -> None:
    assert difference_text(reviewed.desk) == "The result is the model’s own."
    frame = phantom_segmentation.labels[3, 0] * 0
    reviewed.desk.review.edit(redraw_one(Gesture.DELETE, (3, 0), frame))
    assert "1 frame redrawn" in difference_text(reviewed.desk)
    assert "LV EDV −" in difference_text(reviewed.desk)


def _signed_ef(desktop: Desktop, qtbot: QtBot, side: str) -> str:
    qtbot.keyClick(desktop.window, Qt.Key.Key_F9)
    sheet = _sheet(desktop)
    told = next(one.text() for one in sheet.findChildren(QLabel) if one.text().startswith(f"{side} EF "))
    sheet.reject()
    return told


def test_that_who_signs_sees_both_ejection_fractions_beside_the_models_own(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    heads = reviewed.numbers.heads
    ai = {side: heads[side].value.text().rstrip("?") for side in Ventricle}
    for side in Ventricle:  # unchanged: told all the same
        assert _signed_ef(desktop, qtbot, side.name).count(ai[side]) == 2
    es = reviewed.desk.review.phase_of(Moment.ES)
    assert es is not None
    reviewed.desk.review.edit(SetPhase(Moment.ES, es + 2))
    for side in Ventricle:
        now = heads[side].value.text().rstrip("?")
        assert now != ai[side]
        told = _signed_ef(desktop, qtbot, side.name)
        assert told.startswith(f"{side.name} EF {now} ")
        assert f"the model’s own {ai[side]} %" in told


def test_that_the_signature_tells_which_choices_made_the_difference(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    desk, last = reviewed.desk, apical(reviewed)
    es = desk.review.phase_of(Moment.ES)
    assert es is not None
    desk.review.edit(ToggleSlice(last, Moment.ED))
    desk.review.edit(DropSlice(last - 1))
    desk.review.edit(SetPhase(Moment.ES, es + 1))
    qtbot.keyClick(desktop.window, Qt.Key.Key_F9)
    told = next(one.text() for one in _sheet(desktop).findChildren(QLabel) if "Against the model" in one.text())
    assert f"slice {last + 1} left out at ED" in told
    assert f"slice {last} dropped at every phase" in told
    assert f"ES {es + 1}→{es + 2}" in told
    assert "redrawn" not in told
    assert "LV Mass −" in told


def test_that_each_finding_has_two_lines_at_most_until_it_is_asked_for(doubtful: StudyPage, qtbot: QtBot) -> None:
    rows = _rows(doubtful)
    assert rows
    for row in rows:
        assert isinstance(row.text, FewLines)
        assert row.text.toolTip() == row.sentence
        lines = row.text.shown_lines(row.text.width())
        assert len(lines) <= 2
        assert row.text.height() >= len(lines) * row.text.fontMetrics().lineSpacing()
    two = next(row for row in rows if len(row.text.shown_lines(row.text.width())) == 2)
    assert not two.text.shown_lines(two.text.width())[0].endswith("…")
    sentence = rows[0].sentence
    qtbot.mouseClick(rows[0], LEFT)
    opened = [row for row in _rows(doubtful) if not isinstance(row.text, FewLines)]
    assert len(opened) == 1
    assert opened[0].sentence.startswith(sentence)  # and by how much it is expected to be off
    assert doubtful.desk.doubts.current is not None
    assert {button.text() for button in opened[0].findChildren(QPushButton)} >= {"Accept"}


def test_that_a_remark_opens_and_closes(reviewed: StudyPage, qtbot: QtBot) -> None:
    reviewed.desk.review.edit(DropSlice(2))
    remark = next(row for row in _rows(reviewed) if "dropped" in row.sentence)
    link = remark.findChild(QToolButton)
    assert link is not None
    for opened in (True, False):
        row = next(row for row in _rows(reviewed) if "dropped" in row.sentence)
        qtbot.mouseClick(row, LEFT)
        qtbot.waitUntil(
            lambda opened=opened: (
                opened
                is not isinstance(next(one for one in _rows(reviewed) if "dropped" in one.sentence).text, FewLines)
            )
        )
