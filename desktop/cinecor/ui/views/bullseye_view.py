"""`BullseyeView`: thickness, thickening and motion of the wall's segments; the mouse shows a segment on the images."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from cinecor.measure.reference.comparison import ReferenceBook
from cinecor.measure.regional.function import RegionalFunction, SegmentFunction
from cinecor.review.comparisons import wall_comparison
from cinecor.scene.bullseye import PLACES, SCALES, Place, Scale, Shown, curve_mm, pieces, place_at, value
from cinecor.ui.look.colour_map import colour_of, ink_on
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.range_bar import RangeBar
from cinecor.ui.look.texts import N_, number_text, said, tr, with_colon
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.regional_model import RegionalModel

_NAMES = {
    Shown.ED: N_("Wall at ED"),
    Shown.ES: N_("Wall at ES"),
    Shown.THICKENING: N_("Thickening"),
    Shown.MOTION: N_("Motion"),
}
_MARGIN, _BAR = 4.0, 10.0
_ROOM_FOR_NUMBERS = 330.0  # a smaller disc has the values alone; the tooltip names the segment


class BullseyeView(QWidget):
    """The bull's-eye with its choice of what it shows, the segments' curves, and what could not be told."""

    def __init__(
        self,
        regional: RegionalModel,
        cursor: Cursor,
        theme: Theme,
        *,
        book: Callable[[], ReferenceBook],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.disc = BullseyeDisc(regional, cursor, theme)
        self.curves = SegmentCurves(regional, self.disc, theme)
        self.told = quiet_label()
        self.mid_wall = quiet_label()
        self.range = RangeBar(theme)  # of the mid wall's thickness
        self._regional, self._book = regional, book
        self._buttons = QButtonGroup(self)
        choice = QHBoxLayout()
        choice.setSpacing(4)
        for number, shown in enumerate(Shown):
            button = QPushButton(tr(_NAMES[shown]))
            button.setCheckable(True)
            button.setChecked(shown is self.disc.shown)
            button.setAccessibleName(with_colon(tr("Bull’s-eye"), button.text()))
            self._buttons.addButton(button, number)
            choice.addWidget(button)
        choice.addStretch()
        self._buttons.idClicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.disc, 2)
        row.addWidget(self.curves, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(choice)
        column.addLayout(row, 1)
        thickness = QHBoxLayout()
        self.mid_wall.setWordWrap(False)
        thickness.addWidget(self.mid_wall)
        thickness.addWidget(self.range)
        thickness.addStretch()
        column.addLayout(thickness)
        column.addWidget(self.told)
        regional.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the regional function as it is."""
        function = self._regional.function
        self.told.setText("" if function is None else " ".join(_summary(function)))
        self.told.setVisible(bool(self.told.text()))
        self.show_range()

    def show_range(self) -> None:
        """Show the mean thickness of the mid ring beside its range."""
        function, review = self._regional.function, self._regional.review
        known = function is not None and function.mid_ed_mm is not None and review is not None
        self.mid_wall.setVisible(known)
        self.range.setVisible(known)
        if function is None or function.mid_ed_mm is None or review is None:
            return
        self.mid_wall.setText(tr("Mid wall at ED {mm} mm", mm=number_text(function.mid_ed_mm, 1)))
        self.range.show_comparison(wall_comparison(review, function, book=self._book()))

    @Slot(int)
    def _choose(self, number: int) -> None:
        self.disc.show_value(tuple(Shown)[number])
        self.curves.update()


