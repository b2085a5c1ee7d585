"""`FirstPainting`: a study's first result is painted part by part, so that the window never stands still for it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from cinecor.ui.study.review_model import ReviewModel

_FRAME_MS: Final = 16  # of the screen


class FirstPainting(QObject):
    """The images at once, then one part a frame of the screen, in the order in which they are looked at.

    Every part holds the result from the first moment; only its painting waits, over a place that showed no result yet.
    A later result is painted everywhere at once: nothing of two results may stand side by side.
    """

    def __init__(self, review: ReviewModel, parts: Sequence[Sequence[QWidget]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review, self._parts = review, parts
        self._waiting: list[Sequence[QWidget]] = []
        self._had_result = review.result is not None
        self._next = QTimer(self)
        self._next.setInterval(_FRAME_MS)
        self._next.timeout.connect(self._paint_next)
        review.changed.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        had, self._had_result = self._had_result, self._review.result is not None
        if had or not self._had_result:
            self.finish()
            return
        self._waiting = list(self._parts)
        for widgets in self._waiting:
            _let_paint(widgets, False)
        self._next.start()

    def finish(self) -> None:
        """Let all that waits be painted now: before it is taken into a picture."""
        while self._waiting:
            self._paint_next()

    @Slot()
    def _paint_next(self) -> None:
        _let_paint(self._waiting.pop(0), True)
        if not self._waiting:
            self._next.stop()


def _let_paint(widgets: Sequence[QWidget], may: bool) -> None:
    for widget in widgets:
        widget.setUpdatesEnabled(may)
