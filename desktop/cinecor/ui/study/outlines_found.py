"""`OutlinesFound`: outlines that lie in the study's own folder as DICOM SEG, offered as its review."""

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.outlines_within import OutlinesWithin, outlines_within
from cinecor.ui.study.outlining import Outlining
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations

_SEG = "SEG"


class OutlinesFound(QObject):
    """Looks once a study is open and nothing was done on it; what is offered is taken by whoever wants it."""

    offered = Signal(OutlinesWithin)

    def __init__(
        self,
        reading: Reading,
        review: ReviewModel,
        outlining: Outlining,
        *,
        operations: Operations,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._review, self._outlining, self._operations = reading, review, outlining, operations

    @property
    def any(self) -> bool:
        """Whether the study holds SEG objects at all."""
        study = self._reading.study
        found = None if study is None else study.found.study_of(study.stack.series_uids)
        return found is not None and any(entry.modality == _SEG for entry in found.series)

    @Slot()
    def look(self) -> None:
        """Read them in the background, where the study has any."""
        study, review = self._reading.study, self._review.decided
        if study is None or review is None or not self.any or self._worked_on():
            return

        def take(found: OutlinesWithin | None) -> None:
            if found is not None and self._reading.study is study and not self._worked_on():
                self.offered.emit(found)

        self._operations.start(
            "outlines within",
            lambda operation: outlines_within(study, review, cancelled=operation.cancelled),
            done=take,
            quiet=True,
        )

    def take(self, found: OutlinesWithin) -> bool:
        """Make them the review: the algorithm's below, what a person made of them over it.

        False where somebody worked on other outlines meanwhile: these are kept beside them then.
        """
        self._outlining.forget()  # the model may be at work on it
        if not self._review.adopt(found.segmentation):
            return False
        for edit in found.edits:
            self._review.edit(edit)
        return True

    def _worked_on(self) -> bool:
        history = self._review.history
        return self._review.locked or (history is not None and bool(history.edits))
