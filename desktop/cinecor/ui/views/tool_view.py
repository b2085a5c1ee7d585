"""`ToolView`: an image view in which tools work: its mouse and keys go to the tool that they belong to."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTransform
from PySide6.QtWidgets import QWidget

from cinecor.review.correction import CorrectionLayer
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.gestures import Gestures
from cinecor.ui.tools.tool import Pointer, Tool
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.tools.viewport import px_per_mm
from cinecor.ui.views.image_view import ImageView

_NONE: Final = CorrectionLayer()
_STILL_PX: Final = 4.0  # a right button that moves less asks for the menu


class ToolView(ImageView):
    """What no tool takes is left to the view itself."""

    menu_wanted = Signal(QPoint)  # in coordinates of the screen, for the frame that the cursor went to

    def __init__(
        self,
        desk: StudyDesk,
        toolbox: Toolbox,
        theme: Theme,
        *,
        name: str,
        smallest: QSize,
        own: Mapping[Qt.MouseButton, Tool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk, theme, name=name, smallest=smallest, parent=parent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)  # a right drag is the grey window's
        self._right_at: QPointF | None = None
        self.gestures = Gestures(self, toolbox, desk.review, locate=self.pointer_at, own=own)
        self._seen: tuple[object, ...] = ()  # what this view shows of the review besides the outlines
        desk.overlays.redrawn.connect(self._frames_redrawn)

    @abstractmethod
    def frame_at(self, position: QPointF, held: Place | None) -> tuple[Place, QTransform] | None:
        """Return the frame under a point of the widget, or the frame `held`, with its transform from pixels."""

    def pointer_at(self, position: QPointF, held: Place | None = None) -> Pointer | None:
        """Return where a point of the widget lies in its frame, or in the frame `held`; None where there is none."""
        study, found = self._desk.reading.study, self.frame_at(position, held)
        if study is None or found is None:
            return None
        place, to_screen = found
        pixel = to_screen.inverted()[0].map(position)
        return Pointer(
            place=place,
            row=pixel.y(),
            column=pixel.x(),
            x=position.x(),
            y=position.y(),
            view_px_per_mm=px_per_mm(to_screen, study.stack.geometry.pixel_spacing_mm),
        )

    @Slot(tuple)
    def _frames_redrawn(self, _: tuple[object, ...]) -> None:
        self.update()

    def take_review(self) -> None:
        """Repaint, unless only outlines or numbers moved: those are shown already, or elsewhere."""
        review, result = self._desk.review.present, self._desk.review.result
        choices = None if review is None else replace(review.choices, corrections=_NONE)
        seen = (choices, None if result is None else result.moments)
        if seen != self._seen:
            self._seen = seen
            self.update()

    def start_afresh(self) -> None:
        self.gestures.drop()
        super().start_afresh()

    def watch_right(self, event: QMouseEvent) -> None:
        """Note where the right button was pressed: let go there, it asks for the menu."""
        self._right_at = event.position() if event.button() == Qt.MouseButton.RightButton else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.watch_right(event)
        self.gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._right_at is not None and (event.position() - self._right_at).manhattanLength() > _STILL_PX:
            self._right_at = None
        self.gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.gestures.release(event)
        began, self._right_at = self._right_at, None
        if began is not None:
            at = self.pointer_at(event.position())
            if at is not None:
                self._desk.cursor.go(to_slice=at.place[0], to_phase=at.place[1])
                self.menu_wanted.emit(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.gestures.double_click(event):
            super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.gestures.leave()
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the chosen tool from the shortcuts of the window."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and self.gestures.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.gestures.key(event):
            super().keyPressEvent(event)
