"""What a study's first outlines and numbers bring with them, and in which order it is shown."""

import threading
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.message import Message
from cinecor.progress import Progress
from cinecor.review import Body, DropSlice, SetBody, review_result
from cinecor.review.segmented_review import segmented_review
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS


class _Paintings(QObject):
    """Notes which of some widgets is painted, in order; once each until `forget`."""

    def __init__(self, widgets: dict[str, QWidget]) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._names = {id(widget): name for name, widget in widgets.items()}
        for widget in widgets.values():
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt names it
        name = self._names.get(id(watched))
        if event.type() is QEvent.Type.Paint and name is not None and name not in self.seen:
            self.seen.append(name)
        return False


def _watched(page: StudyPage) -> _Paintings:
    ef = page.numbers.cells["lv.ef_percent"]
    return _Paintings({"image": page.cine, "numbers": ef, "matrix": page.matrix, "curves": page.curves.viewport()})


def test_that_the_image_of_a_first_result_is_painted_before_its_numbers_and_these_before_matrix_and_curves(
    opened: StudyPage, qtbot: QtBot, phantom_segmentation: Segmentation
) -> None:
    QApplication.processEvents()
    painted = _watched(opened)
    opened.desk.review.adopt(phantom_segmentation)
    assert opened.numbers.cells["lv.ef_percent"].text() != "–", "every view holds the result from the first moment"
    assert opened.curves.counted == {}
    assert any(line.isVisible() for line in opened.curves.moments.values())
    qtbot.waitUntil(lambda: len(painted.seen) == 4, timeout=LONG_MS)
    assert painted.seen[:2] == ["image", "numbers"]


def test_that_a_later_result_is_painted_everywhere_at_once(
    opened: StudyPage, qtbot: QtBot, phantom_segmentation: Segmentation
) -> None:
    review = opened.desk.review
    review.adopt(phantom_segmentation)
    assert not opened.matrix.updatesEnabled(), "the first one is painted part by part"
    review.edit(SetBody(Body(60.0, 175.0, 74.0)))  # before the parts have had their turn
    assert all(view.updatesEnabled() for view in (opened.numbers, opened.matrix, opened.curves))
    labels = phantom_segmentation.labels.copy()
    labels[-1] = 0
    review.adopt(replace(phantom_segmentation, labels=labels))
    assert all(view.updatesEnabled() for view in (opened.numbers, opened.matrix, opened.curves))
    painted = _watched(opened)
    qtbot.waitUntil(lambda: len(painted.seen) == 4, timeout=LONG_MS)


def test_that_numbers_made_in_the_background_are_taken_as_they_are(
    opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    review = opened.desk.review
    made = segmented_review(review.decided, phantom_segmentation)
    assert review.adopt(phantom_segmentation, made=made)
    assert review.result is made.result
    assert review.session is not None
    assert review.session.live is made.live


def test_that_what_was_decided_while_numbers_were_made_is_counted_anew(
    opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    review = opened.desk.review
    made = segmented_review(review.decided, phantom_segmentation)
    assert review.edit(DropSlice(2))
    assert review.adopt(phantom_segmentation, made=made)
    assert review.decided is not None
    assert review.result is not None
    assert made.result is not None
    wanted = review_result(review.decided)
    assert wanted is not None
    assert review.result.measurements.lv == wanted.measurements.lv
    assert review.result.measurements.lv.edv_ml != made.result.measurements.lv.edv_ml
    assert review.session is not None
    assert review.session.live is not None
    assert review.session.live.measurements.lv == wanted.measurements.lv


def test_that_outlines_that_stayed_while_the_model_finished_are_not_traced_again(
    opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    overlays, labels = opened.desk.overlays, phantom_segmentation.labels
    overlays.begin(labels.shape)
    other = labels[:, 1].copy()
    other[4] = 0
    for phase, shown in ((0, labels[:, 0]), (1, other)):
        overlays.take(
            OutlinedFrames.of(
                phase,
                range(len(labels)),
                labels=shown,
                confidence=phantom_segmentation.confidence[:, phase],
                final=True,
            )
        )
    kept, changed = overlays.at((4, 0)), overlays.at((4, 1))
    opened.desk.review.adopt(phantom_segmentation)
    now, anew = overlays.at((4, 0)), overlays.at((4, 1))
    assert kept is not None
    assert now is not None
    assert changed is not None
    assert anew is not None
    assert now.paths[Label.LV] is kept.paths[Label.LV]
    assert changed.paths[Label.LV].isEmpty()
    assert not anew.paths[Label.LV].isEmpty()


def test_that_the_progress_bar_does_not_paint_the_window_while_it_is_told_of_progress(
    opened: StudyPage, desktop: Desktop
) -> None:
    QApplication.processEvents()
    painted = _watched(opened)
    operations = opened.desk.operations
    going = threading.Event()
    operation = operations.start("test", lambda _: going.wait())
    opened.cine.update()
    operation.report(Progress(Message("reading", "Reading"), 3, 10))
    desktop.window.strip.show_desk(opened.desk)
    assert painted.seen == []
    going.set()
