"""`CurveView`: the volumes over the cycle; ED and ES are lines to drag."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QGraphicsSceneMouseEvent, QWidget

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.ui.look.names import moment_name, structure_name
from cinecor.ui.look.texts import number_text, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.overlays import Overlays
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.views.moment_line import MomentLine

pg.setConfigOptions(antialias=True)

_ROOM_PX = 40.0  # for the names beside the curves' ends
_NAME_PX = 15.0  # how high a name is
_LABEL_PX = 26.0  # at the top, where ED and ES are named
_MOST_ABOVE = 0.5  # of the height: in a low view the curves would be flat below the names
_BELOW_PX = 12.0  # below the 0 of the axis, so that it is written
_LEAST_ML = 0.5  # below it curve and number are written alike
_LINE_PX = 2.0
_STYLES = {Label.LV: Qt.PenStyle.SolidLine, Label.RV: Qt.PenStyle.DashLine, Label.MYO: Qt.PenStyle.DotLine}
_SHOWN = tuple(_STYLES)


class _PhaseAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """Has ticks at phases alone; it ends at the last, though the plot goes on for the names of the curves."""

    last = 0

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return the ticks by their spacing: whole numbers from 0 to the last phase."""
        levels = super().tickValues(low, high, size)
        return [
            (spacing, [value for value in values if value == round(value) and 0 <= value <= self.last])
            for spacing, values in levels
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002
        """Return what stands at the ticks: phases are counted from 1 where a person reads."""
        return [f"{value + 1:.0f}" for value in values]


class CurveView(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """LV, RV and myocardial volume in mL, one point a phase; a click goes to a phase."""

    def __init__(
        self,
        reading: Reading,
        review: ReviewModel,
        overlays: Overlays,
        *,
        cursor: Cursor,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        self._phases = _PhaseAxis("bottom")
        super().__init__(parent, background=theme.panel, axisItems={"bottom": self._phases})
        self._reading, self._review, self._overlays, self._cursor = reading, review, overlays, cursor
        self._theme = theme
        self._highest_ml = 0.0  # of what is drawn
        self._volumes: dict[Label, NDArray[np.float64]] = {}
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.showGrid(x=False, y=True, alpha=0.18)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.quiet))
            axis.setStyle(tickLength=-4, hideOverlappingLabels=False)
        self._name_axis()
        plot.getAxis("left").setWidth(54)
        self._curves = {}
        for label in _SHOWN:
            self._curves[label] = plot.plot(
                symbol="o", symbolSize=4, symbolBrush=theme.structure(label), symbolPen=None, connect="finite"
            )
        self._names = {
            label: pg.TextItem(structure_name(label), color=theme.structure(label), anchor=(0, 0.5)) for label in _SHOWN
        }
        for item in self._names.values():
            plot.addItem(item, ignoreBounds=True)
            item.setVisible(False)  # until there is a curve that it could name
        self._counted = pg.ScatterPlotItem(symbol="o", size=9, brush=None)
        plot.addItem(self._counted, ignoreBounds=True)
        self._now = pg.InfiniteLine(angle=90)
        plot.addItem(self._now, ignoreBounds=True)
        self.moments = {moment: MomentLine(moment, theme, cursor, review) for moment in Moment}
        for line in self.moments.values():
            plot.addItem(line, ignoreBounds=True)
            line.sigDragged.connect(self._read_line)
            line.sigPositionChangeFinished.connect(self._end_reading)
        self._take_pens()
        self.setAccessibleName(tr("Volumes"))
        self.setMinimumSize(180, 80)
        self._readout = pg.TextItem(color=theme.text, fill=QColor(theme.raised), border=QColor(theme.line))
        self._readout.setZValue(10)
        plot.addItem(self._readout, ignoreBounds=True)
        self._readout.setVisible(False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # by key everything here is in the menus
        self.scene().sigMouseMoved.connect(self._hover)
        self.scene().sigMouseClicked.connect(self._clicked)
        plot.vb.sigResized.connect(self._lay_out)
        reading.opened.connect(self._opened_soon)
        cursor.phase_moved.connect(self._move_now)
        overlays.replaced.connect(self._labels_replaced)
        overlays.grown.connect(self._labels_grown)
        review.changed.connect(self._refresh)
        self._opened()

    def _take_pens(self) -> None:
        """Draw lines as wide on a screen of any fineness: the plot's pens count dots, not pixels of the window."""
        ratio = self.devicePixelRatioF()
        for label, curve in self._curves.items():
            colour = self._theme.structure(label)
            curve.setPen(pg.mkPen(colour, width=_LINE_PX * ratio, style=_STYLES[label]))
        now = QColor(self._theme.text)
        now.setAlpha(150)
        self._now.setPen(pg.mkPen(now, width=ratio))
        for line in self.moments.values():
            line.take_pens(ratio)

    def event(self, event: QEvent) -> bool:
        """Draw anew on a screen of another fineness."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._take_pens()
            self._show_counted()
        return bool(super().event(event))

    # -- content

    @Slot()
    def _opened_soon(self) -> None:
        QTimer.singleShot(0, self, self._opened)  # the images are painted first

    @Slot()
    def _opened(self) -> None:
        if self._reading.study is None:
            return
        stack = self._reading.study.stack
        plot = self.getPlotItem()
        plot.setLabel("bottom", tr("Phase"), color=self._theme.quiet)
        self._phases.last = stack.phases - 1
        self._lay_out()
        self._measure_afresh()
        self._refresh()
        self._move_now()

    @Slot()
    def _labels_replaced(self) -> None:
        if self._review.result is None:  # else the review's measures follow, and hold all phases
            self._measure_afresh()
            self._draw()

    @Slot(tuple)
    def _labels_grown(self, phases: tuple[int, ...]) -> None:
        assert self._overlays.shown is not None
        for phase in set(self._overlays.shown.whole_phases.tolist()).intersection(phases):
            self._measure_phase(phase)
        self._draw()

    def _measure_afresh(self) -> None:
        assert self._reading.study is not None
        self._volumes = {label: np.full(self._reading.study.stack.phases, np.nan) for label in _SHOWN}
        if self._overlays.shown is not None:
            for phase in self._overlays.shown.whole_phases.tolist():
                self._measure_phase(phase)

    def _measure_phase(self, phase: int) -> None:
        assert self._overlays.shown is not None
        assert self._reading.study is not None
        geometry = self._reading.study.stack.geometry
        for label, volume_ml in self._overlays.shown.volumes_ml(phase, geometry=geometry).items():
            self._volumes[label][phase] = volume_ml

    @Slot()
    def _refresh(self) -> None:
        measures = self._review.result
        if measures is not None:
            curves = measures.curves
            self._volumes = {Label.LV: curves.lv_ml, Label.RV: curves.rv_ml, Label.MYO: curves.myo_ml}
        for line in self.moments.values():
            line.refresh()
        self._show_counted()
        self._draw()

    @property
    def counted(self) -> dict[tuple[Label, Moment], float]:
        """The volumes at ED and ES (mL) that are not those of the curve: slices do not count there."""
        measures = self._review.result
        found: dict[tuple[Label, Moment], float] = {}
        for side, label in ((Ventricle.LV, Label.LV), (Ventricle.RV, Label.RV)) if measures is not None else ():
            assert measures is not None
            own = measures.measurements.of(side)
            for moment, told in ((Moment.ED, own.edv_ml), (Moment.ES, own.esv_ml)):
                phase = measures.moments[moment]
                if told is not None and phase is not None and abs(told - self._volumes[label][phase]) >= _LEAST_ML:
                    found[label, moment] = told
        return found

    def _show_counted(self) -> None:
        """Put a ring where the numbers are, so that curve and numbers are not taken for the same."""
        measures = self._review.result
        rings = []
        for (label, moment), told in self.counted.items():
            assert measures is not None
            pen = pg.mkPen(self._theme.structure(label), width=_LINE_PX * self.devicePixelRatioF())
            rings.append({"pos": (measures.moments[moment], told), "pen": pen})
        self._counted.setData(rings)

    def _draw(self) -> None:
        highest = 0.0
        for label in _SHOWN:
            values = self._volumes.get(label)
            if values is None:
                continue
            known = np.flatnonzero(np.isfinite(values))
            shown = len(values) if known.size else 0  # pyqtgraph warns of curves without any number
            self._curves[label].setData(np.arange(shown, dtype=np.float64), values[:shown])
            self._names[label].setVisible(bool(known.size))
            if known.size:
                highest = max(highest, float(np.nanmax(values)))
        self._highest_ml = highest
        self._lay_out()

    @Slot()
    def _lay_out(self) -> None:
        """Leave room for names at the right, ED and ES above, and the 0 below, whatever the size."""
        plot = self.getPlotItem()
        last, width, height = self._phases.last + 0.4, plot.vb.width(), plot.vb.height()
        plot.setXRange(-0.4, last + (last + 0.4) * _ROOM_PX / max(width - _ROOM_PX, 1.0), padding=0)
        high = max(height - _BELOW_PX, 1.0)
        top = max(self._highest_ml / (1 - min(_LABEL_PX / high, _MOST_ABOVE)), 10.0)
        plot.setYRange(-top * _BELOW_PX / high, top, padding=0)
        self._name_axis()
        self._place_names()

    def _name_axis(self) -> None:
        """Name the axis of volumes along it, in a low view by its unit alone: cut, it would say nothing."""
        unit = quantity("edv_ml").unit
        plot, name = self.getPlotItem(), tr("Volume ({unit})", unit=unit)
        axis = plot.getAxis("left")
        fits = QFontMetricsF(axis.label.font()).horizontalAdvance(name) + _NAME_PX <= plot.vb.height()
        told = name if fits else unit
        if axis.labelText != told:
            plot.setLabel("left", told, color=self._theme.quiet)

    def _place_names(self) -> None:
        """Write each name at the end of its curve, apart from the others."""
        heights: dict[Label, float] = {}
        last = 0
        for label, values in self._volumes.items():
            known = np.flatnonzero(np.isfinite(values))
            if known.size:
                last = max(last, int(known[-1]))
                heights[label] = float(values[known[-1]])
        box = self.getPlotItem().vb
        top = box.viewRange()[1][1]
        name_ml = _NAME_PX * top / max(box.height(), 1.0)
        ordered = sorted(heights, key=lambda one: heights[one])
        below = -np.inf
        for label in ordered:
            below = heights[label] = max(heights[label], below + name_ml)
        above = top + name_ml / 2
        for label in reversed(ordered):
            above = min(heights[label], above - name_ml)
            self._names[label].setPos(last, above)

    @Slot()
    def _move_now(self) -> None:
        self._now.setValue(self._cursor.phase)

    # -- mouse

    def _phase_at(self, scene_position: QPointF) -> int | None:
        view = self.getPlotItem().vb
        if self._reading.study is None or not view.sceneBoundingRect().contains(scene_position):
            return None
        phase = round(view.mapSceneToView(scene_position).x())
        return phase if 0 <= phase < self._reading.study.stack.phases else None

    def _hover(self, position: QPointF) -> None:
        if not any(line.moving for line in self.moments.values()):  # else the line is read: it lags behind the mouse
            self._read(self._phase_at(position))

    def _read_line(self, line: MomentLine) -> None:
        self._read(line.phase)

    def _end_reading(self, _: MomentLine) -> None:
        self._read(None)

    def _read(self, phase: int | None) -> None:
        """Write what the curves hold at a phase beside it, below the names of ED and ES as far as there is room."""
        self._readout.setVisible(phase is not None)
        if phase is None:
            return
        self._readout.setText(self.told(phase))
        right_half = 2 * phase > self._phases.last
        self._readout.setAnchor((1, 0) if right_half else (0, 0))
        box = self.getPlotItem().vb
        spare = box.height() - self._readout.boundingRect().height()
        low, top = box.viewRange()[1]
        below = min(_LABEL_PX, max(spare, 0.0)) * (top - low) / max(box.height(), 1.0)
        self._readout.setPos(phase - 0.2 if right_half else phase + 0.2, top - below)

    def told(self, phase: int) -> str:
        """Say what the curves hold at a phase, a line each."""
        assert self._reading.study is not None
        times = self._reading.study.stack.phase_times_ms
        moments, counted = self._review.moments_at(phase), self.counted
        lines = [tr("Phase {phase}", phase=phase + 1) + ("" if times is None else f" · {times[phase]:.0f} ms")]
        for label in _SHOWN:
            value = self._volumes[label][phase]
            line = f"{structure_name(label)}  {number_text(value, 1) if np.isfinite(value) else '–'} mL"
            for moment in moments:
                if (label, moment) in counted:
                    line += f" · {moment_name(moment)} {number_text(counted[label, moment], 1)} mL"
            lines.append(line)
        return "\n".join(lines)

    def volumes_ml(self, label: Label) -> NDArray[np.float64]:
        """Return the volumes that are drawn, one a phase; NaN where none is known."""
        return self._volumes[label]

    @property
    def readout(self) -> str:
        """What is written beside the mouse; empty when it is elsewhere."""
        return str(self._readout.toPlainText()) if self._readout.isVisible() else ""

    def _clicked(self, event: QGraphicsSceneMouseEvent) -> None:
        phase = self._phase_at(event.scenePos())
        if phase is not None and event.button() == Qt.MouseButton.LeftButton:
            self._cursor.go(to_phase=phase)

    def leaveEvent(self, event: object) -> None:
        self._readout.setVisible(False)
        super().leaveEvent(event)
