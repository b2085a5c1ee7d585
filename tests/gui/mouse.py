"""Mouse moves with a button held and turns of the wheel, which pytest-qt does not send."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cinecor.ui.views.long_axis_cine_view import LongAxisCineView

NOTHING_HELD = Qt.KeyboardModifier.NoModifier


def move_held(widget: QWidget, start: QPoint, end: QPoint, button: Qt.MouseButton, *, steps: int = 10) -> None:
    """Move the mouse with a button held; press before and release after it."""
    for part in range(1, steps + 1):
        at = QPointF(start) + (QPointF(end) - QPointF(start)) * part / steps
        event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), button, button, NOTHING_HELD)
        QApplication.sendEvent(widget, event)


def turn_wheel(widget: QWidget, at: QPointF, turned: int, held: Qt.KeyboardModifier = NOTHING_HELD) -> None:
    """Turn the wheel by `turned` eighths of a degree; negative is towards the user."""
    nothing, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), QPoint(0, turned), nothing, held, phase, False)
    QApplication.sendEvent(widget, event)


def drag_line(view: LongAxisCineView, ends_px: np.ndarray) -> None:
    """Drag from one point of a cine's image to another: x and y in its pixels (2, 2)."""
    to_screen = view.to_screen(QRectF(view.rect()))
    start, end = (to_screen.map(QPointF(*point)).toPoint() for point in ends_px.tolist())
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
