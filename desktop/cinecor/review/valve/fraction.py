"""The fractional base of a review: which part of each slab the reader's valve lines leave to the ventricles."""

from types import MappingProxyType

import numpy as np

from cinecor.measure.fractional_base import Cuts, FractionalBase, cuts_of
from cinecor.review.base_rule import BaseRule
from cinecor.review.review import Review
from cinecor.review.valve.base import lines_of, plane_at
from cinecor.review.valve.line import Valve
from cinecor.study.image_plane import plane_of


def fractional_base(review: Review) -> FractionalBase | None:
    """Return how the planes of a review's valves cut its slabs; None where whole slices count.

    Whole slices count by the usual rule, and of a ventricle whose valve's line was not drawn by any rule.
    """
    if review.base is BaseRule.WHOLE:
        return None
    cuts = {valve.ventricle: found for valve in Valve if (found := _cuts(review, valve)) is not None}
    return FractionalBase(MappingProxyType(cuts)) if cuts else None


def _cuts(review: Review, valve: Valve) -> Cuts | None:
    stack, lines = review.stack, lines_of(review.valves, valve)
    planes = [plane_at(lines, phase=phase, stack=stack) for phase in range(stack.phases)]
    known = [plane for plane in planes if plane is not None]
    if len(known) < stack.phases:
        return None
    return cuts_of(
        np.stack([plane.point_mm for plane in known]),
        np.stack([plane.normal for plane in known]),
        slices=[plane_of(stack, index) for index in range(stack.slices)],
        extents_mm=stack.geometry.slice_extent_mm,
    )
