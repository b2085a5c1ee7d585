"""`Canvas`: what all drawing tools share: the frames as they were decided, the border that is held, the disc's size."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cinecor.inference.outline.segmentation import Label
from cinecor.review import Review
from cinecor.review.borders import Border, Outline, outline, region
from cinecor.review.correction import Frame, Place
from cinecor.review.tools.push import nearest_line
from cinecor.review.tools.swept_disc import Point
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.tools.tool import Pointer

_RADIUS_MM: Final = (1.5, 40.0)
_USUAL_RADIUS_MM: Final = 8.0
_A_STEP: Final = 1.12  # of the wheel: how much larger the disc gets
_UNDER: Final = {Label.LV: Border.ENDO, Label.MYO: Border.EPI, Label.RV: Border.RV}


class Canvas(QObject):
    """One for all tools of a study: what is held or made larger with one stays so with the next."""

    changed = Signal()  # another border is held, or the disc has another size

    def __init__(self, review: ReviewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.held: Border | None = None  # None: the one that the mouse is nearest to
        self.radius_mm = _USUAL_RADIUS_MM
        self._review = review
        self._of_model: tuple[NDArray[np.uint8], Place, Frame] | None = None
        self._lines: tuple[Frame, Mapping[Border, Outline]] | None = None

    @property
    def drawable(self) -> Review | None:
        """The review without what is being dragged; None while it has no outlines, or nothing may be changed."""
        review = self._review.decided
        return None if review is None or review.segmentation is None or self._review.locked else review

    def frame(self, place: Place) -> Frame | None:
        """Return the labels (row, column) that a tool begins with; None while there are none."""
        review = self.drawable
        if review is None or review.segmentation is None:
            return None
        drawn = review.corrections.frames.get(place)
        if drawn is not None:
            return drawn
        of_model = review.segmentation.labels
        if self._of_model is None or self._of_model[0] is not of_model or self._of_model[1] != place:
            self._of_model = of_model, place, of_model[place]  # one object as long as it is the same frame
        return self._of_model[2]

    @property
    def pixel_spacing_mm(self) -> tuple[float, float]:
        """Between rows and between columns."""
        review = self._review.decided
        return (1.0, 1.0) if review is None else review.stack.geometry.pixel_spacing_mm

    def pixels(self, place: Place) -> NDArray[np.float32]:
        """Return the image (row, column) of a frame."""
        review = self._review.decided
        assert review is not None
        return np.asarray(review.stack.pixels[place])

    def hold(self, border: Border | None) -> None:
        """Hold a border, or with None take the nearest again."""
        self.held = border
        self.changed.emit()

    def resize(self, steps: float) -> None:
        """Make the disc larger by so many steps of the wheel, parts of a step included, or smaller."""
        low, high = _RADIUS_MM
        self.radius_mm = min(high, max(low, self.radius_mm * _A_STEP**steps))
        self.changed.emit()

    def lines(self, frame: Frame) -> Mapping[Border, Outline]:
        """Return the outlines of a frame (row, column); those of the last one are kept, as the mouse asks often."""
        if self._lines is None or self._lines[0] is not frame:
            self._lines = frame, {border: outline(region(frame, border), self.pixel_spacing_mm) for border in Border}
        return self._lines[1]

    def lacks_lines(self, place: Place) -> bool:
        """Return whether a frame that can be drawn on lacks the border that is held, or has none at all."""
        frame = self.frame(place)
        if frame is None:
            return False
        return not (frame.any() if self.held is None else region(frame, self.held).any())

    def border_near(self, at: Pointer) -> Border | None:
        """Return the border that is held, else the one nearest to the mouse; None in an empty frame."""
        frame = self.frame(at.place)
        if self.held is not None or frame is None:
            return self.held
        return nearest_line(self.lines(frame), frame, point_of(at), pixel_spacing_mm=self.pixel_spacing_mm)

    def border_under(self, at: Pointer) -> Border | None:
        """Return the border that is held, else the one of the structure under the mouse, else the nearest."""
        frame = self.frame(at.place)
        if self.held is not None or frame is None:
            return self.held
        row, column = int(np.floor(at.row)), int(np.floor(at.column))
        if 0 <= row < frame.shape[0] and 0 <= column < frame.shape[1]:
            border = _UNDER.get(Label(int(frame[row, column])))
            if border is not None:
                return border
        return self.border_near(at)


def point_of(at: Pointer) -> Point:
    """Return where the mouse is as tools' geometry takes it: x, y in pixels."""
    return at.column, at.row
