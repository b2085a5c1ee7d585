"""`CineView`: one slice, large; scrub, window and level, zoom and pan with the mouse."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.measure.heart_box import heart_box
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.annotation import paint_corners, paint_orientation, paint_rulers
from cinecor.ui.views.frame_art import fitted, paint_frame
from cinecor.ui.views.image_view import ImageView

_SCRUB_PX = 14.0  # of mouse travel a phase
_SLICE_PX = 28.0  # a slice
_LEVEL_PX = 400.0  # for one width of the window
_ZOOM = (1.0, 16.0)
_WHEEL_STEP = 120
_HEART_SHARE = 0.72  # of the view that the heart fills when zoomed to


class CineView(ImageView):
    """Left drag scrubs, right drag changes window and level, middle or Shift drag pans, the wheel changes the slice."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(desk, theme, name=tr("view.cine"), smallest=QSize(220, 220), parent=parent)
        self.zoom = 1.0
        self.centre_px: QPointF | None = None
        self._drag: tuple[Qt.MouseButton, QPointF] | None = None
        self._carry = QPointF()
        self._wheel = 0

    # -- painting

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        desk, settings = self._desk, self._desk.settings
        assert desk.study is not None
        stack, place = desk.study.stack, (desk.cursor.slice, desk.cursor.phase)
        to_screen, overlay = self.to_screen(area), desk.overlay(place)
        paint_frame(
            painter,
            to_screen,
            frame=stack.pixels[place],
            level=desk.level,
            style=self.style_now,
            overlay=overlay,
        )
        if settings.flag("orientation"):
            paint_orientation(painter, area, stack.geometry)
        if settings.flag("rulers"):
            paint_rulers(painter, area, to_screen, stack.geometry.pixel_spacing_mm)
        paint_corners(painter, area, desk, zoom=self.zoom, caveat=None if overlay is None else overlay.caveat)

    def to_screen(self, area: QRectF | None = None) -> QTransform:
        """Give the transform from pixels (column, row) to the widget."""
        assert self._desk.study is not None
        stack = self._desk.study.stack
        return fitted(
            stack.columns,
            stack.rows,
            stack.geometry.pixel_spacing_mm,
            QRectF(self.rect()) if area is None else area,
            zoom=self.zoom,
            centre_px=self.centre_px,
        )

    # -- what the user may change

    def start_afresh(self) -> None:
        self.fit()

    def fit(self) -> None:
        """Show the whole image."""
        self.zoom, self.centre_px = 1.0, None
        self.update()

    def zoom_to_heart(self) -> None:
        """Show the heart as large as it fits; the whole image where there are no labels."""
        desk = self._desk
        box = heart_box(desk.labels)
        if desk.study is None or box is None:
            self.fit()
            return
        stack = desk.study.stack
        self.centre_px = QPointF(*box.centre)
        share = min(stack.rows / box.height, stack.columns / box.width)
        self.zoom = min(_ZOOM[1], max(_ZOOM[0], _HEART_SHARE * share))
        self.update()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in or out about a point of the widget, which stays where it is."""
        if self._desk.study is None:
            return
        about = about or QPointF(self.rect().center())
        before = self.to_screen().inverted()[0].map(about)
        self.zoom = min(_ZOOM[1], max(_ZOOM[0], self.zoom * factor))
        if self.zoom == _ZOOM[0]:
            self.centre_px = None
        else:
            after = self.to_screen().inverted()[0].map(about)
            self.centre_px = self._centre() + before - after
        self.update()

    def _centre(self) -> QPointF:
        assert self._desk.study is not None
        stack = self._desk.study.stack
        return self.centre_px or QPointF(stack.columns / 2, stack.rows / 2)

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button = event.button()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and button == Qt.MouseButton.LeftButton:
            button = Qt.MouseButton.MiddleButton
        self._drag, self._carry = (button, event.position()), QPointF()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None or self._desk.study is None:
            return
        button, last = self._drag
        moved = event.position() - last
        self._drag = (button, event.position())
        if button == Qt.MouseButton.LeftButton:
            self._scrub(moved)
        elif button == Qt.MouseButton.RightButton:
            self._desk.set_level(
                self._desk.level.dragged(level_by=moved.y() / _LEVEL_PX, width_by=moved.x() / _LEVEL_PX)
            )
        elif button == Qt.MouseButton.MiddleButton and self.zoom > _ZOOM[0]:
            to_pixels = self.to_screen().inverted()[0]
            self.centre_px = self._centre() - (to_pixels.map(moved) - to_pixels.map(QPointF()))
            self.update()

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, _: QMouseEvent) -> None:
        self.fit()

    def _scrub(self, moved: QPointF) -> None:
        self._carry += moved
        phases, slices = int(self._carry.x() / _SCRUB_PX), int(self._carry.y() / _SLICE_PX)
        self._carry -= QPointF(phases * _SCRUB_PX, slices * _SLICE_PX)
        if phases or slices:
            self._desk.cursor.step(slices=slices, phases=phases)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1.0015**turned, event.position())
        else:
            self._wheel += turned
            steps = int(self._wheel / _WHEEL_STEP)
            self._wheel -= steps * _WHEEL_STEP
            if steps:
                self._desk.cursor.step(slices=-steps)
        event.accept()
