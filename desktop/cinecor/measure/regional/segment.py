"""`Segment`: the AHA's segments, and which of them a direction around the wall belongs to.

Cerqueira et al., Circulation 2002;105:539: three rings by equal thirds of the long axis, six segments of 60° in the
basal and the mid ring, four of 90° in the apical one. The seventeenth, the apex, lies beyond the cavity, where
short-axis slices see nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message

Array = NDArray[np.floating[Any]]

RINGS: Final = 3
BASAL, MID, APICAL = range(RINGS)


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the sixteen: its number, its ring, and where it begins and how wide it is.

    Directions are degrees from the anterior RV insertion towards the septum.
    """

    number: int
    ring: int
    begin_deg: float
    width_deg: float
    name: Message

    def wider(self, by_deg: float) -> "Segment":
        """Return the segment with so much more on either side."""
        return replace(self, begin_deg=self.begin_deg - by_deg, width_deg=self.width_deg + 2 * by_deg)


def held_by(segments: Sequence[Segment], direction_deg: Array) -> NDArray[np.bool_]:
    """Return which directions belong to each segment: (segment, direction)."""
    begin, width = np.array([(one.begin_deg, one.width_deg) for one in segments]).T[:, :, None]
    return np.asarray(np.mod(direction_deg - begin, 360.0) < width)


def _six(first: int, ring: int, names: tuple[Message, ...]) -> tuple[Segment, ...]:
    return tuple(
        Segment(first + place, ring, 60.0 * (place - 1) % 360.0, 60.0, name) for place, name in enumerate(names)
    )


SEGMENTS: Final = (
    *_six(
        1,
        BASAL,
        (
            Message("segment_1", "basal anterior"),
            Message("segment_2", "basal anteroseptal"),
            Message("segment_3", "basal inferoseptal"),
            Message("segment_4", "basal inferior"),
            Message("segment_5", "basal inferolateral"),
            Message("segment_6", "basal anterolateral"),
        ),
    ),
    *_six(
        7,
        MID,
        (
            Message("segment_7", "mid anterior"),
            Message("segment_8", "mid anteroseptal"),
            Message("segment_9", "mid inferoseptal"),
            Message("segment_10", "mid inferior"),
            Message("segment_11", "mid inferolateral"),
            Message("segment_12", "mid anterolateral"),
        ),
    ),
    Segment(13, APICAL, 285.0, 90.0, Message("segment_13", "apical anterior")),
    Segment(14, APICAL, 15.0, 90.0, Message("segment_14", "apical septal")),
    Segment(15, APICAL, 105.0, 90.0, Message("segment_15", "apical inferior")),
    Segment(16, APICAL, 195.0, 90.0, Message("segment_16", "apical lateral")),
)
"""The anterior insertion parts 1 from 2; 2 and 3 are the septum, whose middle is the middle of 14."""

BY_RING: Final = tuple(tuple(one for one in SEGMENTS if one.ring == ring) for ring in range(RINGS))
"""The same, ring by ring."""
