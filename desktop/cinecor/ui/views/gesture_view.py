"""`GestureView`: an image view whose mouse and keys go to the tool that they belong to, the chosen one or its own."""

from abc import abstractmethod
from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from cinecor.ui.look.theme import Theme
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.gestures import Gestures
from cinecor.ui.tools.right_click import RightClick
from cinecor.ui.tools.tool import Pointer, Tool
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.views.image_view import ImageView


class GestureView(ImageView):
    """What no tool takes is left to the view itself; `works` tells whether the chosen tool can work in it."""

    def __init__(
        self,
        desk: StudyDesk,
        toolbox: Toolbox,
        theme: Theme,
        *,
        name: str,
        smallest: QSize,
        own: Mapping[Qt.MouseButton, Tool],
        works: Callable[[], bool] = lambda: True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk, theme, name=name, smallest=smallest, parent=parent)
        self.right = RightClick()
        self.gestures = Gestures(self, toolbox, desk.review, locate=self.pointer_at, own=own, works=works)

    @abstractmethod
    def pointer_at(self, position: QPointF, held: Place | None = None) -> Pointer | None:
        """Return where a point of the widget lies in its frame, or in the frame `held`; None where there is none."""

    def start_afresh(self) -> None:
        self.gestures.drop()
        super().start_afresh()

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
