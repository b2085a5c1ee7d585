"""`MarkedFrames`: frames in which a check found something, and how grave that is."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.ventricle import Concern
from cinecor.message import Frames, Message, Phases, Slices

DECIDING_SHARE: Final = 0.05
"""Of the volume at ED or ES: what marked frames must hold for the number to be doubtful. Two readers differ by as much
in an EDV (15 mL of 200, Suinesiaputra 2015); a speck at the apex is marked and leaves the number alone."""

JUDGED_ML: Final = 2.0
"""What a frame holds at least to be judged: less moves no number that two readers would agree on."""

PLACES: Final = MappingProxyType({"slices": Slices(()), "phases": Phases(()), "frames": Frames(())})
"""What a message about marked frames holds until `MarkedFrames.finding` puts their places in."""


@dataclass(frozen=True, slots=True)
class MarkedFrames:
    """At least one frame (slice, phase), and whether a number rests on them."""

    frames: tuple[tuple[int, int], ...]
    deciding: bool
    moments: tuple[Moment, ...] = ()  # whose numbers rest on them; empty in a lone phase

    @classmethod
    def of(
        cls,
        mask: NDArray[np.bool_],
        *,
        at_stake: NDArray[np.float64],
        whole: NDArray[np.float64],
        moments: ByMoment[int | None],
    ) -> "MarkedFrames | None":
        """Return the frames where `mask` (slice, phase) is set; None when there are none.

        `at_stake` is what is wrong if a frame is, `whole` what the structure measures, both (slice, phase) and in one
        unit. A number rests on marked frames of ED or ES, or of the one phase, that put `DECIDING_SHARE` at stake.
        """
        if not mask.any():
            return None
        places = tuple((where, phase) for where, phase in np.argwhere(mask).tolist())
        decides = np.where(mask, at_stake, 0).sum(axis=0) >= DECIDING_SHARE * whole.sum(axis=0)
        if mask.shape[1] == 1:
            return cls(places, bool(decides[0]))
        resting = tuple(moment for moment, phase in moments.items() if phase is not None and decides[phase])
        return cls(places, bool(resting), resting)

    def finding(self, message: Message, *concerns: Concern, about_area: bool = False) -> Finding:
        """Return what is told of them: doubtful where a number rests on them, else a warning.

        The message was made with `PLACES`; it gets those of the frames.
        """
        slices, phases = (indices(place) for place in zip(*self.frames, strict=True))
        values = {
            **message.values,
            "slices": Slices(slices),
            "phases": Phases(phases),
            "frames": Frames(self.frames),
        }
        return Finding(
            Message.restored(message.code, message.template, message.many, values),
            Severity.DOUBTFUL if self.deciding else Severity.WARNING,
            slices=slices,
            phases=phases,
            concerns=concerns,
            frames=self.frames,
            moments=self.moments,
            about_area=about_area,
        )
