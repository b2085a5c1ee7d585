"""`Level`: which pixel values the views of a study show black and white."""

from PySide6.QtCore import QObject, Signal

from cinecor.scene.level_window import LevelWindow


class Level(QObject):
    """One window for all images of a stack, evened out where a coil shades along it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.window = LevelWindow(0.0, 1.0)
        self._gains: tuple[float, ...] = ()  # by slice

    def show(self, window: LevelWindow) -> None:
        """Show the pixels with other black and white values; slices keep what they differ by."""
        self.window = window
        self.changed.emit()

    def even_out(self, gains: tuple[float, ...]) -> None:
        """Show each slice by what it is brighter than the others; none: all of them alike."""
        self._gains = gains
        self.changed.emit()

    def of_slice(self, index: int) -> LevelWindow:
        """Return the black and white values of one slice."""
        return self.window.scaled(self._gains[index]) if index < len(self._gains) else self.window
