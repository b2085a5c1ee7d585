"""Findings about frames that do not go with their neighbours in slice and phase.

The limits come from the 3D labels of the 79 ACDC training patients ("experts") and from the model's outlines, as in
`shape`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.ends import ends, passing
from cinecor.measure.findings.finding import Finding
from cinecor.measure.findings.frame_shape import FrameShapes
from cinecor.measure.findings.heart_shapes import HeartShapes
from cinecor.measure.findings.marked_frames import JUDGED_ML, PLACES, MarkedFrames
from cinecor.measure.findings.smooth_fit import smooth_residuals
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message
from cinecor.study.cine_stack import disc_ml

MOST_AREA_OFF_LV: Final = 0.5
"""Area against a smooth surface over slices and phases, as a part of the largest area at the phase. Inner slices alone:
at its ends a ventricle may begin and stop abruptly, in ACDC as readers draw it, too. All of the competition's frames
beyond were wrong."""

MOST_AREA_OFF_WHOLE: Final = 0.35
"""The same of the LV with its wall: four of five frames beyond were wrong in the competition."""

MOST_AREA_OFF_RV: Final = 0.5
"""The same of the RV; no inner frame of the model or of readers lies beyond in ACDC."""

MOST_AREA_JUMP: Final = 0.3
"""Area against the median of itself and its neighbours in phase, as a part of that median. Experts outlined two phases
only; in the model's outlines of two cines (390 frames, GE and Siemens) one basal RV slice goes beyond."""

LEAST_AREA_JUMP_MM2: Final = 150.0
"""Below it a jump is less than 2 mL in a slice of 10 mm: no number moves."""

FEWEST_PHASES_FOR_JUMPS: Final = 10
"""With fewer phases neighbours differ as much in a healthy heart."""

MOST_CENTRE_OFF_LV_MM: Final = 20.0
"""Centre of the LV with its wall against a smooth line; experts: 1 of 1000 beyond."""

MOST_CENTRE_OFF_RV_MM: Final = 25.0
"""Centre of the RV; experts: 1 of 1000 beyond, and of the model's four frames beyond in ACDC three were wrong."""

MOST_GROWTH_AT_BASE: Final = 1.1
"""LV area of the most basal slice at ES over that at ED; experts: 1 of 59 beyond. An atrium fills while the ventricle
empties."""

MOST_CHANGES_IN_CYCLE: Final = 2
"""How often a slice may appear or vanish within a cycle: the base leaves it once and comes back once."""


