"""`Edit`: one change of a review, as a value that can be applied, named and undone.

What tools make of frames are edits too: see `cinecor.review.redraw`.
"""

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from cinecor.measure.moment import AUTOMATIC, Moment
from cinecor.measure.regional.insertion import SetInsertion
from cinecor.review.base_rule import BaseRule
from cinecor.review.correction import Place
from cinecor.review.review import Body, Review
from cinecor.review.valve.line import ValveLine, ValveView


class Edit(Protocol):
    """A change of a review; `name` is the key of its text in the menus ("Undo: …")."""

    @property
    def name(self) -> str:
        """Key of the text that names the change."""

    @property
    def places(self) -> tuple[Place, ...]:
        """The frames that look different afterwards, ascending; none when it is no matter of frames."""

    def apply(self, review: Review) -> Review:
        """Return the changed review; the same object when nothing changes."""


@dataclass(frozen=True, slots=True)
class SetPhase:
    """The doctor moves ED or ES; None gives the choice back to the volume curve."""

    moment: Moment
    phase: int | None

    @property
    def name(self) -> str:
        """Key of the text that names the change."""
        return f"edit.set_{self.moment}"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the phase moved."""
        if self.phase is not None and not 0 <= self.phase < review.stack.phases:
            raise ValueError(f"phase {self.phase} is not among the {review.stack.phases} phases")
        if review.moments[self.moment] == self.phase:
            return review
        return replace(review, moments=review.moments.replaced(self.moment, self.phase))


@dataclass(frozen=True, slots=True)
class FollowCurve:
    """The doctor gives the choice of both moments back to the volume curve, in one step."""

    name: str = field(default="edit.follow_curve", init=False)

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review whose phases the curve chooses."""
        return review if review.moments == AUTOMATIC else replace(review, moments=AUTOMATIC)


@dataclass(frozen=True, slots=True)
class ToggleSlice:
    """A slice stops, or starts again, to count at ED or at ES."""

    index: int
    moment: Moment
    name: str = "edit.toggle_slice"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the slice's part turned round."""
        return replace(review, excluded=review.excluded ^ {(self.index, self.moment)})


@dataclass(frozen=True, slots=True)
class DropSlice:
    """A slice is dropped from every phase, or restored."""

    index: int
    name: str = "edit.drop_slice"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the slice dropped, or restored when it was."""
        return replace(review, dropped=review.dropped ^ {self.index})


@dataclass(frozen=True, slots=True)
class SetBody:
    """Heart rate, height, weight, sex and age as the doctor typed them."""

    body: Body
    name: str = "edit.set_body"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the new facts."""
        return review if review.body == self.body else replace(review, body=self.body)


@dataclass(frozen=True, slots=True)
class SetInsertionPoints:
    """The doctor moves the points of a slice where the RV joins the wall; None gives them back to the outlines."""

    index: int
    points: SetInsertion | None
    name: str = "edit.set_insertion"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the points moved."""
        if not 0 <= self.index < review.stack.slices:
            raise ValueError(f"slice {self.index} is not among the {review.stack.slices} slices")
        if review.insertion.get(self.index) == self.points:
            return review
        others = {index: points for index, points in review.insertion.items() if index != self.index}
        if self.points is not None:
            others[self.index] = self.points
        return replace(review, insertion=MappingProxyType(others))


@dataclass(frozen=True, slots=True)
class SetValveLine:
    """The doctor draws a valve's line in a long-axis cine, or moves it; None takes it away.

    `base` is the rule that the site's settings give the base with the first line; None leaves it as it is.
    """

    view: ValveView
    line: ValveLine | None
    base: BaseRule | None = None
    name: str = "edit.valve_line"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame of the stack looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the line."""
        based = review if self.base is None else ChooseBase(self.base).apply(review)
        if review.valves.get(self.view) == self.line:
            return based
        others = {view: line for view, line in review.valves.items() if view != self.view}
        if self.line is not None:
            others[self.view] = self.line
        return replace(based, valves=MappingProxyType(others))


@dataclass(frozen=True, slots=True)
class RemoveValveLines:
    """The doctor takes the lines of valves away in several views at once."""

    views: tuple[ValveView, ...]
    name: str = "edit.remove_valve_lines"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame of the stack looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review without the lines."""
        others = {view: line for view, line in review.valves.items() if view not in self.views}
        return review if len(others) == len(review.valves) else replace(review, valves=MappingProxyType(others))


@dataclass(frozen=True, slots=True)
class ChooseBase:
    """At the base whole slices count, or the parts of them below a valve's plane."""

    rule: BaseRule
    name: str = "edit.base"

    @property
    def places(self) -> tuple[Place, ...]:
        """No frame looks different."""
        return ()

    def apply(self, review: Review) -> Review:
        """Return the review with the rule."""
        return review if review.base is self.rule else replace(review, base=self.rule)
