"""`PapillaryTool`: shows the muscle within the cavity, and moves the threshold that tells it from blood."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QTransform

from cinecor.review import ChoosePapillaries, Edit
from cinecor.review.borders import Border, outline
from cinecor.review.correction import Frame, Place
from cinecor.review.counting import papillary_threshold
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.review.tools.papillary import muscle_of_frame
from cinecor.ui.look.texts import number_text, tr
from cinecor.ui.study.overlays import path_of
from cinecor.ui.tools.canvas import Canvas
from cinecor.ui.tools.drawing_tool import DrawingTool, colour_of, pens
from cinecor.ui.tools.tool import KeyTable, Pointer

_WHOLE_WAY_PX: Final = 240.0  # of mouse travel from Otsu's threshold to the brightest
_STEPS: Final = 50  # a drag goes in these parts of the way
_MM2_PER_CM2: Final = 100.0


class PapillaryTool(DrawingTool):
    """A drag upwards takes more for muscle, downwards less: in all phases of the slice."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._place: Place | None = None  # of the frame under the mouse
        self._from: tuple[float, float] | None = None  # of a drag: where it began in the view, and the shift then
        self._shift = 0.0
        self._shown: tuple[tuple[Place, float], Frame, NDArray[np.bool_] | None, QPainterPath] | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        """A drag goes up and down."""
        return Qt.CursorShape.SizeVerCursor

    @property
    def busy(self) -> bool:
        """Whether the threshold is being moved."""
        return self._from is not None

    @property
    def hint(self) -> str:
        """What is shown, and what to do next."""
        how = tr("Papillary muscles: drag up for more muscle, down for less; 0 for the automatic threshold")
        review = self._canvas.drawable
        if review is None:
            return how
        mass = review.papillaries.convention is PapillaryConvention.MASS
        counts = (
            tr("they count as mass (Shift+M: as cavity)") if mass else tr("they count as cavity (Shift+M: as mass)")
        )
        if self._place is None:
            return f"{how} · {counts}"
        muscle, _ = self._muscle(self._place)
        if muscle is None:
            told = tr("muscle and blood cannot be told apart in this slice")
        else:
            area_cm2 = float(muscle.sum()) * float(np.prod(self._canvas.pixel_spacing_mm)) / _MM2_PER_CM2
            told = tr(
                "{area} cm² here, threshold {shift}",
                area=number_text(area_cm2, 1),
                shift=number_text(self._shift_of(self._place[0]), 2, signed=True),
            )
        return " · ".join((told, how, counts))

    @property
    def keys(self) -> KeyTable:
        """Give the threshold of the slice back to Otsu."""
        return {"0": self._automatic}

    def hover(self, at: Pointer | None) -> None:
        """Show the muscle of the frame under the mouse."""
        super().hover(at)
        if at is not None:
            self._place = at.place

    def press(self, at: Pointer) -> Edit | None:
        """Take hold of the threshold."""
        self._place, self._shift = at.place, self._shift_of(at.place[0])
        self._from = (at.y, self._shift)
        return None

    def move(self, at: Pointer) -> Edit | None:
        """Move it; the numbers follow when it is let go, as they change in every phase."""
        if self._from is not None:
            start_y, start = self._from
            wanted = start + (start_y - at.y) / _WHOLE_WAY_PX
            self._shift = round(min(1.0, max(-1.0, wanted)) * _STEPS) / _STEPS
        return None

    def release(self, at: Pointer) -> Edit | None:
        """Leave it there."""
        self.move(at)
        self._from = None
        return self._choice(at.place[0], self._shift)

    def drop(self) -> None:
        """Let it go back."""
        super().drop()
        self._from = self._place = self._shown = None

    def paint(self, painter: QPainter, to_screen: QTransform, place: Place) -> None:
        """Paint the muscle hatched, in the frame under the mouse."""
        if place != self._place:
            return
        _, path = self._muscle(place)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawn = to_screen.map(path)
        colour = colour_of(Border.EPI)
        painter.fillPath(drawn, QBrush(colour, Qt.BrushStyle.Dense5Pattern))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in pens(QColor(colour)):
            painter.setPen(pen)
            painter.drawPath(drawn)

    def _shift_of(self, index: int) -> float:
        if self._from is not None:
            return self._shift
        review = self._canvas.drawable
        return 0.0 if review is None else review.papillaries.shift(index)

    def _muscle(self, place: Place) -> tuple[NDArray[np.bool_] | None, QPainterPath]:
        """Return the muscle of a frame (row, column) with its outline; None where it cannot be told."""
        review, frame = self._canvas.drawable, self._canvas.frame(place)
        if review is None or frame is None:
            return None, QPainterPath()
        key = (place, self._shift_of(place[0]))
        if self._shown is None or self._shown[0] != key or self._shown[1] is not frame:
            muscle, path = None, QPainterPath()
            shifted = replace(review, papillaries=_moved(review.papillaries, place[0], key[1]))
            threshold = papillary_threshold(shifted, place[0])
            if threshold is not None:
                spacing_mm = self._canvas.pixel_spacing_mm
                muscle = muscle_of_frame(
                    self._canvas.pixels(place), frame, threshold=threshold, pixel_spacing_mm=spacing_mm
                )
                path = path_of(outline(muscle, spacing_mm))
            self._shown = key, frame, muscle, path
        return self._shown[2], self._shown[3]

    def _automatic(self) -> Edit | None:
        return None if self._place is None else self._choice(self._place[0], 0.0)

    def _choice(self, index: int, shift: float) -> Edit | None:
        review = self._canvas.drawable
        return None if review is None else ChoosePapillaries(_moved(review.papillaries, index, shift))


def _moved(choice: PapillaryChoice, index: int, shift: float) -> PapillaryChoice:
    """Return the choice with one slice's threshold moved."""
    shifts = {**dict(choice.shifts), index: shift}
    return replace(choice, shifts=tuple(sorted((one, by) for one, by in shifts.items() if by)))
