"""`LongAxisCineView`: a long-axis cine in step with the short axis, with the lines on which its slices lie."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPen, QTransform, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.measure.moment import same_moment
from cinecor.review.valve.line import Valve
from cinecor.scene.crossing import StructureRun
from cinecor.scene.level_window import preset
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.scene.slice_runs import SliceRuns
from cinecor.study.image_plane import ImagePlane
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.halo import shaded_text
from cinecor.ui.look.texts import N_, number_text, said, tr
from cinecor.ui.look.theme import OVERLAY, Theme
from cinecor.ui.study.long_axis_valves import ShownLine
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.box_viewport import BoxViewport
from cinecor.ui.tools.gestures import WHEEL_STEP
from cinecor.ui.views.annotation import paint_cross, paint_letters, side_letters, turn_text
from cinecor.ui.views.image_view import ImageView
from cinecor.ui.views.slice_line_art import SliceLine, paint_slice_lines, paint_slice_notes, paint_steps
from cinecor.ui.views.valve_art import paint_valve, valve_label_box, valve_short
from cinecor.ui.views.valve_drag import ValveDrag, mapped

_REACH_PX = 60.0  # how far from a slice's line a press still takes it
_LEAST_OFFSET_MM = 2.5  # of a breath-hold that is told: more than a pixel

_ZOOM_A_NOTCH = 1.0015**WHEEL_STEP

DRAW = {Valve.MITRAL: N_("Draw the mitral valve’s line"), Valve.TRICUSPID: N_("Draw the tricuspid valve’s line")}


class LongAxisCineView(ImageView):
    """Shows the moment of the short axis; a line a slice, which a press or drag goes to, and the lines of valves.

    A valve's line is drawn by a drag from one hinge to the other once `LongAxisValves.choose` asked for it, and moved
    by its ends in any phase. A double click asks for it large; Ctrl and the wheel zoom, Shift and a drag move.
    """

    enlarging = Signal()  # it is wanted in the main place, or back from there
    drawing = Signal()  # a valve's line is to be drawn here

    def __init__(
        self, desk: StudyDesk, cine: LongAxisCine, plane: ImagePlane, theme: Theme, parent: QWidget | None = None
    ) -> None:
        self.name = said(cine.name)
        super().__init__(desk, theme, name=self.name, smallest=QSize(160, 120), parent=parent)
        assert desk.reading.study is not None
        stack = desk.reading.study.stack
        self._cine = cine
        self._pixels = cine.stack.pixels[cine.stack.slices // 2]  # (phase, row, column)
        self._drag = ValveDrag(desk.valves, cine)
        self._runs = SliceRuns(stack, plane)
        self._level = preset("auto", self._pixels)
        self._plane = plane
        self.viewport = BoxViewport(plane)
        self._panned: QPointF | None = None  # the pixel under the mouse while the picture is moved
        self._wheel = 0.0
        desk.overlays.redrawn.connect(self._forget_runs)
        desk.valves.changed.connect(self._valves_changed)
        desk.steps.changed.connect(self.update)
        desk.crosshair.moved.connect(self.update)
        self.setMouseTracking(True)
        self.setToolTip(
            "\n".join(
                (
                    tr("{view}: click or drag a line to go to its slice", view=self.name),
                    tr("Double-click: large, or back; Ctrl and the wheel: zoom; Shift and drag: move"),
                    tr(
                        "MV or TV after a slice’s number: how much of its slab lies on the ventricle’s side of that "
                        "valve"
                    ),
                )
            )
        )

    @property
    def lines_px(self) -> tuple[NDArray[np.float64] | None, ...]:
        """Where each slice cuts this view: its ends (2, 2: x, y in pixels), or None where it does not."""
        return self._runs.lines_px

    def runs(self, index: int, phase: int) -> tuple[StructureRun, ...]:
        """Return the pieces of a slice's structures on its line, at a phase of the short axis."""
        return self._runs.at(index, phase, self._desk.overlays.shown)

    @Slot(tuple)
    def _forget_runs(self, places: tuple[Place, ...]) -> None:
        self._runs.forget(places)

    # -- painting

    def take_labels(self, phases: tuple[int, ...] | None) -> None:
        self._runs.forget_phases(phases)
        if self.viewport.box is None or phases is None:
            self.viewport.box = self._heart()
        super().take_labels(phases)

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
        (_, phase), stack = self._place(at), desk.reading.study.stack
        if stack.slices != self._runs.slices:
            return  # of a study that has just gone
        if self.viewport.box is None:
            self.viewport.box = self._heart()
        frame = self._pixels[self._own(phase)]
        to_screen = self.to_screen(area)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, style.smooth)
        painter.setTransform(to_screen, combine=True)
        painter.drawImage(QRectF(0, 0, self._plane.columns, self._plane.rows), grey_image(frame, self._level))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = self.slice_lines(to_screen, phase)
        paint_slice_lines(painter, lines)
        if style.outline or style.fill:
            self._paint_runs(painter, to_screen, phase)
        paint_steps(painter, lines)
        inner = area.adjusted(8, 6, -8, -6)
        name = "\n".join(part for part in (self.name, turn_text(self.turn)) if part)
        align = Qt.AlignmentFlag
        shaded_text(painter, inner, align.AlignLeft | align.AlignTop, name)
        named = painter.boundingRect(inner, align.AlignLeft | align.AlignTop, name)
        valves = [(mapped(shown.ends_px, to_screen), shown) for shown in self._drag.lines(self._own(phase))]
        taken = (named, *(valve_label_box(painter, ends, shown) for ends, shown in valves))
        paint_slice_notes(painter, area, lines, kept_free=taken)
        if self.turn != AS_TAKEN and desk.settings.flag("orientation"):
            paint_letters(painter, area, side_letters(self._plane.column_axis, self._plane.row_axis, self.turn))
        for ends, shown in valves:
            paint_valve(painter, ends, shown)
        pointed = desk.crosshair.on(self._plane)
        if pointed is not None and desk.settings.flag("crosshair") and not self.underMouse():
            paint_cross(painter, to_screen.map(QPointF(*pointed)))

    def slice_lines(self, to_screen: QTransform, phase: int) -> list[SliceLine]:
        """Return the lines of slices on the screen, with what is written at them and how far they lie off."""
        desk, lines = self._desk, []
        for index, line in enumerate(self.lines_px):
            if line is not None:
                number, offset = self.notes(index)
                steps = tuple(mapped(step, to_screen) for step in self.steps_px(index, phase)) if offset else ()
                lines.append(
                    SliceLine(
                        mapped(line, to_screen),
                        here=index == desk.cursor.slice,
                        counts=desk.review.counts((index, phase)),
                        number=number,
                        offset=offset,
                        steps=steps,
                    )
                )
        return lines

    def steps_px(self, index: int, phase: int) -> tuple[NDArray[np.float64], ...]:
        """Return from where to where a slice's structures lie off in this view: see `SliceRuns.steps_px`."""
        offset_mm = self._desk.steps.offset_mm(self._cine.entry.uid, index)
        return self._runs.steps_px(index, phase, self._desk.overlays.shown, offset_mm=offset_mm)

    def notes(self, index: int) -> tuple[str, str]:
        """Return what is written at the ends of a slice's line: its number with its share below a valve, its offset.

        At ED and ES the share of the slab that lies below the valve's plane is told where the plane cuts it; an offset
        where the slice's picture is shifted against this view's, because breath-holds differ.
        """
        desk, number = self._desk, str(index + 1)
        for moment in desk.review.moments_at(desk.cursor.phase):
            result = desk.review.result
            for valve, bases in () if result is None else result.valves.bases.items():
                base = bases[moment]
                share = None if base is None or base.shares is None else float(base.shares[index])
                if share is not None and 0.0 < share < 1.0:
                    number += f" · {valve_short(valve)} {number_text(100 * share)} %"
        offset = desk.steps.offset_mm(self._cine.entry.uid, index)
        shifted = offset is not None and abs(offset) >= _LEAST_OFFSET_MM
        return number, f"{number_text(offset or 0.0, 1, signed=True)} mm" if shifted else ""

    def _paint_runs(self, painter: QPainter, to_screen: QTransform, phase: int) -> None:
        """Draw where structures lie on the lines of slices, wider on that of the current one."""
        for label in self.structures:
            for strong in (False, True):
                shown = [
                    mapped(run.ends_px, to_screen)
                    for index in range(self._runs.slices)
                    if (index == self._desk.cursor.slice) is strong
                    for run in self.runs(index, phase)
                    if run.label is label
                ]
                pen = QPen(QColor(OVERLAY[label]), 3.2 if strong else 2.2)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawLines(shown)

    def _heart(self) -> QRectF | None:
        """Return the part of the image to show: what the slices' structures cover; None while that is not known."""
        covered = self._runs.heart_px(self._desk.overlays.shown)
        return None if covered is None else QRectF(QPointF(*covered[0].tolist()), QPointF(*covered[1].tolist()))

    # -- valves

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
        drawing = self._drag.drawing is not None
        self.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
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
        menu.popup(event.globalPos())

    # -- mouse

    def slice_at(self, position: QPointF) -> int | None:
        """Return the slice whose line lies nearest to a point of the widget."""
        to_screen = self.to_screen(QRectF(self.rect()))
        away = [np.inf if line is None else _distance(mapped(line, to_screen), position) for line in self.lines_px]
        nearest = int(np.argmin(away)) if away else 0
        return nearest if away and away[nearest] <= _REACH_PX else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._drag.drawing is None:
            self.enlarging.emit()

    def _widget_transform(self) -> QTransform:
        return self.to_screen(QRectF(self.rect()))

    def _pixel_at(self, position: QPointF) -> QPointF:
        return self._widget_transform().inverted()[0].map(position)

    def leaveEvent(self, event: QEvent) -> None:
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
        index = self.slice_at(event.position())
        if index is not None:
            self._desk.cursor.go(to_slice=index)


def _distance(line: QLineF, point: QPointF) -> float:
    """Return how far a point lies from a line's stretch."""
    along = line.p2() - line.p1()
    length = along.x() ** 2 + along.y() ** 2
    to_point = point - line.p1()
    share = 0.0 if length == 0 else (to_point.x() * along.x() + to_point.y() * along.y()) / length
    return QLineF(line.pointAt(min(1.0, max(0.0, share))), point).length()
