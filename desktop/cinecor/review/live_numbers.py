"""`LiveNumbers`: volumes and function that follow a drag, by counting the touched frames alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.curves import curves_of_counts, pixel_counts
from cinecor.measure.heart_box import cut_to_heart
from cinecor.measure.measurements import Measurements, measure_curves
from cinecor.review.correction import Frame, Place
from cinecor.review.counting import CountingRule, counted_labels
from cinecor.review.result import ReviewResult, ventricle_rates, without_excluded
from cinecor.review.review import Review


@dataclass(frozen=True, slots=True, eq=False)
class LiveNumbers:
    """The counts of a review's frames; `review_result` tells the same numbers, with their findings."""

    counts: NDArray[np.int64]  # (slice, phase, label); of the background only what lies around the heart
    rule: CountingRule

    @classmethod
    def of(cls, review: Review) -> "LiveNumbers | None":
        """Return the counts of every frame; None before the AI result."""
        labels = counted_labels(review)
        return None if labels is None else cls(pixel_counts(cut_to_heart(labels)), CountingRule.of(review))

    def with_frames(self, frames: Mapping[Place, Frame]) -> "LiveNumbers":
        """Return the counts with some frames (row, column) drawn otherwise."""
        counts = self.counts.copy()
        for place, frame in frames.items():
            counted = cut_to_heart(self.rule.counted(place, frame)[np.newaxis, np.newaxis])
            counts[place] = np.bincount(counted.ravel(), minlength=counts.shape[-1])
        return LiveNumbers(counts, self.rule)

    def after(self, review: Review, places: Collection[Place]) -> "LiveNumbers":
        """Return the counts of the review that an edit made of this one's, by the frames that it touched."""
        before = self.rule.review
        if review.papillaries != before.papillaries or review.segmentation is not before.segmentation:
            return LiveNumbers.of(review) or self
        rule = replace(self.rule, review=review)
        segmentation = review.segmentation
        if segmentation is None or not places:
            return LiveNumbers(self.counts, rule)
        frames = {place: review.corrections.frame(segmentation.labels, place) for place in places}
        return LiveNumbers(self.counts, rule).with_frames(frames)

    def result(self, before: ReviewResult) -> ReviewResult:
        """Return the review's numbers with the findings of another result, as assessing takes longer than a drag has.

        Raises `InputError` for an impossible spacing.
        """
        review, whole = self.rule.review, self.whole
        every = whole
        if review.dropped:
            curves = curves_of_counts(self.counts, geometry=review.stack.geometry)
            every = measure_curves(curves, heart_rate_bpm=review.body.heart_rate_bpm, chosen=review.moments)
        return replace(
            before,
            measurements=without_excluded(review, whole),
            whole=whole,
            every_slice=every,
            rates=ventricle_rates(whole, review.stack.phase_times_ms),
        )

    @property
    def whole(self) -> Measurements:
        """Volumes and function with every slice that was not dropped: what the curve shows."""
        review = self.rule.review
        curves = curves_of_counts(self.counts, geometry=review.stack.geometry).without(review.dropped)
        return measure_curves(curves, heart_rate_bpm=review.body.heart_rate_bpm, chosen=review.moments)

    @property
    def measurements(self) -> Measurements:
        """Volumes and function with the slices that count at ED and ES."""
        return without_excluded(self.rule.review, self.whole)


def model_measurements(review: Review) -> Measurements | None:
    """Return the numbers of the model's own outlines, with nothing redrawn and nothing chosen; None before them."""
    live = LiveNumbers.of(Review(review.stack, review.audit, review.segmentation, body=review.body))
    return None if live is None else live.measurements
