"""Where the keyboard is: a frame around a view that Tab reached, and which keys a control keeps."""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from cinecor.ui.look.theme import Theme

_Key = Qt.Key
_MOVING: Final = {_Key.Key_Up, _Key.Key_Down, _Key.Key_Left, _Key.Key_Right, _Key.Key_Home, _Key.Key_End}
_NO_TEXT: Final = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class FocusFrame(QWidget):
    """A view that takes the focus; its `paintEvent` ends with `paint_focus`. A mouse needs no such sign."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._framed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._framed = event.reason() in _BY_KEY
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._framed = False
        super().focusOutEvent(event)
        self.update()

    def paint_focus(self, painter: QPainter) -> None:
        """Paint the frame if the view has the focus by the keyboard."""
        if self._framed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))


def keeps_key(focused: QWidget, event: QKeyEvent) -> bool:
    """Return whether a key belongs to the control that has the focus, and so to no shortcut of the window.

    A text field keeps all that is typed, a control what moves or presses it; a click gives neither of them the focus
    but the field.
    """
    if event.modifiers() & _NO_TEXT:
        return False
    key = event.key()
    if isinstance(focused, (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)):
        return bool(event.text().isprintable() and event.text()) or key in (
            *_MOVING, _Key.Key_Return, _Key.Key_Enter, _Key.Key_Delete, _Key.Key_Backspace
        )  # fmt: skip
    if isinstance(focused, QAbstractButton):
        return key == _Key.Key_Space
    if isinstance(focused, QAbstractItemView):
        return key in (*_MOVING, _Key.Key_Space, _Key.Key_Return, _Key.Key_Enter)
    if isinstance(focused, (QAbstractSlider, QComboBox)):
        return key in _MOVING or key == _Key.Key_Space
    return isinstance(focused, QAbstractScrollArea) and bool(focused.property("reached")) and key in _MOVING