class BullseyeDisc(QWidget):
    """The disc itself, with the scale of its colours; a click goes to the segment's middle slice."""

    def __init__(self, regional: RegionalModel, cursor: Cursor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = Shown.ED
        self._regional, self._cursor, self._theme = regional, cursor, theme
        self.setMouseTracking(True)
        self.setMinimumSize(190, 190)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Bull’s-eye"))
        regional.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    def show_value(self, shown: Shown) -> None:
        """Show thickness at ED or ES, thickening or motion."""
        self.shown = shown
        self.update()

    def circle(self) -> QRectF:
        """Return the square that the disc fills; beside it is room for the scale."""
        side = min(self.width() - 2 * _MARGIN - 52.0, self.height() - 2 * _MARGIN)
        return QRectF(_MARGIN, (self.height() - side) / 2, side, side)

    def point_of(self, place: Place) -> QPointF:
        """Return the middle of a segment in the widget."""
        circle, (right, up) = self.circle(), place.middle
        return circle.center() + QPointF(right, -up) * (circle.width() / 2)

    # -- painting

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        function, circle, scale = self._regional.function, self.circle(), SCALES[self.shown]
        known = () if function is None else function.segments
        for place in PLACES:
            one = known[place.segment.number - 1] if known else None
            self._paint_segment(painter, circle, place, one, scale)
        if self._regional.pointed is not None and known:
            painter.setPen(QPen(QColor(self._theme.accent), 3.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(_path(circle, PLACES[self._regional.pointed - 1]))
        painter.setPen(QColor(self._theme.quiet))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "–")  # the apex, which short-axis slices do not see
        self._paint_scale(painter, circle, scale)
        painter.end()

    def _paint_segment(
        self, painter: QPainter, circle: QRectF, place: Place, one: SegmentFunction | None, scale: Scale
    ) -> None:
        number = None if one is None else value(one, self.shown)
        path = _path(circle, place)
        colour = QColor(self._theme.raised) if number is None else colour_of(scale.share(number))
        painter.setPen(QPen(QColor(self._theme.panel), 1.5))
        painter.setBrush(colour)
        painter.drawPath(path)
        if number is None:
            painter.setBrush(Qt.BrushStyle.BDiagPattern)
            painter.setPen(QColor(self._theme.line))
            painter.drawPath(path)
        font = QFont(self.font())
        font.setPointSizeF(min(max(7.0, circle.width() / 26), 13.0))
        font.setWeight(QFont.Weight.DemiBold)
        lines = ["–" if number is None else number_text(number, scale.decimals)]
        if circle.width() >= _ROOM_FOR_NUMBERS:
            lines.insert(0, f"{place.segment.number}")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.quiet) if number is None else ink_on(colour))
        at = self.point_of(place) - QPointF(60, metrics.height() * len(lines) / 2)
        area = QRectF(at.x(), at.y(), 120, metrics.height() * len(lines))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))
        painter.setFont(QFont(self.font()))

    def _paint_scale(self, painter: QPainter, circle: QRectF, scale: Scale) -> None:
        bar = QRectF(circle.right() + 14, circle.top() + 18, _BAR, circle.height() - 36)
        steps = 48
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(steps):
            painter.setBrush(colour_of((step + 0.5) / steps))
            painter.drawRect(
                QRectF(bar.left(), bar.bottom() - (step + 1) * bar.height() / steps, _BAR, bar.height() / steps + 1)
            )
        painter.setPen(QColor(self._theme.quiet))
        for share in (0.0, 0.5, 1.0):
            text = number_text(scale.low + share * (scale.high - scale.low), 0)
            painter.drawText(QPointF(bar.right() + 4, bar.bottom() - share * bar.height() + 4), text)
        painter.drawText(QPointF(bar.left(), bar.top() - 8), scale.unit)

    # -- mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        one = self._segment_under(event.position())
        self._regional.point(None if one is None else one.segment.number)

    def event(self, event: QEvent) -> bool:
        """Say what is known of the segment under a mouse that rests."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            one = self._segment_under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if one is None else segment_text(one), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        one, function = self._segment_under(event.position()), self._regional.function
        if one is None or function is None:
            return
        slices = sorted(index for index, ring in function.rings.items() if ring == one.segment.ring)
        self._cursor.go(to_slice=slices[len(slices) // 2])

    def leaveEvent(self, event: QEvent) -> None:
        self._regional.point(None)
        super().leaveEvent(event)

    def _segment_under(self, position: QPointF) -> SegmentFunction | None:
        circle, function = self.circle(), self._regional.function
        off = (position - circle.center()) / (circle.width() / 2)
        place = place_at(off.x(), -off.y())
        if place is None or function is None or not function.segments:
            return None
        return function.segments[place.segment.number - 1]


class SegmentCurves(QWidget):
    """Thickness, or motion, of every segment over the cycle; a gap is an open wall; the one pointed at stands out."""

    def __init__(
        self, regional: RegionalModel, disc: BullseyeDisc, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._regional, self._disc, self._theme = regional, disc, theme
        self.setMinimumSize(100, 100)
        self.setAccessibleName(tr("Curves of the segments"))
        regional.changed.connect(self.update)

    def paintEvent(self, _: QPaintEvent) -> None:
        function, pointed = self._regional.function, self._regional.pointed
        curves = {} if function is None else self._curves(function)
        if not curves:
            return
        area = QRectF(self.rect()).adjusted(30, 10, -8, -22)
        low = min(0.0, *(float(np.nanmin(curve)) for curve in curves.values()))
        high = max(float(np.nanmax(curve)) for curve in curves.values()) or 1.0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.quiet))
        for at in (low, high):
            painter.drawText(
                QPointF(2, area.bottom() - (at - low) / (high - low) * area.height() + 4), number_text(at, 0)
            )
        painter.drawText(QPointF(area.left() + 4, area.top() + 2), "mm")
        painter.drawText(
            QRectF(area.left(), area.bottom() + 4, area.width(), 16), Qt.AlignmentFlag.AlignRight, tr("Phase")
        )
        for number, curve in sorted(curves.items(), key=lambda one: one[0] == pointed):
            here = number == pointed
            painter.setPen(QPen(QColor(self._theme.accent if here else self._theme.cell_line), 2.6 if here else 1.0))
            across, up = area.width() / max(1, len(curve) - 1), area.height() / (high - low)
            for phases in pieces(curve):
                points = [
                    QPointF(area.left() + phase * across, area.bottom() - (curve[phase] - low) * up)
                    for phase in phases.tolist()
                ]
                if len(points) == 1:  # between two gaps, or the only phase
                    painter.drawPoint(points[0])
                else:
                    painter.drawPolyline(points)
        painter.end()

    def _curves(self, function: RegionalFunction) -> dict[int, NDArray[np.float64]]:
        """Return the curve of each segment whose motion is known, with gaps where its wall is open."""
        curves = {
            one.segment.number: curve_mm(one, self._disc.shown, ed_phase=function.ed_phase) for one in function.segments
        }
        return {number: curve for number, curve in curves.items() if curve is not None}


def segment_text(one: SegmentFunction) -> str:
    """Return what is known of a segment, in lines."""
    lines = [f"{one.segment.number} · {said(one.segment.name)}"]
    for shown in Shown:
        number, scale = value(one, shown), SCALES[shown]
        told = "–" if number is None else f"{number_text(number, scale.decimals)} {scale.unit}"
        lines.append(with_colon(tr(_NAMES[shown]), told))
    if one.thickening_mm is not None:
        lines.append(with_colon(tr("Thickening"), f"{number_text(one.thickening_mm, 1)} mm"))
    if one.peak_ms is not None:
        lines.append(tr("Thickest {ms} ms after ED", ms=number_text(one.peak_ms, 0)))
    if one.refused is not None:
        lines.append(said(one.refused))
    return "\n".join(lines)


def _summary(function: RegionalFunction) -> list[str]:
    told = [said(reason) for reason in function.reasons]
    if function.dispersion_ms is not None:
        told.append(tr("Times to the thickest wall differ by {ms} ms (SD).", ms=number_text(function.dispersion_ms, 0)))
    return told


def _path(circle: QRectF, place: Place) -> QPainterPath:
    def ring(share: float) -> QRectF:
        half = share * circle.width() / 2
        return QRectF(circle.center().x() - half, circle.center().y() - half, 2 * half, 2 * half)

    path = QPainterPath()
    path.arcMoveTo(ring(place.outer), place.begin_deg)
    path.arcTo(ring(place.outer), place.begin_deg, place.width_deg)
    path.arcTo(ring(place.inner), place.begin_deg + place.width_deg, -place.width_deg)
    path.closeSubpath()
    return path
