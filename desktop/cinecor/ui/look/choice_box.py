"""`ChoiceBox`: a list to choose from that looks like the buttons beside it."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

_ROUND_PX: Final = 4.0
_ARROW: Final = (QPointF(-3.5, -1.75), QPointF(0.0, 1.75), QPointF(3.5, -1.75))


class ChoiceBox(QComboBox):
    """Flat, with a ring while the keys go to it: Fusion's own has a gradient, and shows no focus."""

    def paintEvent(self, _: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        role, palette = QPalette.ColorRole, option.palette
        pointed = self.isEnabled() and bool(option.state & QStyle.StateFlag.State_MouseOver)
        rim, width = (role.Highlight if pointed else role.Mid), 1.0
        if self.hasFocus():
            rim, width = role.Text, 2.0
        painter = QStylePainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.color(rim), width))
        painter.setBrush(palette.button())
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _ROUND_PX, _ROUND_PX)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        part = QStyle.SubControl.SC_ComboBoxArrow
        arrow = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        painter.translate(QRectF(arrow).center())
        painter.setPen(QPen(palette.color(role.ButtonText), 1.4))
        painter.drawPolyline(_ARROW)
        painter.end()
