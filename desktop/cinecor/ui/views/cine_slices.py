"""`CineSlices`: the slices of the short axis as one long-axis cine shows them: their lines, outlines, notes, steps."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from cinecor.app.long_axis_cines import LongAxisCine
from cinecor.inference.outline.segmentation import Label
from cinecor.scene.crossing import StructureRun
from cinecor.scene.slice_runs import SliceRuns
from cinecor.study.image_plane import ImagePlane
from cinecor.ui.look.texts import number_text
from cinecor.ui.look.theme import OVERLAY
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.slice_line_art import SliceLine
from cinecor.ui.views.valve_art import valve_short
from cinecor.ui.views.valve_drag import mapped

_REACH_PX = 60.0  # how far from a slice's line a press still takes it
_LEAST_OFFSET_MM = 2.5  # of a breath-hold that is told: more than a pixel


class CineSlices:
    """Of the stack that is open with the cine; `to_screen` brings pixels of the cine (x, y) to the screen."""

    def __init__(self, desk: StudyDesk, cine: LongAxisCine, plane: ImagePlane) -> None:
        assert desk.reading.study is not None
        self._desk, self._uid = desk, cine.entry.uid
        self._runs = SliceRuns(desk.reading.study.stack, plane)

    @property
    def count(self) -> int:
        """How many slices there are."""
        return self._runs.slices

    @property
    def lines_px(self) -> tuple[NDArray[np.float64] | None, ...]:
        """Where each slice cuts this view: its ends (2, 2: x, y in pixels), or None where it does not."""
        return self._runs.lines_px

    def runs(self, index: int, phase: int) -> tuple[StructureRun, ...]:
        """Return the pieces of a slice's structures on its line, at a phase of the short axis."""
        return self._runs.at(index, phase, self._desk.overlays.shown)

    def forget(self, places: tuple[tuple[int, int], ...]) -> None:
        """Look at some frames (slice, phase) of the short axis anew."""
        self._runs.forget(places)

    def forget_phases(self, phases: tuple[int, ...] | None) -> None:
        """Look at some phases of the short axis anew; None: at all."""
        self._runs.forget_phases(phases)

    def heart(self) -> QRectF | None:
        """Return what the slices' structures cover, in pixels; None while that is not known."""
        covered = self._runs.heart_px(self._desk.overlays.shown)
        return None if covered is None else QRectF(QPointF(*covered[0].tolist()), QPointF(*covered[1].tolist()))

    def nearest(self, position: QPointF, to_screen: QTransform) -> int | None:
        """Return the slice whose line lies nearest to a point of the screen; None where none is within reach."""
        away = [np.inf if line is None else _distance(mapped(line, to_screen), position) for line in self.lines_px]
        nearest = int(np.argmin(away)) if away else 0
        return nearest if away and away[nearest] <= _REACH_PX else None

    def lines(self, to_screen: QTransform, place: Place) -> list[SliceLine]:
        """Return the lines on the screen at a place of the short axis, with what is written at them, and steps."""
        desk, lines, (here, phase) = self._desk, [], place
        for index, line in enumerate(self.lines_px):
            if line is not None:
                number, offset = self.notes(index, phase)
                steps = tuple(mapped(step, to_screen) for step in self.steps_px(index, phase)) if offset else ()
                lines.append(
                    SliceLine(
                        mapped(line, to_screen),
                        here=index == here,
                        counts=desk.review.counts((index, phase)),
                        number=number,
                        offset=offset,
                        steps=steps,
                    )
                )
        return lines

    def steps_px(self, index: int, phase: int) -> tuple[NDArray[np.float64], ...]:
        """Return from where to where a slice's structures lie off in this view: see `SliceRuns.steps_px`."""
        offset_mm = self._desk.steps.offset_mm(self._uid, index)
        return self._runs.steps_px(index, phase, self._desk.overlays.shown, offset_mm=offset_mm)

    def notes(self, index: int, phase: int) -> tuple[str, str]:
        """Return what is written at the ends of a slice's line: its number with its share below a valve, its offset.

        At ED and ES the share of the slab that lies below the valve's plane is told where that is not all of it; an
        offset where the slice's picture is shifted against this view's, because breath-holds differ.
        """
        desk, number = self._desk, str(index + 1)
        for moment in desk.review.moments_at(phase):
            result = desk.review.result
            for valve, bases in () if result is None else result.valves.bases.items():
                base = bases[moment]
                share = None if base is None or base.shares is None else float(base.shares[index])
                if share is not None and share < 1.0 and valve not in desk.valves.following:  # else it is old
                    number += f" · {valve_short(valve)} {number_text(100 * share)} %"
        offset = desk.steps.offset_mm(self._uid, index)
        shifted = offset is not None and abs(offset) >= _LEAST_OFFSET_MM
        return number, f"{number_text(offset or 0.0, 1, signed=True)} mm" if shifted else ""

    def paint_runs(
        self, painter: QPainter, to_screen: QTransform, place: Place, *, structures: Collection[Label]
    ) -> None:
        """Draw where structures lie on the lines of slices, wider on that of the place's own."""
        here, phase = place
        for label in structures:
            for strong in (False, True):
                shown = [
                    mapped(run.ends_px, to_screen)
                    for index in range(self.count)
                    if (index == here) is strong
                    for run in self.runs(index, phase)
                    if run.label is label
                ]
                pen = QPen(QColor(OVERLAY[label]), 3.2 if strong else 2.2)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawLines(shown)


def _distance(line: QLineF, point: QPointF) -> float:
    """Return how far a point lies from a line's stretch."""
    along = line.p2() - line.p1()
    length = along.x() ** 2 + along.y() ** 2
    to_point = point - line.p1()
    share = 0.0 if length == 0 else (to_point.x() * along.x() + to_point.y() * along.y()) / length
    return QLineF(line.pointAt(min(1.0, max(0.0, share))), point).length()
