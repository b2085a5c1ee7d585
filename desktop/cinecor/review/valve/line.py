"""`ValveLine`: a valve's line in one long-axis cine: drawn by a reader in some phases, followed through all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.study.image_plane import ImagePlane

Point = tuple[float, float, float]
_DECIMALS: Final = 3  # of a millimetre: what a file keeps is what was measured


class Valve(StrEnum):
    """The valves between atria and ventricles, whose plane is the base of a ventricle."""

    MITRAL = "mitral"
    TRICUSPID = "tricuspid"

    @property
    def ventricle(self) -> Ventricle:
        """The ventricle whose base it is."""
        return Ventricle.LV if self is Valve.MITRAL else Ventricle.RV

    @property
    def message(self) -> Message:
        """What it is called in a sentence."""
        return (
            Message("mitral_valve", "mitral valve")
            if self is Valve.MITRAL
            else Message("tricuspid_valve", "tricuspid valve")
        )


@dataclass(frozen=True, slots=True, order=True)
class ValveView:
    """Where a line is: the series of a long-axis cine, and the valve."""

    series_uid: str
    valve: Valve


@dataclass(frozen=True, slots=True)
class ValveLine:
    """The two ends of a valve's line in every phase of a cine: patient space (DICOM LPS), mm.

    Both are kept as they came out, not the way there: another version could follow the same line a little otherwise.
    """

    ends_mm: tuple[tuple[Point, Point], ...]  # one pair a phase of the cine
    drawn: tuple[int, ...]  # phases in which a reader drew it, ascending; at least one
    unsure: tuple[int, ...]  # phases whose picture does not show what the phases beside them show
    normal: Point  # of the cine's plane
    chambers: int | None  # which the view shows: 2, 3 or 4; None where its name does not tell

    def __post_init__(self) -> None:
        phases = range(len(self.ends_mm))
        if not self.drawn or any(phase not in phases for phase in (*self.drawn, *self.unsure)):
            raise ValueError(f"phases {self.drawn} and {self.unsure} do not belong to {len(phases)} phases")

    @property
    def points_mm(self) -> NDArray[np.float64]:
        """The ends as an array (phase, 2, 3)."""
        return np.array(self.ends_mm)

    @property
    def phases(self) -> int:
        """How many phases the cine has."""
        return len(self.ends_mm)


ValveLines = Mapping[ValveView, ValveLine]


def valve_line(
    points_px: NDArray[np.float64],
    plane: ImagePlane,
    *,
    drawn: tuple[int, ...],
    sure: NDArray[np.bool_],
    chambers: int | None,
) -> ValveLine:
    """Return the line whose ends (phase, 2, 2: x, y in pixels) lie in a cine's image.

    Raises `ValueError` where `drawn` is empty or names a phase that is not there.
    """
    phases = len(points_px)
    points_mm = plane.to_mm(points_px.reshape(-1, 2)).reshape(phases, 2, 3)
    return ValveLine(
        tuple((_point(one), _point(other)) for one, other in points_mm),
        tuple(sorted(drawn)),
        tuple(np.flatnonzero(~sure).tolist()),
        _point(plane.normal, decimals=9),
        chambers,
    )


def _point(place: NDArray[np.float64], *, decimals: int = _DECIMALS) -> Point:
    x, y, z = (round(float(value), decimals) for value in place)
    return x, y, z
