"""`LongAxis`: the long-axis cines of the open study, read in the background once its short axis has its outlines."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.long_axis_cines import LongAxisCine, LongAxisCines, read_long_axis_cines
from cinecor.message import Message
from cinecor.study.image_plane import ImagePlane, plane_of
from cinecor.ui.study.reading import Reading
from cinecor.ui.work.operations import Operations


class LongAxis(QObject):
    """Holds the cines that lie beside the short axis, where each lies in the patient, and why any is not shown."""

    changed = Signal()

    def __init__(self, reading: Reading, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cines: tuple[LongAxisCine, ...] = ()
        self.planes: tuple[ImagePlane, ...] = ()  # of the cines, in their order
        self.refused: Mapping[str, Message] = {}  # by series UID
        self._reading, self._operations = reading, operations
        self._wanted = False  # whether those of the open study are still to be read
        reading.taken.connect(self.forget)

    @Slot()
    def forget(self) -> None:
        """Let go of every picture; another stack is there, or none."""
        self._wanted = True
        self._show(LongAxisCines(()))

    @Slot()
    def read(self) -> None:
        """Begin to read, once for each stack that is opened: whoever knows what is looked at first says when."""
        study, wanted = self._reading.study, self._wanted
        if study is None or study.index is None or not wanted or self._operations.retired:
            return
        self._wanted = False
        index, stack = study.index, study.stack

        def take(read: LongAxisCines) -> None:
            if self._reading.study is study:
                self._show(read)

        self._operations.start(
            "long_axis",
            lambda operation: read_long_axis_cines(index, stack, cancelled=operation.cancelled),
            done=take,
            quiet=True,
        )

    def _show(self, read: LongAxisCines) -> None:
        if not (read.cines or read.refused or self.cines or self.refused):
            return
        self.cines, self.refused = read.cines, read.refused
        self.planes = tuple(plane_of(cine.stack, cine.stack.slices // 2) for cine in read.cines)
        self.changed.emit()
