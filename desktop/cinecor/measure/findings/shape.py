"""Findings about single frames: outlines that no heart shows.

The limits come from the 3D labels of the 79 ACDC training patients ("experts": 1421 frames with an LV, 1223 with an
RV), in which each of these checks fires in at most 5 of 1000 frames.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.finding import Finding
from cinecor.measure.findings.frame_shape import FrameShapes
from cinecor.measure.findings.heart_shapes import HeartShapes
from cinecor.measure.findings.marked_frames import PLACES, MarkedFrames
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message

JUDGED_MM2: Final = 100.0
"""Smaller outlines are a few pixels wide, and their shape is the grid's."""

LEAST_SOLIDITY_LV: Final = 0.85
"""Area over that of the convex hull; experts: 2 of 1000 cavities lie below, half of them above 0.945."""

LEAST_SOLIDITY_WHOLE: Final = 0.89
"""Of the cavity with its wall; experts: 2 of 1000 below."""

LEAST_SOLIDITY_RV: Final = 0.38
"""The RV is a crescent; experts: 5 of 1000 below, half of them above 0.75."""

LEAST_WALL: Final = 0.9
"""Part of the LV's circumference with myocardium outside; experts: 1 of 1421 below, 2 of 1000 below 0.99."""

MOST_TURNED_DEGREES: Final = 45.0
"""How far the RV's direction as seen from the LV turns from the stack's own; experts: 2 of 1000 beyond."""

MOST_WALL_SLICES_BELOW: Final = 2
"""Slices at the apex with wall and without cavity; experts: 2 at most, and none elsewhere."""


def shape_findings(shapes: HeartShapes, *, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield outlines that are notched, in pieces, open, without a cavity, or in an impossible place."""
    lv_off = _large(shapes, shapes.lv) & (shapes.lv.solidity < LEAST_SOLIDITY_LV)
    lv_off |= _large(shapes, shapes.whole) & (shapes.whole.solidity < LEAST_SOLIDITY_WHOLE)
    rv_off = _large(shapes, shapes.rv) & (shapes.rv.solidity < LEAST_SOLIDITY_RV)
    lone = lone_wall(shapes)
    for mask, structure, message, concerns in (
        (lv_off, shapes.lv, _LV_ODD, (Concern.LV, Concern.MASS)),
        (rv_off, shapes.rv, _RV_ODD, (Concern.RV,)),
        (shapes.lv.pieces > 1, shapes.lv, _LV_PIECES, (Concern.LV,)),
        (shapes.rv.pieces > 1, shapes.rv, _RV_PIECES, (Concern.RV,)),
        (shapes.myo.pieces > 1, shapes.myo, _MYO_PIECES, (Concern.LV, Concern.MASS)),
        (shapes.surrounded < LEAST_WALL, shapes.lv, _GAP, (Concern.LV, Concern.MASS)),
        (lone, shapes.myo, _LONE_WALL, (Concern.LV, Concern.MASS)),
        (turned(shapes), shapes.rv, _TURNED, (Concern.RV,)),
    ):
        volume = structure.area_px * shapes.slice_extent_mm[:, None]
        if marked := MarkedFrames.of(np.asarray(mask), at_stake=volume, whole=volume, moments=moments):
            yield marked.finding(message, *concerns)


_LV_ODD: Final = Message(
    "lv_odd_shape",
    "The LV has an outline that hearts do not have (notched or hooked) in {slices}, {phases}.",
    **PLACES,
)
_RV_ODD: Final = Message(
    "rv_odd_shape",
    "The RV has an outline that hearts do not have (notched or hooked) in {slices}, {phases}.",
    **PLACES,
)
_LV_PIECES: Final = Message("lv_in_pieces", "The LV lies in several pieces in {slices}, {phases}.", **PLACES)
_RV_PIECES: Final = Message("rv_in_pieces", "The RV lies in several pieces in {slices}, {phases}.", **PLACES)
_MYO_PIECES: Final = Message("myo_in_pieces", "MYO lies in several pieces in {slices}, {phases}.", **PLACES)
_GAP: Final = Message(
    "gap_in_wall",
    "The wall around the LV has a gap in {slices}, {phases}: the cavity may be the atrium or the outflow tract there.",
    **PLACES,
)
_LONE_WALL: Final = Message(
    "lone_wall",
    "There is myocardium without an LV cavity in {slices}, {phases}, and not at the apex.",
    **PLACES,
)
_TURNED: Final = Message(
    "rv_out_of_place",
    "In {slices}, {phases} the RV lies on another side of the LV than in the rest of the stack.",
    **PLACES,
)


def lone_wall(shapes: HeartShapes) -> NDArray[np.bool_]:
    """Return the frames (slice, phase) with wall and without cavity, other than the tip of the apex."""
    lone = shapes.myo.found & ~shapes.lv.found
    along = slice(None) if shapes.base_first else slice(None, None, -1)
    return np.asarray(lone & ~_tip(lone[along], shapes.lv.found[along])[along])


def _tip(lone: NDArray[np.bool_], found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the slices below the last one with a cavity, as far as they may lack one; base first."""
    below = ~np.logical_or.accumulate(found[::-1], axis=0)[::-1] & found.any(axis=0)
    return np.asarray(below & (np.cumsum(lone & below, axis=0) <= MOST_WALL_SLICES_BELOW))


def turned(shapes: HeartShapes) -> NDArray[np.bool_]:
    """Return the frames (slice, phase) in which the RV lies in another direction than in the stack as a whole."""
    rows_mm, columns_mm = shapes.pixel_spacing_mm
    down = (shapes.rv.row - shapes.whole.row) * rows_mm
    across = (shapes.rv.column - shapes.whole.column) * columns_mm
    both = np.asarray(shapes.rv.found & shapes.whole.found & (np.hypot(down, across) > 0))
    found = np.zeros_like(both)
    if both.any():
        direction = np.angle((across + 1j * down)[both])
        usual = np.angle(np.exp(1j * direction).mean())
        aside = np.abs(np.angle(np.exp(1j * (direction - usual))))
        found[both] = aside > np.radians(MOST_TURNED_DEGREES)
    return found


def _large(shapes: HeartShapes, structure: FrameShapes) -> NDArray[np.bool_]:
    return np.asarray(structure.area_px * shapes.pixel_mm2 >= JUDGED_MM2)
