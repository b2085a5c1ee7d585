"""The base of a ventricle by its valve's plane: where it stands at a moment, and what of each slice lies below."""

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.heart_box import heart_box
from cinecor.measure.moment import same_moment
from cinecor.review.valve.line import Valve, ValveLine, ValveLines
from cinecor.review.valve.plane import ValvePlane, share_below, valve_plane
from cinecor.study.cine_stack import CineStack
from cinecor.study.image_plane import plane_of

CAVITY = {Valve.MITRAL: Label.LV, Valve.TRICUSPID: Label.RV}
"""The cavity whose base a valve is."""


def lines_of(lines: ValveLines, valve: Valve) -> tuple[ValveLine, ...]:
    """Return the lines of one valve, in the order of their series."""
    return tuple(line for view, line in sorted(lines.items()) if view.valve is valve)


def towards_apex(stack: CineStack) -> NDArray[np.float64] | None:
    """Return a vector from base to apex, (3,) mm; None for a stack of one slice, which does not tell."""
    way = stack.geometry.positions_mm[-1] - stack.geometry.positions_mm[0]
    return np.asarray(way) if np.linalg.norm(way) > 0 else None


def plane_at(lines: tuple[ValveLine, ...], *, phase: int, stack: CineStack) -> ValvePlane | None:
    """Return the plane of one valve at a phase of the stack; None without a line, or where no slice tells the apex."""
    to_apex = towards_apex(stack)
    if not lines or to_apex is None:
        return None
    ends = [line.points_mm[same_moment(phase, phases=stack.phases, of=line.phases)] for line in lines]
    return valve_plane(ends, [np.array(line.normal) for line in lines], to_apex=to_apex)


def shares_below(
    plane: ValvePlane, labels: NDArray[np.uint8], *, valve: Valve, stack: CineStack
) -> NDArray[np.float64] | None:
    """Return which share of each slice lies on the apex's side of a valve's plane, (slice,), 0 to 1.

    It is told where the ventricle stands in the slice: `labels` (slice, row, column) are those of the phase. Slices
    without the ventricle are judged where its axis, a straight line through the others, meets them. None without it.
    """
    places = cavity_places_mm(labels, CAVITY[valve], stack=stack)
    if places is None:
        return None
    extents = stack.geometry.slice_extent_mm
    return np.array(
        [
            share_below(plane, place, normal=plane_of(stack, index).normal, extent_mm=float(extents[index]))
            for index, place in enumerate(places)
        ]
    )


def cavity_places_mm(labels: NDArray[np.uint8], cavity: Label, *, stack: CineStack) -> NDArray[np.float64] | None:
    """Return where a cavity stands in each slice, (slice, 3) mm: its middle, or its axis beyond; None without it."""
    box = heart_box(labels[:, None])
    if box is None:
        return None
    found: dict[int, NDArray[np.float64]] = {}
    for index, frame in enumerate(labels[:, box.top : box.bottom, box.left : box.right]):
        rows, columns = np.nonzero(frame == cavity)
        if rows.size:
            middle = np.array([[box.left + columns.mean() + 0.5, box.top + rows.mean() + 0.5]])
            found[index] = plane_of(stack, index).to_mm(middle)[0]
    if not found:
        return None
    slices = np.array(sorted(found))
    middles = np.stack([found[index] for index in slices])
    if len(slices) > 1:
        slope, start = np.polyfit(slices, middles, 1)
    else:
        slope, start = (
            (stack.geometry.positions_mm[-1] - stack.geometry.positions_mm[0]) / max(1, stack.slices - 1),
            None,
        )
        start = middles[0] - slope * slices[0]
    axis = start + np.arange(stack.slices)[:, None] * slope
    axis[slices] = middles
    return np.asarray(axis)
