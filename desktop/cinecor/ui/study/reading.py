"""`Reading`: one input, read in the background: what was found in it, and the stack that is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cinecor.app.found_series import FoundSeries
from cinecor.app.open_study import OpenedStudy, Thumbnails, open_study, reopen_study, thumbnails
from cinecor.app.work import Operation
from cinecor.errors import NothingSegmentable
from cinecor.study import SeriesKind
from cinecor.ui.look.failure import Failure, failure_of
from cinecor.ui.work.operations import Operations


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """What was asked for; a later one makes its answer stale."""

    series_uid: str | None  # None: the best
    phase_order: str | None  # a DICOM keyword; None: the import chooses


class Reading(QObject):
    """Reads an input, then another series of it, or the same one in another order of phases."""

    series_found = Signal()
    taken = Signal()  # another stack is there: what belongs to the one before goes; told before `opened`
    opened = Signal()
    stopped = Signal()  # on request, before anything could be shown
    thumbnails_read = Signal()
    failed = Signal(Failure)  # what was shown before stays, or another series may be taken
    unreadable = Signal(Failure)  # there is nothing to show, and nothing to choose from

    def __init__(self, path: Path, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.study: OpenedStudy | None = None
        self.found: FoundSeries | None = None
        self.thumbnails: Mapping[str, NDArray[np.float32]] = {}
        self._operations = operations
        self._open = self._asked = _Request(None, None)
        self._running: Operation[OpenedStudy] | None = None

    @property
    def phase_order(self) -> str | None:
        """The DICOM keyword that the doctor chose for the order of phases; None: the import chose."""
        return self._open.phase_order

    def open(self, *, series_uid: str | None = None) -> None:
        """Read the input: the series with this UID, or the best."""

        def work(operation: Operation[OpenedStudy]) -> OpenedStudy:
            return open_study(
                self.path,
                on_series=operation.handing(self._take_series),
                series_uid=series_uid,
                progress=operation.report,
                cancelled=operation.cancelled,
            )

        self._read("open", work, _Request(series_uid, None))

    def take(self, series_uid: str) -> None:
        """Read another series of the input; what was decided for the one before is found in the store again."""
        self._reopen(_Request(series_uid, None))

    def reorder(self, tag: str | None) -> None:
        """Order the phases by another DICOM keyword; None gives the choice back to the import."""
        self._reopen(_Request(self._open.series_uid, tag))

    def close(self) -> None:
        """Give back what the input holds on disk, and let go of every array."""
        if self.study is not None:
            self.study.close()
        self.study, self.thumbnails = None, {}

    def _reopen(self, request: _Request) -> None:
        study = self.study
        if study is None:  # nothing could be read by itself; the input is scanned again
            self.open(series_uid=request.series_uid)
            return

        def work(operation: Operation[OpenedStudy]) -> OpenedStudy:
            return reopen_study(
                study,
                series_uid=request.series_uid,
                phase_order=request.phase_order,
                progress=operation.report,
                cancelled=operation.cancelled,
            )

        self._read("reopen", work, request)

    def _read(self, name: str, work: Callable[[Operation[OpenedStudy]], OpenedStudy], request: _Request) -> None:
        """Start to read; what was being read before is given up."""
        if self._running is not None:
            self._running.cancel()
        self._asked = request
        self._running = self._operations.start(
            name,
            work,
            done=lambda study: self._take(study, request),
            failed=self._fail,
            cancelled=lambda: self._stop(request),
        )

    def _fail(self, error: Exception) -> None:
        series = () if self.found is None else self.found.series
        choice = isinstance(error, NothingSegmentable) and any(
            entry.kind is not SeriesKind.OTHER_MODALITY for entry in series
        )
        told = self.failed if choice or self.study is not None else self.unreadable
        told.emit(failure_of(error))

    def _stop(self, request: _Request) -> None:
        if request is self._asked and not self._operations.retired and self.study is None:
            self.stopped.emit()

    def _take_series(self, found: FoundSeries) -> None:
        self.found = found
        self.series_found.emit()

    def _take(self, study: OpenedStudy, request: _Request) -> None:
        if self._operations.retired or request is not self._asked:
            if self.study is None or study.index is not self.study.index:
                study.close()
            return
        first = self.study is None
        self._open, self.study, self.found = request, study, study.found
        self.taken.emit()
        self.opened.emit()
        if first:
            self._operations.start(
                "thumbnails",
                lambda operation: thumbnails(study, cancelled=operation.cancelled),
                done=self._take_thumbnails,
                quiet=True,
            )

    def _take_thumbnails(self, read: Thumbnails) -> None:
        self.thumbnails = read.frames
        self.thumbnails_read.emit()
