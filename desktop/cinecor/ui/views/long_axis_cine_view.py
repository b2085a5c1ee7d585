"""`LongAxisCineView`: a long-axis cine in step with the short axis, with the lines on which its slices lie."""

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QMouseEvent, QPainter, QTransform, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.measure.moment import same_moment
from cinecor.review.valve.line import Valve
from cinecor.scene.level_window import LevelWindow
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.study.image_plane import ImagePlane
from cinecor.ui.look.calliper_art import paint_calliper
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.halo import shaded_text
from cinecor.ui.look.texts import N_, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.cine_level import CineLevel
from cinecor.ui.study.long_axis_valves import ShownLine
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.box_viewport import BoxViewport
from cinecor.ui.tools.gestures import WHEEL_STEP
from cinecor.ui.tools.grey_drag import GreyDrag
from cinecor.ui.tools.tool import Pointer
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.tools.viewport import px_per_mm
from cinecor.ui.views.annotation import (
    MARGIN,
    paint_cross,
    paint_rulers,
    rulers,
    side_letters,
    turn_text,
    write_letters,
    write_window,
)
from cinecor.ui.views.cine_slices import CineSlices
from cinecor.ui.views.gesture_view import GestureView
from cinecor.ui.views.slice_line_art import paint_slice_lines, paint_slice_notes, paint_steps
from cinecor.ui.views.valve_art import paint_valve, valve_label_box
from cinecor.ui.views.valve_drag import ValveDrag, mapped
from cinecor.ui.views.written import Written

_ZOOM_A_NOTCH = 1.0015**WHEEL_STEP
_ROOMY = QSize(420, 320)  # an image to look at; what is smaller is a tile

DRAW = {Valve.MITRAL: N_("Draw the mitral valve’s line"), Valve.TRICUSPID: N_("Draw the tricuspid valve’s line")}


