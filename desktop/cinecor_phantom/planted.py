"""`Planted`: what a phantom's heart has beyond the plain one: segments that are ill, outflow tracts, valves."""

from dataclasses import dataclass

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_phantom.ranges import require_within

SEGMENTS = range(1, 17)  # of the AHA's seventeen all but the apex, which short-axis slices do not see

RANGES: dict[str, tuple[float, float]] = {
    "wall": (0.3, 1.6),
    "motion": (-0.3, 1.2),
    "rv_outflow_ml": (0.0, 20.0),
    "lv_outflow_ml": (0.0, 8.0),
    "wobble": (0.0, 1.5),
}


@dataclass(frozen=True, slots=True)
class PlantedSegment:
    """One ill segment of the AHA's. Raises `UsageError` for a segment that is none and for values outside `RANGES`."""

    segment: int  # 1 to 16
    wall: float = 1.0  # share of the thickness that the wall would have there at end-diastole
    motion: float = 1.0  # share of the way that the inner border would go, and of the thickening; 0 is akinetic

    def __post_init__(self) -> None:
        if self.segment not in SEGMENTS:
            raise UsageError(
                Message(
                    "phantom_segment_unknown",
                    "Segment {segment} is none of the sixteen; use 1 to 16 (basal 1-6, mid 7-12, apical 13-16).",
                    segment=self.segment,
                )
            )
        require_within(RANGES, {"wall": self.wall, "motion": self.motion})


@dataclass(frozen=True, slots=True)
class Planted:
    """What is planted in a heart; by default nothing. Raises `UsageError` for values outside `RANGES`.

    Ill segments want a heart without wobbles (`wobble=0`), whose thickness is known in closed form.
    """

    segments: tuple[PlantedSegment, ...] = ()
    rv_outflow_ml: float = 0.0  # infundibulum at end-diastole, which the labels leave out
    lv_outflow_ml: float = 0.0  # between the base and the aortic valve, which the labels leave out
    valves: bool = False  # whether the rings and leaflets of mitral and tricuspid valve are seen
    wobble: float = 1.0  # strength of the bends that make outlines look natural; no area depends on it

    def __post_init__(self) -> None:
        outflow = {"rv_outflow_ml": self.rv_outflow_ml, "lv_outflow_ml": self.lv_outflow_ml}
        require_within(RANGES, {**outflow, "wobble": self.wobble})
        numbers = [one.segment for one in self.segments]
        if len(set(numbers)) < len(numbers):
            raise UsageError(
                Message("phantom_segment_twice", "A segment of the phantom is planted twice; name each once.")
            )
        if self.segments and self.wobble > 0.0:
            raise UsageError(
                Message(
                    "phantom_segment_wobbles",
                    "Planted segments want wobble = 0: only then is the thickness of the wall known in closed form.",
                )
            )


PLAIN = Planted()
