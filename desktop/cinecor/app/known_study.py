"""`open_review`: a study as it was left, where the store knows it, else as nobody has touched it yet."""

from dataclasses import dataclass, replace

from cinecor.app.review_session import ReviewSession
from cinecor.errors import CinecorError
from cinecor.message import Message
from cinecor.review import History, Review
from cinecor.review.ledger import Person
from cinecor.review.store.identity import study_identity
from cinecor.review.store.kept_study import KeptStudy
from cinecor.review.store.study_store import StudyCard, StudyStore


@dataclass(frozen=True, slots=True, eq=False)
class OpenedReview:
    """An open review, and what its user has to know about it."""

    session: ReviewSession
    kept: KeptStudy | None  # None: nothing is kept of it
    told: tuple[Message, ...] = ()
    other_model: bool = False  # another model is active than the one whose result is shown: it may be offered

    @property
    def outlined(self) -> bool:
        """Whether there are outlines already, so that no model needs to run."""
        return self.session.review.segmentation is not None


def open_review(
    store: StudyStore | None,
    review: Review,
    *,
    card: StudyCard,
    person: Person,
    active: str | None = None,
) -> OpenedReview:
    """Return the review of a stack that was just read (`review`: nothing done, no AI result) as it was left.

    `active` is the digest of the model in use. What cannot be read of it or kept is told, and the study opens all the
    same: outlines are then made anew, beside what lies in the store.
    """
    if store is None:
        return OpenedReview(ReviewSession(History(review), kept=None, person=person), None)
    try:
        identity = study_identity(review.stack)
        told = store.recognise(identity, card).told
        kept = store.open(identity, card)
    except (CinecorError, OSError) as error:
        return OpenedReview(ReviewSession(History(review), kept=None, person=person), None, (_not_kept(error),))
    told += kept.told
    history = History(review)
    other_model = False
    try:
        segmentation = kept.segmentation()
        if segmentation is not None:
            history = kept.history(replace(review, segmentation=segmentation))
            other_model = active is not None and active != segmentation.model.sha256
    except CinecorError as error:
        kept.close()
        return OpenedReview(ReviewSession(History(review), kept=None, person=person), None, (*told, error.message))
    return OpenedReview(ReviewSession(history, kept=kept, person=person), kept, told, other_model)


def _not_kept(error: CinecorError | OSError) -> Message:
    if isinstance(error, CinecorError):
        return error.message
    return Message(
        "study_not_kept",
        "This study cannot be kept ({reason}): what is done now is gone when it is closed.",
        reason=error.strerror or str(error),
    )
