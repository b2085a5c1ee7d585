"""`GridView`: all slices of a phase, or all phases of a slice, side by side and playing together."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.measure.heart_box import heart_box
from cinecor.ui.look.calliper_art import paint_calliper
from cinecor.ui.look.halo import shaded_text
from cinecor.ui.look.names import moment_name
from cinecor.ui.look.reading_art import paint_readings
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import HERE, Theme
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.gestures import WHEEL_STEP
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.tools.viewport import fitted
from cinecor.ui.views.frame_art import paint_frame
from cinecor.ui.views.tool_view import ToolView

_GAP = 2.0
_HEART_SHARE = 0.8  # of a tile that the heart fills
_MIDDLE = 0.62  # of the image that is shown where no heart was found yet


class GridView(ToolView):
    """A click on a tile goes there; the tile under the cursor has a frame."""

    def __init__(self, desk: StudyDesk, toolbox: Toolbox, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(desk, toolbox, theme, name=tr("Grid"), smallest=QSize(240, 200), own={}, parent=parent)
        self._box: QRectF | None = None
        self._wheel = 0.0
        desk.callipers.changed.connect(self.update)

    # -- where things are

    def places(self, at: Place | None = None) -> list[tuple[int, int]]:
        """Return (slice, phase) of every tile in the order of reading, where the cursor is or elsewhere."""
        if self._desk.reading.study is None:
            return []
        stack, (index_at, phase_at) = self._desk.reading.study.stack, self._place(at)
        if self._desk.settings.text("grid") == "phases":
            return [(index_at, phase) for phase in range(stack.phases)]
        return [(index, phase_at) for index in self._desk.cursor.rows]

    def tile_rect(self, number: int, area: QRectF | None = None) -> QRectF:
        """Return where a tile lies."""
        area = QRectF(self.rect()) if area is None else area
        columns, rows = self._shape(len(self.places()), area)
        width, height = area.width() / columns, area.height() / rows
        return QRectF(
            area.left() + (number % columns) * width + _GAP / 2,
            area.top() + (number // columns) * height + _GAP / 2,
            width - _GAP,
            height - _GAP,
        )

    @staticmethod
    def _shape(count: int, area: QRectF) -> tuple[int, int]:
        """Return the columns and rows that make square tiles as large as they can be."""
        best, best_size = (max(count, 1), 1), 0.0
        for columns in range(1, max(count, 1) + 1):
            rows = math.ceil(count / columns) or 1
            size = min(area.width() / columns, area.height() / rows)
            if size > best_size:
                best, best_size = (columns, rows), size
        return best

    def _heart(self) -> QRectF:
        """Return the part of the images that the tiles show, in pixels."""
        desk = self._desk
        assert desk.reading.study is not None
        stack = desk.reading.study.stack
        if self._box is None:
            row_mm, column_mm = stack.geometry.pixel_spacing_mm
            side_mm = _MIDDLE * min(stack.rows * row_mm, stack.columns * column_mm)
            centre = QPointF(stack.columns / 2, stack.rows / 2)
            box = heart_box(desk.overlays.labels)
            if box is not None:
                centre = QPointF(*box.centre)
                side_mm = min(side_mm / _MIDDLE, max(box.height * row_mm, box.width * column_mm) / _HEART_SHARE)
            size = QPointF(side_mm / column_mm, side_mm / row_mm)
            self._box = QRectF(centre - size / 2, centre + size / 2)
        return self._box

    # -- painting

    def paint_on(self, painter: QPainter, area: QRectF, *, at: Place | None = None) -> None:
        desk = self._desk
        assert desk.reading.study is not None
        stack, style = desk.reading.study.stack, self.style_now
        by_phase = desk.settings.text("grid") == "phases"
        here = self._place(at)
        for number, place in enumerate(self.places(here)):
            tile = self.tile_rect(number, area)
            painter.save()
            painter.setClipRect(tile)
            paint_frame(
                painter,
                self._to_screen(tile),
                frame=stack.pixels[place],
                level=desk.level.of_slice(place[0]),
                style=style,
                overlay=desk.overlays.at(place),
                line_width=1.3,
            )
            paint_readings(painter, self._to_screen(tile), desk.comparing.paths_at(place), structures=self.structures)
            for calliper in desk.callipers.at(place):
                paint_calliper(painter, self._to_screen(tile), calliper, spacing_mm=stack.geometry.pixel_spacing_mm)
            self.gestures.paint(painter, self._to_screen(tile), place)
            painter.restore()
            text = self._tile_text(place, by_phase=by_phase)
            shaded_text(painter, tile.adjusted(7, 5, -7, -5), Qt.AlignmentFlag.AlignLeft, text)
            if place == here:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(HERE), 2))
                painter.drawRect(tile.adjusted(1, 1, -1, -1))

    def _tile_text(self, place: tuple[int, int], *, by_phase: bool) -> str:
        if not by_phase:
            return str(place[0] + 1)
        return " ".join([str(place[1] + 1), *map(moment_name, self._desk.review.moments_at(place[1]))])

    def _to_screen(self, tile: QRectF) -> QTransform:
        assert self._desk.reading.study is not None
        box = self._heart()
        return fitted(
            box.width(),
            box.height(),
            self._desk.reading.study.stack.geometry.pixel_spacing_mm,
            tile,
            centre_px=box.center(),
        )

    def start_afresh(self) -> None:
        self._box = None
        super().start_afresh()

    def take_labels(self, phases: tuple[int, ...] | None) -> None:
        # While masks come in, the tiles must not jump: they follow the first phase and the finished whole.
        shown = self._desk.overlays.shown
        if phases is None or self._box is None or (shown is not None and shown.whole_phases.size == 1):
            self._box = None
        self.update()

    # -- mouse

    def frame_at(self, position: QPointF, held: Place | None) -> tuple[Place, QTransform] | None:
        places = self.places()
        inside = (number for number in range(len(places)) if self.tile_rect(number).contains(position))
        number = places.index(held) if held in places else next(inside, None)
        return None if number is None else (places[number], self._to_screen(self.tile_rect(number)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.right.press(event)
        found = self.frame_at(event.position(), None)
        if not self.gestures.press(event) and found is not None:
            (index, phase), _ = found
            self._desk.cursor.go(to_slice=index, to_phase=phase)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self.gestures.wheel(event):
            return
        self._wheel += event.angleDelta().y() / WHEEL_STEP  # a trackpad tells parts of a notch
        notches = int(self._wheel)
        self._wheel -= notches
        step = -notches
        if self._desk.settings.text("grid") == "phases":
            self._desk.cursor.step(slices=step)
        else:
            self._desk.cursor.step(phases=step)
