"""`Collector`: Python's unreachable cycles, gone through on the thread of the widgets and on no other."""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimerEvent

_EVERY_MS: Final = 200
_DUE: Final = (700, 10, 10)  # of each generation: as Python has it by itself
_QUIET: Final = 2000  # objects made since the last look around, at most: then nothing large is being made
_PATIENCE: Final = 10  # looks around, after which it is done all the same


class Collector(QObject):
    """Does from now on what Python does by itself, but on its own thread.

    By itself Python looks for cycles on whichever thread allocates next, a worker's too, and what it finds is destroyed
    there. A widget that only Python owns (the menus of pyqtgraph's plots, of a study that was closed) must not be:
    the process would end without a word.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._there = self._waited = 0
        self.startTimer(_EVERY_MS)

    def timerEvent(self, _: QTimerEvent) -> None:
        """Go through the oldest generation that is due, in a quiet moment: else it would prolong the longest turns."""
        counts = gc.get_count()
        made, self._there = counts[0] - self._there, counts[0]
        due = [generation for generation, (count, most) in enumerate(zip(counts, _DUE, strict=True)) if count > most]
        if due and made > _QUIET and self._waited < _PATIENCE:
            self._waited += 1
        elif due:
            gc.collect(due[-1])
            self._there = self._waited = 0

    @staticmethod
    def settle() -> None:
        """Leave what is there now, the libraries most of all, out of later looks: they take several frames' time."""
        gc.collect()
        gc.freeze()

    @staticmethod
    def thaw() -> None:
        """Look through everything again: what was there at `settle` may have come to its end."""
        gc.unfreeze()
