"""`Keeping`: one study's place in the store: found as it was left, and kept while it is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from cinecor.app.active_model import active_model
from cinecor.app.earlier_studies import earlier_readings
from cinecor.app.known_study import OpenedReview, open_review
from cinecor.app.open_study import OpenedStudy
from cinecor.app.review_session import ReviewSession
from cinecor.app.settings import Settings
from cinecor.app.signer import signer
from cinecor.app.work import Operation
from cinecor.errors import CinecorError
from cinecor.message import Message
from cinecor.report.earlier_reading import EarlierReading
from cinecor.review import History, Review, ReviewResult, review_result
from cinecor.review.store.kept_study import KeptStudy
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.scene.level_window import preset
from cinecor.ui.look.failure import Failure, failure_of
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.png import png_bytes
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations

_CALM_MS = 800  # what moves quickly (the view, findings) is kept when it has come to rest; a step is kept at once
_THUMBNAIL_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What the store knows of a stack, with its numbers, which were made in the background."""

    opened: OpenedReview
    result: ReviewResult | None


class Keeping(QObject):
    """Finds the study in the background while its images are shown already, and puts its review under them.

    Every step is on the disk before `ReviewModel.edit` returns; this keeps what is around the steps.
    """

    found = Signal()  # what the store knows lies under the review now, or that nothing is kept
    standing_changed = Signal()  # signed, or amended
    failed = Signal(Failure)

    def __init__(
        self,
        review: ReviewModel,
        cursor: Cursor,
        *,
        store: StudyStore | None,
        operations: Operations,
        settings: Settings,
        model_path: Path | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.told: tuple[Message, ...] = ()  # what the user has to know: moved, partly missing, open elsewhere
        self.other_model = False  # whether another model is in use now than the one whose outlines are shown
        self.kept: KeptStudy | None = None  # None: nothing is kept of it
        self._review, self._cursor, self._store = review, cursor, store
        self._operations, self._settings, self._model_path = operations, settings, model_path
        self._study: OpenedStudy | None = None
        self._finding: Operation[_Found] | None = None
        self._kept_view: tuple[int, int, int | None] | None = None
        self._kept_result: ReviewResult | None = None
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self.keep_now)
        cursor.moved.connect(self._stir)
        review.changed.connect(self._stir)
        review.exported.connect(self._stir)

    @property
    def looking(self) -> bool:
        """Whether the store is still being asked."""
        return self._finding is not None

    def begin(self, study: OpenedStudy, review: Review) -> None:
        """Show the review of a stack that was just read, and look in the store for what is known of it."""
        self.close()
        self._study = study
        person, store, model_path = signer(self._settings), self._store, self._model_path
        self._review.begin(ReviewSession(History(review), kept=None, person=person))
        opened: list[OpenedReview] = []

        def work(_: Operation[_Found]) -> _Found:
            one = open_review(store, review, card=_card(study), person=person, active=active_model(model_path))
            opened.append(one)
            if store is not None:
                store.wait(_others(study))
            return _Found(one, _result(one.session.review))

        def taken(result: ReviewResult | None = None) -> None:
            if self._finding is not operation or self._operations.retired:
                for one in opened:
                    _let_go(one.kept)
                return
            self._finding = None
            if opened:
                self._take(opened[0], result)
            self.found.emit()

        def given_up(error: Exception) -> None:
            self._tell(error)
            taken()

        self._finding = operation = self._operations.start(
            "recall", work, done=lambda found: taken(found.result), failed=given_up, cancelled=taken, quiet=True
        )

    def earlier(self) -> tuple[EarlierReading, ...]:
        """Return what is kept of earlier studies of this patient."""
        return () if self._study is None else earlier_readings(self._store, self._study.card)

    def change_standing(self) -> None:
        """Tell that the study was signed or amended: what was exported before says something else."""
        self._review.mark_not_exported()
        self.keep_now()
        self.standing_changed.emit()

    def close(self) -> None:
        """Keep what is left to be kept, and let others write."""
        self.keep_now()
        _let_go(self.kept)
        self.kept, self._study, self._finding = None, None, None
        self._kept_view, self._kept_result = None, None
        self.told, self.other_model = (), False

    @Slot()
    def keep_now(self) -> None:
        """Keep where the view is, and what the worklist shows."""
        self._calm.stop()
        kept, session, result = self.kept, self._review.session, self._review.result
        if kept is None or kept.read_only or session is None:
            return
        exported = None if self._review.not_exported else len(kept.ledger())
        view = (self._cursor.slice, self._cursor.phase, exported)
        if view != self._kept_view:
            self._trying(lambda: kept.keep_view({"slice": view[0], "phase": view[1], "exported": view[2]}))
        if result is not None and result is not self._kept_result:
            self._trying(lambda: session.keep_summary(result.quality.findings))
        self._kept_view, self._kept_result = view, result

    def _take(self, opened: OpenedReview, result: ReviewResult | None) -> None:
        self.kept, self.told, self.other_model = opened.kept, opened.told, opened.other_model
        before = self._review.session
        edits = () if before is None else before.history.edits
        self._review.take(opened.session, found=None if edits else result)
        for edit in edits:  # made while the store was being asked
            self._review.edit(edit)
        if opened.kept is None:
            return
        view = opened.kept.view
        if {"slice", "phase"} <= set(view):
            self._cursor.go(to_slice=int(view["slice"]), to_phase=int(view["phase"]))
        if view.get("exported") == len(opened.kept.ledger()):
            self._review.mark_exported(opened.session.review)
        elif opened.kept.ledger():
            self._review.mark_not_exported()
        if not opened.kept.read_only:
            kept = opened.kept
            if not kept.has_thumbnail:
                self._trying(lambda: kept.keep_thumbnail(self._thumbnail()))

    def _thumbnail(self) -> bytes:
        assert self._study is not None
        frame = self._study.stack.pixels[self._study.stack.slices // 2, 0]
        image = grey_image(frame, preset("auto", frame))
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        return png_bytes(image.scaled(_THUMBNAIL_PX, _THUMBNAIL_PX, keep, smooth))

    @Slot()
    def _stir(self) -> None:
        if self.kept is not None:
            self._calm.start()  # again, so that nothing is written while the heart beats

    def _trying(self, keep: Callable[[], object]) -> None:
        """Keep what is no step; a disk that refuses is told, and the work goes on."""
        try:
            keep()
        except CinecorError as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        self.failed.emit(failure_of(error))


def _let_go(kept: KeptStudy | None) -> None:
    if kept is not None:
        kept.close()


def _result(review: Review) -> ReviewResult | None:
    """Return the numbers; what cannot be measured is left to whoever shows it."""
    try:
        return review_result(review)
    except CinecorError:
        return None


def _others(study: OpenedStudy) -> tuple[StudyCard, ...]:
    """Return the other studies of the input that could be opened: they wait in the worklist."""
    mine = study.found.study_of(study.stack.series_uids)
    return tuple(
        StudyCard(
            study.path.absolute(),
            (one.stack_uid,),
            patient_name=one.card.name,
            patient_id=one.card.id,
            study_date=one.card.study_date,
            description=one.card.study,
        )
        for one in study.found.studies
        if one is not mine and one.stack_uid is not None
    )


def _card(study: OpenedStudy) -> StudyCard:
    card = study.card
    return StudyCard(
        study.path.absolute(),
        study.stack.series_uids,
        patient_name=card.name,
        patient_id=card.id,
        study_date=card.study_date,
        description=card.study,
    )
