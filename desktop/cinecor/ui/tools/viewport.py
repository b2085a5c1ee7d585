"""`Viewport`: which part of an image a view shows, how large, and how it is turned."""

import math

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QTransform

from cinecor.measure.heart_box import HeartBox
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.study import CineStack

_ZOOM = (1.0, 16.0)
_HEART_SHARE = 0.72  # of the view that the heart fills when zoomed to


class Viewport(QObject):
    """Zoom 1 fits the whole image into the view; larger is about a pixel in the middle of it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack_shape = (1, 1)
        self._spacing_mm = (1.0, 1.0)
        self.zoom = 1.0
        self.centre_px: QPointF | None = None  # (column, row); None: the image's
        self.turn = AS_TAKEN

    def begin(self, stack: CineStack) -> None:
        """Show the whole of another stack's images."""
        self._stack_shape, self._spacing_mm = (stack.rows, stack.columns), stack.geometry.pixel_spacing_mm
        self.turn = AS_TAKEN
        self.fit()

    def show_turned(self, turn: PictureTurn) -> None:
        """Show the image turned or mirrored, or as it was taken."""
        self.turn = turn
        self.changed.emit()

    def show_as(self, other: "Viewport") -> None:
        """Show the same part of the same stack as another viewport does, turned as there."""
        shown = other.zoom, other.centre_px, other.turn
        if shown != (self.zoom, self.centre_px, self.turn):
            self.zoom, self.centre_px, self.turn = shown
            self.changed.emit()

    def to_screen(self, area: QRectF) -> QTransform:
        """Return the transform from pixels (column, row) into the area of a painter or view."""
        rows, columns = self._stack_shape
        return fitted(columns, rows, self._spacing_mm, area, zoom=self.zoom, centre_px=self.centre_px, turn=self.turn)

    def fit(self) -> None:
        """Show the whole image."""
        self._show(_ZOOM[0], None)

    def zoom_to(self, heart: HeartBox | None) -> None:
        """Show the heart as large as it fits; the whole image where it is not known."""
        if heart is None:
            self.fit()
            return
        rows, columns = self._stack_shape
        self._show(_HEART_SHARE * min(rows / heart.height, columns / heart.width), QPointF(*heart.centre))

    def zoom_by(self, factor: float, *, about: QPointF, area: QRectF) -> None:
        """Zoom in or out about a point of the view, which stays where it is."""
        before = self.to_screen(area).inverted()[0].map(about)
        self.zoom = _within(self.zoom * factor)
        if self.zoom == _ZOOM[0]:
            self.centre_px = None
        else:
            after = self.to_screen(area).inverted()[0].map(about)
            self.centre_px = self._centre() + before - after
        self.changed.emit()

    def move(self, *, rows: float, columns: float) -> None:
        """Bring other pixels into the middle; an image that is shown as a whole stays."""
        if self.zoom > _ZOOM[0]:
            self.centre_px = self._centre() + QPointF(columns, rows)
            self.changed.emit()

    def _show(self, zoom: float, centre_px: QPointF | None) -> None:
        self.zoom, self.centre_px = _within(zoom), centre_px
        self.changed.emit()

    def _centre(self) -> QPointF:
        rows, columns = self._stack_shape
        return self.centre_px or QPointF(columns / 2, rows / 2)


def _within(zoom: float) -> float:
    return min(_ZOOM[1], max(_ZOOM[0], zoom))


def fitted(
    columns: float, rows: float, spacing_mm: tuple[float, float], area: QRectF, *, zoom: float = 1.0,
    centre_px: QPointF | None = None, turn: PictureTurn = AS_TAKEN,
) -> QTransform:  # fmt: skip
    """Return the transform that fits an image into `area` with its true aspect, `zoom` times larger about a point.

    `spacing_mm` is (between rows, between columns), as DICOM's PixelSpacing; the image is turned about the point.
    """
    row_mm, column_mm = spacing_mm
    across_mm, down_mm = columns * column_mm, rows * row_mm
    if turn.sideways:
        across_mm, down_mm = down_mm, across_mm
    scale = min(area.width() / across_mm, area.height() / down_mm) * zoom
    centre = centre_px or QPointF(columns / 2, rows / 2)
    transform = QTransform()
    transform.translate(area.center().x(), area.center().y())
    transform = QTransform(*turn.across, *turn.down, 0, 0) * transform
    transform.scale(scale * column_mm, scale * row_mm)
    transform.translate(-centre.x(), -centre.y())
    return transform


def px_per_mm(to_screen: QTransform, spacing_mm: tuple[float, float]) -> float:
    """Return how many pixels of the screen a millimetre is, in a view that shows images in their true aspect."""
    return math.hypot(to_screen.m11(), to_screen.m12()) / spacing_mm[1]
