"""`Written`: the texts over one image, which keep apart however small it is."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from cinecor.ui.look.halo import shaded_text, text_box

_APART_PX: Final = 3.0


class Written:
    """Takes texts in the order of their weight: one that would meet an earlier one moves away, or is left out.

    Nothing but the first is written where there is no room for it in the image.
    """

    def __init__(self, painter: QPainter, area: QRectF, *, margin: float, kept_free: Iterable[QRectF] = ()) -> None:
        self._painter, self._area = painter, area
        self._inner = area.adjusted(margin, margin, -margin, -margin)
        self._taken = [QRectF(box) for box in kept_free]

    @property
    def boxes(self) -> tuple[QRectF, ...]:
        """What must be kept free by others."""
        return tuple(self._taken)

    def keep_free(self, box: QRectF) -> None:
        """Write nothing more where something else is drawn."""
        self._taken.append(QRectF(box))

    def write(self, flags: Qt.AlignmentFlag, text: str, *, bold: bool = False, area: QRectF | None = None) -> bool:
        """Write a text at an edge of the image or of a part of it, if there is room; return whether there was."""
        return self._put(flags, text, bold=bold, area=area, way=0)

    def write_beside(self, flags: Qt.AlignmentFlag, text: str, *, bold: bool = False) -> None:
        """Write a text at an edge of the image, moved inwards as far as others stand in its way."""
        self._put(flags, text, bold=bold, area=None, way=-1 if flags & Qt.AlignmentFlag.AlignBottom else 1)

    def _put(self, flags: Qt.AlignmentFlag, text: str, *, bold: bool, area: QRectF | None, way: int) -> bool:
        if not text:
            return False
        box = text_box(self._painter, area or self._inner, flags, text, bold=bold)
        for other in sorted(self._taken, key=lambda one: way * one.center().y()):
            if box.intersects(other):
                if not way:
                    return False
                box.moveTop(other.bottom()) if way > 0 else box.moveBottom(other.top())
        if self._taken and not self._area.contains(box):
            return False
        self._taken.append(box.adjusted(-_APART_PX, 0, _APART_PX, 0))
        sideways = Qt.AlignmentFlag(int(flags) & Qt.AlignmentFlag.AlignHorizontal_Mask.value)
        shaded_text(self._painter, box, sideways | Qt.AlignmentFlag.AlignTop, text, bold=bold)
        return True
