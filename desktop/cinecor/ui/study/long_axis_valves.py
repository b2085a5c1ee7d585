"""`LongAxisValves`: the lines of valves in the long-axis cines: drawn, followed in the background, made an edit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.app.settings import Settings
from cinecor.app.work import Operation
from cinecor.measure.moment import same_moment
from cinecor.message import Message
from cinecor.progress import Progress, stop_if
from cinecor.review.base_rule import BaseRule
from cinecor.review.edit import RemoveValveLines, SetValveLine
from cinecor.review.valve.line import Valve, ValveLine, ValveView, valve_line
from cinecor.review.valve.tracking import TrackedLine, track_line
from cinecor.study.image_plane import ImagePlane, plane_of
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import N_, tr
from cinecor.ui.study.long_axis import LongAxis
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations

_HINT: Final = {
    Valve.MITRAL: N_("Press on one hinge of the mitral valve and drag to the other"),
    Valve.TRICUSPID: N_("Press on one hinge of the tricuspid valve and drag to the other"),
}
Ends = NDArray[np.float64]  # (2, 2): x and y of both ends, in pixels of the cine


@dataclass(frozen=True, slots=True, eq=False)
class ShownLine:
    """A valve's line as a view shows it in one phase of its cine."""

    valve: Valve
    ends_px: Ends
    drawn: bool  # by hand in this phase; else it was followed
    unsure: bool  # the picture does not show what the phases beside show
    waiting: bool = False  # it is being followed through the other phases


class LongAxisValves(QObject):
    """What is drawn shows at once; the other phases follow a second later, as one step of the review's history."""

    changed = Signal()  # other lines, or another valve is to be drawn
    taken = Signal()  # a line is in the hand: what moves by itself must stand still

    def __init__(
        self,
        long_axis: LongAxis,
        review: ReviewModel,
        operations: Operations,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.drawing: Valve | None = None  # the valve whose line the next drag in a long-axis view draws
        self._long_axis, self._review, self._operations, self._settings = long_axis, review, operations, settings
        self._waiting: dict[ValveView, dict[int, Ends]] = {}  # drawn by phase, and not followed yet
        long_axis.changed.connect(self._forget)

    @property
    def changeable(self) -> bool:
        """Whether lines may be drawn and moved: not in a study that is signed, or open in another window."""
        return not self._review.locked

    def hint(self, phase: int) -> str:
        """Say what to do next about a valve at a phase of the short axis: draw it, or look at the end of systole."""
        if self.drawing is not None:
            return tr(_HINT[self.drawing])
        if self._waiting:
            return tr("The valve’s line is being followed through the cycle…")
        if self._review.moments_at(phase) and any(self._only_followed(cine, phase) for cine in self._long_axis.cines):
            return tr("Followed from one phase: look at both ends here, and drag what is off")
        return ""

    def _only_followed(self, cine: LongAxisCine, phase: int) -> bool:
        """Return whether a line of a cine was drawn in one phase, which is another moment than this one."""
        review = self._review.present
        assert review is not None
        own = same_moment(phase, phases=review.stack.phases, of=cine.stack.phases)
        lines = (self._line(ValveView(cine.entry.uid, valve), cine) for valve in Valve)
        return any(line is not None and len(line.drawn) == 1 and own not in line.drawn for line in lines)

    @property
    def following(self) -> frozenset[Valve]:
        """The valves of which a line is being followed through the cycle."""
        return frozenset(view.valve for view in self._waiting)

    def choose(self, valve: Valve | None) -> None:
        """Draw the line of a valve next, or none."""
        self.drawing = valve if self.changeable else None
        self.changed.emit()

    def lines(self, cine: LongAxisCine, phase: int) -> tuple[ShownLine, ...]:
        """Return the lines of a cine in one of its phases, mitral first."""
        shown = []
        for valve in Valve:
            view = ValveView(cine.entry.uid, valve)
            waiting = self._waiting.get(view, {})
            line = self._line(view, cine)
            if phase in waiting:
                shown.append(ShownLine(valve, waiting[phase], drawn=True, unsure=False, waiting=True))
            elif line is not None:
                ends = _plane(cine).to_px(line.points_mm[phase])
                shown.append(
                    ShownLine(
                        valve, ends, drawn=phase in line.drawn, unsure=phase in line.unsure, waiting=bool(waiting)
                    )
                )
        return tuple(shown)

    def draw(self, cine: LongAxisCine, valve: Valve, phase: int, ends_px: Ends) -> None:
        """Take a line that was drawn or dragged in one phase of a cine, and follow it through the others."""
        view = ValveView(cine.entry.uid, valve)
        if self._review.locked or self._review.decided is None:
            return
        self.drawing = None
        line, plane = self._line(view, cine), _plane(cine)
        before = {} if line is None else {one: plane.to_px(line.points_mm[one]) for one in line.drawn}
        drawn = before | self._waiting.get(view, {}) | {phase: ends_px}
        self._waiting[view] = drawn
        self.changed.emit()
        frames, chambers = cine.stack.pixels[cine.stack.slices // 2], cine.entry.chambers

        def take(tracked: TrackedLine) -> None:
            if self._waiting.get(view) is drawn:
                self._waiting.pop(view)
                made = valve_line(tracked.points_px, plane, drawn=tuple(drawn), sure=tracked.sure, chambers=chambers)
                first = self._review.decided is not None and not self._review.decided.valves
                by_parts = first and self._settings.flag("fractional_base")
                self._review.edit(SetValveLine(view, made, BaseRule.FRACTIONAL if by_parts else None))
                self.changed.emit()

        def give_up() -> None:
            if self._waiting.get(view) is drawn:
                self._waiting.pop(view)
                self.changed.emit()

        def failed(error: Exception) -> None:
            give_up()
            self._review.failed.emit(failure_of(error))

        stage = Message("valve_following", "Following the {valve} ({view}), phase", valve=valve.message, view=cine.name)

        def follow(operation: Operation[TrackedLine]) -> TrackedLine:
            def told(done: int) -> None:
                stop_if(operation.cancelled)
                operation.report(Progress(stage, done, len(frames)))

            return track_line(frames, drawn, pixel_spacing_mm=plane.pixel_spacing_mm, told=told)

        self._operations.start("valve", follow, done=take, failed=failed, cancelled=give_up)

    def remove(self, cine: LongAxisCine | None = None) -> None:
        """Take the lines of one cine away, or those of all."""
        review = self._review.decided
        self._forget()
        drawn = () if review is None else tuple(review.valves)
        self._review.edit(
            RemoveValveLines(tuple(view for view in drawn if cine is None or view.series_uid == cine.entry.uid))
        )

    def _line(self, view: ValveView, cine: LongAxisCine) -> ValveLine | None:
        review = self._review.present
        line = None if review is None else review.valves.get(view)
        return line if line is not None and line.phases == cine.stack.phases else None

    def _forget(self) -> None:
        self._waiting.clear()
        self.drawing = None
        self.changed.emit()


def _plane(cine: LongAxisCine) -> ImagePlane:
    return plane_of(cine.stack, cine.stack.slices // 2)
