"""Where things of a widget lie on the screen, in pixels of the screen whatever its scale."""

from PySide6.QtCore import QLineF, QPoint, QPointF
from PySide6.QtWidgets import QWidget


def on_screen(widget: QWidget, at: QPointF | QPoint) -> list[float]:
    """Return where a point of a widget lies: x, y."""
    there, ratio = widget.mapToGlobal(QPointF(at)), widget.devicePixelRatioF()
    return [there.x() * ratio, there.y() * ratio]


def area_of(widget: QWidget) -> list[float]:
    """Return where a widget lies: left, top, width, height."""
    ratio = widget.devicePixelRatioF()
    return [*on_screen(widget, QPointF(0, 0)), widget.width() * ratio, widget.height() * ratio]


def line_within(widget: QWidget, line: QLineF) -> list[list[float]] | None:
    """Return the ends on the screen of what of a line lies well within a widget; None where nothing does."""
    inner = widget.rect().adjusted(12, 12, -12, -12)
    steps = [line.pointAt(part / 40) for part in range(41)]
    seen = [one for one in steps if inner.contains(one.toPoint())]
    return [on_screen(widget, seen[0]), on_screen(widget, seen[-1])] if len(seen) > 1 else None
