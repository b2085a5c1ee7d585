"""`EndSlices`: what the slices at a ventricle's base and apex hold, and what the EF would be without them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.curves import VolumeCurves
from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, Slices

HEALTHY_DESCENT_MM: Final = (14.0, 19.0)
"""By which the base of a healthy LV comes down from ED to ES, as its mitral annulus does."""

LEAST_DESCENT_MM: Final = 3.0
"""The same of a failing LV."""


class EndPlace(StrEnum):
    """Where a slice lies at an end of a ventricle."""

    ABOVE = "above"  # next to the most basal slice that counts, and does not count
    BASE = "base"  # counts: the most basal one, and the next where there is none above
    APEX = "apex"  # counts: the most apical one


@dataclass(frozen=True, slots=True)
class EndSlice:
    """One slice at one moment that could be decided otherwise."""

    moment: Moment
    phase: int  # the moment's, from 0
    place: EndPlace
    index: int  # from 0
    ml: float  # what it holds; where nothing is outlined, what the next one holds
    ef_percent_otherwise: float | None  # without it if it counts, with it if not; None where that is no ejection

    @property
    def frame(self) -> tuple[int, int]:
        """Slice and phase."""
        return self.index, self.phase

    @property
    def counts(self) -> bool:
        """Whether the numbers hold it."""
        return self.place is not EndPlace.ABOVE


@dataclass(frozen=True, slots=True)
class EndSlices:
    """The slices at base and apex of one ventricle; no number is decided by them alone."""

    slices: tuple[EndSlice, ...]  # ED first, and from base to apex
    leaving: int  # basal slices that count at ED and no longer at ES; below 0: the base comes up
    usual_leaving: tuple[int, int]  # fewest and most, by `LEAST_DESCENT_MM` to `HEALTHY_DESCENT_MM` over the spacing
    ef_percent: float

    @property
    def most_deciding(self) -> EndSlice | None:
        """The slice whose other choice would move the EF most."""
        told = [one for one in self.slices if one.ef_percent_otherwise is not None]
        return max(told, key=self.ef_change, default=None)

    def ef_change(self, one: EndSlice) -> float:
        """Return by how many points the EF would move."""
        other = one.ef_percent_otherwise
        return 0.0 if other is None else abs(other - self.ef_percent)


def end_slice_message(ventricle: Ventricle, ends: EndSlices, one: EndSlice) -> Message:
    """Return what a slice holds and what the ventricle's EF would be were it decided otherwise."""
    values = {
        "moment": one.moment.message,
        "slices": Slices((one.index,)),
        "ml": one.ml,
        "ventricle": ventricle.message,
    }
    other = one.ef_percent_otherwise
    if other is None:
        return Message(
            "end_slice",
            "{moment}, {slices} ({ml:.0f} mL): decided otherwise, the {ventricle} would not eject.",
            **values,
        )
    values |= {"ef": other, "points": other - ends.ef_percent}
    if one.counts:
        return Message(
            "end_slice",
            "{moment}, {slices} counts with {ml:.0f} mL: without it the {ventricle} EF would be {ef:.0f} % "
            "({points:+.1f} points).",
            **values,
        )
    return Message(
        "end_slice",
        "{moment}, {slices} does not count: with about {ml:.0f} mL there the {ventricle} EF would be {ef:.0f} % "
        "({points:+.1f} points).",
        **values,
    )


def end_slices(
    ventricle: Ventricle, *, measurements: Measurements, outlined: VolumeCurves, spacing_mm: float
) -> EndSlices | None:
    """Return the slices at a ventricle's ends at ED and ES; None where it has no ejection fraction.

    The curves of the measurements hold what counts, `outlined` also what a reader left out of ED or ES.
    """
    ed, es = measurements.moments.ed, measurements.moments.es
    ef = measurements.of(ventricle).ef_percent
    if ed is None or es is None or ef is None:
        return None
    base_first = outlined.base_first
    order = slice(None) if base_first else slice(None, None, -1)
    ml, drawn_ml = (curves.slices_ml(ventricle)[order][:, [ed, es]] for curves in (measurements.curves, outlined))
    tops = [int(np.flatnonzero(ml[:, moment])[0]) for moment in (0, 1)]
    last = len(ml) - 1
    return EndSlices(
        tuple(
            EndSlice(
                moment,
                phase,
                place,
                index if base_first else last - index,
                held,
                _otherwise(ml, column, -held if place is not EndPlace.ABOVE else held),
            )
            for column, (moment, phase) in enumerate(ByMoment(ed, es).items())
            for place, index, held in _candidates(ml[:, column], drawn_ml[:, column])
        ),
        tops[1] - tops[0],
        (math.floor(LEAST_DESCENT_MM / spacing_mm), math.ceil(HEALTHY_DESCENT_MM[1] / spacing_mm)),
        ef,
    )


def _candidates(ml: NDArray[np.float64], drawn_ml: NDArray[np.float64]) -> Iterator[tuple[EndPlace, int, float]]:
    """Yield place, slice and mL of the two most basal candidates and the most apical one; base first."""
    found = [int(index) for index in np.flatnonzero(ml)]
    if found[0] > 0:
        yield EndPlace.ABOVE, found[0] - 1, float(drawn_ml[found[0] - 1] or ml[found[0]])
    for index in found[: 1 if found[0] > 0 else 2]:
        yield EndPlace.BASE, index, float(ml[index])
    if len(found) > 2:
        yield EndPlace.APEX, found[-1], float(ml[found[-1]])


def _otherwise(ml: NDArray[np.float64], column: int, more_ml: float) -> float | None:
    volumes = ml.sum(axis=0)
    volumes[column] += more_ml
    if not volumes[0] > volumes[1] > 0:
        return None
    return float(100 * (1 - volumes[1] / volumes[0]))
