"""`read_cvi42`: contours of a cvi42 workspace (`.cvi42wsx`), by the SOP instance that each was drawn on.

Written from what public readers of the format tell: `ImageStates` holds items keyed by SOPInstanceUID, each with
`Contours`, each of these with `Points` and a `SubpixelResolution` that its coordinates are multiplied by. **Not tested
on a real file**: none may be had. That coordinates begin at the corner of the first pixel is an assumption (half a
pixel at most).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.report.incoming.contour_frames import Points, add_contours
from cinecor.report.incoming.read_labels import LabelsBeingRead, ReadLabels
from cinecor.review.border import Border
from cinecor.review.correction import Place
from cinecor.study.cine_stack import CineStack

UNTESTED: Final = Message(
    "cvi42_untested", "Reading cvi42 workspaces was never tested on a real file: look at every outline before using it."
)
_BORDERS: Final = {
    "saendocardialContour": Border.ENDO,
    "saepicardialContour": Border.EPI,
    "sarvendocardialContour": Border.RV,
}


def read_cvi42(path: Path, stack: CineStack) -> ReadLabels:
    """Return the short-axis structures of a workspace on a stack's frames. Raises `InputError` for no workspace."""
    reading = LabelsBeingRead(stack.pixels.shape)
    reading.left_out.append(UNTESTED)
    places = {
        str(frame.sop_instance_uid): (index, phase)
        for index, row in enumerate(stack.frames or ())
        for phase, frame in enumerate(row)
        if frame is not None and frame.sop_instance_uid is not None and frame.number is None
    }
    elsewhere = 0
    for uid, contours, others in _images(_root(path)):
        place: Place | None = places.get(uid)
        if place is None:
            elsewhere += 1
            continue
        for name in others:
            reading.left_out.append(
                Message(
                    "cvi42_contour_unused",
                    "Slice {slice}, phase {phase}: {name} is not used.",
                    slice=place[0] + 1,
                    phase=place[1] + 1,
                    name=name,
                )
            )
        add_contours(reading, place, contours, name=f"{place[0] + 1}/{place[1] + 1}", shape=(stack.rows, stack.columns))
    if elsewhere:
        reading.left_out.append(
            Message.counted(
                "cvi42_elsewhere",
                "{n} image with contours is not in this stack.",
                "{n} images with contours are not in this stack.",
                n=elsewhere,
            )
        )
    return reading.done()


def _root(path: Path) -> ElementTree.Element:
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # no workspace has one, and entities can be made to explode
        raise _refusal(path)
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise _refusal(path) from error


def _refusal(path: Path) -> InputError:
    return InputError(Message("no_cvi42_workspace", "{name} is no cvi42 workspace that can be read.", name=path.name))


def _images(root: ElementTree.Element) -> Iterator[tuple[str, dict[Border, Points], list[str]]]:
    """Yield SOPInstanceUID, the contours that are used, and the names of those that are not."""
    for states in root.iter():
        if _key(states) != "ImageStates":
            continue
        for image in states:
            used: dict[Border, Points] = {}
            others: list[str] = []
            for contour in (one for held in image if _key(held) == "Contours" for one in held):
                border, points = _BORDERS.get(_key(contour)), _points(contour)
                if border is not None and points is not None and border not in used:
                    used[border] = points
                elif _has_points(contour):
                    others.append(_key(contour))
            if used or others:
                yield _key(image), used, others


def _key(element: ElementTree.Element) -> str:
    return next((value for name, value in element.attrib.items() if _local(name) == "key"), "")


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def _has_points(contour: ElementTree.Element) -> bool:
    return any(_key(one) == "Points" and len(one) for one in contour)


def _points(contour: ElementTree.Element) -> Points | None:
    scale, found = 1.0, []
    try:
        for part in contour:
            if _key(part) == "SubpixelResolution":
                scale = float(part.text or "")
            if _key(part) == "Points":
                for point in part:
                    x, y = (
                        next(float(one.text or "") for one in point if _local(one.tag).endswith(axis)) for axis in "xy"
                    )
                    found.append((x, y))
    except (ValueError, StopIteration, RuntimeError):
        return None
    points = np.array(found, dtype=np.float64)
    if len(found) < 3 or not np.isfinite(points).all() or not scale > 0:
        return None
    return points / scale
