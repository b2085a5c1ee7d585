"""`Cursor`: the one place in slice × phase that every view shows."""

from PySide6.QtCore import QObject, Signal


class Cursor(QObject):
    """A slice and a phase; told to every view when either moves.

    Slices keep the numbers that they have in the file; rows, steps and ends go from base to apex, also where the file
    begins with the apex.
    """

    moved = Signal()
    slice_moved = Signal()
    phase_moved = Signal()
    turned = Signal()  # the first slice is the other end of the heart

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._slices = self._phases = 1
        self.slice = self.phase = 0
        self._base_last = False

    def set_shape(self, slices: int, phases: int) -> None:
        """Take the size of a new stack and go to the middle slice of its first phase."""
        self._slices, self._phases = max(1, slices), max(1, phases)
        self.slice, self.phase = self._slices // 2, 0
        self.slice_moved.emit()
        self.phase_moved.emit()
        self.moved.emit()

    def go(self, *, to_slice: int | None = None, to_phase: int | None = None) -> None:
        """Go to a slice (kept inside the stack) and a phase (the cycle closes)."""
        new_slice = self.slice if to_slice is None else min(max(to_slice, 0), self._slices - 1)
        new_phase = self.phase if to_phase is None else to_phase % self._phases
        slice_moved, phase_moved = new_slice != self.slice, new_phase != self.phase
        self.slice, self.phase = new_slice, new_phase
        if slice_moved:
            self.slice_moved.emit()
        if phase_moved:
            self.phase_moved.emit()
        if slice_moved or phase_moved:
            self.moved.emit()

    def step(self, *, slices: int = 0, phases: int = 0) -> None:
        """Go so many slices towards the apex, and phases further."""
        towards_apex = -slices if self._base_last else slices
        self.go(to_slice=self.slice + towards_apex, to_phase=self.phase + phases)

    def turn(self, *, base_last: bool) -> None:
        """Take the last slice for the basal one, or the first as usual."""
        if base_last is not self._base_last:
            self._base_last = base_last
            self.turned.emit()

    @property
    def rows(self) -> tuple[int, ...]:
        """The slices from base to apex."""
        return tuple(range(self._slices))[:: -1 if self._base_last else 1]

    @property
    def last_slice(self) -> int:
        """Index of the last slice."""
        return self._slices - 1

    @property
    def phases(self) -> int:
        """Number of phases."""
        return self._phases
