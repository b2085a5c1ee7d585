"""Which axis of a NIfTI file is which: slices need not lie along the third, and time need not be the fourth.

Converters that turn every image into “canonical” order put the slices along the axis of the patient that they are
nearest to; arrays made with other libraries may have time before the slices.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message

_COARSER: Final = 1.5  # slices of a stack lie farther apart than pixels by more than this
_FEWER: Final = 2.0  # and there are fewer of them than rows or columns
_MOST_LOOKED_AT: Final = 12  # along each axis of a comparison
_FEWEST_ALONG: Final = 4  # steps on an axis that tell anything
# Neighbours in time differ a tenth as much as neighbouring slices do in real cines, where slices and phases are
# exchanged ten times as much, and about as much where a file's sizes along both are exchanged.
_TIME_FIRST: Final = 2.5
_NO_TIME: Final = 0.9
_BROKEN_ROWS: Final = 2.0  # rows of a picture differ as much as its columns do: 0.7 to 1.5 of it; 1.8 to 9 if misread


def slice_axis_of(shape: tuple[int, ...], zooms: tuple[float, float, float], *, name: str) -> int:
    """Return the axis (0, 1 or 2) along which the slices lie, by voxel sizes and numbers.

    Raises `InputError` where sizes and numbers speak for different axes and the third is neither.
    """
    by_zoom = _sole(np.argsort(zooms)[::-1], np.asarray(zooms), _COARSER)
    counts = 1.0 / np.asarray(shape[:3], dtype=np.float64)
    by_count = _sole(np.argsort(counts)[::-1], counts, _FEWER)
    told = {axis for axis in (by_zoom, by_count) if axis is not None}
    if not told or 2 in told:
        return 2
    if len(told) > 1:
        raise InputError(
            Message(
                "nifti_slice_axis_unknown",
                "{name}: along which axis the slices lie cannot be known: there are {shape} voxels of {zooms} mm; "
                "save it as (x, y, slice, time) with true voxel sizes.",
                name=name,
                shape=" x ".join(str(size) for size in shape[:3]),
                zooms=" x ".join(f"{zoom:.3g}" for zoom in zooms),
            )
        )
    return told.pop()


def unlike_in_time(pixels: NDArray[np.float32], *, name: str) -> tuple[Message, ...]:
    """Doubt phases of (slice, phase, row, column) that are no more alike than neighbouring slices are.

    Raises `InputError` where they are so much less alike that slices and phases must be exchanged.
    """
    slices, phases = pixels.shape[:2]
    if min(slices, phases) < _FEWEST_ALONG:
        return ()
    rows, columns = (slice(None, None, max(1, size // 64)) for size in pixels.shape[2:])
    looked_at = pixels[:_MOST_LOOKED_AT, :_MOST_LOOKED_AT, rows, columns].astype(np.float64)
    in_time, in_space = (float(np.abs(np.diff(looked_at, axis=axis)).mean()) for axis in (1, 0))
    if in_time > _TIME_FIRST * in_space:
        raise InputError(
            Message(
                "nifti_time_before_slices",
                "{name}: its fourth axis is not time: neighbours along it differ more than neighbours along the third "
                "do, as if time came before the slices; save it as (x, y, slice, time).",
                name=name,
            )
        )
    if in_time > _NO_TIME * in_space:
        return (
            Message(
                "nifti_phases_unlike",
                "Neighbouring phases differ as much as neighbouring slices do: the numbers of slices and phases in the "
                "header may be wrong; look at the images.",
            ),
        )
    return ()


def broken_rows(pixels: NDArray[np.float32], pixel_spacing_mm: tuple[float, float]) -> tuple[Message, ...]:
    """Doubt pictures (slice, phase, row, column) whose rows do not fit each other: their length must be wrong."""
    middle = pixels[pixels.shape[0] // 2, 0].astype(np.float64)
    down, across = (float(np.abs(np.diff(middle, axis=axis)).mean()) / pixel_spacing_mm[axis] for axis in (0, 1))
    if min(down, across) <= 0.0 or max(down / across, across / down) <= _BROKEN_ROWS:
        return ()
    return (
        Message(
            "nifti_broken_rows",
            "The rows of the images do not fit each other: their number in the header may be wrong; look at them.",
        ),
    )


def _sole(order: NDArray[Any], sizes: NDArray[np.float64], factor: float) -> int | None:
    """Return the axis of the largest size where no other comes near it."""
    return int(order[0]) if sizes[order[0]] > factor * sizes[order[1]] else None
