"""`Level`: which pixel values the views of a study show black and white."""

from PySide6.QtCore import QObject, Signal

from cinecor.scene.level_window import LevelWindow


class Level(QObject):
    """One window for all images of a stack."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.window = LevelWindow(0.0, 1.0)

    def show(self, window: LevelWindow) -> None:
        """Show the pixels with other black and white values."""
        self.window = window
        self.changed.emit()
