"""`CurveView`: the volumes over the cycle; ED and ES are lines to drag."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsSceneMouseEvent, QWidget

from cinecor.app.measures import cropped
from cinecor.app.rates import rates
from cinecor.inference.segmentation import Label
from cinecor.measure.curves import volume_curves
from cinecor.review import Moment
from cinecor.ui.desk import StudyDesk
from cinecor.ui.moment_line import MomentLine
from cinecor.ui.texts import tr
from cinecor.ui.theme import Theme

_NAMES = ((Label.LV, "name.lv"), (Label.RV, "name.rv"), (Label.MYO, "name.myo"))


class CurveView(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """LV, RV and myocardial volume in mL, one point a phase; a click goes to a phase."""

    hinted = Signal(str)

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=theme.panel)
        self._desk = desk
        self._theme = theme
        self._volumes: dict[Label, NDArray[np.float64]] = {}
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.showGrid(x=False, y=True, alpha=0.18)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.quiet))
            axis.setStyle(tickLength=-4)
        plot.setLabel("left", tr("curve.volume"), color=theme.quiet)
        plot.getAxis("left").setWidth(54)
        self._curves = {}
        for label, _ in _NAMES:
            colour = theme.structure(label)
            style = {Label.LV: Qt.PenStyle.SolidLine, Label.RV: Qt.PenStyle.DashLine}.get(label, Qt.PenStyle.DotLine)
            self._curves[label] = plot.plot(
                pen=pg.mkPen(colour, width=2, style=style),
                symbol="o",
                symbolSize=4,
                symbolBrush=colour,
                symbolPen=None,
                connect="finite",
            )
        self._names = {
            label: pg.TextItem(tr(name), color=theme.structure(label), anchor=(0, 0.5)) for label, name in _NAMES
        }
        for item in self._names.values():
            plot.addItem(item, ignoreBounds=True)
        now = QColor(theme.text)
        now.setAlpha(150)
        self._now = pg.InfiniteLine(angle=90, pen=pg.mkPen(now, width=1))
        plot.addItem(self._now, ignoreBounds=True)
        self.moments = {moment: MomentLine(moment, theme, desk) for moment in Moment}
        for line in self.moments.values():
            plot.addItem(line, ignoreBounds=True)
        self.setAccessibleName(tr("view.curves"))
        self.setMinimumSize(260, 140)
        self.scene().sigMouseMoved.connect(self._hover)
        self.scene().sigMouseClicked.connect(self._clicked)
        desk.opened.connect(self._opened_soon)
        desk.cursor.phase_moved.connect(self._move_now)
        desk.labels_changed.connect(self._labels_changed)
        desk.review_changed.connect(self._refresh)
        self._opened()

    # -- content

    @Slot()
    def _opened_soon(self) -> None:
        QTimer.singleShot(0, self, self._opened)  # the images are painted first

    @Slot()
    def _opened(self) -> None:
        if self._desk.study is None:
            return
        stack = self._desk.study.stack
        self._volumes = {label: np.full(stack.phases, np.nan) for label, _ in _NAMES}
        plot = self.getPlotItem()
        plot.setLabel("bottom", tr("curve.phase"), color=self._theme.quiet)
        plot.setXRange(-0.4, stack.phases - 1 + max(1.2, 0.16 * stack.phases), padding=0)
        for phase in np.flatnonzero(self._desk.segmented.all(axis=0)):
            self._measure_phase(int(phase))
        self._refresh()
        self._move_now()

    @Slot(object)
    def _labels_changed(self, phases: object) -> None:
        if phases is None:
            return  # the review's measures follow, and hold all phases
        for phase in phases:  # type: ignore[attr-defined]
            if self._desk.segmented[:, phase].all():
                self._measure_phase(phase)
        self._draw()

    def _measure_phase(self, phase: int) -> None:
        assert self._desk.labels is not None
        assert self._desk.study is not None
        heart = cropped(self._desk.labels[:, phase : phase + 1])
        curves = volume_curves(heart, geometry=self._desk.study.stack.geometry)
        for label, value in ((Label.LV, curves.lv_ml), (Label.RV, curves.rv_ml), (Label.MYO, curves.myo_ml)):
            self._volumes[label][phase] = value[0]

    @Slot()
    def _refresh(self) -> None:
        measures = self._desk.measures
        if measures is not None:
            curves = measures.curves
            self._volumes = {Label.LV: curves.lv_ml, Label.RV: curves.rv_ml, Label.MYO: curves.myo_ml}
        for line in self.moments.values():
            line.refresh()
        self._draw()

    def _draw(self) -> None:
        highest = 0.0
        for label, _ in _NAMES:
            values = self._volumes.get(label)
            if values is None:
                continue
            known = np.flatnonzero(np.isfinite(values))
            shown = len(values) if known.size else 0  # pyqtgraph warns of curves without any number
            self._curves[label].setData(np.arange(shown, dtype=np.float64), values[:shown])
            self._names[label].setVisible(bool(known.size))
            if known.size:
                highest = max(highest, float(np.nanmax(values)))
        self._place_names()
        self.getPlotItem().setYRange(0, max(highest * 1.14, 10.0), padding=0)

    def _place_names(self) -> None:
        """Write each name at the end of its curve, apart from the others."""
        heights: dict[Label, float] = {}
        last = 0
        for label, values in self._volumes.items():
            known = np.flatnonzero(np.isfinite(values))
            if known.size:
                last = max(last, int(known[-1]))
                heights[label] = float(values[known[-1]])
        apart = 0.08 * max((float(np.nanmax(self._volumes[label])) for label in heights), default=1.0)
        below = -apart
        for label in sorted(heights, key=lambda one: heights[one]):
            below = max(heights[label], below + apart)
            self._names[label].setPos(last + 0.25, below)

    @Slot()
    def _move_now(self) -> None:
        self._now.setValue(self._desk.cursor.phase)

    # -- mouse

    def _phase_at(self, scene_position: QPointF) -> int | None:
        view = self.getPlotItem().vb
        if self._desk.study is None or not view.sceneBoundingRect().contains(scene_position):
            return None
        phase = round(view.mapSceneToView(scene_position).x())
        return phase if 0 <= phase < self._desk.study.stack.phases else None

    def _hover(self, position: QPointF) -> None:
        phase = self._phase_at(position)
        if phase is None or not self._volumes:
            self.hinted.emit("")
            return
        parts = [
            f"{tr(name)} {self._volumes[label][phase]:.1f} ml"
            for label, name in _NAMES
            if np.isfinite(self._volumes[label][phase])
        ]
        self.hinted.emit(tr("curve.hover", phase=phase, values="   ".join(parts) or "–"))

    def _clicked(self, event: QGraphicsSceneMouseEvent) -> None:
        phase = self._phase_at(event.scenePos())
        if phase is not None and event.button() == Qt.MouseButton.LeftButton:
            self._desk.cursor.go(to_phase=phase)

    def leaveEvent(self, event: object) -> None:
        self.hinted.emit("")
        super().leaveEvent(event)

    def rates_text(self) -> str:
        """Say how fast the ventricles empty and fill; empty where it cannot be known."""
        study, measures = self._desk.study, self._desk.measures
        if study is None or measures is None:
            return ""
        parts = []
        for name, curve in (("name.lv", measures.curves.lv_ml), ("name.rv", measures.curves.rv_ml)):
            found = rates(curve, study.stack.phase_times_ms)
            if found is not None:
                parts.append(f"{tr(name)} {found.ejection_ml_s:.0f} / {found.filling_ml_s:.0f}")
        return tr("curve.rates", values="  ·  ".join(parts)) if parts else ""
