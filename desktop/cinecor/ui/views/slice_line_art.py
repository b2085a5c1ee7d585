"""The lines on which short-axis slices cut a long-axis image, with what is written at them and how far they lie off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from cinecor.ui.look.halo import shaded_path, shaded_text
from cinecor.ui.look.theme import HERE

_DASHES = (4.0, 4.0)
_HEIGHT_PX = 16.0  # of a note
_ROOM_PX = 4.0  # between two notes
_MARGIN_PX = 8.0
_HEAD_PX = 4.0  # of an arrow
_FAINT = QColor(255, 255, 255, 110)


@dataclass(frozen=True, slots=True)
class SliceLine:
    """One slice's line on the screen."""

    line: QLineF
    here: bool  # the slice under the cursor
    counts: bool
    number: str  # of the slice, with its share below a valve
    offset: str = ""  # of its breath-hold against this view's
    steps: tuple[QLineF, ...] = ()  # from where it shows a border to where this view does


def paint_slice_lines(painter: QPainter, lines: Sequence[SliceLine]) -> None:
    """Draw the lines: the current one strong, those that do not count dashed."""
    for counts in (True, False):
        pen = QPen(_FAINT, 0.8)
        if not counts:
            pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawLines([one.line for one in lines if one.counts is counts and not one.here])
        pen.setColor(QColor(HERE))
        pen.setWidthF(1.4)
        painter.setPen(pen)
        painter.drawLines([one.line for one in lines if one.counts is counts and one.here])


def paint_slice_notes(
    painter: QPainter, area: QRectF, lines: Sequence[SliceLine], *, kept_free: Sequence[QRectF]
) -> None:
    """Write at the ends of the lines what belongs to their slices; where two would overlap the one that tells less
    gives way, and the current slice's never does: it stands below what is `kept_free`."""
    fonts = QFontMetricsF(painter.font())
    kept_free = [free.adjusted(-_ROOM_PX, 0, _ROOM_PX, 0) for free in kept_free]
    taken = [*kept_free]
    align = Qt.AlignmentFlag
    for one, box, side, text in sorted(_notes(lines, area, fonts), key=lambda note: _standing(note[0], note[3])):
        for free in kept_free:
            if one.here and box.intersects(free):
                box.moveTop(free.bottom())
        if one.here or not any(box.intersects(other) for other in taken):
            taken.append(box.adjusted(-_ROOM_PX, 0, _ROOM_PX, 0))
            shaded_text(painter, box, side | align.AlignBottom, text, bold=one.here)


def _standing(one: SliceLine, text: str) -> int:
    """Return what comes first: the current slice, then shares and offsets, then bare numbers."""
    return 0 if one.here else 2 if text.isdigit() else 1


def _notes(
    lines: Sequence[SliceLine], area: QRectF, fonts: QFontMetricsF
) -> list[tuple[SliceLine, QRectF, Qt.AlignmentFlag, str]]:
    """Return where each note would stand: numbers at the left end of a line, offsets at the right one."""
    inner = area.adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
    found = []
    for one in lines:
        ends = within(one.line, inner)
        if ends is None:
            continue
        left, right = sorted((ends.p1(), ends.p2()), key=lambda end: (end.x(), end.y()))
        wide = math.ceil(fonts.horizontalAdvance(one.number)) + 2.0
        found.append((one, _held(QRectF(left.x(), left.y() - 17, wide, _HEIGHT_PX), inner), _LEFT, one.number))
        if one.offset:
            wide = math.ceil(fonts.horizontalAdvance(one.offset)) + 2.0
            box = QRectF(right.x() - wide, right.y() - 17, wide, _HEIGHT_PX)
            found.append((one, _held(box, inner), _RIGHT, one.offset))
    return found


_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


def _held(box: QRectF, area: QRectF) -> QRectF:
    """Return a box moved into an area."""
    x = min(max(box.left(), area.left()), area.right() - box.width())
    y = min(max(box.top(), area.top()), area.bottom() - box.height())
    return QRectF(x, y, box.width(), box.height())


def paint_steps(painter: QPainter, lines: Sequence[SliceLine]) -> None:
    """Draw an arrow from each border that a shifted slice shows to where this view shows it, as long as the step."""
    path = QPainterPath()
    for step in (step for one in lines for step in one.steps):
        path.moveTo(step.p1())
        path.lineTo(step.p2())
        back = QPointF(step.dx(), step.dy()) / max(step.length(), 1e-6) * _HEAD_PX
        across = QPointF(-back.y(), back.x()) * 0.7
        for side in (across, -across):
            path.moveTo(step.p2())
            path.lineTo(step.p2() - back + side)
    if not path.isEmpty():
        shaded_path(painter, path, width=1.2)


def within(line: QLineF, area: QRectF) -> QLineF | None:
    """Return the part of a line that lies within an area; None where none does."""
    first, last = 0.0, 1.0
    for start, step, low, high in (
        (line.x1(), line.dx(), area.left(), area.right()),
        (line.y1(), line.dy(), area.top(), area.bottom()),
    ):
        if abs(step) < 1e-9:
            if not low <= start <= high:
                return None
            continue
        near, far = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, near), min(last, far)
    return QLineF(line.pointAt(first), line.pointAt(last)) if first < last else None
