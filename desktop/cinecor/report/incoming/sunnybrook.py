"""`read_sunnybrook`: the text contours of the Sunnybrook Cardiac Data and of whoever writes the same.

`IM-0001-0079-icontour-manual.txt` holds x and y of the LV cavity's border on the file `79.dcm` or, as the images were
published first, `IM-0004-0079.dcm` (the number in front is the series' and differs), in pixels from the image's corner
(docs/decisions/012-where-contours-begin.md); `ocontour` is the outer wall. Papillary contours are not used.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from cinecor.message import Message
from cinecor.report.incoming.contour_frames import Points, add_contours
from cinecor.report.incoming.read_labels import LabelsBeingRead, ReadLabels
from cinecor.review.border import Border
from cinecor.review.correction import Place
from cinecor.study.cine_stack import CineStack

NAME: Final = re.compile(r"IM-\d+-(\d+)-([a-z]\d?)contour-(?:manual|auto)\.txt", re.IGNORECASE)
_IMAGE: Final = re.compile(r"(?:IM-\d+-)?(\d+)", re.IGNORECASE)
_BORDERS: Final = {"i": Border.ENDO, "o": Border.EPI}


def read_sunnybrook(files: Sequence[Path], stack: CineStack) -> ReadLabels:
    """Return the structures that contour files draw on the frames of a stack, by the numbers of its files."""
    reading = LabelsBeingRead(stack.pixels.shape)
    places = _places(stack)
    by_frame: dict[int, dict[Border, Points]] = {}
    twice: set[int] = set()
    for path in sorted(files):
        match = NAME.fullmatch(path.name)
        border = _BORDERS.get(match[2].lower()) if match else None
        if match is None or border is None:
            reading.left_out.append(
                Message("contour_of_other_kind", "{name}: no contour of a cavity or wall.", name=path.name)
            )
            continue
        points = _points(path)
        if points is None:
            reading.left_out.append(
                Message("contour_no_outline", "{name}: not a closed contour of x y lines.", name=path.name)
            )
        else:
            before = by_frame.setdefault(int(match[1]), {}).setdefault(border, points)
            if not np.array_equal(before, points):
                twice.add(int(match[1]))
    for number, contours in by_frame.items():
        place = places.get(number)
        if number in twice:
            reading.left_out.append(
                Message(
                    "contours_twice",
                    "Contours of image {number} are there twice and not alike, as of two patients; name the folder of "
                    "one.",
                    number=str(number),
                )
            )
        elif place is None:
            reading.left_out.append(
                Message(
                    "contour_without_image",
                    "Contours of image {number}: the stack has no file of this number.",
                    number=str(number),
                )
            )
        else:
            add_contours(reading, place, contours, name=f"{number}", shape=(stack.rows, stack.columns))
    return reading.done()


def _places(stack: CineStack) -> dict[int, Place]:
    """Return the frames by the number in their file's name; a number that two files have is none."""
    found: dict[int, Place] = {}
    twice = set()
    for index, row in enumerate(stack.files or ()):
        for phase, name in enumerate(row):
            match = _IMAGE.fullmatch(Path(name).stem) if name else None
            if match is not None:
                number = int(match[1])
                twice |= {number} & set(found)
                found[number] = (index, phase)
    return {number: place for number, place in found.items() if number not in twice}


def _points(path: Path) -> Points | None:
    try:
        points = np.loadtxt(path, ndmin=2)
    except (OSError, ValueError):
        return None
    usable = points.ndim == 2 and points.shape[1] == 2 and len(points) >= 3 and np.isfinite(points).all()
    return np.asarray(points, dtype=np.float64) if usable else None
