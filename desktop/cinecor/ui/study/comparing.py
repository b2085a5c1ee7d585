"""`Comparing`: other readings beside the reader's own: the model's, and one that a folder of results holds."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QPainterPath

from cinecor.app.other_reading import (
    Comparison,
    FrameDifference,
    OtherReading,
    Whose,
    compared,
    ef_change,
    frame_difference,
    reading_of_model,
)
from cinecor.errors import CinecorError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Review
from cinecor.scene.outlines import LABEL_OF, outlines
from cinecor.ui.look.failure import Failure, failure_of
from cinecor.ui.study.overlays import Place, path_of
from cinecor.ui.study.review_model import ReviewModel


class Comparing(QObject):
    """Their outlines as paths, and what differs, in the frame that is shown and in all of them."""

    changed = Signal()  # other readings are shown
    failed = Signal(Failure)

    def __init__(self, review: ReviewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self._other: OtherReading | None = None
        self._with_model = False
        self._model: tuple[Review, OtherReading | None] | None = None  # made of this review's model and convention
        self._paths: dict[tuple[Whose, Place], dict[Label, QPainterPath]] = {}
        review.changed.connect(self._follow)

    @property
    def readings(self) -> dict[Whose, OtherReading]:
        """What lies beside the reader's own now."""
        model = self._model[1] if self._with_model and self._model is not None else None
        found = {Whose.MODEL: model, Whose.OTHER: self._other}
        return {whose: reading for whose, reading in found.items() if reading is not None}

    def shows(self, whose: Whose) -> bool:
        """Return whether a reading is shown."""
        return whose in self.readings

    def show_model(self) -> None:
        """Lay the model's own outlines beside the reader's."""
        self._with_model = True
        self._follow()
        self.changed.emit()

    def show_other(self, reading: OtherReading) -> None:
        """Lay the reading of a folder of results beside the reader's, in the place of another folder's."""
        self._other = reading
        self._forget_paths(Whose.OTHER)
        self.changed.emit()

    def hide(self, whose: Whose) -> None:
        """Take a reading away."""
        if whose is Whose.MODEL:
            self._with_model, self._model = False, None
        else:
            self._other = None
        self._forget_paths(whose)
        self.changed.emit()

    @Slot()
    def clear(self) -> None:
        """Take all of them away: another stack is open."""
        if self._with_model or self._other is not None:
            for whose in Whose:
                self.hide(whose)

    def paths_at(self, place: Place) -> dict[Whose, dict[Label, QPainterPath]]:
        """Return the outlines of every reading over a frame, as paths in pixels."""
        review = self._review.decided
        if review is None:
            return {}
        spacing_mm = review.stack.geometry.pixel_spacing_mm
        shown = {}
        for whose, reading in self.readings.items():
            key = whose, place
            if key not in self._paths:
                borders = [border for border, label in LABEL_OF.items() if label in reading.structures(place)]
                lines = outlines(reading.labels[place], spacing_mm, borders=borders)
                self._paths[key] = {LABEL_OF[border]: path_of(line) for border, line in lines.items()}
            shown[whose] = self._paths[key]
        return shown

    def difference_at(self, whose: Whose, place: Place) -> FrameDifference | None:
        """Return how a reading differs from what counts of the reader's in a frame; None where it says nothing."""
        review, session = self._review.present, self._review.session
        reading = self.readings.get(whose)
        if reading is None or review is None or review.segmentation is None or session is None or session.live is None:
            return None
        mine = session.live.rule.counted(place, review.corrections.frame(review.segmentation.labels, place))
        if not self._review.counts(place):
            mine = mine * 0
        structures = reading.structures(place)
        if not structures:
            return None
        theirs = reading.labels[place]
        return frame_difference(mine, theirs, place, structures=structures, geometry=review.stack.geometry)

    def ef_change(self, whose: Whose) -> dict[Ventricle, float | None]:
        """Return the reader's ejection fractions less those of a reading, in points."""
        reading, result = self.readings.get(whose), self._review.result
        if reading is None or result is None:
            return dict.fromkeys(Ventricle)
        return ef_change(result, reading)

    def all_frames(self, whose: Whose) -> Comparison | None:
        """Return what differs in all frames; None before there are numbers."""
        review, result, reading = self._review.decided, self._review.result, self.readings.get(whose)
        return None if review is None or result is None or reading is None else compared(review, result, reading)

    @Slot()
    def _follow(self) -> None:
        """Make the model's reading anew where another model's outlines, or another convention, are in use."""
        review = self._review.decided
        if not self._with_model or review is None or review.segmentation is None:
            return
        made = None if self._model is None else self._model[0]
        if (
            made is not None
            and made.segmentation is review.segmentation
            and made.papillaries == review.papillaries
            and made.base is review.base
            and (not review.by_parts or made.valves == review.valves)
            and made.body == review.body
        ):
            return
        try:
            self._model = review, reading_of_model(review)
        except CinecorError as error:
            self._model = review, None
            self.failed.emit(failure_of(error))
        self._forget_paths(Whose.MODEL)
        self.changed.emit()

    def _forget_paths(self, whose: Whose) -> None:
        self._paths = {key: paths for key, paths in self._paths.items() if key[0] is not whose}
