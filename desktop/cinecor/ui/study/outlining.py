"""`Outlining`: the model at work on one study, in the background."""

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal

from cinecor.app.segment_process import SegmentProcess
from cinecor.app.segment_study import RunningOn
from cinecor.app.settings import Settings
from cinecor.app.work import Operation
from cinecor.inference.device.model_session import Device
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.review.segmented_review import SegmentedReview, segmented_review
from cinecor.ui.look.failure import Failure, failure_of
from cinecor.ui.study.overlays import Overlays
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations


class Outlining(QObject):
    """Outlines the stack that is open; masks are shown as they come, and the whole goes under the review."""

    changed = Signal()  # began or ended
    device_known = Signal()
    put_beside = Signal()  # the doctor's work lies over earlier outlines: the new ones are kept beside
    failed = Signal(Failure)

    def __init__(
        self,
        reading: Reading,
        review: ReviewModel,
        overlays: Overlays,
        *,
        operations: Operations,
        settings: Settings,
        model_path: Path | None,
        process: SegmentProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.running_on: RunningOn | None = None
        self._reading, self._review, self._overlays = reading, review, overlays
        self._operations, self._settings = operations, settings
        self._model_path, self._process = model_path, process
        self._operation: Operation[SegmentedReview] | None = None

    @property
    def running(self) -> bool:
        """Whether the model works on the stack that is open."""
        return self._operations.runs(self._operation)

    def start(self) -> None:
        """Outline both ventricles; where the doctor's work over earlier outlines is kept, the new ones go beside."""
        study, before = self._reading.study, self._review.decided
        if study is None or self._operations.retired or self.running:
            return
        stack, model, process = study.stack, self._model_path, self._process
        device = cast(Device, self._settings.text("device"))
        if before is None or before.segmentation is None:
            self._overlays.begin(stack.pixels.shape)

        def work(operation: Operation[SegmentedReview]) -> SegmentedReview:
            segmentation = process.segment(
                stack,
                model=model,
                device=device,
                progress=operation.report,
                cancelled=operation.cancelled,
                on_part=operation.handing(lambda part: self._take_part(part, operation)),
            )
            return segmented_review(before, segmentation)

        self._operation = self._operations.start(
            "segment",
            work,
            done=lambda made: self._take(made, operation),
            failed=lambda error: self._end(failure_of(error)),
            cancelled=self._end,
        )
        operation = self._operation
        self.changed.emit()

    def stop(self) -> None:
        """Ask the model to stop."""
        if self._operation is not None:
            self._operation.cancel()

    def forget(self) -> None:
        """Stop, and hear no more of what was asked: the stack is another one."""
        self.stop()
        if self._operation is not None:
            self._operation = None
            self.changed.emit()

    def _take_part(self, part: object, operation: Operation[SegmentedReview]) -> None:
        if operation is not self._operation:
            return
        review = self._review.present
        if isinstance(part, RunningOn):
            self.running_on = part
            self.device_known.emit()
        elif isinstance(part, OutlinedFrames) and review is not None and review.segmentation is None:
            self._overlays.take(part)

    def _take(self, made: SegmentedReview, operation: Operation[SegmentedReview]) -> None:
        if not self._operations.retired and operation is self._operation:
            earlier = self._review.decided is not None and self._review.decided.segmentation is not None
            if not self._review.adopt(made.segmentation, made=made) and earlier:
                self.put_beside.emit()
        self._end()

    def _end(self, failure: Failure | None = None) -> None:
        if failure is not None:
            self.failed.emit(failure)
        self.changed.emit()
