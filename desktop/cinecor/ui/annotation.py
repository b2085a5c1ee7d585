"""What is written over images: orientation letters, rulers in mm, and the corners' text."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTransform

from cinecor.study.stack import StackGeometry
from cinecor.ui.desk import StudyDesk
from cinecor.ui.moment_names import moments_by_phase
from cinecor.ui.texts import tr

_INK = QColor("#e8ebef")
_SHADE = QColor(0, 0, 0, 190)
_MARGIN = 10.0
_RULER_MM = 10
_LONGEST_RULER = 0.55  # of the view's height or width


def direction_letters(vector: NDArray[np.float64]) -> str:
    """Name a direction in patient space (LPS) by up to two letters, the strongest first: "L", "AL"."""
    letters = (("R", "L"), ("A", "P"), ("F", "H"))  # LPS grows to the left, the back and the head
    named = []
    for axis in np.argsort(-np.abs(vector)):
        if abs(vector[axis]) < 0.38:
            break
        named.append(letters[axis][int(vector[axis] > 0)])
    return "".join(named[:2])


def paint_orientation(painter: QPainter, area: QRectF, geometry: StackGeometry) -> None:
    """Write at each edge which side of the patient it is."""
    inner = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    align = Qt.AlignmentFlag
    for vector, flags in (
        (geometry.column_axis, align.AlignRight | align.AlignVCenter),
        (-geometry.column_axis, align.AlignLeft | align.AlignVCenter),
        (geometry.row_axis, align.AlignBottom | align.AlignHCenter),
        (-geometry.row_axis, align.AlignTop | align.AlignHCenter),
    ):
        shaded_text(painter, inner, flags, direction_letters(vector), bold=True)


def paint_rulers(painter: QPainter, area: QRectF, to_screen: QTransform, spacing_mm: tuple[float, float]) -> None:
    """Draw a ruler with a tick each centimetre at the right and the lower edge."""
    row_mm, column_mm = spacing_mm
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for mm, horizontal in ((abs(to_screen.m11()) / column_mm, True), (abs(to_screen.m22()) / row_mm, False)):
        room = (area.width() if horizontal else area.height()) * _LONGEST_RULER
        ticks = min(10, int(room / (mm * _RULER_MM)))
        if ticks < 1:
            continue
        length = ticks * _RULER_MM * mm
        if horizontal:
            start = QPointF(area.center().x() - length / 2, area.bottom() - 34)
            step, tick = QPointF(_RULER_MM * mm, 0), QPointF(0, 5)
        else:
            start = QPointF(area.right() - 40, area.center().y() - length / 2)
            step, tick = QPointF(0, _RULER_MM * mm), QPointF(5, 0)
        lines = [QLineF(start, start + step * ticks)]
        for number in range(ticks + 1):
            at = start + step * number
            lines.append(QLineF(at, at + tick * (1.6 if number % 5 == 0 else 1)))
        for colour, width in ((_SHADE, 3.0), (_INK, 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(lines)
        if horizontal:
            end = start + step * ticks + QPointF(8, -8)
            shaded_text(painter, QRectF(end, end + QPointF(60, 16)), Qt.AlignmentFlag.AlignLeft, f"{ticks} cm")
    painter.restore()


def paint_corners(painter: QPainter, area: QRectF, desk: StudyDesk, *, zoom: float) -> None:
    """Write where the cursor is, how the pixels are shown, and that this is for research."""
    assert desk.study is not None
    stack, cursor = desk.study.stack, desk.cursor
    inner = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    place = tr("corner.slice", slice=cursor.slice, last=cursor.last_slice)
    if cursor.slice in (0, cursor.last_slice) and stack.nifti_ndim is None and cursor.last_slice > 0:
        place += " · " + tr("corner.base" if cursor.slice == 0 else "corner.apex")
    phase = tr("corner.phase", phase=cursor.phase, last=stack.phases - 1)
    if stack.phase_times_ms is not None:
        phase += f" · {stack.phase_times_ms[cursor.phase]:.0f} ms"
    moment = moments_by_phase(desk.measures).get(cursor.phase)
    if moment is not None:
        phase += f" · {moment}"
    align = Qt.AlignmentFlag
    shaded_text(painter, inner, align.AlignLeft | align.AlignTop, f"{place}\n{phase}")
    shade = tr("corner.level", width=f"{desk.level.width:.0f}", level=f"{desk.level.level:.0f}")
    shaded_text(painter, inner, align.AlignRight | align.AlignTop, f"{shade}\n{100 * zoom:.0f} %")


def shaded_text(painter: QPainter, area: QRectF, flags: Qt.AlignmentFlag, text: str, *, bold: bool = False) -> None:
    """Write text that stays readable over any image."""
    painter.save()
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Medium)
    painter.setFont(font)
    painter.setPen(_SHADE)
    for dx, dy in ((1, 1), (-1, -1)):
        painter.drawText(area.translated(dx, dy), flags, text)
    painter.setPen(_INK)
    painter.drawText(area, flags, text)
    painter.restore()
