"""`LiveNumbers`: volumes and function that follow a drag, by counting the touched frames alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.curves import curves_of_counts, pixel_counts
from cinecor.measure.fractional_base import FractionalBase
from cinecor.measure.heart_box import cut_to_heart
from cinecor.measure.measurements import Measurements, measure_curves
from cinecor.review.base_rule import BaseRule
from cinecor.review.correction import Frame, Place
from cinecor.review.counting import CountingRule, counted_labels
from cinecor.review.result import ReviewResult, ventricle_rates, without_excluded
from cinecor.review.review import Review
from cinecor.review.valve.fraction import fractional_base


@dataclass(frozen=True, slots=True, eq=False)
class LiveNumbers:
    """The counts of a review's frames; `review_result` tells the same numbers, with their findings."""

    counts: NDArray[Any]  # (slice, phase, label), parts of pixels at a fractional base; little of the background
    rule: CountingRule
    base: FractionalBase | None = None  # None: whole slices count

    @classmethod
    def of(cls, review: Review) -> "LiveNumbers | None":
        """Return the counts of every frame; None before the AI result."""
        labels, base = counted_labels(review), fractional_base(review)
        if labels is None:
            return None
        counts = pixel_counts(cut_to_heart(labels)) if base is None else base.counts(labels)
        return cls(counts, CountingRule.of(review), base)

    def with_frames(self, frames: Mapping[Place, Frame]) -> "LiveNumbers":
        """Return the counts with some frames (row, column) drawn otherwise."""
        counts = self.counts.copy()
        for place, frame in frames.items():
            counted = self.rule.counted(place, frame)
            if self.base is None:
                heart = cut_to_heart(counted[np.newaxis, np.newaxis])
                counts[place] = np.bincount(heart.ravel(), minlength=counts.shape[-1])
            else:
                counts[place] = self.base.count(counted, place)
        return replace(self, counts=counts)

    def after(self, review: Review, places: Collection[Place]) -> "LiveNumbers":
        """Return the counts of the review that an edit made of this one's, by the frames that it touched."""
        before = self.rule.review
        same_base = review.base is before.base and (review.base is BaseRule.WHOLE or review.valves == before.valves)
        if review.papillaries != before.papillaries or review.segmentation is not before.segmentation or not same_base:
            return LiveNumbers.of(review) or self
        rule = replace(self.rule, review=review)
        segmentation = review.segmentation
        if segmentation is None or not places:
            return replace(self, rule=rule)
        frames = {place: review.corrections.frame(segmentation.labels, place) for place in places}
        return replace(self, rule=rule).with_frames(frames)

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
            rates=ventricle_rates(review, whole),
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
