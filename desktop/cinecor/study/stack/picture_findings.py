"""What the pictures of a stack say against its headers, as messages."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message, Phases, Slices
from cinecor.study.series.plane_times import MIN_CINE_PHASES
from cinecor.study.stack.appearance import appearance_of
from cinecor.study.stack.mosaic import shows_mosaic
from cinecor.study.stack.motion import coarse_pictures, motion_of
from cinecor.study.stack.passing_contrast import slices_of_passage
from cinecor.study.stack.tag_grid import shows_grid


@dataclass(frozen=True, slots=True)
class PictureFindings:
    """Messages by how much they matter, and how many heartbeats the phases run through."""

    doubts: tuple[Message, ...]
    cautions: tuple[Message, ...]
    beats: int


def picture_findings(pixels: NDArray[np.float32], *, pixel_spacing_mm: tuple[float, float]) -> PictureFindings:
    """Return what a cheap look at the pixels (slice, phase, row, column) finds: mostly at every nth of them."""
    pictures = coarse_pictures(pixels)
    appearance, motion = appearance_of(pictures), motion_of(pictures)
    doubts: list[Message] = []
    if shows_grid(pixels[len(pixels) // 2, 0], pixel_spacing_mm=pixel_spacing_mm):
        doubts.append(
            Message(
                "grid_over_pictures",
                "A tagging grid lies over the pictures: the outlines follow its lines; choose a cine without.",
            )
        )
    if len(pixels) == 1 and shows_mosaic(pixels[0, 0]):
        doubts.append(
            Message(
                "looks_like_a_mosaic",
                "The picture looks like many slices side by side, a mosaic: no number of it means anything; export it "
                "as one image a slice.",
            )
        )
    doubts += _the_same_again(pictures)
    passage = slices_of_passage(pictures) if pictures.shape[1] >= MIN_CINE_PHASES else ()
    if passage:
        doubts.append(
            Message(
                "contrast_passes",
                "The brightness of {slices} changes from phase to phase as while a contrast agent passes: they may be "
                "perfusion and no cine; choose a cine.",
                slices=Slices(passage),
            )
        )
    cautions: list[Message] = []
    if appearance.slices:
        doubts.append(
            Message(
                "slices_unlike",
                "The pictures of {slices} are unlike those beside them (inverted, noise or damaged): look at them "
                "before using a number.",
                slices=Slices(appearance.slices),
            )
        )
    cautions += [
        Message(
            "frames_unlike",
            "The pictures of {phases} in {slices} are unlike the others of their slice: look at them before using a "
            "number.",
            phases=Phases(phases),
            slices=Slices((number,)),
        )
        for number, phases in appearance.frames.items()
    ]
    if appearance.exchanged:
        cautions.append(
            Message(
                "slices_exchanged",
                "By what they show, {slices} would follow one another better in another order: their positions may be "
                "mixed up.",
                slices=Slices(appearance.exchanged),
            )
        )
    if motion.no_cycle:
        doubts.append(
            Message(
                "phases_in_no_order",
                "The phases do not follow one another as those of a heartbeat do: they may be in a wrong order; look "
                "at the cine before using a number.",
            )
        )
    doubts += [
        Message(
            "slice_out_of_step",
            "In {slices} the heart moves {steps} phases ahead of the other slices: its phases may begin at another "
            "moment; look at the cine before using a number.",
            slices=Slices((number,)),
            steps=steps,
        )
        if steps > 0
        else Message(
            "slice_out_of_step",
            "In {slices} the heart moves {steps} phases behind the other slices: its phases may begin at another "
            "moment; look at the cine before using a number.",
            slices=Slices((number,)),
            steps=-steps,
        )
        for number, steps in motion.shifted.items()
    ]
    if motion.shuffled:
        doubts.append(
            Message(
                "slice_shuffled",
                "In {slices} the heart does not move as in the other slices: the phases may be in a wrong order; look "
                "at the cine before using a number.",
                slices=Slices(motion.shuffled),
            )
        )
    return PictureFindings(tuple(doubts), tuple(cautions), motion.beats)


def _the_same_again(pictures: NDArray[np.float32]) -> list[Message]:
    """Doubt pictures (slice, phase, row, column) that are the same to the last grey: no scanner takes two alike."""
    doubts = []
    if pictures.shape[1] > 1:
        still = tuple(int(number) for number in np.flatnonzero((pictures == pictures[:, :1]).all(axis=(1, 2, 3))))
        if still:
            doubts.append(
                Message(
                    "slices_still",
                    "All phases of {slices} are one and the same picture: they show no heartbeat; look at the cine "
                    "before using a number.",
                    slices=Slices(still),
                )
            )
    first: dict[bytes, int] = {}
    twice = [
        (before, number)
        for number, picture in enumerate(pictures[:, 0])
        if (before := first.setdefault(picture.tobytes(), number)) != number
        and (pictures[before] == pictures[number]).all()
    ]
    if twice:
        doubts.append(
            Message(
                "slices_the_same",
                "The pictures of {slices} are the same: one slice stands at several positions; every volume counts it "
                "as often.",
                slices=Slices(tuple(sorted({number for pair in twice for number in pair}))),
            )
        )
    return doubts
