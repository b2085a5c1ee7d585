"""`ImageView`: what the views of images share: a black ground, the structures that are shown, the study's signals."""

from abc import abstractmethod

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.focus import FocusFrame
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.frame_art import Style


class ImageView(FocusFrame):
    """Repaints when the cursor, the labels, the grey window or the review move.

    While a border is dragged the view that it is dragged in comes first (see `ToolView`); others follow the numbers.
    """

    def __init__(
        self, desk: StudyDesk, theme: Theme, *, name: str, smallest: QSize, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._desk = desk
        self.structures = frozenset((Label.RV, Label.MYO, Label.LV))
        self.setMinimumSize(smallest)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(name)
        desk.cursor.moved.connect(self.update)
        desk.level.changed.connect(self.update)
        desk.review.changed.connect(self._review_changed)
        desk.reading.opened.connect(self._opened)
        desk.comparing.changed.connect(self.update)
        desk.overlays.replaced.connect(self._labels_replaced)
        desk.overlays.grown.connect(self._labels_grown)

    @abstractmethod
    def paint_on(self, painter: QPainter, area: QRectF, *, at: Place | None = None) -> None:
        """Paint the study into `area` of any painter, the screen's or a picture's; `at`: not where the cursor is."""

    # A slot that a subclass overrides is still called when its widget is gone: the slots are these, and call methods.
    @Slot()
    def _opened(self) -> None:
        self.start_afresh()

    @Slot()
    def _labels_replaced(self) -> None:
        self.take_labels(None)

    @Slot(tuple)
    def _labels_grown(self, phases: tuple[int, ...]) -> None:
        self.take_labels(phases)

    @Slot()
    def _review_changed(self) -> None:
        self.take_review()

    def start_afresh(self) -> None:
        """Another stack is there."""
        self.update()

    def take_review(self) -> None:
        """The review is another, or its numbers are."""
        self.update()

    def take_labels(self, phases: tuple[int, ...] | None) -> None:
        """Labels of some phases came in; None: of all."""
        if phases is None or self._desk.cursor.phase in phases:
            self.update()

    def _place(self, at: Place | None) -> Place:
        return at or (self._desk.cursor.slice, self._desk.cursor.phase)

    @property
    def style_now(self) -> Style:
        """How labels are laid over images now."""
        return Style.of(self._desk.settings, self.structures)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#000000"))
        if self._desk.reading.study is not None:
            self.paint_on(painter, QRectF(self.rect()))
        self.paint_focus(painter)
        painter.end()
