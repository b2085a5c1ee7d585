"""`SegmentedReview`: a finished AI result with all that is made of it, so that no window waits for it."""

from dataclasses import dataclass, replace

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.result import ReviewResult, review_result
from cinecor.review.review import Review
from cinecor.review.store.result_file import result_bytes


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedReview:
    """A finished AI result with the numbers of the review that it was made for."""

    before: Review | None
    segmentation: Segmentation
    result: ReviewResult | None
    live: LiveNumbers | None
    content: bytes  # of the file in which it is kept


def segmented_review(before: Review | None, segmentation: Segmentation) -> SegmentedReview:
    """Return a new AI result with the numbers of a review over it; none where it cannot be measured.

    What cannot be measured is left to whoever shows it.
    """
    result, live = None, None
    if before is not None:
        review = replace(before, segmentation=segmentation)
        live = LiveNumbers.of(review)
        try:
            result = review_result(review)
        except InputError:
            result = None
    return SegmentedReview(before, segmentation, result, live, result_bytes(segmentation))
