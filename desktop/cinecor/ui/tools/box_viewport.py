"""`BoxViewport`: shows a part of an image as large as it fits, closer or farther about the mouse."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform

from cinecor.scene.picture_turn import AS_TAKEN
from cinecor.study.image_plane import ImagePlane
from cinecor.ui.tools.viewport import fitted

_CLOSEST = 16.0


class BoxViewport:
    """Zoom 1 fits the box into the view, whatever the view's shape; smaller shows more, down to the whole image."""

    def __init__(self, plane: ImagePlane) -> None:
        self._plane = plane
        self._whole = QRectF(0, 0, plane.columns, plane.rows)
        self.box: QRectF | None = None  # in pixels (x, y); None: not known yet, the whole image
        self.turn = AS_TAKEN
        self.zoom = 1.0
        self._centre_px: QPointF | None = None  # None: the box's

    def show_as(self, other: "BoxViewport") -> None:
        """Show the same part of the same plane as another viewport does, turned as there."""
        self.box, self.turn, self.zoom, self._centre_px = other.box, other.turn, other.zoom, other._centre_px

    def to_screen(self, area: QRectF) -> QTransform:
        """Return the transform from pixels (x, y) into the area of a painter or view."""
        box = self._shown
        return fitted(
            box.width(),
            box.height(),
            self._plane.pixel_spacing_mm,
            area,
            zoom=self.zoom,
            centre_px=self._centre_px or box.center(),
            turn=self.turn,
        )

    def zoom_by(self, factor: float, *, about: QPointF, area: QRectF) -> None:
        """Zoom in or out about a point of the view, which stays where it is."""
        box = self._shown
        before = self.to_screen(area).inverted()[0].map(about)
        self.zoom = min(_CLOSEST, max(self._farthest, self.zoom * factor))
        after = self.to_screen(area).inverted()[0].map(about)
        self._centre_px = (self._centre_px or box.center()) + before - after

    def move(self, by_px: QPointF) -> None:
        """Bring other pixels into the middle."""
        self._centre_px = (self._centre_px or self._shown.center()) + by_px

    def fit(self) -> None:
        """Show the box as large as it fits."""
        self.zoom, self._centre_px = 1.0, None

    def show_whole(self) -> None:
        """Show the whole image."""
        self.zoom, self._centre_px = self._farthest, self._whole.center()

    @property
    def _farthest(self) -> float:
        """The zoom at which the whole image is seen in any view."""
        return min(1.0, self._shown.width() / self._whole.width(), self._shown.height() / self._whole.height())

    @property
    def _shown(self) -> QRectF:
        return self._whole if self.box is None else self.box
