"""`GivenWay`: the borders that gave way to the one that a gesture moved, so that none moves without a word."""

from dataclasses import dataclass

import numpy as np

from cinecor.review import Edit, Redraw, Review
from cinecor.review.borders import Border, region
from cinecor.review.correction import Frame, Place
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import number_text, tr


@dataclass(frozen=True, slots=True, eq=False)
class GivenWay:
    """What one gesture changed in one frame besides its own border."""

    place: Place
    frame: Frame  # as the gesture left it
    ml: dict[Border, float]  # by how much each border that was not moved encloses more

    @classmethod
    def of(cls, edit: Edit | None, review: Review | None) -> "GivenWay | None":
        """Return what an edit of a review moves besides; None where it moves no single border, or nothing else."""
        if not isinstance(edit, Redraw) or edit.border is None or review is None or review.segmentation is None:
            return None
        for place, after in edit.frames.items():
            if after is None:
                continue
            before = review.corrections.frame(review.segmentation.labels, place)
            pixel_ml = float(review.stack.geometry.pixel_ml[place[0]])
            ml = {
                border: (int(now.sum()) - int(then.sum())) * pixel_ml
                for border in Border
                if border is not edit.border
                for then, now in ((region(before, border), region(after, border)),)
                if (then != now).any()
            }
            if ml:
                return cls(place, after, ml)
        return None

    def holds(self, review: Review | None) -> bool:
        """Return whether the frame is as the gesture left it."""
        if review is None or review.segmentation is None:
            return False
        return np.array_equal(review.corrections.frame(review.segmentation.labels, self.place), self.frame)

    def text(self) -> str:
        """Say it."""
        told = (
            tr("{border} gave way: {ml} mL here", border=border_name(border), ml=number_text(ml, 1, signed=True))
            for border, ml in self.ml.items()
        )
        return " · ".join(told)
