"""`ef_ranges`: the intervals of both ejection fractions, or why there is none: they tell of a model's own errors."""

from collections.abc import Collection, Mapping

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ef_interval import EfRange, ef_range, why_no_ef_range
from cinecor.measure.measurements import Measurements
from cinecor.measure.phases import choose_phases
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.review import Review


def ef_ranges(
    review: Review, counted: Measurements, *, by_parts: Collection[Ventricle]
) -> Mapping[Ventricle, EfRange | Message | None]:
    """Return for each ventricle its interval, or why there is none; None where there is no ejection fraction.

    `by_parts` are the ventricles of which parts of slices count at the base.
    """
    segmentation, geometry = review.segmentation, review.stack.geometry
    found: dict[Ventricle, EfRange | Message | None] = dict.fromkeys(Ventricle)
    for ventricle in Ventricle:
        if segmentation is None or counted.of(ventricle).ef_percent is None:
            continue
        found[ventricle] = (
            why_no_ef_range(ventricle, segmentation=segmentation, geometry=geometry)
            or _changed(review, counted, ventricle, by_parts=by_parts)
            or ef_range(ventricle, measurements=counted, segmentation=segmentation, geometry=geometry)
        )
    return found


def _changed(
    review: Review, counted: Measurements, ventricle: Ventricle, *, by_parts: Collection[Ventricle]
) -> Message | None:
    """Return what a reader changed, so that the model's errors are not those of the number; None: nothing."""
    told = {"ventricle": ventricle.message}
    if _redrawn(review, counted, ventricle):
        return Message(
            "no_ef_interval_redrawn",
            "No interval of the {ventricle} EF: ED or ES was redrawn, and it tells of the model’s own errors.",
            **told,
        )
    if review.dropped or review.excluded:
        return Message(
            "no_ef_interval_left_out",
            "No interval of the {ventricle} EF: slices were left out, and it tells of the model’s own errors.",
            **told,
        )
    # After the slices left out: with them the curves are no longer those by which ED and ES were chosen.
    if choose_phases(counted.curves.lv_ml).moments != counted.moments:
        return Message(
            "no_ef_interval_moved",
            "No interval of the {ventricle} EF: ED or ES was moved, and in the patients whose errors it would rest on "
            "they are the phases of the largest and the smallest LV volume.",
            **told,
        )
    if review.papillaries.convention is PapillaryConvention.MASS:
        return Message(
            "no_ef_interval_papillaries",
            "No interval of the {ventricle} EF: papillary muscles count as mass, and in the patients whose errors it "
            "would rest on they count as cavity.",
            **told,
        )
    if ventricle in by_parts:
        return Message(
            "no_ef_interval_base",
            "No interval of the {ventricle} EF: parts of slices count at the base, and in the patients whose errors it "
            "would rest on whole slices do.",
            **told,
        )
    return None


def _redrawn(review: Review, counted: Measurements, ventricle: Ventricle) -> bool:
    """Return whether a reader drew this ventricle otherwise than the model, at ED or ES."""
    if review.segmentation is None:
        return False
    model, label, moments = review.segmentation.labels, Label[ventricle.name], set(counted.moments.values())
    return any(
        bool(((frame == label) != (model[place] == label)).any())
        for place, frame in review.corrections.frames.items()
        if place[1] in moments
    )
