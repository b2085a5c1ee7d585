"""`History`: the one way in which a review changes, and the way back."""

from collections.abc import Callable

from cinecor.review.correction import FrameState, Place
from cinecor.review.edit import Edit
from cinecor.review.redraw import Redraw
from cinecor.review.review import Review


class History:
    """Reviews before and after the present one, each with the edit that led to it; as far back as the study goes."""

    def __init__(self, review: Review) -> None:
        self._past: list[tuple[Edit, Review]] = []
        self._future: list[tuple[Edit, Review]] = []
        self.present = review

    def apply(self, edit: Edit) -> bool:
        """Make the edited review the present one; False when the edit changes nothing."""
        changed = edit.apply(self.present)
        if changed is self.present:
            return False
        self._past.append((edit, self.present))
        self._future.clear()
        self.present = changed
        return True

    def take_back(self) -> None:
        """Forget the last edit as if it had never been made: it could not be kept."""
        _, self.present = self._past.pop()

    def undo(self) -> bool:
        """Go back one edit; False when there is none."""
        if not self._past:
            return False
        edit, before = self._past.pop()
        self._future.append((edit, self.present))
        self.present = before
        return True

    def redo(self) -> bool:
        """Go forward one edit; False when there is none."""
        if not self._future:
            return False
        edit, after = self._future.pop()
        self._past.append((edit, self.present))
        self.present = after
        return True

    @property
    def first(self) -> Review:
        """The review before anything was done."""
        return self._past[0][1] if self._past else self.present

    @property
    def undo_edit(self) -> Edit | None:
        """The edit that `undo` takes back; None when there is none. The view goes to its `places`."""
        return self._past[-1][0] if self._past else None

    @property
    def redo_edit(self) -> Edit | None:
        """The edit that `redo` brings again; None when there is none."""
        return self._future[-1][0] if self._future else None

    @property
    def undo_name(self) -> str | None:
        """Name of the edit that `undo` takes back; None when there is none."""
        return None if self.undo_edit is None else self.undo_edit.name

    @property
    def redo_name(self) -> str | None:
        """Name of the edit that `redo` brings again; None when there is none."""
        return None if self.redo_edit is None else self.redo_edit.name

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits that led to the present review, in order."""
        return tuple(edit for edit, _ in self._past)

    @property
    def carried(self) -> frozenset[Place]:
        """The frames that were last drawn by carrying or filling, looked at since or not."""
        places: set[Place] = set()
        for edit in self.edits:
            if isinstance(edit, Redraw):
                touched = set(edit.frames)
                places = places | touched if edit.state is FrameState.PROVISIONAL else places - touched
        return frozenset(places)

    @property
    def undone_edits(self) -> tuple[Edit, ...]:
        """The edits that `redo` would bring again, in the order in which it would."""
        return tuple(edit for edit, _ in reversed(self._future))

    def rebase(self, change: Callable[[Review], Review]) -> None:
        """Change what lies under every edit, past and future: the AI result that has just come.

        It is no edit: undo must not take it away.
        """
        self._past = [(edit, change(review)) for edit, review in self._past]
        self._future = [(edit, change(review)) for edit, review in self._future]
        self.present = change(self.present)
