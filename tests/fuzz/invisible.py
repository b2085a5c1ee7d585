"""`Invisible`: the changes that no file tells, listed before anything is fuzzed; docs/import.md has the same table."""

from enum import Enum


class Invisible(Enum):
    """What was changed, and why nothing that reads the input can know."""

    REVERSED = (
        "the positions of all slices reversed",
        "apex and base differ in nothing that a header says; the outlines do, and the reader",
    )
    SCALED = (
        "every distance scaled alike: pixel spacing or positions in all files",
        "a larger heart looks the same",
    )
    RATE = (
        "a heart rate that is wrong and agrees with the phase times, or stands alone",
        "it is what the scanner would write",
    )
    CYCLE_TURNED = (
        "all phases turned by the same number, or run backwards",
        "a cycle has no beginning and, in its distances, no direction",
    )
    STILL_SLICE = (
        "the phases of a slice in which nothing moves, in another order",
        "it shows the same picture in every phase, and no volume depends on it",
    )
    PICTURE_TURNED = (
        "the orientation of all slices turned or mirrored alike",
        "it is the same heart, seen from elsewhere",
    )
    PIXEL_BYTES = (
        "bytes inside pixel data, compressed or not",
        "DICOM and uncompressed NIfTI have no checksum; only pictures that become unlike their neighbours are named",
    )
    DARK_PART = (
        "a part of a slice dark in all its phases, or of all pictures",
        "a saturation band looks the same",
    )
    CROPPED = (
        "all pictures cropped alike",
        "a smaller field of view looks the same, and no number depends on it while the heart is inside",
    )
    END_SLICE = (
        "a slice at an end not exported, where no number or count tells",
        "a shorter stack looks the same; the LV at the end of the stack is told",
    )
    OTHER_PATIENT = (
        "another patient's images under the same identity, place and contrast",
        "they say that they are this patient's",
    )
    PLACE = (
        "where the whole stack lies",
        "no number depends on it",
    )
    ROUNDING = (
        "a number changed by less than half a thousandth of it",
        "numbers written twice differ by as much when they are rounded",
    )

    def __init__(self, what: str, why: str) -> None:
        self.what = what
        self.why = why
