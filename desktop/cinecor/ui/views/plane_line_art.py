"""`PlaneLine`: where another plane cuts an image: drawn over it, and named at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from cinecor.ui.views.valve_drag import mapped
from cinecor.ui.views.written import Written

_FAINT: Final = QColor(255, 255, 255, 110)
_STRONG: Final = QColor(255, 255, 255, 220)
_DASHES: Final = (6.0, 5.0)
_ACROSS_PX, _DOWN_PX = 88.0, 34.0  # from the edges: beyond stand letters and rulers
_ROOM: Final = QSizeF(160.0, 24.0)


@dataclass(frozen=True, slots=True, eq=False)
class PlaneLine:
    """A line in an image by its ends (2, 2: x and y in pixels), and what the plane is called that cuts it there."""

    ends_px: NDArray[np.float64]
    name: str
    strong: bool = False  # the mouse is in that plane


def paint_plane_lines(painter: QPainter, to_screen: QTransform, lines: Sequence[PlaneLine]) -> None:
    """Draw where other planes cut an image; the picture stays readable."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for line in lines:
        pen = QPen(_STRONG if line.strong else _FAINT, 1.4 if line.strong else 1.0)
        pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawLine(mapped(line.ends_px, to_screen))
    painter.restore()


def write_plane_names(written: Written, area: QRectF, to_screen: QTransform, lines: Sequence[PlaneLine]) -> None:
    """Write the planes' names at that end of their lines at which there is room, if there is."""
    inner = area.adjusted(_ACROSS_PX, _DOWN_PX, -_ACROSS_PX, -_DOWN_PX)
    for line in lines:
        for end in _ends_within(mapped(line.ends_px, to_screen), inner):
            room = QRectF(QPointF(), _ROOM)
            room.moveCenter(end)
            if written.write(Qt.AlignmentFlag.AlignCenter, line.name, area=room):
                break


def _ends_within(line: QLineF, area: QRectF) -> tuple[QPointF, ...]:
    """Return where a line enters an area and leaves it; nothing where it does not."""
    start, end = 0.0, 1.0
    for at, step, low, high in (
        (line.x1(), line.dx(), area.left(), area.right()),
        (line.y1(), line.dy(), area.top(), area.bottom()),
    ):
        if abs(step) < 1e-9:
            if not low <= at <= high:
                return ()
            continue
        near, far = sorted(((low - at) / step, (high - at) / step))
        start, end = max(start, near), min(end, far)
    return (line.pointAt(start), line.pointAt(end)) if start < end else ()
