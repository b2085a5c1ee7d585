"""`ValveDrag`: draws a valve's line in a long-axis view, or moves it by one of its ends."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QTransform

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.review.valve.line import Valve
from cinecor.ui.study.long_axis_valves import Ends, LongAxisValves, ShownLine

_HANDLE_REACH_PX = 11.0  # how far from an end of a valve's line a press still takes it
_LEAST_LINE_PX = 12.0  # a shorter one was a click


@dataclass(frozen=True, slots=True, eq=False)
class _HeldLine:
    """A valve's line in the hand."""

    valve: Valve
    phase: int  # of the cine
    ends_px: Ends
    end: int  # the one that follows the mouse


class ValveDrag:
    """From a press to its release in one view; `to_screen` brings pixels of its cine (x, y) to the widget."""

    def __init__(self, valves: LongAxisValves, cine: LongAxisCine) -> None:
        self._valves, self._cine = valves, cine
        self._held: _HeldLine | None = None

    @property
    def drawing(self) -> Valve | None:
        """The valve whose line is asked for next, where the cine can show it."""
        valve = self._valves.drawing
        return valve if valve is not None and self._cine.may_show(valve) else None

    @property
    def held(self) -> bool:
        """Whether a line is in the hand."""
        return self._held is not None

    def lines(self, phase: int) -> tuple[ShownLine, ...]:
        """Return the lines of the cine in one of its phases, that in the hand as it is now."""
        shown, held = self._valves.lines(self._cine, phase), self._held
        if held is None:
            return shown
        others = (one for one in shown if one.valve is not held.valve)
        return (*others, ShownLine(held.valve, held.ends_px, drawn=True, unsure=False))

    def press(self, position: QPointF, to_screen: QTransform, phase: int) -> bool:
        """Begin a line where one is asked for, or take an end that lies under the mouse; False where neither is."""
        at = _pixel(position, to_screen)
        if self.drawing is not None:
            self._held = _HeldLine(self.drawing, phase, np.stack([at, at]), 1)
        elif self._valves.changeable:
            self._held = self._end_at(position, to_screen, phase)
        return self.held

    def move(self, position: QPointF, to_screen: QTransform) -> None:
        """Bring the end along."""
        if self._held is not None:
            moved = self._held.ends_px.copy()
            moved[self._held.end] = _pixel(position, to_screen)
            self._held = replace(self._held, ends_px=moved)

    def release(self, position: QPointF, to_screen: QTransform) -> None:
        """Let the line go: it is followed through the other phases."""
        self.move(position, to_screen)
        held, self._held = self._held, None
        if held is not None and mapped(held.ends_px, to_screen).length() >= _LEAST_LINE_PX:
            self._valves.draw(self._cine, held.valve, held.phase, held.ends_px)

    def _end_at(self, position: QPointF, to_screen: QTransform, phase: int) -> _HeldLine | None:
        near = []
        for shown in self.lines(phase):
            line = mapped(shown.ends_px, to_screen)
            for end, place in enumerate((line.p1(), line.p2())):
                near.append((QLineF(place, position).length(), end, shown))
        if not near:
            return None
        away, end, shown = min(near, key=lambda one: one[0])
        return _HeldLine(shown.valve, phase, shown.ends_px, end) if away <= _HANDLE_REACH_PX else None


def mapped(line: NDArray[np.float64], to_screen: QTransform) -> QLineF:
    """Return a line, its ends (2, 2: x, y in pixels), on the screen."""
    (x1, y1), (x2, y2) = line.tolist()
    return to_screen.map(QLineF(x1, y1, x2, y2))


def _pixel(position: QPointF, to_screen: QTransform) -> NDArray[np.float64]:
    at = to_screen.inverted()[0].map(position)
    return np.array([at.x(), at.y()])
