"""Edits of frames: what one gesture of a tool made of all the frames that it touched, and what was accepted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from cinecor.review.border import Border
from cinecor.review.correction import Frame, FrameState, Place
from cinecor.review.papillary_choice import PapillaryChoice
from cinecor.review.review import Review


class Gesture(StrEnum):
    """What a doctor does with a tool; `edit.<gesture>` is the key of its name in menus and ledger."""

    PUSH = "push"
    ARC = "arc"
    OUTLINE = "outline"
    HANDLE = "handle"
    BRUSH = "brush"
    ERASE = "erase"
    HULL = "hull"
    DELETE = "delete"
    DELETE_ONWARD = "delete_onward"
    CARRY_PHASES = "carry_phases"
    CARRY_SLICES = "carry_slices"
    FILL = "fill"
    MODEL_AGAIN = "model_again"
    IMPORT = "import"  # outlines that somebody else drew


_PROVISIONAL = frozenset({Gesture.CARRY_PHASES, Gesture.CARRY_SLICES, Gesture.FILL})


@dataclass(frozen=True, slots=True, eq=False)
class Redraw:
    """One gesture: new labels for all the frames it touched, the model's again where None; one undo step."""

    gesture: Gesture
    frames: Mapping[Place, Frame | None]  # (row, column) each
    border: Border | None = None  # the border that was moved; None: several or all

    @property
    def name(self) -> str:
        """Key of the text that names the change."""
        return f"edit.{self.gesture}"

    @property
    def places(self) -> tuple[Place, ...]:
        """The frames it touches, ascending."""
        return tuple(sorted(self.frames))

    @property
    def state(self) -> FrameState | None:
        """The state that its frames are in afterwards; none where all of the model's labels came back."""
        if self.gesture in _PROVISIONAL:
            return FrameState.PROVISIONAL
        return None if all(frame is None for frame in self.frames.values()) else FrameState.CORRECTED

    def apply(self, review: Review) -> Review:
        """Return the review with the redrawn frames; itself where none looks different."""
        shape = (review.stack.rows, review.stack.columns)
        for place, frame in self.frames.items():
            if not (0 <= place[0] < review.stack.slices and 0 <= place[1] < review.stack.phases):
                raise ValueError(f"there is no frame {place}")
            if frame is not None and frame.shape != shape:
                raise ValueError(f"a redrawn frame must be {shape}, not {frame.shape}")
        new = {place: frame for place, frame in self.frames.items() if _differs(review, place, frame)}
        return replace(review, corrections=review.corrections.changed(new, self.state)) if new else review


@dataclass(frozen=True, slots=True)
class AcceptFrames:
    """Frames were looked at and found right."""

    accepted: frozenset[Place]
    name: str = field(default="edit.accept", init=False)

    @classmethod
    def of(cls, places: Collection[Place]) -> "AcceptFrames":
        """Return the edit that accepts these frames."""
        return cls(frozenset(places))

    @property
    def places(self) -> tuple[Place, ...]:
        """The frames it touches, ascending."""
        return tuple(sorted(self.accepted))

    def apply(self, review: Review) -> Review:
        """Return the review with the frames accepted; what was drawn by hand stays known as that."""
        states = review.corrections.states
        new = {
            place: FrameState.ACCEPTED for place in self.places if states.get(place) in (None, FrameState.PROVISIONAL)
        }
        return replace(review, corrections=review.corrections.with_states(new)) if new else review


@dataclass(frozen=True, slots=True)
class ChoosePapillaries:
    """Papillary muscles count as cavity or as mass, by thresholds that the reader may have moved."""

    choice: PapillaryChoice
    name: str = field(default="edit.papillaries", init=False)

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame in particular."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the choice."""
        return review if review.papillaries == self.choice else replace(review, papillaries=self.choice)


def redraw_one(gesture: Gesture, place: Place, frame: Frame | None, *, border: Border | None = None) -> Redraw:
    """Return the edit of a gesture that touched one frame."""
    return Redraw(gesture, MappingProxyType({place: frame}), border)


def _differs(review: Review, place: Place, frame: Frame | None) -> bool:
    layer = review.corrections
    if frame is None:
        return place in layer.frames or place in layer.states
    if review.segmentation is None:
        return place not in layer.frames or bool((frame != layer.frames[place]).any())
    return bool((frame != layer.frame(review.segmentation.labels, place)).any())
