"""`LongAxisSteps`: by how much each slice lies off the long-axis cines, measured when there are outlines."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cinecor.app.breath_holds import breath_hold_steps
from cinecor.measure.breath_hold import BreathHoldStep
from cinecor.measure.moment import Moment
from cinecor.ui.study.long_axis import LongAxis
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations

_CALM_MS = 250  # the images and numbers of a new result come first: this wants Python for itself

Steps = tuple[tuple[BreathHoldStep | None, ...], ...]


class LongAxisSteps(QObject):
    """Measured once for each AI result and set of cines, in the background."""

    changed = Signal()

    def __init__(
        self, long_axis: LongAxis, review: ReviewModel, operations: Operations, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._long_axis, self._review, self._operations = long_axis, review, operations
        self._steps: dict[str, tuple[BreathHoldStep | None, ...]] = {}
        self._measured_of: tuple[object, ...] = ()
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._measure)
        long_axis.changed.connect(self._follow)
        review.changed.connect(self._follow)

    def offset_mm(self, series_uid: str, index: int) -> float | None:
        """Return how far a slice's picture is shifted against a cine's along their common line; None: not known."""
        steps = self._steps.get(series_uid, ())
        step = steps[index] if index < len(steps) else None
        return None if step is None else step.offset_mm

    @Slot()
    def _follow(self) -> None:
        """Forget what was measured of another result, and measure this one soon."""
        review, cines = self._review.decided, self._long_axis.cines
        segmentation = None if review is None else review.segmentation
        wanted = (segmentation, *cines)
        if wanted == self._measured_of:
            return
        self._measured_of = wanted
        if self._steps:
            self._steps = {}
            self.changed.emit()
        if segmentation is not None and cines:
            self._calm.start()
        else:
            self._calm.stop()

    @Slot()
    def _measure(self) -> None:
        review, cines, wanted = self._review.decided, self._long_axis.cines, self._measured_of
        segmentation = None if review is None else review.segmentation
        ed = self._review.phase_of(Moment.ED)
        if review is None or segmentation is None or self._operations.retired:
            return
        stack, stacks = review.stack, [cine.stack for cine in cines]

        def take(steps: Steps) -> None:
            if wanted == self._measured_of:
                self._steps = {cine.entry.uid: own for cine, own in zip(cines, steps, strict=True)}
                self.changed.emit()

        self._operations.start(
            "breath_holds",
            lambda operation: breath_hold_steps(
                stack, segmentation.labels, stacks, phase=ed or 0, cancelled=operation.cancelled
            ),
            done=take,
            quiet=True,
        )