class LongAxisCineView(GestureView):
    """Shows the moment of the short axis; a line a slice, which a press or drag goes to, and the lines of valves.

    A valve's line is drawn by a drag from one hinge to the other once `LongAxisValves.choose` asked for it, and moved
    by its ends in any phase. A double click asks for it large; Ctrl and the wheel zoom, Shift and a drag move; a drag
    with the right button changes the greys, which are its own. Callipers measure here too.
    """

    enlarging = Signal()  # it is wanted in the main place, or back from there
    drawing = Signal()  # a valve's line is to be drawn here
    hinted = Signal(str)  # what the mouse can do here; nothing once it is elsewhere

    def __init__(
        self,
        desk: StudyDesk,
        cine: LongAxisCine,
        plane: ImagePlane,
        *,
        toolbox: Toolbox,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        self.name = said(cine.name)
        self._pixels = cine.stack.pixels[cine.stack.slices // 2]  # (phase, row, column)
        self.level = CineLevel(self._pixels)
        super().__init__(
            desk,
            toolbox,
            theme,
            name=self.name,
            smallest=QSize(160, 120),
            own={Qt.MouseButton.RightButton: GreyDrag(self.level)},
            works=lambda: toolbox.measures,
            parent=parent,
        )
        self._cine, self._plane = cine, plane
        self._drag = ValveDrag(desk.valves, cine)
        self.slices = CineSlices(desk, cine, plane)
        self.viewport = BoxViewport(plane)
        self.level.setParent(self)
        self.level.changed.connect(self.update)
        desk.callipers.changed.connect(self.update)
        self._panned: QPointF | None = None  # the pixel under the mouse while the picture is moved
        self._wheel = 0.0
        desk.overlays.redrawn.connect(self._forget_runs)
        desk.valves.changed.connect(self._valves_changed)
        desk.steps.changed.connect(self.update)
        desk.crosshair.moved.connect(self.update)

    @Slot(tuple)
    def _forget_runs(self, places: tuple[Place, ...]) -> None:
        self.slices.forget(places)

    # -- painting

    def take_labels(self, phases: tuple[int, ...] | None) -> None:
        self.slices.forget_phases(phases)
        if self.viewport.box is None or phases is None:
            self._find_heart()
        super().take_labels(phases)

    def _find_heart(self) -> None:
        """Show the heart as the slices find it, in its own greys."""
        self.viewport.box = self.slices.heart()
        if self.viewport.box is not None:
            self.level.know_heart(self.viewport.box.toAlignedRect())

    @property
    def window_now(self) -> LevelWindow:
        """The window of greys that is shown."""
        return self.level.window

    def show_preset(self, name: str) -> None:
        """Show a preset of the greys by what lies around the heart; the full range is that of the whole images."""
        self.level.show_preset(name)

    def show_as(self, other: "LongAxisCineView") -> None:
        """Show the same part of the pictures, turned the same and in the same greys, as another view of the cine."""
        self.viewport.show_as(other.viewport)
        self.level.show(other.level.window)

    def to_screen(self, area: QRectF) -> QTransform:
        """Return the transform from pixels (x, y) of this view into an area."""
        return self.viewport.to_screen(area)

    @property
    def turn(self) -> PictureTurn:
        """How the picture is turned."""
        return self.viewport.turn

    def show_turned(self, turn: PictureTurn) -> None:
        """Show the cine turned or mirrored, or as it was taken."""
        self.viewport.turn = turn
        self.update()

    def show_whole(self) -> None:
        """Show the whole image."""
        self.viewport.show_whole()
        self.update()

    def zoom_to_heart(self) -> None:
        """Show what the slices' structures cover, as large as it fits."""
        self.viewport.fit()
        self.update()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in or out about a point of the widget, which stays where it is."""
        area = QRectF(self.rect())
        self.viewport.zoom_by(factor, about=about or area.center(), area=area)
        self.update()

    def paint_on(self, painter: QPainter, area: QRectF, *, at: Place | None = None) -> None:
        desk, style = self._desk, self.style_now
        if desk.reading.study is None:
            return
        place, stack = self._place(at), desk.reading.study.stack
        own = self._own(place[1])
        if stack.slices != self.slices.count:
            return  # of a study that has just gone
        if self.viewport.box is None:
            self._find_heart()
        frame = self._pixels[own]
        to_screen = self.to_screen(area)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, style.smooth)
        painter.setTransform(to_screen, combine=True)
        painter.drawImage(QRectF(0, 0, self._plane.columns, self._plane.rows), grey_image(frame, self.level.window))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = self.slices.lines(to_screen, place)
        paint_slice_lines(painter, lines)
        if style.outline or style.fill:
            self.slices.paint_runs(painter, to_screen, place, structures=self.structures)
        paint_steps(painter, lines)
        inner = area.adjusted(8, 6, -8, -6)
        name = "\n".join(part for part in (self.name, turn_text(self.turn)) if part)
        align = Qt.AlignmentFlag
        shaded_text(painter, inner, align.AlignLeft | align.AlignTop, name)
        named = painter.boundingRect(inner, align.AlignLeft | align.AlignTop, name)
        valves = [(mapped(shown.ends_px, to_screen), shown) for shown in self._drag.lines(own)]
        taken = (named, *(valve_label_box(painter, ends, shown) for ends, shown in valves))
        written = Written(painter, area, margin=MARGIN, kept_free=taken)
        self._write(painter, area, to_screen, written=written)
        paint_slice_notes(painter, area, lines, kept_free=written.boxes)
        for ends, shown in valves:
            paint_valve(painter, ends, shown)
        spot = desk.callipers.place_in(self._cine, own)
        for calliper in desk.callipers.at(spot):
            paint_calliper(painter, to_screen, calliper, spacing_mm=self._plane.pixel_spacing_mm)
        self.gestures.paint(painter, to_screen, spot)
        pointed = desk.crosshair.on(self._plane) if at is None else None  # a picture has no mouse
        if pointed is not None and desk.settings.flag("crosshair") and not self.underMouse():
            paint_cross(painter, to_screen.map(QPointF(*pointed)))

    def _write(self, painter: QPainter, area: QRectF, to_screen: QTransform, *, written: Written) -> None:
        """Write what the short axis says too: sides, greys, length; a tile of the column has its name and lines."""
        settings = self._desk.settings
        roomy = area.width() >= _ROOMY.width() and area.height() >= _ROOMY.height()
        if settings.flag("orientation") and (roomy or self.turn != AS_TAKEN):
            write_letters(written, side_letters(self._plane.column_axis, self._plane.row_axis, self.turn))
        if not roomy:
            return
        write_window(written, self.level.window)
        if settings.flag("rulers"):
            laid = [one for one in rulers(area, to_screen, self._plane.pixel_spacing_mm) if one.lies]
            paint_rulers(painter, laid, written=written)
            for ruler in laid:
                written.keep_free(ruler.box)

    # -- valves

    @property
    def uid(self) -> str:
        """The series that is shown."""
        return self._cine.entry.uid

    @property
    def own_phase(self) -> int:
        """The phase of this cine that shows the moment of the short axis."""
        return self._own(self._desk.cursor.phase)

    def _own(self, phase: int) -> int:
        study = self._desk.reading.study
        phases = len(self._pixels) if study is None else study.stack.phases
        return same_moment(phase, phases=phases, of=len(self._pixels))

    def valve_lines(self) -> tuple[ShownLine, ...]:
        """Return the lines of valves at the moment that is shown, with one that is being dragged as it is now."""
        return self._drag.lines(self.own_phase)

    def may_show(self, valve: Valve) -> bool:
        """Return whether a valve can be seen in this view."""
        return self._cine.may_show(valve)

    def has_line_of(self, valve: Valve) -> bool:
        """Return whether a valve's line was drawn here."""
        return any(shown.valve is valve for shown in self.valve_lines())

    def _draw(self, valve: Valve) -> None:
        """Ask for a valve's line here, where there is room to see its hinges."""
        self._desk.valves.choose(valve)
        if self._desk.valves.drawing is valve:
            self.drawing.emit()

    @Slot()
    def _valves_changed(self) -> None:
        if self._drag.drawing is not None:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.gestures.show_cursor()
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the menu by its key; the mouse asks for it by a right click that was no drag."""
        if event.reason() is not QContextMenuEvent.Reason.Mouse:
            self._show_menu(event.globalPos())

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        valves = self._desk.valves
        for valve, text in DRAW.items():
            if self.may_show(valve):
                menu.addAction(tr(text), partial(self._draw, valve))
        if valves.lines(self._cine, self.own_phase):
            menu.addAction(tr("Take the lines of valves away here"), lambda: valves.remove(self._cine))
        menu.addSeparator()
        menu.addAction(tr("Large, or back"), self.enlarging.emit)
        menu.addAction(tr("Turn the picture"), lambda: self.show_turned(self.turn.turned()))
        menu.addAction(tr("Mirror the picture"), lambda: self.show_turned(self.turn.flipped()))
        if self.turn != AS_TAKEN:
            menu.addAction(tr("Picture as taken"), lambda: self.show_turned(AS_TAKEN))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    # -- mouse

    def pointer_at(self, position: QPointF, held: Place | None = None) -> Pointer | None:
        to_screen, pixel = self._widget_transform(), self._pixel_at(position)
        return Pointer(
            place=held or self._desk.callipers.place_in(self._cine, self.own_phase),
            row=pixel.y(),
            column=pixel.x(),
            x=position.x(),
            y=position.y(),
            view_px_per_mm=px_per_mm(to_screen, self._plane.pixel_spacing_mm),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.right.press(event)
        if self._drag.drawing is None and self.gestures.press(event):
            return
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() is Qt.MouseButton.MiddleButton or (shifted and event.button() is Qt.MouseButton.LeftButton):
            self._panned = self._pixel_at(event.position())
            return
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self._drag.press(event.position(), self._widget_transform(), self.own_phase):
            self._desk.valves.taken.emit()
            self.update()
        else:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        to_screen = self._widget_transform()
        self.right.move(event)
        self.gestures.move(event)
        if self.gestures.held:
            return
        if self._panned is not None:
            self.viewport.move(self._panned - self._pixel_at(event.position()))
            self.update()
        elif not event.buttons() & Qt.MouseButton.LeftButton:
            at = self._pixel_at(event.position())
            self._desk.crosshair.point(self._plane.to_mm(np.array([[at.x(), at.y()]]))[0])
        elif self._drag.held:
            self._drag.move(event.position(), to_screen)
            self.update()
        else:
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panned is not None:
            self._panned = None
        elif event.button() is Qt.MouseButton.LeftButton and self._drag.held:
            self._drag.release(event.position(), self._widget_transform())
            self.update()
        else:
            self.gestures.release(event)
        if self.right.release():
            self._show_menu(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        asked = self._drag.drawing is not None or self.gestures.double_click(event)
        if event.button() is Qt.MouseButton.LeftButton and not asked:
            self.enlarging.emit()

    def _widget_transform(self) -> QTransform:
        return self.to_screen(QRectF(self.rect()))

    def _pixel_at(self, position: QPointF) -> QPointF:
        return self._widget_transform().inverted()[0].map(position)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.hinted.emit("" if self._desk.valves.drawing is not None else self._hint())
        super().enterEvent(event)

    def _hint(self) -> str:
        told = [
            tr("{view}: click or drag a line to go to its slice", view=self.name),
            tr("Double-click: large, or back; Ctrl and the wheel: zoom; Shift and drag: move"),
        ]
        result = self._desk.review.result
        if result is not None and result.valves.bases and self._desk.review.moments_at(self._desk.cursor.phase):
            told.append(
                tr("MV or TV after a slice’s number: how much of its slab lies on the ventricle’s side of that valve")
            )
        return " · ".join(told)

    def leaveEvent(self, event: QEvent) -> None:
        self.hinted.emit("")
        self._desk.crosshair.point(None)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        turned = event.angleDelta().y() / WHEEL_STEP
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(_ZOOM_A_NOTCH**turned, event.position())
            return
        self._wheel += turned
        notches = int(self._wheel)
        self._wheel -= notches
        if notches:
            self._desk.cursor.step(slices=-notches)

    def _go(self, event: QMouseEvent) -> None:
        index = self.slices.nearest(event.position(), self._widget_transform())
        if index is not None:
            self._desk.cursor.go(to_slice=index)
