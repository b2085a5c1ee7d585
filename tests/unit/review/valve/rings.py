"""Lines along the phantom's own rings, as a reader would draw them."""

from collections.abc import Iterator

import numpy as np

from cinecor.review import Review, SetValveLine
from cinecor.review.valve.line import Valve, ValveLine, ValveView
from cinecor_phantom import Phantom
from cinecor_phantom.long_axis import long_axis_planes
from cinecor_phantom.planted_truth import annulus_mm

CHAMBERS = {"4CH": 4, "2CH": 2, "3CH": 3}
MITRAL = (("4CH", Valve.MITRAL), ("2CH", Valve.MITRAL), ("3CH", Valve.MITRAL))
BOTH = (*MITRAL, ("4CH", Valve.TRICUSPID))


def drawn(review: Review, phantom: Phantom, *views: tuple[str, Valve], phases: tuple[int, ...] = (0, 3)) -> Review:
    """The review with lines along the phantom's rings in these views, drawn in these phases; ES is phase 3."""
    for edit in lines(phantom, *views, phases=phases):
        review = edit.apply(review)
    return review


def lines(phantom: Phantom, *views: tuple[str, Valve], phases: tuple[int, ...]) -> Iterator[SetValveLine]:
    """Yield the edits that draw lines along the phantom's rings in these views."""
    truth, planes = annulus_mm(phantom), long_axis_planes(phantom.acquisition)
    for name, valve in views:
        plane = planes[name]
        normal = np.cross(plane.column_axis, plane.row_axis)
        line = ValveLine(
            tuple((tuple(one), tuple(other)) for one, other in truth[valve.value][name].tolist()),
            phases, (), tuple(normal.tolist()), CHAMBERS[name],
        )  # fmt: skip
        yield SetValveLine(ValveView(f"1.{CHAMBERS[name]}", valve), line)
