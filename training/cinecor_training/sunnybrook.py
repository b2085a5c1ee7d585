"""Reading the Sunnybrook Cardiac Data's expert contours: text files of x y in pixels, from the image's corner.

`IM-0001-0079-icontour-manual.txt` outlines the LV cavity of `79.dcm`; `ocontour` files outline the LV's outer wall.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.failure import first_line
from cinecor.message import Message

_NAME = re.compile(r"IM-\d+-(\d+)-([iop])contour-manual\.txt")


def find_contours(folder: Path, *, kind: str = "i") -> dict[int, Path]:
    """Return the contour files of one kind (`i` endocardium, `o` epicardium) below `folder`, by file number."""
    found = {}
    for path in sorted(folder.rglob("*contour-manual.txt")):
        match = _NAME.fullmatch(path.name)
        if match and match[2] == kind:
            found[int(match[1])] = path
    return found


_CORNER_PX = 0.5  # DICOM PS3.3 C.18.6: image-relative coordinates begin at the corner of the first pixel


def read_contour(path: Path) -> NDArray[np.float64]:
    """Read one contour as (point, 2) of x, y in pixels, the first pixel's centre at (0, 0).

    The files do not say where they count from; see docs/decisions/012-where-contours-begin.md. Raises `InputError`
    when it is no closed outline.
    """
    try:
        points = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise InputError(
            Message(
                "contour_unreadable",
                "{path}: not a contour of x y lines ({reason}).",
                path=path.name,
                reason=first_line(error),
            )
        ) from error
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise InputError(
            Message(
                "contour_too_short",
                "{path}: a contour needs at least three lines of x y, got shape {shape}.",
                path=path.name,
                shape=str(points.shape),
            )
        )
    return points - _CORNER_PX


def contour_mask(points: NDArray[np.float64], *, rows: int, columns: int) -> NDArray[np.bool_]:
    """Return the pixels whose centres lie inside a closed polygon (even-odd rule), (rows, columns)."""
    y, x = np.mgrid[:rows, :columns]
    inside = np.zeros((rows, columns), dtype=bool)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crosses = (y >= min(y0, y1)) & (y < max(y0, y1))
        inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside
