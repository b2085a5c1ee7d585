"""The regional function of a review: of its final labels, with the insertion points that its reader set."""

from cinecor.measure.regional.function import RegionalFunction, regional_function
from cinecor.review.result import ReviewResult, final_labels
from cinecor.review.review import Review

_MS_PER_MINUTE = 60_000.0


def review_regional(review: Review, result: ReviewResult) -> RegionalFunction:
    """Return thickness, thickening and motion of the final labels at the review's ED and ES.

    Raises `ValueError` while there is no segmentation.
    """
    rate_bpm = review.body.heart_rate_bpm
    return regional_function(
        final_labels(review, moments=result.whole.moments),
        geometry=review.stack.geometry,
        moments=result.moments,
        phase_times_ms=review.stack.phase_times_ms,
        rr_ms=_MS_PER_MINUTE / rate_bpm if rate_bpm else None,
        by_reader=review.insertion,
    )
