"""`Callipers`: the distances and areas that were measured on a study's images; they go with the study."""

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.scene.callipers import Calliper, Place
from cinecor.ui.study.long_axis import LongAxis
from cinecor.ui.study.reading import Reading


class Callipers(QObject):
    """No part of the review: a measurement on the screen decides nothing."""

    changed = Signal()

    def __init__(self, reading: Reading, long_axis: LongAxis, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._long_axis = reading, long_axis
        self._all: tuple[Calliper, ...] = ()
        reading.taken.connect(self.clear)

    def place_in(self, cine: LongAxisCine, phase: int) -> Place:
        """Return the place of one of a long-axis cine's own phases: cines count on after the slices of the stack."""
        others = [one.entry.uid for one in self._long_axis.cines]
        number = others.index(cine.entry.uid) if cine.entry.uid in others else len(others)  # it has just gone
        return self._slices + number, phase

    def spacing_mm(self, place: Place) -> tuple[float, float]:
        """Return how far the pixels of a frame lie apart, between rows and between columns."""
        beyond = place[0] - self._slices
        if 0 <= beyond < len(self._long_axis.planes):
            return self._long_axis.planes[beyond].pixel_spacing_mm
        study = self._reading.study
        return (1.0, 1.0) if study is None else study.stack.geometry.pixel_spacing_mm

    @property
    def _slices(self) -> int:
        return 0 if self._reading.study is None else self._reading.study.stack.slices

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
