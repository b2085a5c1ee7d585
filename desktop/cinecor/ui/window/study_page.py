"""`StudyPage`: all views of one study, linked to its cursor, in layouts for reading, correcting and comparing."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from cinecor.app.doubts import Doubt
from cinecor.inference.outline.segmentation import Label
from cinecor.review import Answer
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.banner import Banner
from cinecor.ui.panels.comparison_bar import ComparisonBar
from cinecor.ui.panels.control_bar import ControlBar
from cinecor.ui.panels.correction_bar import CorrectionBar
from cinecor.ui.panels.hint_line import HintLine
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
from cinecor.ui.views.first_look import FirstLook
from cinecor.ui.views.first_painting import FirstPainting
from cinecor.ui.views.grid_view import GridView
from cinecor.ui.views.image_row import ImageRow
from cinecor.ui.views.long_axis_column import LongAxisColumn
from cinecor.ui.views.matrix_legend import MatrixLegend
from cinecor.ui.views.matrix_view import MatrixView
from cinecor.ui.views.pictures import CinePictures
from cinecor.ui.window.telling import Telling

_WIDE_PX = 1600  # room for words beside the pictures of series
_BESIDE_FROM_PX = 1400  # room for the long-axis views beside the short axis
_ROOMY_PX = 1240  # room for what the control bar can leave out
_LEAST_PX = 1000  # room for the pictures of series
_LOWER_SHARE = 0.22  # of the height, for matrix and curves

# What each layout shows: for reading, correcting, comparing, base and apex, and the image alone.
LAYOUTS = {
    "1": {"cine", "long_axis", "matrix", "curves", "numbers"},
    "2": {"cine", "matrix", "numbers"},
    "3": {"grid", "matrix", "curves", "numbers"},
    "4": {"cine", "long_axis", "matrix", "numbers"},
    "5": {"cine"},
}
_BASE_AND_APEX = "4"  # where short and long axis are looked at side by side, on a narrow window too


class StudyPage(QWidget):
    """The cockpit of one study; it owns its player, the study itself lives on its desk."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from cinecor.ui.views.curve_view import CurveView  # a tenth of a second that the start has not to wait for

        self.desk = desk
        self.closed = False
        self._lower_share = _LOWER_SHARE
        reading, review, overlays, cursor = desk.reading, desk.review, desk.overlays, desk.cursor
        self.player = Player(reading, review, cursor, desk.settings, self)
        self.toolbox = Toolbox(review, overlays, desk.callipers, self)
        self.regional = RegionalModel(review, self)
        self.cine = CineView(desk, self.toolbox, self.regional, theme=theme)
        self.first_look = FirstLook(desk, self.cine, self.player, self)
        self.grid = GridView(desk, self.toolbox, theme)
        self.beside = LongAxisColumn(desk, self.toolbox, theme)
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
        self.telling = Telling(desk, self.messages)
        self.hint = HintLine(
            desk, self.toolbox, exchanged=lambda: self.images.large is not None, below=self._shown_below
        )
        self._assemble()
        self.first_painting = FirstPainting(review, ((self.numbers,), (self._matrix_frame, self._curve_frame)), self)
        self.controls.structures_changed.connect(self._show_structures)
        for pointed in (self.matrix, self.beside):
            pointed.hinted.connect(self.hint.show_of)
        self.matrix.states_changed.connect(self.legend.show_entries)
        self.legend.show_entries(self.matrix.differing)
        self.panel.went.connect(self._go_to_series)
        self.panel.unfolded.connect(self._make_room)
        self.numbers.review_list.shown.connect(self.focus_image)
        self.numbers.review_list.answering.connect(self.answer)
        for view in (self.cine, self.grid):
            view.gestures.began.connect(self._begin_gesture)
        for told in (desk.valves.taken, self.beside.measuring):
            told.connect(self.player.stop)
        desk.settings.listen(self._setting_changed)
        self.show_layout(desk.settings.text("layout"))
        self.hint.show_next()

    def _assemble(self) -> None:
        self.images = ImageRow(self.cine, self.grid, self.beside)
        self.images.exchanged.connect(self._show_exchanged)
        self.switch = ViewSwitch((tr("Short axis"), tr("Long axis")))  # where both have no room beside each other
        self.switch.changed.connect(self._share_images)
        images = QWidget()
        column = QVBoxLayout(images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.switch)
        column.addWidget(self.comparison)
        column.addWidget(self.images, 1)
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
        self.hint.show_next()
        if hidden_focus:
            self.focus_image()

    def _shown_below(self) -> tuple[bool, bool]:
        """Return whether matrix and curves are on the screen."""
        return not self._matrix_frame.isHidden(), not self._curve_frame.isHidden()

    def show_pictures_as(self, other: "StudyPage") -> None:
        """Show the same parts of the pictures, turned the same, as another page of this study does."""
        self.cine.viewport.show_as(other.cine.viewport)
        for view, same in zip(self.beside.cines, other.beside.cines, strict=True):
            view.show_as(same)

    def reread_ranges(self) -> None:
        """Compare with the reference tables anew: they or their choice are others."""
        self.numbers.reread_ranges()
        self.bullseye.show_range()

    def focus_image(self) -> None:
        """Give the keys to the image that the layout is about."""
        places = (self.images.main, self.grid, self.cine, *self.beside.views)
        next((one for one in places if one.isVisibleTo(self)), self.cine).setFocus()

    def answer_shown(self, answer: Answer) -> None:
        """Answer the doubt about what is shown; a doubt about another frame stays open."""
        doubt = self.desk.doubts.at_frame(playing=self.player.playing)
        if doubt is not None:
            self.answer(doubt, answer)
        else:
            self.telling.remark(
                tr("The doubt in question is about another frame than the one shown: F4 goes to the next.")
            )

    @Slot(Doubt, Answer)
    def answer(self, doubt: Doubt, answer: Answer) -> None:
        """Answer a doubt, and give the keys back to the image."""
        self.telling.answer(doubt, answer)
        self.focus_image()

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
        self._make_room()
        layout = self.layout()
        if layout is not None:
            layout.activate()  # painted first, what now needs more room would lie over its neighbours

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
        layout = self.desk.settings.text("layout")
        shown, evenly = LAYOUTS[layout], layout == _BASE_AND_APEX
        both = {"cine", "long_axis"} <= shown
        narrow = both and not evenly and self.width() < _BESIDE_FROM_PX
        self.switch.setVisible(narrow)
        front = self.switch.at if narrow else None
        self.beside.lie(Qt.Orientation.Horizontal if narrow else Qt.Orientation.Vertical)
        self.images.main.setVisible("cine" in shown and front != 1)
        self.grid.setVisible("grid" in shown)
        self.beside.setVisible("long_axis" in shown and front != 0)
        self.beside.spread(square=evenly)
        self.images.share(evenly=evenly)

    @Slot()
    def _show_exchanged(self) -> None:
        """Bring the view in the main place to the front, with the keys."""
        large = self.images.large
        self.switch.rename(*((tr("Short axis"), tr("Long axis")) if large is None else (large.name, tr("Other views"))))
        self.switch.choose(0)
        self._share_images()
        self.focus_image()
        self.hint.show_next()

    def show_long_axis(self) -> None:
        """Show a layout that has the long-axis views."""
        if "long_axis" not in LAYOUTS[self.desk.settings.text("layout")]:
            self.desk.settings.change("layout", "1")

    @Slot(str)
    def _go_to_series(self, uid: str) -> None:
        """Bring to the front what a card stands for."""
        view = self.beside.view_of(uid)
        if view is None:
            self.images.give_back()
            self.switch.choose(0)
            self.focus_image()
        else:
            self.show_long_axis()
            self.beside.bring(view)
            self.switch.choose(0 if view is self.images.large else 1)
            view.setFocus(Qt.FocusReason.ShortcutFocusReason)  # with its frame: else nothing shows which view it is

    def _setting_changed(self, name: str) -> None:
        if name == "layout":
            self.images.give_back()
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

    @Slot(tuple)
    def _begin_gesture(self, place: Place) -> None:
        """Stand still where a tool was pressed: what follows is about this frame."""
        self.player.stop()
        self.desk.cursor.go(to_slice=place[0], to_phase=place[1])

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
