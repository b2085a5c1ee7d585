"""`CineView`: one slice, large; the mouse scrubs, changes the grey window, zooms and pans, or is the chosen tool's."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.measure.heart_box import heart_box
from cinecor.scene.level_window import LevelWindow, preset, slice_gains
from cinecor.scene.picture_turn import PictureTurn
from cinecor.study.image_plane import crossing_mm, plane_of
from cinecor.ui.look.calliper_art import paint_calliper
from cinecor.ui.look.reading_art import paint_readings
from cinecor.ui.look.texts import number_text, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.level import Level
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.regional_model import RegionalModel
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.cut_drag import CutDrag
from cinecor.ui.tools.gestures import WHEEL_STEP
from cinecor.ui.tools.grey_drag import GreyDrag
from cinecor.ui.tools.insertion_drag import InsertionDrag
from cinecor.ui.tools.pan import Pan
from cinecor.ui.tools.scrub import Scrub
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.tools.viewport import Viewport
from cinecor.ui.views.annotation import (
    MARGIN,
    edge_letters,
    paint_cross,
    paint_rulers,
    place_text,
    rulers,
    write_letters,
    write_place,
    write_window,
)
from cinecor.ui.views.frame_art import paint_frame
from cinecor.ui.views.plane_line_art import PlaneLine, paint_plane_lines, write_plane_names
from cinecor.ui.views.segment_art import paint_segments
from cinecor.ui.views.tool_view import ToolView
from cinecor.ui.views.written import Written

_ZOOM_A_NOTCH = 1.0015**WHEEL_STEP


class CineView(ToolView):
    """Left drag scrubs, right drag changes window and level, middle or Shift drag pans, the wheel changes the slice."""

    def __init__(
        self,
        desk: StudyDesk,
        toolbox: Toolbox,
        regional: RegionalModel,
        *,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        self.viewport = Viewport()
        self._regional = regional
        own = {
            Qt.MouseButton.LeftButton: InsertionDrag(
                regional, desk.reading, CutDrag(desk.cut, desk.long_axis, Scrub(desk.cursor))
            ),
            Qt.MouseButton.RightButton: GreyDrag(desk.level),
            Qt.MouseButton.MiddleButton: Pan(self.viewport),
        }
        super().__init__(desk, toolbox, theme, name=tr("Cine"), smallest=QSize(160, 120), own=own, parent=parent)
        self._crossings: dict[int, list[NDArray[np.float64] | None]] = {}  # by slice
        self.viewport.changed.connect(self.update)
        regional.changed.connect(self.update)
        desk.cut.changed.connect(self.update)
        desk.callipers.changed.connect(self.update)
        desk.crosshair.moved.connect(self.update)
        desk.long_axis.changed.connect(self._cut_otherwise)
        self._wheel = 0.0
        self.start_afresh()

    # -- painting

    def paint_on(self, painter: QPainter, area: QRectF, *, at: Place | None = None) -> None:
        desk, settings = self._desk, self._desk.settings
        assert desk.reading.study is not None
        stack, place = desk.reading.study.stack, self._place(at)
        to_screen, overlay = self.viewport.to_screen(area), desk.overlays.at(place)
        paint_frame(
            painter,
            to_screen,
            frame=stack.pixels[place],
            level=desk.level.of_slice(place[0]),
            style=self.style_now,
            overlay=overlay,
        )
        paint_readings(painter, to_screen, desk.comparing.paths_at(place), structures=self.structures)
        paint_segments(painter, to_screen, self._regional, place=place, spacing_mm=stack.geometry.pixel_spacing_mm)
        crossings = self.crossings(place[0], pointed=at is None) if settings.flag("long_axis_lines") else []
        if crossings:
            paint_plane_lines(painter, to_screen, crossings)
        for calliper in desk.callipers.at(place):
            paint_calliper(painter, to_screen, calliper, spacing_mm=stack.geometry.pixel_spacing_mm)
        self.gestures.paint(painter, to_screen, place)
        turn = self.viewport.turn
        written = Written(painter, area, margin=MARGIN)
        write_place(written, desk, place=place, caveat=None if overlay is None else overlay.caveat, turn=turn)
        if settings.flag("orientation"):
            write_letters(written, edge_letters(stack.geometry, turn))
        write_window(written, desk.level.of_slice(place[0]), zoom=self.viewport.zoom)
        if settings.flag("rulers"):
            paint_rulers(painter, rulers(area, to_screen, stack.geometry.pixel_spacing_mm), written=written)
        if at is None:
            self._paint_crosshair(painter, to_screen, written)
        write_plane_names(written, area, to_screen, crossings)

    def _paint_crosshair(self, painter: QPainter, to_screen: QTransform, written: Written) -> None:
        """Write where the mouse points, or show where it points in another view."""
        crosshair, study = self._desk.crosshair, self._desk.reading.study
        if study is None or crosshair.place_mm is None or not self._desk.settings.flag("crosshair"):
            return
        index, phase = self._desk.cursor.slice, self._desk.cursor.phase
        at = crosshair.on(plane_of(study.stack, index))
        if at is None:
            return
        if not self.underMouse():
            paint_cross(painter, to_screen.map(QPointF(*at)))
        row, column = min(int(at[1]), study.stack.rows - 1), min(int(at[0]), study.stack.columns - 1)
        told = number_text(float(study.stack.pixels[index, phase, row, column]))
        if study.stack.geometry.oriented:
            told = f"{place_text(crosshair.place_mm)} · {told}"
        written.write(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, told)

    def crossings(self, index: int, *, pointed: bool = True) -> list[PlaneLine]:
        """Return where the long-axis views cut a slice; strong, if asked for, is the one the mouse is in.

        Of a study without long-axis cines it is the line of the cut that stands in for them.
        """
        desk = self._desk
        assert desk.reading.study is not None
        if not desk.long_axis.planes:
            line = desk.cut.line_px(index) if desk.cut.watched else None
            return [] if line is None else [PlaneLine(line, "")]
        if index not in self._crossings:
            plane = plane_of(desk.reading.study.stack, index)
            lines = (crossing_mm(other, plane) for other in desk.long_axis.planes)
            self._crossings[index] = [None if line is None else plane.to_px(line) for line in lines]
        views = zip(self._crossings[index], desk.long_axis.cines, desk.long_axis.planes, strict=True)
        return [
            PlaneLine(line, said(cine.name), strong=pointed and desk.crosshair.within(other))
            for line, cine, other in views
            if line is not None
        ]

    @Slot()
    def _cut_otherwise(self) -> None:
        self._crossings.clear()
        self.update()

    def to_screen(self) -> QTransform:
        """Return the transform from pixels (column, row) to the widget."""
        return self.viewport.to_screen(QRectF(self.rect()))

    # -- what the user may change

    def start_afresh(self) -> None:
        super().start_afresh()
        self._crossings.clear()
        if self._desk.reading.study is not None:
            self.viewport.begin(self._desk.reading.study.stack)

    @property
    def turn(self) -> PictureTurn:
        """How the picture is turned."""
        return self.viewport.turn

    def show_turned(self, turn: PictureTurn) -> None:
        """Show the slice turned or mirrored, or as it was taken."""
        self.viewport.show_turned(turn)

    @property
    def level(self) -> Level:
        """The greys that are shown."""
        return self._desk.level

    @property
    def window_now(self) -> LevelWindow:
        """The window of greys of the slice that is shown."""
        return self.level.of_slice(self._desk.cursor.slice)

    def show_preset(self, name: str) -> None:
        """Show a preset of the greys by what lies around the heart; the full range is that of the whole images."""
        study = self._desk.reading.study
        if study is not None:
            pixels, heart = study.stack.pixels, None if name == "full" else heart_box(self._desk.overlays.labels)
            self.level.even_out(() if heart is None else slice_gains(pixels, heart))
            self.level.show(preset(name, pixels, heart))

    def show_whole(self) -> None:
        """Show the whole image."""
        self.viewport.fit()

    def zoom_to_heart(self) -> None:
        """Show the heart as large as it fits; the whole image where there are no labels."""
        self.viewport.zoom_to(heart_box(self._desk.overlays.labels))

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in or out about a point of the widget, which stays where it is."""
        if self._desk.reading.study is not None:
            self.viewport.zoom_by(factor, about=about or QPointF(self.rect().center()), area=QRectF(self.rect()))

    # -- mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        study = self._desk.reading.study
        if study is not None and not event.buttons():
            pixel = self.to_screen().inverted()[0].map(event.position())
            plane = plane_of(study.stack, self._desk.cursor.slice)
            inside = 0 <= pixel.x() <= plane.columns and 0 <= pixel.y() <= plane.rows
            self._desk.crosshair.point(plane.to_mm(np.array([[pixel.x(), pixel.y()]]))[0] if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._desk.crosshair.point(None)
        super().leaveEvent(event)

    def frame_at(self, _: QPointF, held: Place | None) -> tuple[Place, QTransform]:
        return held or (self._desk.cursor.slice, self._desk.cursor.phase), self.to_screen()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.gestures.double_click(event):
            self.viewport.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self.gestures.wheel(event):
            return
        turned = event.angleDelta().y() / WHEEL_STEP
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(_ZOOM_A_NOTCH**turned, event.position())
            return
        self._wheel += turned
        notches = int(self._wheel)
        self._wheel -= notches
        if notches:
            self._desk.cursor.step(slices=-notches)
