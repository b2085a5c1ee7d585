"""What is told once a change was carried to other frames: to which, and where and why it stopped."""

from collections.abc import Collection
from typing import Final

from cinecor.app.carry_change import Spread
from cinecor.message import Frames, Message
from cinecor.review import Gesture
from cinecor.review.carry.stop import Stop
from cinecor.review.correction import Place

NO_OTHER_FAULT: Final = Message("no_other_fault", "No other frame has the same fault: nothing was changed.")


def told_of(spread: Spread, *, doubtful: Collection[Place] = ()) -> tuple[Message, ...]:
    """Return what to say of a change that was carried, or of frames that were filled, a sentence each.

    `doubtful` are frames that are marked as such: one of them that is left as it is has to be looked at by itself.
    """
    places = spread.edit.places
    if not places:
        telling = [place for place in sorted(spread.stops) if place in doubtful or spread.stops[place] is Stop.SETTLED]
        return (NO_OTHER_FAULT, *(_stopped(place, spread.stops[place], doubtful) for place in telling))
    filled = spread.edit.gesture is Gesture.FILL
    made = (
        Message("frames_filled", "Filled: {frames}. Look at them, then Enter.", frames=Frames(places))
        if filled
        else Message("change_carried", "Carried to {frames}. Look at them, then Enter.", frames=Frames(places))
    )
    return (made, *(_stopped(place, why, doubtful) for place, why in sorted(spread.stops.items())))


def _stopped(place: Place, why: Stop, doubtful: Collection[Place]) -> Message:
    where = Frames((place,))
    if why is Stop.SETTLED:
        return Message(
            "carry_stopped_settled", "It stopped before {frame}, which was corrected or accepted already.", frame=where
        )
    if why is Stop.FAR:
        return Message(
            "carry_stopped_far", "It stopped before {frame}: no change is carried farther than that.", frame=where
        )
    if place in doubtful:
        return Message(
            "carry_stopped_doubtful",
            "It stopped before {frame}, which is doubtful but does not show this fault: look at it by itself.",
            frame=where,
        )
    return Message("carry_stopped_sound", "It stopped before {frame}, which does not show this fault.", frame=where)
