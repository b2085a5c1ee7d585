"""`MatrixView`: slice × phase at a glance; a click goes there, a click on ED or ES takes a slice in or out."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QToolTip, QWidget

from cinecor.measure.moment import Moment
from cinecor.review import FrameState, ToggleSlice
from cinecor.review.slice_effect import slice_effect
from cinecor.scene.cells import Cell, marks, reasons
from cinecor.ui.look.cell_painter import CellPainter
from cinecor.ui.look.focus import FocusFrame
from cinecor.ui.look.names import cell_name, mark_name, moment_name
from cinecor.ui.look.texts import N_, number_text, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.overlays import Overlays
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel

_GAP = 14.0  # between the phases and the columns of ED and ES
_LEAST_WIDTH = 250
_LEAST_ROW_PX = 5.0
_LEAST_LETTERS_PX = 8  # lower rows go without their numbers: the mouse tells them
_WITHOUT_IT = N_("Slice {slice} counts at {moment}. Without it: LV {lv} mL, RV {rv} mL, LVEF {points} points.")
_WITH_IT = N_("Slice {slice} does not count at {moment}. With it: LV {lv} mL, RV {rv} mL, LVEF {points} points.")


class MatrixView(FocusFrame):
    """Rows are slices from base to apex, columns are phases; two columns on the right say which slices count."""

    hinted = Signal(str)  # what the thing under the mouse is, or would change
    states_changed = Signal(tuple)  # of Cell and FrameState: what differs from the usual somewhere
    menu_wanted = Signal(QPoint)  # in coordinates of the screen, for the frame that the cursor went to

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
        super().__init__(theme, parent)
        self._review, self._overlays, self._cursor = review, overlays, cursor
        self._cell_painter = CellPainter(theme)
        self._state = overlays.cells()
        self._marks = self._marks_now()
        self._laid: tuple[tuple[int, ...], tuple[QRectF, float, float]] | None = None
        self._picture: QPixmap | None = None
        self._painted = np.zeros((2, 0, 0), dtype=np.uint8)  # states and marks that the picture shows
        self._hover: tuple[int, Moment] | None = None
        self._told_of: tuple[tuple[int, int], QPoint] | None = None  # the frame under the mouse, and where that is
        self._still: tuple[object, QPixmap] | None = None  # what stays while phases go by, and of which look
        self._require_room()
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Slice × phase"))
        cursor.moved.connect(self.update)
        cursor.turned.connect(self._turn)
        for told in (reading.opened, overlays.replaced, overlays.grown, review.changed):
            told.connect(self._refresh)
        review.changed.connect(self._tell_again)

    @Slot()
    def _turn(self) -> None:
        self._picture = None
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self._still = None
        self._state = self._overlays.cells()
        self._marks = self._marks_now()
        self._require_room()
        self.states_changed.emit(self.differing)
        self.update()

    @Slot()
    def _tell_again(self) -> None:
        """Say anew what is under a mouse that stays: what was said of it may hold no longer."""
        slices, phases = (0, 0) if self._state is None else self._state.shape
        if self._hover is not None and self._hover[0] < slices:
            self._tell(*self._hover)
        elif self._told_of is not None:
            (index, phase), at = self._told_of
            if index < slices and phase < phases:
                self._tell_frame((index, phase), at)

    def _marks_now(self) -> NDArray[np.uint8]:
        review = self._review.present
        return np.zeros((0, 0), dtype=np.uint8) if review is None else marks(review)

    @property
    def differing(self) -> tuple[Cell | FrameState, ...]:
        """What is not as usual in any frame: the entries of the legend."""
        cells = set() if self._state is None else {Cell(one) for one in np.unique(self._state).tolist()}
        done = {tuple(FrameState)[one - 1] for one in np.unique(self._marks).tolist() if one}
        return (
            *(one for one in Cell if one in cells and one is not Cell.SEGMENTED),
            *(s for s in FrameState if s in done),
        )

    def _require_room(self) -> None:
        """Ask for the least in which rows can be told apart: none is ever hidden, they shrink."""
        rows = 1 if self._state is None else self._state.shape[0]
        letters = QFontMetricsF(self.font()).height()
        self.setMinimumSize(_LEAST_WIDTH, math.ceil(letters + 6 + rows * _LEAST_ROW_PX))

    # -- where things are

    def cell_rect(self, index: int, phase: int) -> QRectF:
        """Return where a frame's cell lies in the widget."""
        area, width, height = self._layout()
        return QRectF(area.left() + phase * width, area.top() + self._row_of(index) * height, width, height)

    def choice_rect(self, index: int, moment: Moment) -> QRectF:
        """Return where a slice's box in the column of ED or ES lies."""
        area, _, height = self._layout()
        width = self._choice_width()
        left = area.right() + _GAP + (0 if moment is Moment.ED else width + 4)
        return QRectF(left, area.top() + self._row_of(index) * height, width, height)

    def _row_of(self, index: int) -> int:
        """Return in which row a slice stands: the base on top, whichever end the file begins with."""
        rows = self._cursor.rows
        return rows.index(index) if index < len(rows) else index

    def _layout(self) -> tuple[QRectF, float, float]:
        """Return the area of the cells, and the width and height of one."""
        shape = (1, 1) if self._state is None else self._state.shape
        key = (self.width(), self.height(), *shape)
        if self._laid is None or self._laid[0] != key:
            metrics = QFontMetricsF(self.font())
            left = metrics.horizontalAdvance("00") + 12
            top = metrics.height() + 4
            right = _GAP + 2 * self._choice_width() + 12
            area = QRectF(left, top, max(40.0, self.width() - left - right), max(1.0, self.height() - top - 2))
            height = min(area.height() / shape[0], 2.4 * metrics.height())
            area.setHeight(height * shape[0])
            self._laid = key, (area, area.width() / shape[1], height)
        return self._laid[1]

    def _choice_width(self) -> float:
        return QFontMetricsF(self.font()).horizontalAdvance("000.0") + 14

    def _cells_picture(self) -> QPixmap:
        """Return all cells; one is painted only when its state or the size changes: masks and the cursor come fast."""
        assert self._state is not None
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        now = np.stack((self._state, self._marks))
        changed = np.ones(self._state.shape, dtype=np.bool_)
        if self._picture is None or self._picture.size() != size or self._painted.shape != now.shape:
            self._picture = QPixmap(size)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(QColor(self._theme.panel))
        else:
            changed = (self._painted != now).any(axis=0)
        if changed.any():
            painter = QPainter(self._picture)
            for index, phase in np.argwhere(changed).tolist():
                rect = self.cell_rect(index, phase)
                painter.fillRect(rect, QColor(self._theme.panel))
                self._cell_painter.paint(painter, rect, Cell(int(self._state[index, phase])))
                mark = self._mark(index, phase)
                if mark is not None:
                    self._cell_painter.paint_mark(painter, rect, mark)
            painter.end()
            self._painted = now
        return self._picture

    def _mark(self, index: int, phase: int) -> FrameState | None:
        number = int(self._marks[index, phase])
        return tuple(FrameState)[number - 1] if number else None

    def _found_at(self, position: QPointF) -> tuple[int, int] | tuple[int, Moment] | None:
        if self._state is None:
            return None
        area, width, height = self._layout()
        row = int((position.y() - area.top()) // height)
        if not 0 <= row < self._state.shape[0]:
            return None
        index = self._cursor.rows[row]
        phase = int((position.x() - area.left()) // width)
        if 0 <= phase < self._state.shape[1]:
            return index, phase
        for moment in Moment:
            if self.choice_rect(index, moment).contains(position):
                return index, moment
        return None

    # -- painting

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._state is None:
            painter.fillRect(self.rect(), QColor(self._theme.panel))
        else:
            self._paint(painter)
        self.paint_focus(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        assert self._state is not None
        cursor = self._cursor
        slices, phases = self._state.shape
        painter.drawPixmap(0, 0, self._still_picture(slices, phases))
        row = self.cell_rect(cursor.slice, 0).united(self.cell_rect(cursor.slice, phases - 1))
        column = self.cell_rect(0, cursor.phase).united(self.cell_rect(slices - 1, cursor.phase))
        line = QColor(self._theme.text)
        line.setAlpha(110)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(line, 1))
        painter.drawRect(row)
        painter.drawRect(column)
        painter.setPen(QPen(QColor(self._theme.text), 2))
        painter.drawRect(self.cell_rect(cursor.slice, cursor.phase).adjusted(0.5, 0.5, -0.5, -0.5))

    def _still_picture(self, slices: int, phases: int) -> QPixmap:
        """Return everything but where the cursor is: painted anew when it looks otherwise, not at every phase."""
        ratio = self.devicePixelRatioF()
        look = (self.size(), ratio, self._cursor.slice, self._hover, self.font().key())
        if self._still is None or self._still[0] != look:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(QColor(self._theme.panel))
            painter = QPainter(picture)
            painter.setFont(self.font())
            painter.drawPixmap(0, 0, self._cells_picture())
            self._paint_heads(painter, phases)
            self._paint_choices(painter, slices)
            painter.end()
            self._still = look, picture
        return self._still[1]

    def _paint_heads(self, painter: QPainter, phases: int) -> None:
        cursor, metrics = self._cursor, QFontMetricsF(self.font())
        align = Qt.AlignmentFlag
        row_px = self.cell_rect(0, 0).height()
        every = max(1, math.ceil(_LEAST_LETTERS_PX / max(row_px, 1.0)))
        painter.setFont(self._row_font(row_px * every))
        own = self.cell_rect(cursor.slice, 0)
        for index in cursor.rows[::every]:
            rect = self.cell_rect(index, 0)
            rect.setHeight(row_px * every)
            if every > 1 and rect.top() < own.bottom() + row_px and rect.bottom() > own.top() - row_px:
                continue  # the current slice's number stands there
            painter.setPen(QColor(self._theme.text if index == cursor.slice else self._theme.quiet))
            painter.drawText(
                QRectF(0, rect.top(), rect.left() - 7, rect.height()),
                align.AlignRight | align.AlignVCenter,
                str(index + 1),
            )
        painter.setFont(self.font())
        if every > 1:
            painter.setPen(QColor(self._theme.text))
            painter.drawText(
                QRectF(0, own.center().y() - metrics.height() / 2, own.left() - 7, metrics.height()),
                align.AlignRight | align.AlignVCenter,
                str(cursor.slice + 1),
            )
        known = {phase for moment in Moment if (phase := self._review.phase_of(moment)) is not None}
        moments = {phase: " ".join(map(moment_name, self._review.moments_at(phase))) for phase in known}
        free_from = -1.0
        named = sorted(moments) + [phase for phase in range(0, phases, 5) if phase not in moments]
        taken: list[QRectF] = []
        for phase in named:
            text = moments.get(phase, str(phase + 1))
            rect = self.cell_rect(0, phase)
            width = metrics.horizontalAdvance(text) + 6
            place = QRectF(rect.center().x() - width / 2, 2, width, metrics.height())
            if any(place.intersects(other) for other in taken) or place.left() < free_from:
                continue
            taken.append(place)
            painter.setPen(QColor(self._theme.text if phase in moments else self._theme.quiet))
            painter.drawText(place, align.AlignCenter, text)
        for moment in Moment:
            place = self.choice_rect(0, moment)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(
                QRectF(place.left() - 8, 2, place.width() + 16, metrics.height()),
                align.AlignCenter,
                self.choice_head(moment),
            )

    def choice_head(self, moment: Moment) -> str:
        """Return what stands above a column: where rows are too low for numbers, the current slice's own mL."""
        review, measures = self._review.present, self._review.result
        if review is not None and measures is not None and self.choice_rect(0, moment).height() < _LEAST_LETTERS_PX:
            effect = slice_effect(review, measures, index=self._cursor.slice, moment=moment)
            if effect is not None:
                return f"{moment_name(moment)} {number_text(effect.lv_ml, 1)}"
        return tr("{moment} (mL)", moment=moment_name(moment))

    def _row_font(self, row_px: float) -> QFont:
        """Return the font in which a number fits into a row."""
        font = self.font()
        usual = QFontMetricsF(font).height()
        if row_px < usual:
            font.setPixelSize(max(_LEAST_LETTERS_PX, math.floor(row_px * 0.85)))
        return font

    def _paint_choices(self, painter: QPainter, slices: int) -> None:
        review, measures = self._review.present, self._review.result
        if review is None:
            return
        row_px = self.choice_rect(0, Moment.ED).height()
        told = row_px >= _LEAST_LETTERS_PX
        painter.setFont(self._row_font(row_px))
        inset = 1 if told else 0.5
        for index in range(slices):
            for moment in Moment:
                effect = None
                if measures is not None and told:
                    effect = slice_effect(review, measures, index=index, moment=moment)
                self._cell_painter.paint_choice(
                    painter,
                    self.choice_rect(index, moment).adjusted(0, inset, 0, -inset),
                    counts=review.counts(index, moment),
                    volume_ml=None if effect is None else effect.lv_ml,
                    hovered=self._hover == (index, moment),
                )

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._found_at(event.position())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        index, place = found
        if isinstance(place, Moment):
            if self._review.result is not None and self._review.present is not None:
                if self._review.why_no_choice(index, place) is None:
                    self._review.edit(ToggleSlice(index, place))
                self._tell(index, place)
        else:
            self._cursor.go(to_slice=index, to_phase=place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._found_at(event.position())
        if found is not None and event.buttons() & Qt.MouseButton.LeftButton and not isinstance(found[1], Moment):
            self._cursor.go(to_slice=found[0], to_phase=found[1])
        hover = found if found is not None and isinstance(found[1], Moment) else None
        if hover != self._hover:
            self._hover = hover
            self.update()
        self._told_of = None
        if found is None or self._state is None:
            self.hinted.emit("")
            QToolTip.hideText()
        elif isinstance(found[1], Moment):
            self._tell(found[0], found[1])
        else:
            self._told_of = (found[0], found[1]), event.globalPosition().toPoint()
            self._tell_frame(*self._told_of)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        found = self._found_at(QPointF(event.pos()))
        if found is not None:
            place = found[1]
            phase = self._review.phase_of(place) if isinstance(place, Moment) else place
            self._cursor.go(to_slice=found[0], to_phase=phase)
            self.menu_wanted.emit(event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = self._told_of = None
        self.hinted.emit("")
        self.update()
        super().leaveEvent(event)

    def _tell_frame(self, place: tuple[int, int], at: QPoint) -> None:
        """Say what a frame is, and beside the mouse why it is doubtful."""
        assert self._state is not None
        state, mark = Cell(int(self._state[place])), self._mark(*place)
        known = cell_name(state) if mark is None else f"{cell_name(state)}, {mark_name(mark)}"
        text = tr("Slice {slice}, phase {phase}: {state}", slice=place[0] + 1, phase=place[1] + 1, state=known)
        review, result = self._review.present, self._review.result
        off_ml = None if result is None else result.quality.expected_error_ml
        if off_ml is not None and round(float(off_ml[place])):
            text = tr("{frame}, expected error about {ml} mL", frame=text, ml=round(float(off_ml[place])))
        why = [] if review is None else [said(one) for one in reasons(place, review=review, found=result)]
        if state is Cell.DOUBTFUL and why:
            QToolTip.showText(at, "\n".join((text, *why)), self)
            text = f"{text}. {why[0]}"
        else:
            QToolTip.hideText()
        self.hinted.emit(text)

    def _tell(self, index: int, moment: Moment) -> None:
        """Say what the slice adds, and what a click would change."""
        review, measures = self._review.present, self._review.result
        if review is None or measures is None:
            self.hinted.emit(tr("Slices can be chosen when all outlines are there."))
            return
        why_not = self._review.why_no_choice(index, moment)
        if why_not is not None:
            self.hinted.emit(said(why_not))
            return
        effect = slice_effect(review, measures, index=index, moment=moment)
        if effect is None:
            self.hinted.emit(tr("There is no ED and ES to count at."))
            return
        counts = review.counts(index, moment)
        sign = "−" if counts else "+"
        points = "–" if effect.lv_ef_points is None else number_text(effect.lv_ef_points, 1, signed=True)
        text = _WITHOUT_IT if counts else _WITH_IT
        self.hinted.emit(
            tr(
                text,
                slice=index + 1,
                moment=moment_name(moment),
                lv=sign + number_text(effect.lv_ml, 1),
                rv=sign + number_text(effect.rv_ml, 1),
                points=points,
            )
        )
