"""Findings about single frames: outlines that no heart shows.

The limits come from the model's outlines of ACDC's 79 training patients and of 258 patients of a competition, held
against their readers', from the readers' own outlines, and from phantoms: what is marked is wrong in half of the frames
or so, or nothing is in ACDC. Weaker signs are left to `frame_doubt`. A frame in which the base passes a slice is cut
obliquely, and not judged (`ends.passing`).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.ends import passing
from cinecor.measure.findings.finding import Finding
from cinecor.measure.findings.frame_shape import FrameShapes
from cinecor.measure.findings.heart_shapes import HeartShapes
from cinecor.measure.findings.marked_frames import JUDGED_ML, PLACES, MarkedFrames
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message

JUDGED_MM2: Final = 100.0
"""Smaller outlines are a few pixels wide, and their shape is the grid's."""

LEAST_SOLIDITY: Final = 0.82
"""Of the cavity, and of the cavity with its wall: area over that of the convex hull. Of 43 frames below in the
competition 33 were wrong; none in ACDC's training patients."""

LEAST_SOLIDITY_RV: Final = 0.2
"""The RV is a crescent: at 0.3 none of three marked frames was wrong, and thin phantoms lie between 0.2 and 0.3."""

LEAST_WALL: Final = 0.7
"""Part of the LV's circumference with myocardium outside. Of 73 frames below 33 were wrong in the competition, four of
five in ACDC's validation patients; none lies below in its training patients, where at 0.9 two of 16 were wrong."""

MOST_TURNED_DEGREES: Final = 45.0
"""How far the RV's direction as seen from the LV turns from the stack's own; experts: 2 of 1000 beyond."""

MOST_WALL_SLICES_BELOW: Final = 2
"""Slices at the apex with wall and without cavity; experts: 2 at most, and none elsewhere."""


def shape_findings(shapes: HeartShapes, *, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield outlines that are notched, in pieces, open, without a cavity, or in an impossible place."""
    lv_ml, rv_ml = (shapes.volume_ml(structure) for structure in (shapes.lv, shapes.rv))
    lv_judged = (lv_ml >= JUDGED_ML) & ~passing(shapes.lv.found, base_first=shapes.base_first)
    rv_judged = (rv_ml >= JUDGED_ML) & ~passing(shapes.rv.found, base_first=shapes.base_first)
    lv_odd, rv_odd = odd_shapes(shapes)
    open_ml = lv_ml * np.where(lv_ml > 0, 1 - shapes.surrounded, 0.0)  # a gap costs about its part of the cavity
    for mask, at_stake_ml, whole_ml, message, concerns in (
        (lv_odd & lv_judged, lv_ml, lv_ml, _LV_ODD, (Concern.LV, Concern.MASS)),
        (rv_odd & rv_judged, rv_ml, rv_ml, _RV_ODD, (Concern.RV,)),
        ((shapes.lv.pieces > 1) & lv_judged, lv_ml, lv_ml, _LV_PIECES, (Concern.LV,)),
        ((shapes.rv.pieces > 1) & rv_judged, rv_ml, rv_ml, _RV_PIECES, (Concern.RV,)),
        ((shapes.myo.pieces > 1) & lv_judged, open_ml, lv_ml, _MYO_PIECES, (Concern.LV, Concern.MASS)),
        ((shapes.surrounded < LEAST_WALL) & lv_judged, open_ml, lv_ml, _GAP, (Concern.LV, Concern.MASS)),
        (lone_wall(shapes), shapes.volume_ml(shapes.myo), shapes.volume_ml(shapes.myo), _LONE_WALL, _LONE_CONCERNS),
        (turned(shapes) & rv_judged, rv_ml, rv_ml, _TURNED, (Concern.RV,)),
    ):
        if marked := MarkedFrames.of(np.asarray(mask), at_stake=at_stake_ml, whole=whole_ml, moments=moments):
            yield marked.finding(message, *concerns)


def odd_shapes(shapes: HeartShapes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the frames (slice, phase) in which the LV, and in which the RV, is notched or hooked."""
    lv = _large(shapes, shapes.lv) & (shapes.lv.solidity < LEAST_SOLIDITY)
    whole = _large(shapes, shapes.whole) & (shapes.whole.solidity < LEAST_SOLIDITY)
    rv = _large(shapes, shapes.rv) & (shapes.rv.solidity < LEAST_SOLIDITY_RV)
    return np.asarray(lv | whole), np.asarray(rv)


_LONE_CONCERNS: Final = (Concern.LV, Concern.MASS)
_LV_ODD: Final = Message(
    "lv_odd_shape",
    "The LV has an outline that hearts do not have (notched or hooked) in {frames}.",
    **PLACES,
)
_RV_ODD: Final = Message(
    "rv_odd_shape",
    "The RV has an outline that hearts do not have (notched or hooked) in {frames}.",
    **PLACES,
)
_LV_PIECES: Final = Message("lv_in_pieces", "The LV lies in several pieces in {frames}.", **PLACES)
_RV_PIECES: Final = Message("rv_in_pieces", "The RV lies in several pieces in {frames}.", **PLACES)
_MYO_PIECES: Final = Message("myo_in_pieces", "MYO lies in several pieces in {frames}.", **PLACES)
_GAP: Final = Message(
    "gap_in_wall",
    "The wall around the LV has a gap in {frames}: the cavity may be the atrium or the outflow tract there.",
    **PLACES,
)
_LONE_WALL: Final = Message(
    "lone_wall",
    "There is myocardium without an LV cavity in {frames}, and not at the apex.",
    **PLACES,
)
_TURNED: Final = Message(
    "rv_out_of_place",
    "In {frames} the RV lies on another side of the LV than in the rest of the stack.",
    **PLACES,
)


def lone_wall(shapes: HeartShapes) -> NDArray[np.bool_]:
    """Return the frames (slice, phase) with wall and without cavity, but for the apex's tip and the passing base."""
    lone = shapes.myo.found & ~shapes.lv.found
    along = slice(None) if shapes.base_first else slice(None, None, -1)
    tip = _tip(lone[along], shapes.lv.found[along])[along]
    goes = [passing(structure.found, base_first=shapes.base_first) for structure in (shapes.lv, shapes.whole)]
    return np.asarray(lone & ~tip & ~np.logical_or(*goes))


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
