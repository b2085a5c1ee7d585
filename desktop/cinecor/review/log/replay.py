"""`replayed`: a review's history from its log."""

from collections.abc import Iterable

from cinecor.review.history import History
from cinecor.review.log.record import REDO, UNDO, Record, edit_of
from cinecor.review.review import Review


def replayed(review: Review, records: Iterable[Record]) -> History:
    """Return the history that a log leads to from a review in which nothing was done: the same masks, bit for bit.

    What was undone can be redone, and the other way round, as when the study was left. Raises `InputError` for a
    record that cannot be understood; nothing is left out silently.
    """
    history = History(review)
    for record in records:
        if record.kind == UNDO:
            history.undo()
        elif record.kind == REDO:
            history.redo()
        else:
            history.apply(edit_of(record))
    return history
