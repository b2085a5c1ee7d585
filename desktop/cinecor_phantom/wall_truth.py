"""`WallTruth`: radii of the LV's borders in every slice and phase, from the closed forms and not from its pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_phantom.beat import HeartMoment
from cinecor_phantom.phantom import Beating, Phantom
from cinecor_phantom.planted import SEGMENTS
from cinecor_phantom.regional_walls import anterior_insertion_rad, ring, sector

Array = NDArray[np.float64]

DIRECTIONS = 360  # around the circumference, counted from the anterior insertion towards the septum


@dataclass(frozen=True, slots=True)
class SegmentTruth:
    """What is true of one segment: means over its angles and its slices; mm."""

    segment: int
    slices: tuple[int, ...]  # that lie in its third and whose wall is whole at ED and at ES
    ed_mm: float
    es_mm: float
    motion_mm: float  # of the inner border from ED to ES in the slice, inwards positive

    @property
    def thickening_mm(self) -> float:
        """How much thicker the wall is at ES."""
        return self.es_mm - self.ed_mm

    @property
    def thickening_percent(self) -> float:
        """The same as a share of the thickness at ED."""
        return 100.0 * self.thickening_mm / self.ed_mm


@dataclass(frozen=True, slots=True, eq=False)
class WallTruth:
    """Radii (slice, phase, direction) in mm, NaN where the base cuts the wall or there is none; arrays are read-only.

    Directions are the middles of `DIRECTIONS` equal steps around the long axis. Thickness is the distance from a point
    of one border to the nearest of the other, the mean of both ways: where nothing is planted the borders are circles
    with one centre, and it is the difference of their radii; on the flanks of a planted segment it is less.
    """

    endo_mm: Array
    epi_mm: Array
    thickness_mm: Array
    length_mm: float  # of the cavity at end-diastole, from the base at z = 0
    heights_mm: Array  # (slice,) z of each slice
    ed_phase: int
    es_phase: int

    def mean(self, values: Array, segment: int) -> Array:
        """Return the mean of (…, direction) over the angles of a segment; NaN where any is missing."""
        middle, width = sector(segment)
        angle = 2 * math.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
        off = np.mod(angle - middle + math.pi, 2 * math.pi) - math.pi
        return np.asarray(values[..., np.abs(off) < 0.5 * width].mean(axis=-1))

    def segment(self, number: int) -> SegmentTruth:
        """Return what is true of a segment, over the slices in its third of the cavity's length at end-diastole."""
        low = self.length_mm / 3.0 * ring(number)
        inside = (self.heights_mm >= low) & (self.heights_mm < low + self.length_mm / 3.0)
        whole = np.isfinite(self.thickness_mm[:, [self.ed_phase, self.es_phase]]).all(axis=(1, 2))
        slices = np.flatnonzero(inside & whole)
        thickness = self.mean(self.thickness_mm, number)[slices]
        radius = self.mean(self.endo_mm, number)[slices]
        ed, es = self.ed_phase, self.es_phase
        return SegmentTruth(
            number,
            tuple(int(one) for one in slices),
            ed_mm=float(thickness[:, ed].mean()) if len(slices) else math.nan,
            es_mm=float(thickness[:, es].mean()) if len(slices) else math.nan,
            motion_mm=float((radius[:, ed] - radius[:, es]).mean()) if len(slices) else math.nan,
        )

    def segments(self) -> tuple[SegmentTruth, ...]:
        """Return the truth of all sixteen."""
        return tuple(self.segment(number) for number in SEGMENTS)


def wall_truth(phantom: Phantom) -> WallTruth:
    """Return the radii of a phantom's LV borders.

    Raises `UsageError` for a phantom with wobbles: what bends its slices bends their thickness as well.
    """
    if phantom.planted.wobble > 0.0:
        raise UsageError(
            Message(
                "phantom_wall_wobbles",
                "The thickness of this phantom's wall is not known in closed form; make it with wobble = 0.",
            )
        )
    beating = Beating.of_phantom(phantom)
    turned = anterior_insertion_rad(phantom.shape) - 2 * math.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    shape = (phantom.acquisition.slices, len(beating.moments), DIRECTIONS)
    endo, epi = np.full(shape, np.nan), np.full(shape, np.nan)
    for index, z in enumerate(beating.beat.slice_centres_mm):
        for phase, moment in enumerate(beating.moments):
            if _is_whole(moment, float(z)):
                endo[index, phase] = moment.endo_radius_mm(np.array(z), turned)
                epi[index, phase] = moment.epi_radius_mm(np.array(z), turned)
    thickness = epi - endo
    if phantom.planted.segments:
        for place in np.ndindex(shape[:2]):
            thickness[place] = _thickness_mm(endo[place], epi[place])
    for array in (endo, epi, thickness):
        array.flags.writeable = False
    return WallTruth(
        endo_mm=endo,
        epi_mm=epi,
        thickness_mm=thickness,
        length_mm=beating.beat.length_mm,
        heights_mm=beating.beat.slice_centres_mm,
        ed_phase=phantom.truth.ed_phase,
        es_phase=phantom.truth.es_phase,
    )


def _thickness_mm(endo_mm: Array, epi_mm: Array) -> Array:
    """Return the distance between two borders (direction,) by brute force: every point against every point."""
    turn = np.exp(2j * math.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS)
    apart = np.abs((endo_mm * turn)[:, None] - (epi_mm * turn)[None, :])
    return np.asarray(0.5 * (apart.min(axis=1) + apart.min(axis=0)))


def _is_whole(moment: HeartMoment, z_mm: float) -> bool:
    """Return whether a slice holds cavity and wall on its whole circumference."""
    lowest = moment.endo.base_mm + moment.endo.tilt * float(moment.epi.radius_at_mm(np.array(z_mm)))
    return lowest <= z_mm < moment.endo.apex_mm
