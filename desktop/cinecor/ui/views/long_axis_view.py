"""`LongAxisView`: the stack cut along the left ventricle; base, apex and slices that have shifted show here."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPen, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.inference.outline.segmentation import Label
from cinecor.scene.long_axis import LongAxisPlane, cut_labels, cut_pixels
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.halo import shaded_text
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import HERE, OVERLAY, Theme
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.frame_art import Style, label_image
from cinecor.ui.views.image_view import ImageView

_STEP_DEGREES = 10
_MARGIN = 26.0
_LEAST_BAND = 13.0  # px: below, only the number of the slice under the cursor is written


class LongAxisView(ImageView):
    """Each slice is a band as high as the long axis it stands for; a click goes to a slice, the wheel turns the cut."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(desk, theme, name=tr("Long-axis cut"), smallest=QSize(200, 200), parent=parent)
        desk.cut.changed.connect(self.update)

    @property
    def angle_degrees(self) -> float:
        """How far the cut is turned about the axis from the image's rows."""
        return self._desk.cut.angle_degrees

    def turn(self, degrees: float) -> None:
        """Turn the cut about the long axis."""
        self._desk.cut.turn(degrees)

    def showEvent(self, event: QShowEvent) -> None:
        self._desk.cut.watch(self, shows=True)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._desk.cut.watch(self, shows=False)
        super().hideEvent(event)

    def _lay_plane(self) -> LongAxisPlane:
        plane = self._desk.cut.plane()
        assert plane is not None
        return plane

    # -- painting

    def paint_on(self, painter: QPainter, area: QRectF, *, at: Place | None = None) -> None:
        desk, plane = self._desk, self._lay_plane()
        assert desk.reading.study is not None
        _, phase = self._place(at)
        style = self.style_now
        target = self._target(area, plane)
        pixels = cut_pixels(desk.reading.study.stack.pixels[:, phase], plane)
        labels = None
        if desk.overlays.shown is not None and desk.overlays.shown.outlined[:, phase].any():
            labels = cut_labels(desk.overlays.shown.values[:, phase], plane)
            labels[[not desk.review.counts((index, phase)) for index in range(len(labels))]] = Label.BACKGROUND
        order = self._order(len(pixels))
        pixels = pixels[order]
        labels = None if labels is None else labels[order]
        even = np.allclose(plane.heights_mm, plane.heights_mm[0], rtol=0.02)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, style.smooth)
        if style.smooth and even:
            painter.drawImage(target, grey_image(pixels, desk.level.window))
        for row, index in enumerate(order):
            band = self.band_rect(index, area)
            if not (style.smooth and even):
                painter.drawImage(band, grey_image(pixels[row : row + 1], desk.level.of_slice(index)))
            if labels is not None and style.fill:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
                painter.drawImage(band, label_image(labels[row : row + 1], style))
        self._paint_slices(painter, area, len(pixels))
        if labels is not None and style.outline:
            self._paint_outlines(painter, labels, area, style)
        inner = area.adjusted(10, 8, -10, -8)
        shaded_text(
            painter,
            inner,
            Qt.AlignmentFlag.AlignLeft,
            tr("Long-axis cut · {angle}°", angle=f"{self.angle_degrees:.0f}"),
        )
        if desk.cut.base_is_last is not None:
            for name, top in ((tr("base"), target.top() - 20), (tr("apex"), target.bottom() + 3)):
                beside = QRectF(target.left(), top, target.width(), 18)
                shaded_text(painter, beside, Qt.AlignmentFlag.AlignRight, name)

    def _paint_outlines(self, painter: QPainter, labels: NDArray[np.uint8], area: QRectF, style: Style) -> None:
        """Draw the border of each structure of a cut (slice, column); as slices are bands, it goes in steps."""
        for label in (Label.RV, Label.MYO, Label.LV):
            if label not in style.structures:
                continue
            mask = (labels == label) if label is not Label.MYO else (labels == Label.MYO) | (labels == Label.LV)
            bands = [self.band_rect(index, area) for index in self._order(len(mask))]
            painter.setPen(QPen(QColor(OVERLAY[label]), 1.6))
            painter.drawLines(_steps(mask, bands))

    def _paint_slices(self, painter: QPainter, area: QRectF, slices: int) -> None:
        cursor = self._desk.cursor
        line = QColor(255, 255, 255, 36)
        for index in range(slices):
            band = self.band_rect(index, area)
            painter.setPen(QPen(line, 1))
            painter.drawLine(band.bottomLeft(), band.bottomRight())
            if band.height() < _LEAST_BAND and index != cursor.slice:
                continue  # numbers would lie over each other
            text = QRectF(band.left() - _MARGIN + 2, band.top(), _MARGIN - 6, band.height())
            shaded_text(
                painter, text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(index + 1),
                bold=index == cursor.slice,
            )  # fmt: skip
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(HERE), 1.5))
        painter.drawRect(self.band_rect(cursor.slice, area))

    def _order(self, slices: int) -> list[int]:
        """Return the slices from top to bottom: the base is on top, also of a file whose first slice is the apex."""
        return list(range(slices))[:: -1 if self._desk.cut.base_is_last else 1]

    def band_rect(self, index: int, area: QRectF | None = None) -> QRectF:
        """Return where a slice lies in the view."""
        plane = self._lay_plane()
        target = self._target(QRectF(self.rect()) if area is None else area, plane)
        order = self._order(len(plane.heights_mm))
        heights, row = plane.heights_mm[order], order.index(index)
        ends = np.concatenate([[0.0], np.cumsum(heights)])[row : row + 2] / heights.sum()
        top, bottom = (target.top() + float(end) * target.height() for end in ends)
        return QRectF(target.left(), top, target.width(), bottom - top)

    def _target(self, area: QRectF, plane: LongAxisPlane) -> QRectF:
        """Return where the cut lies, with its true aspect."""
        inner = area.adjusted(_MARGIN, _MARGIN + 4, -_MARGIN, -_MARGIN)
        width_mm, height_mm = plane.row_index.shape[1] * plane.step_mm, float(plane.heights_mm.sum())
        scale = min(inner.width() / width_mm, inner.height() / height_mm)
        target = QRectF(0, 0, width_mm * scale, height_mm * scale)
        target.moveCenter(inner.center())
        return target

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._desk.reading.study is None:
            return
        for index in range(self._desk.reading.study.stack.slices):
            if self.band_rect(index).contains(event.position()):
                self._desk.cursor.go(to_slice=index)
                return

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.turn(_STEP_DEGREES if event.angleDelta().y() > 0 else -_STEP_DEGREES)
        event.accept()


def _steps(mask: NDArray[np.bool_], bands: list[QRectF]) -> list[QLineF]:
    """Return the border of a mask (slice, column) whose slices are drawn as bands."""
    left, width = bands[0].left(), bands[0].width() / mask.shape[1]
    padded = np.pad(mask.astype(np.int8), 1)
    lines = []
    for index, edge in np.argwhere(np.diff(padded[1:-1], axis=1)).tolist():
        x = left + edge * width
        lines.append(QLineF(x, bands[index].top(), x, bands[index].bottom()))
    heights = [band.top() for band in bands] + [bands[-1].bottom()]
    for height, changes in zip(heights, np.diff(padded, axis=0) != 0, strict=True):
        ends = np.flatnonzero(np.diff(changes.astype(np.int8)))
        for start, end in ends.reshape(-1, 2).tolist():
            lines.append(QLineF(left + start * width, height, left + end * width, height))
    return lines
