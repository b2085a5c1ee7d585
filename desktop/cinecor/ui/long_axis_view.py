"""`LongAxisView`: the stack cut along the left ventricle; base, apex and slices that have shifted show here."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.app.long_axis import LongAxisPlane, cut_labels, cut_pixels, long_axis_plane, usual_angle_degrees
from cinecor.inference.segmentation import Label
from cinecor.ui.annotation import shaded_text
from cinecor.ui.desk import StudyDesk
from cinecor.ui.frame_art import Style, grey_image, label_image
from cinecor.ui.texts import tr
from cinecor.ui.theme import OVERLAY, Theme

_STEP_DEGREES = 10
_MARGIN = 26.0
_LEAST_BAND = 13.0  # px: below, only the number of the slice under the cursor is written


class LongAxisView(QWidget):
    """Each slice is a band as high as the long axis it stands for; a click goes to a slice, the wheel turns the cut."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.structures = frozenset((Label.RV, Label.MYO, Label.LV))
        self._turned = 0.0
        self._usual = 0.0
        self._plane: LongAxisPlane | None = None
        self._on_labels = False  # whether the plane follows the ventricles already
        self._ends = np.zeros(1)  # of the bands, as shares of the height
        self.setMinimumSize(QSize(200, 200))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("view.long_axis"))
        desk.cursor.moved.connect(self.update)
        desk.opened.connect(self._forget)
        desk.labels_changed.connect(self._labels_changed)
        desk.level_changed.connect(self.update)
        desk.review_changed.connect(self.update)

    @property
    def angle_degrees(self) -> float:
        """How far the cut is turned about the axis from the image's rows."""
        return (self._usual + self._turned) % 180

    def turn(self, degrees: float) -> None:
        """Turn the cut about the long axis."""
        self._turned = (self._turned + degrees) % 180
        self._plane = None
        self.update()

    @Slot()
    def _forget(self) -> None:
        self._plane = None
        self.update()

    @Slot(object)
    def _labels_changed(self, phases: object) -> None:
        if phases is None or (not self._on_labels and self._desk.segmented.all(axis=0).any()):
            self._plane = None
        elif self._desk.cursor.phase not in phases:  # type: ignore[operator]
            return
        self.update()

    def _lay_plane(self) -> LongAxisPlane:
        """The plane is laid once, at ED or at the first phase that has labels, and stays for all phases."""
        if self._plane is None:
            desk = self._desk
            assert desk.study is not None
            phase, labels = 0, None
            done = np.flatnonzero(desk.segmented.all(axis=0))
            if desk.labels is not None and done.size:
                labels, phase = desk.labels, int(done[0])
            if desk.measures is not None and desk.measures.measurements.ed_phase is not None:
                phase = desk.measures.measurements.ed_phase
            if labels is not None:
                self._usual = usual_angle_degrees(labels[:, phase], desk.study.stack.geometry.pixel_spacing_mm)
            self._plane = long_axis_plane(desk.study.stack, labels, phase=phase, angle_degrees=self.angle_degrees)
            self._on_labels = labels is not None
            heights = self._plane.heights_mm
            self._ends = np.concatenate([[0.0], np.cumsum(heights)]) / heights.sum()
        return self._plane

    # -- painting

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#000000"))
        if self._desk.study is not None:
            self.paint_on(painter, QRectF(self.rect()))
        painter.end()

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        """Paint the cut into `area` of any painter."""
        desk, plane = self._desk, self._lay_plane()
        assert desk.study is not None
        phase = desk.cursor.phase
        style = Style.of(desk.settings, self.structures)
        target = self._target(area, plane)
        pixels = cut_pixels(desk.study.stack.pixels[:, phase], plane)
        labels = None
        if desk.labels is not None and desk.segmented[:, phase].any():
            labels = cut_labels(desk.labels[:, phase], plane)
        even = np.allclose(plane.heights_mm, plane.heights_mm[0], rtol=0.02)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, style.smooth)
        if style.smooth and even:
            painter.drawImage(target, grey_image(pixels, desk.level))
        for index in range(len(pixels)):
            band = self.band_rect(index, area)
            if not (style.smooth and even):
                painter.drawImage(band, grey_image(pixels[index : index + 1], desk.level))
            if labels is not None and style.fill:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
                painter.drawImage(band, label_image(labels[index : index + 1], style))
            if labels is not None and style.outline:
                self._paint_edges(painter, labels[index], band, style)
        self._paint_slices(painter, area, len(pixels))
        inner = area.adjusted(10, 8, -10, -8)
        shaded_text(
            painter, inner, Qt.AlignmentFlag.AlignLeft, tr("long_axis.angle", angle=f"{self.angle_degrees:.0f}")
        )

    def _paint_edges(self, painter: QPainter, row: NDArray[np.uint8], band: QRectF, style: Style) -> None:
        """Mark where structures begin and end in a band, with lines as high as the band."""
        width = band.width() / len(row)
        top, bottom = band.top() + 0.5, band.bottom() - 0.5
        for label in (Label.RV, Label.MYO, Label.LV):
            if label not in style.structures:
                continue
            mask = (row == label) if label is not Label.MYO else (row == Label.MYO) | (row == Label.LV)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
            painter.setPen(QPen(QColor(OVERLAY[label]), 1.8))
            for edge in edges.tolist():
                x = band.left() + edge * width
                painter.drawLine(QPointF(x, top), QPointF(x, bottom))

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
                painter, text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(index),
                bold=index == cursor.slice,
            )  # fmt: skip
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("#56b4e9"), 1.5))
        painter.drawRect(self.band_rect(cursor.slice, area))

    def band_rect(self, index: int, area: QRectF | None = None) -> QRectF:
        """Give where a slice lies in the view."""
        plane = self._lay_plane()
        target = self._target(QRectF(self.rect()) if area is None else area, plane)
        top, bottom = (target.top() + float(end) * target.height() for end in self._ends[index : index + 2])
        return QRectF(target.left(), top, target.width(), bottom - top)

    def _target(self, area: QRectF, plane: LongAxisPlane) -> QRectF:
        """Give where the cut lies, with its true aspect."""
        inner = area.adjusted(_MARGIN, _MARGIN + 4, -_MARGIN, -_MARGIN / 2)
        width_mm, height_mm = plane.row_index.shape[1] * plane.step_mm, float(plane.heights_mm.sum())
        scale = min(inner.width() / width_mm, inner.height() / height_mm)
        target = QRectF(0, 0, width_mm * scale, height_mm * scale)
        target.moveCenter(inner.center())
        return target

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._desk.study is None:
            return
        for index in range(self._desk.study.stack.slices):
            if self.band_rect(index).contains(event.position()):
                self._desk.cursor.go(to_slice=index)
                return

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.turn(_STEP_DEGREES if event.angleDelta().y() > 0 else -_STEP_DEGREES)
        event.accept()
