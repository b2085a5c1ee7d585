"""`Ventricle`: left or right; what a number and a finding may be about (`Concern`)."""

from enum import StrEnum
from typing import Final

from cinecor.message import Message


class Concern(StrEnum):
    """The numbers that a finding bears on."""

    LV = "lv"  # volumes and function of the left ventricle
    RV = "rv"
    MASS = "mass"
    CO = "co"  # cardiac output of both ventricles


class Ventricle(StrEnum):
    """The two chambers whose function is told."""

    LV = "lv"
    RV = "rv"

    @property
    def concern(self) -> Concern:
        """What a finding about its volume bears on."""
        return _CONCERNS[self]

    @property
    def message(self) -> Message:
        """What it is called in a sentence."""
        return Message("lv", "LV") if self is Ventricle.LV else Message("rv", "RV")


_CONCERNS: Final = {ventricle: Concern(ventricle.value) for ventricle in Ventricle}

MYO: Final = Message("myo", "MYO")
"""What the LV's wall is called beside the two."""

EVERY_OUTLINE: Final = (Concern.LV, Concern.RV, Concern.MASS)
"""What rests on the outlines as a whole."""