def continuity_findings(shapes: HeartShapes, *, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield areas and centres that do not go with their neighbours, and basal slices that behave like an atrium."""
    structures = (shapes.lv, shapes.rv, shapes.whole)
    areas = np.stack([shapes.area_mm2(structure) for structure in structures])
    off = smooth_residuals(np.stack([*areas, *_centres_mm(shapes, shapes.rv), *_centres_mm(shapes, shapes.whole)]))
    lv, rv, whole = _Areas.of_all(areas, off[: len(areas)])
    rv_off_mm, whole_off_mm = np.hypot(off[3], off[4]), np.hypot(off[5], off[6])
    lv_passing, rv_passing = (passing(one.found, base_first=shapes.base_first) for one in (lv, rv))
    extent = shapes.slice_extent_mm[:, None]
    enough_lv, enough_rv = (shapes.volume_ml(one) >= JUDGED_ML for one in (shapes.lv, shapes.rv))
    lv_off = (off_surface(lv, MOST_AREA_OFF_LV) | off_surface(whole, MOST_AREA_OFF_WHOLE)) & ~lv.ends
    rv_off = off_surface(rv, MOST_AREA_OFF_RV)
    lv_stake = np.fmax(lv.at_stake, np.where(lv.found, np.abs(whole.residual), np.nan))
    lv_aside = (whole_off_mm > MOST_CENTRE_OFF_LV_MM) & enough_lv
    rv_aside = (rv_off_mm > MOST_CENTRE_OFF_RV_MM) & enough_rv
    for mask, at_stake, of, message, concern in (
        ((lv_off | lv.jumps) & ~lv_passing & _worth(lv_stake, extent), lv_stake, lv, _LV_AREA, Concern.LV),
        ((rv_off | rv.jumps) & ~rv_passing & _worth(rv.at_stake, extent), rv.at_stake, rv, _RV_AREA, Concern.RV),
        (lv_aside & ~lv_passing, lv.area, lv, _LV_CENTRE, Concern.LV),
        (rv_aside & ~rv_passing, rv.area, rv, _RV_CENTRE, Concern.RV),
        (_growing_base(shapes, moments), lv.area, lv, _ATRIUM, Concern.LV),
        (flickering(lv.found), lv.area, lv, _FLICKERS, Concern.LV),
    ):
        if marked := MarkedFrames.of(mask, at_stake=at_stake * extent, whole=of.area * extent, moments=moments):
            yield marked.finding(message, concern, about_area=message in (_LV_AREA, _RV_AREA))


_LV_AREA: Final = Message(
    "lv_area_off",
    "The LV is much larger or smaller than its neighbours let expect in {frames}.",
    **PLACES,
)
_RV_AREA: Final = Message(
    "rv_area_off",
    "The RV is much larger or smaller than its neighbours let expect in {frames}.",
    **PLACES,
)
_LV_CENTRE: Final = Message(
    "lv_centre_off",
    "The centre of the LV lies far from the line through the other slices in {frames}.",
    **PLACES,
)
_RV_CENTRE: Final = Message(
    "rv_centre_off",
    "The centre of the RV lies far from the line through the other slices in {frames}.",
    **PLACES,
)
_ATRIUM: Final = Message(
    "atrium_like_base",
    "In {slices} the cavity grows while the ventricle contracts ({phases}): it may be the atrium, which does not count "
    "as LV.",
    **PLACES,
)
_FLICKERS: Final = Message(
    "base_flickers",
    "In {slices} the LV comes and goes more than once within the cycle (look at {phases}): a slice leaves the "
    "ventricle once and comes back once.",
    **PLACES,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Areas:
    """A structure's areas and how far they are off the smooth surface, (slice, phase), mm²."""

    area: NDArray[np.float64]  # 0 where the structure is not
    residual: NDArray[np.float64]  # NaN where it is not, or nothing can be told
    found: NDArray[np.bool_]
    ends: NDArray[np.bool_]  # the first and the last slice at each phase
    around: NDArray[np.float64]  # the median of the phase and its neighbours
    jump: NDArray[np.float64]  # from that median

    @classmethod
    def of_all(cls, areas: NDArray[np.float64], residuals: NDArray[np.float64]) -> Iterator["_Areas"]:
        """Yield the areas of structures out of (structure, slice, phase) arrays that are NaN where they are not."""
        found = np.isfinite(areas)
        drawn = np.where(found, areas, 0.0)
        before, after = np.roll(drawn, 1, axis=2), np.roll(drawn, -1, axis=2)
        around = np.maximum(np.minimum(before, after), np.minimum(np.maximum(before, after), drawn))
        jump = np.abs(drawn - around)
        for area, residual, there, median, off in zip(drawn, residuals, found, around, jump, strict=True):
            yield cls(area, residual, there, ends(there), median, off)

    @property
    def at_stake(self) -> NDArray[np.float64]:
        """What a frame would gain or lose if it were as its neighbours let expect."""
        return np.fmax(np.abs(self.residual), self.jump)

    @property
    def jumps(self) -> NDArray[np.bool_]:
        """The frames that jump against the phases before and after."""
        if self.area.shape[1] < FEWEST_PHASES_FOR_JUMPS:
            return np.zeros(self.area.shape, dtype=np.bool_)
        return np.asarray(self.jump > np.maximum(MOST_AREA_JUMP * self.around, LEAST_AREA_JUMP_MM2))


def off_surface(areas: _Areas, most: float) -> NDArray[np.bool_]:
    """Return the frames between a structure's ends that are off the surface by more than a part of its largest area."""
    inner = areas.found & ~areas.ends
    return np.asarray(inner & (np.abs(areas.residual) > most * areas.area.max(axis=0)))


def _worth(at_stake_mm2: NDArray[np.float64], extent_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(disc_ml(at_stake_mm2, extent_mm) >= JUDGED_ML)


def _centres_mm(shapes: HeartShapes, structure: FrameShapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where a structure's centre lies in every frame: down and across, mm."""
    rows_mm, columns_mm = shapes.pixel_spacing_mm
    return structure.row * rows_mm, structure.column * columns_mm


def _growing_base(shapes: HeartShapes, moments: ByMoment[int | None]) -> NDArray[np.bool_]:
    """Return ED and ES of the most basal slice at ED, when its cavity is larger at ES."""
    growing = np.zeros(shapes.lv.found.shape, dtype=np.bool_)
    ed, es = moments.ed, moments.es
    if ed is None or es is None:
        return growing
    found = np.flatnonzero(shapes.lv.found[:, ed])
    if found.size:
        top = int(found[0] if shapes.base_first else found[-1])
        growing[top, [ed, es]] = shapes.lv.area_px[top, es] > MOST_GROWTH_AT_BASE * shapes.lv.area_px[top, ed]
    return growing


def flickering(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the frames of slices (slice, phase) that change more than twice a cycle: those of the rarer state."""
    changes = np.count_nonzero(found != np.roll(found, 1, axis=1), axis=1)
    rarer = np.where(found.mean(axis=1, keepdims=True) >= 0.5, ~found, found)
    return np.asarray(rarer & (changes > MOST_CHANGES_IN_CYCLE)[:, None])
