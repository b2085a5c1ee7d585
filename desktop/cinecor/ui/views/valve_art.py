"""`paint_valve`: a valve's line over a long-axis image, with the ends by which it is taken."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cinecor.review.valve.line import Valve
from cinecor.ui.look.halo import shaded_text, text_box
from cinecor.ui.look.texts import N_, tr
from cinecor.ui.look.theme import HERE
from cinecor.ui.study.long_axis_valves import ShownLine

_SHADE = QColor(0, 0, 0, 190)
_HANDLE_PX = 4.0
_DASHES = (2.5, 2.5)
_SHORT = {Valve.MITRAL: N_("MV"), Valve.TRICUSPID: N_("TV")}


def valve_short(valve: Valve) -> str:
    """Return a valve's name in two letters."""
    return tr(_SHORT[valve])


def _label(shown: ShownLine) -> str:
    return valve_short(shown.valve) + ("?" if shown.unsure else "")


def valve_label_box(painter: QPainter, ends: QLineF, shown: ShownLine) -> QRectF:
    """Return where on the screen a valve's name stands."""
    box = text_box(painter, QRectF(), Qt.AlignmentFlag.AlignLeft, _label(shown))
    box.moveBottomLeft(max((ends.p1(), ends.p2()), key=lambda end: end.x()) + QPointF(8, -4))
    return box


def paint_valve(painter: QPainter, ends: QLineF, shown: ShownLine) -> None:
    """Draw a line between `ends` on the screen: full as drawn, hollow ends as followed, dashed where it may be lost."""
    for colour, width in ((_SHADE, 4.0), (QColor(HERE), 1.8)):
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if shown.unsure or shown.waiting:
            pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawLine(ends)
    for end in (ends.p1(), ends.p2()):
        painter.setPen(QPen(_SHADE, 3.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(end, _HANDLE_PX, _HANDLE_PX)
        painter.setPen(QPen(QColor(HERE), 1.6))
        painter.setBrush(QColor(HERE) if shown.drawn else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(end, _HANDLE_PX, _HANDLE_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shaded_text(painter, valve_label_box(painter, ends, shown), Qt.AlignmentFlag.AlignLeft, _label(shown))
