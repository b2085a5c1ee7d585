"""`paint_frame`: one routine that paints image, labels and outlines, for every view and for exported pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.scene.level_window import LevelWindow
from cinecor.ui.look.device_ratio import device_ratio
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.theme import OVERLAY
from cinecor.ui.study.overlays import Overlay

_ORDER = (Label.RV, Label.MYO, Label.LV)  # the inner line on top
_DASHES = (3.0, 2.5)  # line and gap, in line widths


@dataclass(frozen=True, slots=True)
class Style:
    """How labels are laid over images."""

    fill: bool
    outline: bool
    opacity: float  # of the fill, 0 to 1
    smooth: bool  # interpolate between pixels
    structures: frozenset[Label]

    @classmethod
    def of(cls, settings: Settings, structures: frozenset[Label]) -> "Style":
        """Read the style from the settings."""
        overlay = settings.text("overlay")
        return cls(
            fill=overlay in ("fill", "both"),
            outline=overlay in ("outline", "both"),
            opacity=settings.number("overlay_opacity") / 100,
            smooth=settings.text("interpolation") == "smooth",
            structures=structures,
        )


def label_image(labels: NDArray[np.uint8], style: Style) -> QImage:
    """Return labels (row, column) as an image with one translucent colour a structure."""
    own = np.ascontiguousarray(labels)
    rows, columns = own.shape
    image = QImage(own.data, columns, rows, columns, QImage.Format.Format_Indexed8).copy()
    table = [0, 0, 0, 0]
    for label in style.structures:
        colour = QColor(OVERLAY[label])
        colour.setAlphaF(style.opacity)
        table[label] = colour.rgba()
    image.setColorTable(table)
    return image


def paint_frame(
    painter: QPainter,
    to_screen: QTransform,
    *,
    frame: NDArray[np.float32],
    level: LevelWindow,
    style: Style,
    overlay: Overlay | None,
    line_width: float = 1.6,
) -> None:
    """Paint a frame; `to_screen` brings pixel coordinates (column, row) to those of the painter."""
    rows, columns = frame.shape
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, style.smooth)
    painter.setTransform(to_screen, combine=True)
    target = QRectF(0, 0, columns, rows)
    painter.drawImage(target, grey_image(frame, level))
    if overlay is not None and style.fill:
        _paint_fills(painter, overlay, style)
    if overlay is not None and style.outline:
        paint_outlines(painter, overlay, style, line_width=line_width)
    painter.restore()


def _paint_fills(painter: QPainter, overlay: Overlay, style: Style) -> None:
    """Fill structures as far as their outlines reach, with no steps of pixels; the wall without its cavity."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for label in _ORDER:
        if label in style.structures:
            colour = QColor(OVERLAY[label])
            colour.setAlphaF(style.opacity)
            path = QPainterPath(overlay.paths[label])
            if label is Label.MYO and not path.isEmpty():
                path.addPath(overlay.paths[Label.LV])  # odd-even: what lies within both is outside
            painter.fillPath(path, colour)


def paint_outlines(painter: QPainter, overlay: Overlay, style: Style, *, line_width: float) -> None:
    """Stroke outlines with lines of the same width at any zoom, and on a screen or a picture of any ratio."""
    line_width *= device_ratio(painter)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for label in _ORDER:
        if label in style.structures:
            pen = QPen(QColor(OVERLAY[label]), line_width)
            pen.setCosmetic(True)
            if overlay.caveat is not None:
                pen.setDashPattern(_DASHES)
            painter.setPen(pen)
            painter.drawPath(overlay.paths[label])
