"""`ToolView`: a view of short-axis frames in which every tool works, those that correct outlines too."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QTransform
from PySide6.QtWidgets import QWidget

from cinecor.review.correction import CorrectionLayer
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.tool import Pointer, Tool
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.tools.viewport import px_per_mm
from cinecor.ui.views.gesture_view import GestureView

_NONE: Final = CorrectionLayer()


class ToolView(GestureView):
    """A right click goes to the frame under the mouse, and asks for its menu."""

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
        super().__init__(desk, toolbox, theme, name=name, smallest=smallest, own=own, parent=parent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)  # a right drag is the grey window's
        self._seen: tuple[object, ...] = ()  # what this view shows of the review besides the outlines
        desk.overlays.redrawn.connect(self._frames_redrawn)

    @abstractmethod
    def frame_at(self, position: QPointF, held: Place | None) -> tuple[Place, QTransform] | None:
        """Return the frame under a point of the widget, or the frame `held`, with its transform from pixels."""

    def pointer_at(self, position: QPointF, held: Place | None = None) -> Pointer | None:
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.right.press(event)
        self.gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.right.move(event)
        self.gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.gestures.release(event)
        if self.right.release():
            at = self.pointer_at(event.position())
            if at is not None:
                self._desk.cursor.go(to_slice=at.place[0], to_phase=at.place[1])
                self.menu_wanted.emit(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.gestures.double_click(event):
            super().mouseDoubleClickEvent(event)
