"""`Callipers`: the distances and areas that were measured on a study's images; they go with the study."""

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.scene.callipers import Calliper, Place
from cinecor.ui.study.reading import Reading


class Callipers(QObject):
    """No part of the review: a measurement on the screen decides nothing."""

    changed = Signal()

    def __init__(self, reading: Reading, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Calliper, ...] = ()
        reading.taken.connect(self.clear)

    def at(self, place: Place) -> tuple[Calliper, ...]:
        """Return what was measured on a frame."""
        return tuple(one for one in self._all if one.place == place)

    def add(self, calliper: Calliper) -> None:
        """Lay one more on its frame."""
        self._all = (*self._all, calliper)
        self.changed.emit()

    def take_back(self, place: Place) -> None:
        """Take the last one of a frame away."""
        mine = self.at(place)
        if mine:
            self._all = tuple(one for one in self._all if one is not mine[-1])
            self.changed.emit()

    @Slot()
    def clear(self) -> None:
        """Take all away."""
        self._all = ()
        self.changed.emit()
