"""`StudyDesk`: one open study on the widgets' thread: its review, its cursor, and the work that goes on for it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cinecor.app.background import Handle
from cinecor.app.found_series import FoundSeries
from cinecor.app.open_study import OpenedStudy, Thumbnails, open_study, reopen_study, thumbnails
from cinecor.app.segment_process import SegmentProcess
from cinecor.app.segment_study import RunningOn
from cinecor.app.settings import Settings
from cinecor.errors import CinecorError
from cinecor.inference.device.model_session import Device
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review import Choices, Edit, History, Review, ReviewResult, review_result
from cinecor.review.result import SegmentedReview, segmented_review
from cinecor.scene.cells import cells
from cinecor.scene.level_window import LevelWindow, preset
from cinecor.scene.shown_labels import ShownLabels
from cinecor.ui.look.failure import failure_of
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.outline_cache import OutlineCache
from cinecor.ui.views.frame_art import Caveat, Overlay
from cinecor.ui.work.relay import Relay
from cinecor.ui.work.working_object import WorkingObject

_TELL_MS = 60  # masks that come faster are shown together


class StudyDesk(WorkingObject):
    """Everything the views of one study share; changes come in through `edit` and go out as signals."""

    series_found = Signal()
    opened = Signal()
    stopped = Signal()  # on request, before anything could be shown
    thumbnails_read = Signal()
    labels_changed = Signal(object)  # tuple of phases; None: all of them
    review_changed = Signal()
    level_changed = Signal()
    device_known = Signal()
    segmenting_changed = Signal()

    def __init__(
        self,
        path: Path,
        settings: Settings,
        *,
        model_path: Path | None,
        process: SegmentProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.settings = settings
        self.cursor = Cursor(self)
        self.study: OpenedStudy | None = None
        self.found: FoundSeries | None = None
        self.thumbnails: Mapping[str, NDArray[np.float32]] = {}
        self.history: History | None = None
        self.measures: ReviewResult | None = None
        self.level = LevelWindow(0.0, 1.0)
        self.running_on: RunningOn | None = None
        self.shown: ShownLabels | None = None  # None until the model has been asked
        self.outlines = OutlineCache()
        self._model_path = model_path
        self._process = process
        self._segmenting: Relay | None = None
        self._untold: set[int] = set()
        self._telling = QTimer(self)
        self._telling.setSingleShot(True)
        self._telling.timeout.connect(self._tell_parts)
        self.phase_order: str | None = None  # the DICOM keyword that the doctor chose; None: the import chooses
        self._reading: Relay | None = None
        self._asked: tuple[str | None, str | None] = (None, None)
        self._series_uid: str | None = None
        self._saved: Choices | None = None
        self._was_segmenting = False
        self.work_changed.connect(self._note_segmenting)

    # -- reading

    def open(self, *, series_uid: str | None = None) -> None:
        """Read the input in the background: the series with this UID, or the best."""
        path = self.path

        def work(handle: Handle) -> OpenedStudy:
            return open_study(path, handle=handle, on_series=handle.part, series_uid=series_uid)

        self._read("open", work, series_uid=series_uid, phase_order=None)

    def take(self, series_uid: str) -> None:
        """Read another series of the input; what was decided for the one before is gone."""
        self._reopen(series_uid=series_uid, phase_order=None)

    def reorder(self, tag: str | None) -> None:
        """Order the phases by another DICOM keyword; None gives the choice back to the import."""
        self._reopen(series_uid=self._series_uid, phase_order=tag)

    def _reopen(self, *, series_uid: str | None, phase_order: str | None) -> None:
        study = self.study
        if study is None:  # nothing could be read by itself; the input is scanned again
            self.open(series_uid=series_uid)
            return

        def work(handle: Handle) -> OpenedStudy:
            return reopen_study(study, handle=handle, series_uid=series_uid, phase_order=phase_order)

        self._read("reopen", work, series_uid=series_uid, phase_order=phase_order)

    def _read(
        self,
        name: str,
        work: Callable[[Handle], OpenedStudy],
        *,
        series_uid: str | None,
        phase_order: str | None,
    ) -> None:
        """Start to read; what was being read before is given up."""
        if self._reading is not None and self.runs(self._reading):
            self._reading.cancel()
        relay = Relay(name, work, self)
        relay.cancelled.connect(self._reading_stopped)
        self._reading, self._asked = relay, (series_uid, phase_order)
        self.start_work(relay, done=self._take_study, part=self._take_series)

    @Slot()
    def _reading_stopped(self) -> None:
        if self.sender() is self._reading and not self.retired and self.study is None:
            self.stopped.emit()

    @Slot(object)
    def _take_series(self, found: object) -> None:
        self.found = cast(FoundSeries, found)
        self.series_found.emit()

    @Slot(object)
    def _take_study(self, opened: object) -> None:
        study = cast(OpenedStudy, opened)
        if self.retired or self.sender() is not self._reading:
            if study.index is not (None if self.study is None else self.study.index):
                study.close()
            return
        self._series_uid, self.phase_order = self._asked
        self.stop_segmenting()
        self._segmenting = None
        first = self.study is None
        self.study, self.found = study, study.found
        body = study.card.body(study.stack.heart_rate_bpm)
        self.history = History(Review(study.stack, study.audit, body=body))
        self._saved = self.history.present.choices
        self.measures = None
        self._show(None)
        self.level = preset("auto", study.stack.pixels)
        self.cursor.set_shape(study.stack.slices, study.stack.phases)
        self.opened.emit()
        if first:
            self.start_work(Relay("thumbnails", lambda handle: thumbnails(study, handle=handle), self),
                        done=self._take_thumbnails, quiet=True)  # fmt: skip
        if self.settings.flag("auto_segment"):
            self.segment()

    @Slot(object)
    def _take_thumbnails(self, read: object) -> None:
        self.thumbnails = cast(Thumbnails, read).frames
        self.thumbnails_read.emit()

    # -- segmenting

    def segment(self) -> None:
        """Outline the ventricles in the background; a result that is there already is replaced when it is done."""
        if self.study is None or self.retired or self.segmenting:
            return
        stack, model, process = self.study.stack, self._model_path, self._process
        device = cast(Device, self.settings.text("device"))
        if self.review is None or self.review.segmentation is None:
            again = self.shown is not None
            self._show(ShownLabels.none_yet(stack.pixels.shape))
            if again:
                self.labels_changed.emit(None)
        before = self.review

        def work(handle: Handle) -> SegmentedReview:
            segmentation = process.segment(stack, model=model, device=device, handle=handle, on_part=handle.part)
            return segmented_review(before, segmentation)

        self._segmenting = Relay("segment", work, self)
        self.start_work(self._segmenting, done=self._take_segmentation, part=self._take_part)

    @Slot()
    def _note_segmenting(self) -> None:
        if self.segmenting != self._was_segmenting:
            self._was_segmenting = self.segmenting
            self.segmenting_changed.emit()

    @property
    def segmenting(self) -> bool:
        """Whether the model runs for this study."""
        return self.runs(self._segmenting)

    def stop_segmenting(self) -> None:
        """Ask the model to stop."""
        if self._segmenting is not None:
            self._segmenting.cancel()

    @Slot(object)
    def _take_part(self, part: object) -> None:
        if self.sender() is not self._segmenting:
            return
        if isinstance(part, RunningOn):
            self.running_on = part
            self.device_known.emit()
        elif isinstance(part, OutlinedFrames) and self.review is not None and self.review.segmentation is None:
            assert self.shown is not None
            self.shown.take(part)
            self.outlines.forget_phase(part.phase)
            self._untold.add(part.phase)
            if not self._telling.isActive():
                self._telling.start(_TELL_MS)

    @Slot()
    def _tell_parts(self) -> None:
        phases = tuple(sorted(self._untold))
        self._untold.clear()
        if phases and self.shown is not None:
            self.labels_changed.emit(phases)

    def _show(self, labels: ShownLabels | None) -> None:
        self.shown = labels
        self._untold.clear()
        self.outlines.clear()

    def overlay(self, place: tuple[int, int]) -> Overlay | None:
        """Give what lies over a frame (slice, phase); None where the model has not been yet."""
        labels = None if self.shown is None else self.shown.frame(place)
        if self.shown is None or labels is None:
            return None
        caveat = None
        if not self.shown.final[place]:
            caveat = Caveat.PROVISIONAL
        elif not self.counts(place):
            caveat = Caveat.NOT_COUNTED
        return Overlay(labels, self.outlines.paths(self.shown.values, place), caveat)

    @property
    def labels(self) -> NDArray[np.uint8] | None:
        """All labels that are shown, (slice, phase, row, column); None until the model has been asked."""
        return None if self.shown is None else self.shown.values

    @Slot(object)
    def _take_segmentation(self, made: object) -> None:
        if self.history is None or self.retired or self.sender() is not self._segmenting:
            return
        finished = cast(SegmentedReview, made)
        self.adopt(finished.segmentation, found=finished.result if finished.before is self.review else None)

    def adopt(self, segmentation: Segmentation, *, found: ReviewResult | None = None) -> None:
        """Lay a finished AI result under the review; what the doctor decided before stays over it.

        `found` are its measures where they were made in the background already.
        """
        assert self.history is not None
        self.history.rebase(lambda review: replace(review, segmentation=segmentation))
        self._review_moved(labels=True, found=found)

    # -- the review

    @property
    def review(self) -> Review | None:
        """The review as it is now; None until the study is read."""
        return None if self.history is None else self.history.present

    @property
    def unsaved(self) -> bool:
        """Whether the doctor decided something that is in no saved result."""
        return self.review is not None and self.review.choices != self._saved

    def mark_saved(self, review: Review) -> None:
        """Note that the results of this review are on disk."""
        self._saved = review.choices

    def edit(self, edit: Edit) -> None:
        """Change the review: the only way in which anything about the study changes."""
        if self.history is None:
            return
        before = self.history.present.corrections
        if self.history.apply(edit):
            self._review_moved(labels=self.history.present.corrections is not before)

    def undo(self) -> None:
        """Take back the last edit."""
        if self.history is not None and self.history.undo():
            self._review_moved(labels=True)

    def redo(self) -> None:
        """Bring back the edit that was undone last."""
        if self.history is not None and self.history.redo():
            self._review_moved(labels=True)

    def _review_moved(self, *, labels: bool, found: ReviewResult | None = None) -> None:
        review = self.review
        assert review is not None
        try:
            self.measures = found or review_result(review)
        except CinecorError as error:
            self.measures = None
            self.failed.emit(failure_of(error))
        if labels and review.segmentation is not None:
            self._show(ShownLabels(cast("NDArray[np.uint8]", review.labels), final=True))
            self.labels_changed.emit(None)
        self.review_changed.emit()

    def counts(self, place: tuple[int, int]) -> bool:
        """Whether a slice counts at this phase: it was not dropped, nor left out of the moment that the phase is."""
        review, (index, phase) = self.review, place
        if review is None or index in review.dropped:
            return review is None
        if self.measures is None:
            return True
        return all(review.counts(index, moment) for moment in self.measures.moments.of_phase(phase))

    def cells(self) -> NDArray[np.uint8]:
        """States of all frames, (slice, phase)."""
        review = self.review
        assert review is not None
        return cells(review, found=self.measures, shown=self.shown)

    def set_level(self, level: LevelWindow) -> None:
        """Show the pixels with other black and white values."""
        self.level = level
        self.level_changed.emit()

    def leave(self) -> None:
        """Give back the input and let go of every array."""
        if self.study is not None:
            self.study.close()
        self._telling.stop()
        self._show(None)
        self.study = self.history = self.measures = None  # nothing may keep the pixels
        self.thumbnails = {}
        super().leave()
