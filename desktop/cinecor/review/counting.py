"""`CountingRule`: what of the outlines counts as what, by the reader's convention for papillary muscles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.correction import Frame, Place
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.review import Review


@dataclass(frozen=True, slots=True, eq=False)
class CountingRule:
    """The intensity below which each slice's cavity is muscle; None where it is not, or by the other convention."""

    thresholds: tuple[float | None, ...]  # one a slice
    review: Review

    @classmethod
    def of(cls, review: Review) -> "CountingRule":
        """Return the rule of a review."""
        if review.segmentation is None or review.papillaries.convention is PapillaryConvention.CAVITY:
            return cls((None,) * review.stack.slices, review)
        return cls(tuple(papillary_threshold(review, index) for index in range(review.stack.slices)), review)

    def counted(self, place: Place, frame: Frame) -> Frame:
        """Return a frame (row, column) as it counts: muscle within the cavity is wall where it counts as mass."""
        threshold = self.thresholds[place[0]]
        if threshold is None:
            return frame
        from cinecor.review.tools.papillary import muscle_of_frame  # few count so, and its libraries load slowly

        stack = self.review.stack
        muscle = muscle_of_frame(
            stack.pixels[place], frame, threshold=threshold, pixel_spacing_mm=stack.geometry.pixel_spacing_mm
        )
        return np.where(muscle, np.uint8(Label.MYO), frame)


def papillary_threshold(review: Review, index: int) -> float | None:
    """Return the intensity below which a slice's cavity is muscle by the reader's choice; None where none tells it.

    By the model's outlines, so that it does not move while one is dragged; by the reader's where the model has none.
    """
    if review.segmentation is None:
        return None
    from cinecor.review.tools.papillary import slice_threshold

    outlined = review.segmentation.labels[index]
    if not (outlined == Label.LV).any():
        drawn = review.corrections
        outlined = np.stack([drawn.frame(review.segmentation.labels, (index, phase)) for phase in range(len(outlined))])
    return slice_threshold(review.stack.pixels[index], outlined, shift=review.papillaries.shift(index))


def counted_labels(review: Review) -> NDArray[np.uint8] | None:
    """Return the final labels (slice, phase, row, column) as they count, read-only; None before the AI result.

    The outlines themselves are `review.labels`, which is what this returns by the usual convention.
    """
    labels = review.labels
    rule = CountingRule.of(review)
    if labels is None or all(threshold is None for threshold in rule.thresholds):
        return labels
    counted = labels.copy()
    for place in np.ndindex(labels.shape[:2]):
        counted[place] = rule.counted((place[0], place[1]), labels[place])
    counted.setflags(write=False)
    return counted
