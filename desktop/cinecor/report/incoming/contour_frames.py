"""`add_contours`: closed contours of one frame become its structures."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.report.incoming.read_labels import LabelsBeingRead
from cinecor.review.border import Border
from cinecor.review.borders.outline import filled
from cinecor.review.correction import Place

Points = NDArray[np.float64]  # (point, 2) as x, y in pixels, from the corner of the first pixel (PS3.3 C.18.6)


def add_contours(
    reading: LabelsBeingRead, place: Place, contours: Mapping[Border, Points], *, name: str, shape: tuple[int, int]
) -> None:
    """Take the contours of a frame: the wall is what lies between the two of the left ventricle.

    An outer wall without a cavity is listed: it does not tell which of its pixels are muscle.
    """
    regions = {border: filled((points,), shape) for border, points in contours.items()}
    if Border.EPI in regions and Border.ENDO not in regions:
        reading.left_out.append(
            Message(
                "wall_without_cavity",
                "{name}: the outer wall is drawn and the cavity is not; it is not used.",
                name=name,
            )
        )
    if Border.ENDO in regions:
        reading.add(place, Label.LV, regions[Border.ENDO])
        if Border.EPI in regions:
            reading.add(place, Label.MYO, regions[Border.EPI] & ~regions[Border.ENDO])
    if Border.RV in regions:
        reading.add(place, Label.RV, regions[Border.RV])
