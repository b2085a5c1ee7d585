"""`LongAxisCineView`: a long-axis cine in step with the short axis, with the lines on which its slices lie."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.scene.crossing import StructureRun, same_moment, structure_runs
from cinecor.scene.level_window import preset
from cinecor.study.image_plane import ImagePlane, crossing_mm, plane_of
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.texts import said, tr
from cinecor.ui.look.theme import HERE, OVERLAY, Theme
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.gestures import WHEEL_STEP
from cinecor.ui.tools.viewport import fitted
from cinecor.ui.views.annotation import shaded_text
from cinecor.ui.views.image_view import ImageView

_MARGIN_MM = 32.0  # around what the slices' structures cover
_LEAST_ZOOM_MM = 90.0
_REACH_PX = 60.0  # how far from a slice's line a press still takes it
_DASHES = (4.0, 4.0)


class LongAxisCineView(ImageView):
    """Shows the moment of the short axis; a line a slice, which a press or drag goes to."""

    def __init__(
        self, desk: StudyDesk, cine: LongAxisCine, plane: ImagePlane, theme: Theme, parent: QWidget | None = None
    ) -> None:
        self.name = said(cine.name)
        super().__init__(desk, theme, name=self.name, smallest=QSize(160, 120), parent=parent)
        assert desk.reading.study is not None
        stack = desk.reading.study.stack
        self._pixels = cine.stack.pixels[cine.stack.slices // 2]  # (phase, row, column)
        self._level = preset("auto", self._pixels)
        self._plane = plane
        self._slices = tuple(plane_of(stack, index) for index in range(stack.slices))
        self._lines = tuple(None if line is None else plane.to_px(line) for line in self._crossings())
        self._seen: QRectF | None = None  # in pixels; None: not known yet, the whole image
        self._wheel = 0.0
        self.setToolTip(tr("{view}: click or drag a line to go to its slice", view=self.name))

    def _crossings(self) -> tuple[NDArray[np.float64] | None, ...]:
        return tuple(crossing_mm(one, self._plane) for one in self._slices)

    @property
    def lines_px(self) -> tuple[NDArray[np.float64] | None, ...]:
        """Where each slice cuts this view: its ends (2, 2: x, y in pixels), or None where it does not."""
        return self._lines

    def runs(self, index: int, phase: int) -> tuple[StructureRun, ...]:
        """Return the pieces of a slice's structures on its line, at a phase of the short axis."""
        shown = self._desk.overlays.shown
        labels = None if shown is None else shown.frame((index, phase))
        return () if labels is None else structure_runs(labels, self._slices[index], self._plane)

    # -- painting

    def take_labels(self, phases: tuple[int, ...] | None) -> None:
        if self._seen is None or phases is None:
            self._seen = self._heart()
        super().take_labels(phases)

    def to_screen(self, area: QRectF) -> QTransform:
        """Return the transform from pixels (x, y) of this view into an area."""
        seen = self._seen
        if seen is None:
            return fitted(self._plane.columns, self._plane.rows, self._plane.pixel_spacing_mm, area)
        return fitted(seen.width(), seen.height(), self._plane.pixel_spacing_mm, area, centre_px=seen.center())

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        desk, style = self._desk, self.style_now
        if desk.reading.study is None:
            return
        phase, stack = desk.cursor.phase, desk.reading.study.stack
        if stack.slices != len(self._slices):
            return  # of a study that has just gone
        if self._seen is None:
            self._seen = self._heart()
        frame = self._pixels[same_moment(phase, phases=stack.phases, of=len(self._pixels))]
        to_screen = self.to_screen(area)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, style.smooth)
        painter.setTransform(to_screen, combine=True)
        painter.drawImage(QRectF(0, 0, self._plane.columns, self._plane.rows), grey_image(frame, self._level))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, line in enumerate(self._lines):
            if line is None:
                continue
            here, counts = index == desk.cursor.slice, desk.review.counts((index, phase))
            pen = QPen(QColor(HERE) if here else QColor(255, 255, 255, 110), 1.4 if here else 0.8)
            if not counts:
                pen.setDashPattern(_DASHES)
            painter.setPen(pen)
            painter.drawLine(_mapped(line, to_screen))
            if style.outline or style.fill:
                self._paint_runs(painter, to_screen, index, phase, strong=here)
        inner = area.adjusted(8, 6, -8, -6)
        shaded_text(painter, inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self.name)

    def _paint_runs(self, painter: QPainter, to_screen: QTransform, index: int, phase: int, *, strong: bool) -> None:
        for run in self.runs(index, phase):
            if run.label in self.structures:
                pen = QPen(QColor(OVERLAY[run.label]), 3.2 if strong else 2.2)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawLine(_mapped(run.ends_px, to_screen))

    def _heart(self) -> QRectF | None:
        """Return what the structures of all slices cover at the first outlined phase, with a margin: in pixels."""
        shown = self._desk.overlays.shown
        if shown is None or not shown.whole_phases.size:
            return None
        phase = int(shown.whole_phases[0])
        ends = [run.ends_px for index in range(len(self._slices)) for run in self.runs(index, phase)]
        if not ends:
            return None
        points = np.concatenate(ends)
        spacing = np.array(self._plane.pixel_spacing_mm[::-1])
        low, high = points.min(axis=0) - _MARGIN_MM / spacing, points.max(axis=0) + _MARGIN_MM / spacing
        short = np.maximum(_LEAST_ZOOM_MM / spacing - (high - low), 0) / 2
        low, high = low - short, high + short
        return QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))

    # -- mouse

    def slice_at(self, position: QPointF) -> int | None:
        """Return the slice whose line lies nearest to a point of the widget."""
        to_screen = self.to_screen(QRectF(self.rect()))
        away = [np.inf if line is None else _distance(_mapped(line, to_screen), position) for line in self._lines]
        nearest = int(np.argmin(away)) if away else 0
        return nearest if away and away[nearest] <= _REACH_PX else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        self._wheel += event.angleDelta().y() / WHEEL_STEP
        notches = int(self._wheel)
        self._wheel -= notches
        if notches:
            self._desk.cursor.step(slices=-notches)

    def _go(self, event: QMouseEvent) -> None:
        index = self.slice_at(event.position())
        if index is not None:
            self._desk.cursor.go(to_slice=index)


def _mapped(line: NDArray[np.float64], to_screen: QTransform) -> QLineF:
    (x1, y1), (x2, y2) = line.tolist()
    return to_screen.map(QLineF(x1, y1, x2, y2))


def _distance(line: QLineF, point: QPointF) -> float:
    """Return how far a point lies from a line's stretch."""
    along = line.p2() - line.p1()
    length = along.x() ** 2 + along.y() ** 2
    to_point = point - line.p1()
    share = 0.0 if length == 0 else (to_point.x() * along.x() + to_point.y() * along.y()) / length
    return QLineF(line.pointAt(min(1.0, max(0.0, share))), point).length()
