"""`Edit`: one change of a review, as a value that can be applied, named and undone.

A tool that edits a mask is one more class here: it computes the new frame and gives a `RedrawFrame`.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cinecor.review.review import Body, Moment, Review


class Edit(Protocol):
    """A change of a review; `name` is the key of its text in the menus ("Undo: …")."""

    @property
    def name(self) -> str:
        """Key of the text that names the change."""

    def apply(self, review: Review) -> Review:
        """Give the changed review; the same object when nothing changes."""


@dataclass(frozen=True, slots=True)
class SetPhase:
    """The doctor moves ED or ES; None gives the choice back to the volume curve."""

    moment: Moment
    phase: int | None

    @property
    def name(self) -> str:
        """Key of the text that names the change."""
        return f"edit.set_{self.moment}"

    def apply(self, review: Review) -> Review:
        """Give the review with the phase moved."""
        if self.phase is not None and not 0 <= self.phase < review.stack.phases:
            raise ValueError(f"phase {self.phase} is not among the {review.stack.phases} phases")
        if self.moment is Moment.ED:
            return review if review.ed_phase == self.phase else replace(review, ed_phase=self.phase)
        return review if review.es_phase == self.phase else replace(review, es_phase=self.phase)


@dataclass(frozen=True, slots=True)
class ToggleSlice:
    """A slice stops, or starts again, to count at ED or at ES."""

    index: int
    moment: Moment
    name: str = "edit.toggle_slice"

    def apply(self, review: Review) -> Review:
        """Give the review with the slice's part turned round."""
        return replace(review, excluded=review.excluded ^ {(self.index, self.moment)})


@dataclass(frozen=True, slots=True)
class DropSlice:
    """A slice is dropped from every phase, or restored."""

    index: int
    name: str = "edit.drop_slice"

    def apply(self, review: Review) -> Review:
        """Give the review with the slice dropped, or restored when it was."""
        return replace(review, dropped=review.dropped ^ {self.index})


@dataclass(frozen=True, slots=True)
class SetBody:
    """Heart rate, height and weight as the doctor typed them."""

    body: Body
    name: str = "edit.set_body"

    def apply(self, review: Review) -> Review:
        """Give the review with the new facts."""
        return review if review.body == self.body else replace(review, body=self.body)


@dataclass(frozen=True, slots=True, eq=False)
class RedrawFrame:
    """The labels of one frame are replaced in the correction layer; the AI result stays."""

    index: int
    phase: int
    labels: NDArray[np.uint8]  # (row, column)
    name: str = "edit.redraw_frame"

    def apply(self, review: Review) -> Review:
        """Give the review with the redrawn frame."""
        shape = (review.stack.rows, review.stack.columns)
        if self.labels.shape != shape:
            raise ValueError(f"a redrawn frame must be {shape}, not {self.labels.shape}")
        return replace(review, corrections=review.corrections.with_frame((self.index, self.phase), self.labels))
