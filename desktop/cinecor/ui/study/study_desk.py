"""`StudyDesk`: one open study: its parts, which views take as they need them, and its coming and going."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cinecor.app.other_reading import reading_of_results
from cinecor.app.result_review import body_of_results, edits_of, require_same_stack, segmentation_of
from cinecor.app.segment_process import SegmentProcess
from cinecor.app.settings import Settings
from cinecor.errors import CinecorError
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.review import Review, SetBody
from cinecor.review.store.study_store import StudyStore
from cinecor.scene.level_window import preset
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import tr
from cinecor.ui.study.callipers import Callipers
from cinecor.ui.study.carrying import Carrying
from cinecor.ui.study.comparing import Comparing
from cinecor.ui.study.crosshair import Crosshair
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.doubt_list import DoubtList
from cinecor.ui.study.keeping import Keeping
from cinecor.ui.study.level import Level
from cinecor.ui.study.long_axis import LongAxis
from cinecor.ui.study.long_axis_cut import LongAxisCut
from cinecor.ui.study.long_axis_steps import LongAxisSteps
from cinecor.ui.study.long_axis_valves import LongAxisValves
from cinecor.ui.study.outlines_found import OutlinesFound
from cinecor.ui.study.outlining import Outlining
from cinecor.ui.study.overlays import Overlays
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations

_PATIENCE_MS = 1000  # with the model's first outlines; then the long-axis cines are read beside it


class StudyDesk(QObject):
    """What is read, outlined and decided of one input; it outlives the window's pages.

    Whoever changes something calls `desk.review.edit(EDIT)`: see `ReviewModel`.
    """

    opened = Signal(Path)  # the input was read, the first time or again
    gone = Signal()  # retired, and every thread has ended

    def __init__(
        self,
        path: Path,
        settings: Settings,
        *,
        model_path: Path | None,
        process: SegmentProcess,
        store: StudyStore | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self._results: KeptResults | None = None  # waiting for their study to be read
        self.left = False  # whether it is gone
        self.operations = Operations(self)
        self.cursor = Cursor(self)
        self.level = Level(self)
        self.reading = Reading(path, self.operations, self)
        self.crosshair = Crosshair(self)
        self.long_axis = LongAxis(self.reading, self.operations, self)
        self.callipers = Callipers(self.reading, self.long_axis, self)
        self.review = ReviewModel(self)
        self.valves = LongAxisValves(self.long_axis, self.review, self.operations, settings, self)
        self.steps = LongAxisSteps(self.long_axis, self.review, self.operations, self)
        self.overlays = Overlays(self.review, self)
        self.cut = LongAxisCut(self.reading, self.review, self.overlays, self)
        self.cut.changed.connect(lambda: self.cursor.turn(base_last=self.cut.base_is_last is True))
        self.comparing = Comparing(self.review, self)
        self.outlining = Outlining(
            self.reading,
            self.review,
            self.overlays,
            operations=self.operations,
            settings=settings,
            model_path=model_path,
            process=process,
            parent=self,
        )
        self.carrying = Carrying(self.review, self.operations, self)
        self.keeping = Keeping(
            self.review,
            self.cursor,
            store=store,
            operations=self.operations,
            settings=settings,
            model_path=model_path,
            parent=self,
        )
        self.outlines_found = OutlinesFound(
            self.reading, self.review, self.outlining, operations=self.operations, parent=self
        )
        self.doubts = DoubtList(self.review, self.cursor, self)
        self.reading.taken.connect(self._begin)
        self.reading.opened.connect(self._told_opened)
        self.keeping.found.connect(self._outline)
        self.keeping.found.connect(self.outlines_found.look)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        for told in (self._patience.timeout, self.overlays.grown):
            told.connect(self.long_axis.read)
        self.outlining.changed.connect(self._read_long_axis)
        self.operations.gone.connect(self._leave)

    @property
    def path(self) -> Path:
        """The input."""
        return self.reading.path

    @property
    def name(self) -> str:
        """Whose study it is, else what its input is called; neither where names are hidden: a path may tell it too."""
        if not self.settings.flag("show_patient"):
            return tr("Name hidden")
        card = None if self.reading.study is None else self.reading.study.card
        return ("" if card is None else card.name or card.id) or self.path.name

    @property
    def title(self) -> str:
        """Whose study it is and of when."""
        date = "" if self.reading.study is None else self.reading.study.card.study_date
        return " · ".join(part for part in (self.name, date) if part)

    def may_be(self, series_uid: str) -> bool:
        """Return whether this is the study of a series; a study that is not read yet may be, and any is of none."""
        study = self.reading.study
        return not series_uid or study is None or series_uid in study.stack.series_uids

    def open_results(self, folder: Path) -> None:
        """Read a folder of results and lay them under the review, or compare them with what is there."""
        self.operations.start(
            "results",
            lambda _: read_results(folder),
            done=self.lay_results,
            failed=lambda error: self.keeping.failed.emit(failure_of(error)),
        )

    def lay_results(self, kept: KeptResults) -> None:
        """Make results the review of this study where it has none yet, else compare them with it."""
        self._results = kept
        if self.reading.study is not None and not self.keeping.looking:
            self._lay()

    def _lay(self) -> None:
        kept, self._results = self._results, None
        decided = self.review.decided
        if kept is None or decided is None:
            return
        try:
            require_same_stack(decided, kept)
            if decided.segmentation is not None:
                self.comparing.show_other(reading_of_results(decided, kept))
                return
            edits = edits_of(kept)
            self.outlining.forget()  # the model may be at work on it
            self.review.adopt(segmentation_of(kept))
            for edit in (SetBody(body_of_results(kept.results, decided.body)), *edits):
                self.review.edit(edit)
        except CinecorError as error:
            self.keeping.failed.emit(failure_of(error))

    def retire(self) -> None:
        """Stop all work without waiting, and let others write; `gone` is told when the last thread has ended."""
        self.keeping.close()
        self.operations.retire()

    @Slot()
    def _begin(self) -> None:
        study = self.reading.study
        assert study is not None
        self.outlining.forget()
        body = study.card.body(study.stack.heart_rate_bpm)
        self.keeping.begin(study, Review(study.stack, study.audit, body=body))
        self.overlays.clear()
        self.comparing.clear()
        self.level.even_out(())
        self.level.show(preset("auto", study.stack.pixels))
        self.cursor.set_shape(study.stack.slices, study.stack.phases)

    @Slot()
    def _told_opened(self) -> None:
        self.opened.emit(self.path)

    @Slot()
    def _outline(self) -> None:
        self._lay()
        decided = self.review.decided
        if self.settings.flag("auto_segment") and decided is not None and decided.segmentation is None:
            self.outlining.start()
        self._read_long_axis()

    @Slot()
    def _read_long_axis(self) -> None:
        """Read the long-axis cines, unless the first outlines are about to come: reading them would take their time."""
        if self.keeping.looking:
            return
        if self.outlining.running:
            self._patience.start()
        else:
            self.long_axis.read()

    @Slot()
    def _leave(self) -> None:
        self._patience.stop()
        self.reading.close()
        self.overlays.clear()
        self.comparing.clear()
        self.long_axis.forget()
        self.review.end()  # nothing may keep the pixels
        self.left = True
        self.gone.emit()
