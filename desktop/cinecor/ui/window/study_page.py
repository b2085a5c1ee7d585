"""`StudyPage`: all views of one study, linked to its cursor, in four layouts."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from cinecor.app.outlines_within import OutlinesWithin
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Answer
from cinecor.scene.numbers import LEAST_CHANGE
from cinecor.ui.look.failure import Failure
from cinecor.ui.look.labels import heading
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.comparison_bar import ComparisonBar
from cinecor.ui.panels.control_bar import ControlBar
from cinecor.ui.panels.correction_bar import CorrectionBar
from cinecor.ui.panels.message_bar import MessageBar
from cinecor.ui.panels.numbers_view import NumbersView
from cinecor.ui.panels.study_panel import StudyPanel
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.player import Player
from cinecor.ui.study.regional_model import RegionalModel
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.views.bullseye_view import BullseyeView
from cinecor.ui.views.cine_view import CineView
from cinecor.ui.views.curve_view import CurveView
from cinecor.ui.views.first_look import FirstLook
from cinecor.ui.views.grid_view import GridView
from cinecor.ui.views.long_axis_column import LongAxisColumn
from cinecor.ui.views.matrix_legend import MatrixLegend
from cinecor.ui.views.matrix_view import MatrixView
from cinecor.ui.views.pictures import CinePictures

_TOLD_CHANGES = ("edv_ml", "esv_ml", "ef_percent")
_WIDE_PX = 1160  # room for the study panel beside images and numbers
_LEAST_ROWS_PX = 110  # of the matrix: its head and a few rows

# What each layout shows.
LAYOUTS = {
    "1": {"cine", "long_axis", "matrix", "curves", "numbers"},
    "2": {"cine"},
    "3": {"grid", "matrix", "curves", "numbers"},
    "4": {"cine", "long_axis", "matrix", "numbers"},
}


class StudyPage(QWidget):
    """The cockpit of one study; it owns its player, the study itself lives on its desk."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.closed = False
        reading, review, overlays, cursor = desk.reading, desk.review, desk.overlays, desk.cursor
        self.player = Player(reading, review, cursor, desk.settings, self)
        self.toolbox = Toolbox(review, overlays, desk.callipers, reading, self)
        self.regional = RegionalModel(review, self)
        self.cine = CineView(desk, self.toolbox, self.regional, theme=theme)
        self.first_look = FirstLook(desk, self.cine, self.player, self)
        self.grid = GridView(desk, self.toolbox, theme)
        self.beside = LongAxisColumn(desk, theme)
        self.long_axis = self.beside.cut
        self.matrix = MatrixView(reading, review, overlays, cursor=cursor, theme=theme)
        self.curves = CurveView(reading, review, overlays, cursor=cursor, theme=theme)
        self.numbers = NumbersView(desk, theme)
        self.bullseye = BullseyeView(self.regional, cursor, theme, book=lambda: self.numbers.book)
        self.controls = ControlBar(reading, cursor, self.player, settings=desk.settings, theme=theme)
        self.correction = CorrectionBar(self.toolbox, review, theme)
        self.comparison = ComparisonBar(desk.comparing, review, cursor, theme=theme)
        self.panel = StudyPanel(reading, review, cursor, settings=desk.settings, theme=theme)
        self.messages = MessageBar(theme)
        self.hint = QLabel()
        self.hint.setProperty("quiet", True)
        self._assemble(theme)
        self.controls.structures_changed.connect(self._show_structures)
        self.matrix.hinted.connect(self._show_hint)
        self.panel.tree.went.connect(self.cine.setFocus)  # Space plays then; on the tree it would drop the slice
        desk.reading.stopped.connect(self._show_stopped)
        desk.reading.opened.connect(self.messages.hide)
        self.numbers.review_list.shown.connect(self.focus_image)
        self.numbers.review_list.answering.connect(self.answer)
        desk.keeping.found.connect(self._tell_what_is_known)
        desk.outlining.put_beside.connect(self._tell_of_others)
        desk.outlines_found.offered.connect(self._offer_outlines)
        for part in (reading, review, desk.outlining, desk.keeping, desk.carrying, desk.comparing):
            part.failed.connect(self._show_failure)
        self.toolbox.changed.connect(self._show_tools_hint)
        for view in (self.cine, self.grid):
            view.gestures.began.connect(self._begin_gesture)
        desk.carrying.ended.connect(self._show_carried)
        desk.valves.taken.connect(self.player.stop)
        desk.settings.listen(self._setting_changed)
        self.show_layout(desk.settings.text("layout"))
        self._show_hint("")

    def _assemble(self, theme: Theme) -> None:
        self._images = QSplitter(Qt.Orientation.Horizontal)
        for view in (self.cine, self.grid, self.beside):
            self._images.addWidget(view)
        self._images.setStretchFactor(0, 3)
        self._images.setStretchFactor(1, 3)
        self._images.setStretchFactor(2, 2)
        images = QWidget()
        column = QVBoxLayout(images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.correction)
        column.addWidget(self.comparison)
        column.addWidget(self._images, 1)
        column.addWidget(self.controls)

        self._rows = QScrollArea()
        self._rows.setWidgetResizable(True)
        self._rows.setFrameShape(QFrame.Shape.NoFrame)
        self._rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = self._rows.verticalScrollBar().sizeHint().width()
        self._rows.setMinimumSize(self.matrix.minimumWidth() + bar, _LEAST_ROWS_PX)
        self._rows.setWidget(self.matrix)
        self.desk.cursor.moved.connect(self._show_row)
        self._matrix_frame = _titled(tr("Slice × phase"), self._rows, QWidget(), MatrixLegend(theme))
        self._curve_frame = _titled(tr("Volumes"), self.curves, QWidget())
        self._lower = QSplitter(Qt.Orientation.Horizontal)
        self._lower.addWidget(self._matrix_frame)
        self._lower.addWidget(self._curve_frame)
        self._bullseye_frame = _titled(tr("Bull’s-eye"), self.bullseye, QWidget())
        self._lower.addWidget(self._bullseye_frame)
        self._lower.setSizes([560, 440, 440])
        lower = QFrame()
        lower.setProperty("panel", True)
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 4)
        below.setSpacing(0)
        below.addWidget(self._lower, 1)
        self._lower_frame = lower

        self.views = self._centre = QSplitter(Qt.Orientation.Vertical)
        self._centre.addWidget(images)
        self._centre.addWidget(lower)
        self._centre.setStretchFactor(0, 3)
        self._centre.setStretchFactor(1, 2)
        self._centre.setSizes([560, 320])
        centre = QFrame()
        centre.setProperty("panel", True)
        above = QVBoxLayout(centre)
        above.setContentsMargins(0, 0, 0, 2)
        above.setSpacing(2)
        above.addWidget(self._centre, 1)
        self.hint.setContentsMargins(12, 0, 12, 0)
        self.hint.setWordWrap(True)
        above.addWidget(self.hint)
        self._whole = QSplitter(Qt.Orientation.Horizontal)
        self._whole.addWidget(self.panel)
        self._whole.addWidget(centre)
        self._whole.addWidget(self.numbers)
        self._whole.setStretchFactor(1, 1)
        self._whole.setSizes([230, 900, 352])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._whole)

    @Slot()
    def _show_row(self) -> None:
        """Scroll the matrix to the slice under the cursor."""
        row = self.matrix.cell_rect(self.desk.cursor.slice, 0)
        self._rows.ensureVisible(0, round(row.center().y()), 0, round(row.height()))

    def show_layout(self, name: str) -> None:
        """Show the views of a layout."""
        shown = LAYOUTS[name]
        hidden_focus = self.cine.hasFocus() or self.grid.hasFocus() or self.beside.isAncestorOf(self.focusWidget())
        self.cine.setVisible("cine" in shown)
        self.grid.setVisible("grid" in shown)
        self.beside.setVisible("long_axis" in shown)
        self._matrix_frame.setVisible("matrix" in shown)
        bullseye = self.desk.settings.flag("bullseye") and "matrix" in shown
        self._curve_frame.setVisible("curves" in shown and not bullseye)
        self._bullseye_frame.setVisible(bullseye)
        self.regional.watch(bullseye)
        self._lower_frame.setVisible(bool(shown & {"matrix", "curves"}))
        self.numbers.setVisible("numbers" in shown)
        self._make_room()
        if hidden_focus:
            self.focus_image()

    def reread_ranges(self) -> None:
        """Compare with the reference tables anew: they or their choice are others."""
        self.numbers.reread_ranges()
        self.bullseye.show_range()

    def focus_image(self) -> None:
        """Give the keys to the image that the layout is about."""
        (self.grid if self.grid.isVisibleTo(self) else self.cine).setFocus()

    @Slot(Answer)
    def answer(self, answer: Answer) -> None:
        """Answer the doubt that is being looked at; what is not mended yet is not corrected."""
        if answer is Answer.CORRECTED and not self.desk.doubts.can_be_corrected():
            self.messages.show_text(tr("Correct an outline here first (menu Correct), then say that it is corrected."))
        else:
            self.desk.doubts.answer(answer)
        self.focus_image()

    def standing_text(self) -> str:
        """Say who answers for the numbers, and how many doubts are open; empty before there are outlines."""
        session = self.desk.review.session
        if session is None or session.review.segmentation is None:
            return ""
        words = said(session.standing.message(touched=bool(session.history.edits)))
        if session.locked:
            return words
        return f"{words} · {tr_counted('{n} open', '{n} open', n=len(self.desk.doubts.open))}"

    def difference(self) -> str:
        """Say how the doctor's result differs from the model's."""
        review, result, model = self.desk.review.decided, self.desk.review.result, self.desk.review.model_numbers
        if review is None or result is None or model is None:
            return ""
        frames = len(review.corrections.frames)
        changes = [
            f"{said(side.message)} {said(quantity.name)} {number_text(now - before, 1, signed=True)} "
            f"{tr('points') if quantity.unit == '%' else quantity.unit}"
            for side in Ventricle
            for quantity in QUANTITIES
            if quantity.field in _TOLD_CHANGES
            and (now := quantity.of(result.measurements.of(side))) is not None
            and (before := quantity.of(model.of(side))) is not None
            and abs(now - before) >= LEAST_CHANGE
        ]
        if not changes and not frames:
            return tr("The result is the model’s own.")
        touched = tr_counted("{n} frame redrawn", "{n} frames redrawn", n=frames)
        return tr("Against the model: {parts}.", parts=", ".join((touched, *changes)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """On a narrow window the images come before the study panel, and the speed before the opacity."""
        wide = self.width() >= _WIDE_PX
        self.panel.setVisible(self.desk.settings.flag("study_panel") and wide)
        self.controls.show_all(wide)

    def _setting_changed(self, name: str) -> None:
        if name in ("layout", "study_panel", "bullseye"):
            self.show_layout(self.desk.settings.text("layout"))
        self.controls.refresh()
        for view in (self.cine, self.grid, *self.beside.views):
            view.update()

    @Slot(frozenset)
    def _show_structures(self, shown: frozenset[Label]) -> None:
        for view in (self.cine, self.grid):
            view.structures = shown
            view.update()
        self.beside.show_structures(shown)

    @Slot(str)
    def _show_hint(self, text: str) -> None:
        tool = self.toolbox.chosen
        self.hint.setText(
            text
            or (tool.hint if tool is not None else "")
            or tr("Click a cell: go there; under ED or ES: count the slice, or not. Drag ED and ES in the curves.")
        )

    @Slot()
    def _show_tools_hint(self) -> None:
        self._show_hint("")

    @Slot(tuple)
    def _begin_gesture(self, place: Place) -> None:
        """Stand still where a tool was pressed: what follows is about this frame."""
        self.player.stop()
        self.desk.cursor.go(to_slice=place[0], to_phase=place[1])

    @Slot(int)
    def _show_carried(self, frames: int) -> None:
        if not frames:
            self.messages.show_text(tr("No other frame has the same fault: nothing was changed."))

    @Slot(Failure)
    def _show_failure(self, failure: Failure) -> None:
        self.messages.show_failure(failure)

    @Slot()
    def _show_stopped(self) -> None:
        self.messages.show_text(tr("Stopped before the study was read: open it again, or close it (Ctrl+W)."))

    @Slot()
    def _tell_what_is_known(self) -> None:
        keeping = self.desk.keeping
        told = [said(message) for message in keeping.told]
        if keeping.other_model:
            told.append(tr("These outlines are another model’s than the one in use: outline again to have both."))
        if self.desk.outlines_found.any:
            told.append(tr("This study holds outlines as DICOM SEG: File, “Take over outlines of others”."))
        if told:
            self.messages.show_text(" ".join(told))

    @Slot(OutlinesWithin)
    def _offer_outlines(self, found: OutlinesWithin) -> None:
        told = [said(message) for message in self.desk.keeping.told]
        told.append(tr("This study holds outlines as DICOM SEG ({series}).", series=found.series))
        told += [said(message) for message in (*found.told, *found.cautions)]

        def take() -> None:
            if not self.desk.outlines_found.take(found):
                self._tell_of_others()

        self.messages.show_offer(" ".join(told), tr("Open them as the review"), take)

    @Slot()
    def _tell_of_others(self) -> None:
        self.messages.show_text(
            tr("The new outlines are kept beside those that you have worked on: Study, “Show other outlines”.")
        )

    def close_page(self) -> None:
        """Stop what moves by itself."""
        self.closed = True
        self.player.stop()
        for pictures in self.findChildren(CinePictures):
            pictures.stop()
        self.desk.settings.forget(self._setting_changed)


def _titled(title: str, view: QWidget, beside: QWidget, below: QWidget | None = None) -> QFrame:
    frame = QFrame()
    frame.setProperty("panel", True)
    column = QVBoxLayout(frame)
    column.setContentsMargins(10, 8, 10, 4)
    column.setSpacing(4)
    head = QHBoxLayout()
    head.addWidget(heading(title))
    head.addStretch()
    head.addWidget(beside)
    column.addLayout(head)
    column.addWidget(view, 1)
    if below is not None:
        column.addWidget(below)
    return frame
