"""`StudyPage`: all views of one study, linked to its cursor, in layouts for reading, correcting and comparing."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from cinecor.app.carry_change import Spread
from cinecor.app.doubts import Doubt, can_be_dropped
from cinecor.app.outlines_within import OutlinesWithin
from cinecor.app.spread_told import told_of
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.review import Answer
from cinecor.scene.cells import reasons
from cinecor.ui.look.failure import Failure
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.names import answered_text
from cinecor.ui.look.texts import said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.banner import Banner
from cinecor.ui.panels.comparison_bar import ComparisonBar
from cinecor.ui.panels.control_bar import ControlBar
from cinecor.ui.panels.correction_bar import CorrectionBar
from cinecor.ui.panels.numbers_view import NumbersView
from cinecor.ui.panels.study_panel import StudyPanel
from cinecor.ui.panels.toast import Toast
from cinecor.ui.panels.view_switch import ViewSwitch
from cinecor.ui.study.difference import difference_text, standing_text
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

_WIDE_PX = 1600  # room for words beside the pictures of series
_BESIDE_FROM_PX = 1400  # room for the long-axis views beside the short axis
_ROOMY_PX = 1240  # room for what the control bar can leave out
_LEAST_PX = 1000  # room for the pictures of series
_BESIDE_PX = 300  # of the long-axis views
_LOWER_SHARE = 0.22  # of the height, for matrix and curves

# What each layout shows: for reading, correcting, comparing, base and apex, and the image alone.
LAYOUTS = {
    "1": {"cine", "long_axis", "matrix", "curves", "numbers"},
    "2": {"cine", "matrix", "numbers"},
    "3": {"grid", "matrix", "curves", "numbers"},
    "4": {"cine", "long_axis", "matrix", "numbers"},
    "5": {"cine"},
}


class StudyPage(QWidget):
    """The cockpit of one study; it owns its player, the study itself lives on its desk."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.closed = False
        self._lower_share = _LOWER_SHARE
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
        self.panel = StudyPanel(reading, desk.long_axis, settings=desk.settings, theme=theme)
        self.banner = Banner(desk, theme)
        self.legend = MatrixLegend(theme)
        self.messages = Toast(theme, over=self)
        self.hint = QLabel()
        self.hint.setProperty("quiet", True)
        self._assemble()
        self.controls.structures_changed.connect(self._show_structures)
        self.matrix.hinted.connect(self._show_hint)
        self.matrix.states_changed.connect(self.legend.show_entries)
        self.legend.show_entries(self.matrix.differing)
        self.panel.went.connect(self._go_to_series)
        self.panel.unfolded.connect(self._make_room)
        desk.reading.opened.connect(self.messages.hide)
        self.numbers.review_list.shown.connect(self.focus_image)
        self.numbers.review_list.answering.connect(self.answer)
        desk.keeping.found.connect(self._tell_what_is_known)
        desk.long_axis.changed.connect(self._tell_refused)
        desk.outlining.put_beside.connect(self._tell_of_others)
        desk.outlines_found.offered.connect(self._offer_outlines)
        for part in (reading, review, desk.outlining, desk.keeping, desk.carrying, desk.comparing, desk.operations):
            part.failed.connect(self._show_failure)
        self.toolbox.changed.connect(self._show_tools_hint)
        for view in (self.cine, self.grid):
            view.gestures.began.connect(self._begin_gesture)
        desk.carrying.ended.connect(self._show_carried)
        desk.review.moments_moved.connect(self._tell_moved)
        desk.valves.taken.connect(self.player.stop)
        desk.settings.listen(self._setting_changed)
        self.show_layout(desk.settings.text("layout"))
        self._show_hint("")

    def _assemble(self) -> None:
        self._images = QSplitter(Qt.Orientation.Horizontal)
        for view in (self.cine, self.grid, self.beside):
            self._images.addWidget(view)
        for at, share in enumerate((1, 1, 0)):
            self._images.setStretchFactor(at, share)
        self._images.setSizes([1200, 1200, _BESIDE_PX])
        self.switch = ViewSwitch((tr("Short axis"), tr("Long axis")))  # where both have no room beside each other
        self.switch.changed.connect(self._share_images)
        images = QWidget()
        column = QVBoxLayout(images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.switch)
        column.addWidget(self.comparison)
        column.addWidget(self._images, 1)
        column.addWidget(self.controls)

        self._matrix_frame = _titled(tr("Slice × phase"), self.matrix, self.legend)
        self._curve_frame = _titled(tr("Volumes"), self.curves)
        self._bullseye_frame = _titled(tr("Bull’s-eye"), self.bullseye)
        self._lower = QSplitter(Qt.Orientation.Horizontal)
        for frame in (self._matrix_frame, self._curve_frame, self._bullseye_frame):
            self._lower.addWidget(frame)
        self._lower.setSizes([560, 440, 440])
        self.views = QSplitter(Qt.Orientation.Vertical)
        self.views.addWidget(images)
        self.views.addWidget(self._lower)
        self.views.setStretchFactor(0, 1)
        self.views.setCollapsible(0, False)
        self.views.splitterMoved.connect(self._keep_share)

        self.hint.setWordWrap(True)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 0, 12, 2)
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.correction.left)
        centre = QFrame()
        centre.setProperty("panel", True)
        above = QVBoxLayout(centre)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(2)
        above.addWidget(self.views, 1)
        above.addLayout(foot)
        self._whole = QSplitter(Qt.Orientation.Horizontal)
        self._whole.addWidget(centre)
        self._whole.addWidget(self.numbers)
        self._whole.setStretchFactor(0, 1)
        self._whole.setCollapsible(0, False)
        self._whole.setSizes([1200, 352])
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.panel)
        row.addWidget(self.correction)
        row.addWidget(self._whole, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.banner)
        whole.addLayout(row, 1)

    def show_layout(self, name: str) -> None:
        """Show the views of a layout."""
        shown = LAYOUTS[name]
        hidden_focus = self.cine.hasFocus() or self.grid.hasFocus() or self.beside.isAncestorOf(self.focusWidget())
        self._matrix_frame.setVisible("matrix" in shown)
        bullseye = self.desk.settings.flag("bullseye") and "matrix" in shown
        self._curve_frame.setVisible("curves" in shown and not bullseye)
        self._bullseye_frame.setVisible(bullseye)
        self.regional.watch(bullseye)
        self._lower.setVisible(bool(shown & {"matrix", "curves"}))
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
        shown = next((one for one in (self.cine, self.grid, *self.beside.views) if one.isVisibleTo(self)), self.cine)
        shown.setFocus()

    def answer_shown(self, answer: Answer) -> None:
        """Answer the doubt about what is shown; a doubt about another frame stays open."""
        doubt = self.desk.doubts.at_frame(playing=self.player.playing)
        if doubt is not None:
            self.answer(doubt, answer)
        else:
            self.remark(tr("The doubt in question is about another frame than the one shown: F4 goes to the next."))

    @Slot(Doubt, Answer)
    def answer(self, doubt: Doubt, answer: Answer) -> None:
        """Answer a doubt and say which it was; what is not mended yet is not corrected."""
        if answer is Answer.CORRECTED and not self.desk.doubts.can_be_corrected(doubt):
            self.messages.show_text(tr("Correct an outline here first (menu Correct), then say that it is corrected."))
        elif answer is Answer.DROPPED and not can_be_dropped(doubt):
            self.remark(tr("There is no slice to drop for this doubt: it can be accepted (F5)."))
        elif self.desk.doubts.answer(doubt, answer):
            moved = (said(message) for message in self.desk.review.moved)
            self.remark(" ".join((answered_text(answer, doubt.message), *moved)))
        self.focus_image()

    def remark(self, sentence: str) -> None:
        """Say something in passing, unless something is shown that waits for an answer."""
        if not self.messages.waits:
            self.messages.show_text(sentence)

    def show_standing(self) -> None:
        """Say above the images who answers for the numbers, and how they differ from the model's."""
        desk = self.desk
        self.banner.show_status(
            standing_text(desk),
            open_doubts=len(desk.doubts.open),
            difference=difference_text(desk),
            exported=not desk.review.not_exported,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.hint.setMinimumHeight(0)
        self._make_room()

    def _make_room(self) -> None:
        """On a narrow window the images come before words, and the long-axis views over the short axis."""
        room = self.width() >= _LEAST_PX or self.panel.fold.isChecked()
        self.panel.setVisible(self.desk.settings.flag("study_panel") and room)
        self.panel.show_compact(self.width() < _WIDE_PX)
        self.controls.show_all(self.width() >= _ROOMY_PX)
        high = self.height()
        self.views.setSizes([round(high * (1 - self._lower_share)), round(high * self._lower_share)])
        self._share_images()

    @Slot()
    def _keep_share(self) -> None:
        """Keep the share of the height that the reader has given to matrix and curves."""
        upper, lower = self.views.sizes()
        self._lower_share = lower / max(upper + lower, 1)

    @Slot()
    def _share_images(self) -> None:
        """Show the images of the layout beside each other, or on a narrow window one behind the other."""
        shown = LAYOUTS[self.desk.settings.text("layout")]
        both = {"cine", "long_axis"} <= shown
        narrow = both and self.width() < _BESIDE_FROM_PX
        self.switch.setVisible(narrow)
        front = self.switch.at if narrow else None
        self.beside.lie(Qt.Orientation.Horizontal if narrow else Qt.Orientation.Vertical)
        self.cine.setVisible("cine" in shown and front != 1)
        self.grid.setVisible("grid" in shown)
        self.beside.setVisible("long_axis" in shown and front != 0)

    @Slot(str)
    def _go_to_series(self, uid: str) -> None:
        """Bring to the front what a card stands for."""
        study = self.desk.reading.study
        long_axis = study is not None and bool(uid) and uid not in study.stack.series_uids
        if long_axis and "long_axis" not in LAYOUTS[self.desk.settings.text("layout")]:
            self.desk.settings.change("layout", "1")
        self.switch.choose(1 if long_axis else 0)
        self.focus_image()

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
        if self.hint.isVisible():  # a shorter hint must not move the images under the hand
            two_lines = 2 * self.hint.fontMetrics().lineSpacing()
            needed = min(self.hint.heightForWidth(self.hint.width()), two_lines)
            self.hint.setMinimumHeight(max(needed, self.hint.minimumHeight()))

    @Slot()
    def _show_tools_hint(self) -> None:
        self._show_hint("")

    @Slot(tuple)
    def _begin_gesture(self, place: Place) -> None:
        """Stand still where a tool was pressed: what follows is about this frame."""
        self.player.stop()
        self.desk.cursor.go(to_slice=place[0], to_phase=place[1])

    @Slot(Spread)
    def _show_carried(self, spread: Spread) -> None:
        """Say which frames it reached, where it stopped and why, and whether ED or ES moved by it."""
        review, found = self.desk.review.decided, self.desk.review.result
        assert review is not None
        doubtful = [place for place in spread.stops if reasons(place, review=review, found=found)]
        moved = self.desk.review.moved if spread.edit.frames else ()
        self._tell(*told_of(spread, doubtful=doubtful), *moved)

    @Slot()
    def _tell_moved(self) -> None:
        if not self.messages.waits:
            self._tell(*self.desk.review.moved)

    def _tell(self, *messages: Message) -> None:
        self.messages.show_text(" ".join(said(message) for message in messages))

    @Slot(Failure)
    def _show_failure(self, failure: Failure) -> None:
        self.messages.show_failure(failure)

    @Slot()
    def _tell_what_is_known(self) -> None:
        keeping, told = self.desk.keeping, self._told_of_input()
        if self.desk.outlines_found.any:
            told.append(tr("This study holds outlines as DICOM SEG: File, “Take over outlines of others”."))
        if keeping.other_model:
            told.append(tr("These outlines are another model’s than the one in use: outline again to have both."))
            self.messages.show_offer(" ".join(told), tr("Segment again"), self.desk.outlining.start)
        elif told:
            self.messages.show_text(" ".join(told))

    def _told_of_input(self) -> list[str]:
        return [said(message) for message in (*self.desk.keeping.told, *self.desk.long_axis.refused.values())]

    @Slot()
    def _tell_refused(self) -> None:
        """Say which long-axis cine is missing beside the short axis, and why."""
        refused = self.desk.long_axis.refused.values()
        if refused:
            self.messages.add_text("\n".join(said(message) for message in refused))

    @Slot(OutlinesWithin)
    def _offer_outlines(self, found: OutlinesWithin) -> None:
        told = self._told_of_input()
        told.append(tr("This study holds outlines as DICOM SEG ({series}).", series=found.series))
        told += [said(message) for message in (*found.told, *found.cautions)]

        def take() -> None:
            taken = self.desk.outlines_found.take(found)
            self.messages.hide()  # ED and ES are where they were exported: nobody moved them
            if not taken:
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


def _titled(title: str, view: QWidget, beside: QWidget | None = None) -> QFrame:
    frame = QFrame()
    frame.setProperty("panel", True)
    column = QVBoxLayout(frame)
    column.setContentsMargins(8, 4, 8, 4)
    column.setSpacing(2)
    head = QHBoxLayout()
    head.setSpacing(16)
    head.addWidget(quiet_label(title))
    if beside is not None:
        head.addWidget(beside, 1)
    else:
        head.addStretch()
    column.addLayout(head)
    column.addWidget(view, 1)
    return frame
