"""Frames that were only carried or filled: as long as nobody has looked at them, they are a doubt of their own."""

from typing import Final

from cinecor.message import Message
from cinecor.review.correction import FrameState, Place
from cinecor.review.review import Review

PROVISIONAL: Final = "provisional_frames"
"""The key of this doubt, and of the reason why it was signed all the same."""


def provisional_frames(review: Review) -> tuple[Place, ...]:
    """Return the frames (slice, phase) that were drawn by carrying or filling and not looked at, in order."""
    states = review.corrections.states
    return tuple(sorted(place for place, state in states.items() if state is FrameState.PROVISIONAL))


def provisional_message(count: int) -> Message:
    """Return what is doubtful about so many of them."""
    return Message.counted(
        "frames_provisional",
        "{n} frame was drawn by carrying or filling, and nobody has looked at it.",
        "{n} frames were drawn by carrying or filling, and nobody has looked at them.",
        n=count,
    )
