"""`Stop`: why a change that is carried from frame to frame leaves one as it is and goes no further."""

from enum import StrEnum


class Stop(StrEnum):
    """What the first frame that is left alone has to do with it."""

    SETTLED = "settled"  # a person drew or accepted it
    SOUND = "sound"  # it does not show the fault
    FAR = "far"  # so far away a change does not hold
