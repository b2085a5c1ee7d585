"""`Overlays`: the labels over frames, with their outlines: growing while the model works, then the review's."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QPainterPath

from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.segmentation import Label
from cinecor.review import Review
from cinecor.review.borders import Border, Outline, region
from cinecor.scene.cells import cells
from cinecor.scene.outlines import LABEL_OF, outlines, spline
from cinecor.scene.shown_labels import ShownLabels
from cinecor.ui.study.review_model import ReviewModel

_TELL_MS = 60  # masks that come faster are shown together

Place = tuple[int, int]  # (slice, phase)


class Caveat(StrEnum):
    """Why outlines are not those on which the numbers rest; they are dashed then."""

    PROVISIONAL = "provisional"  # not yet cleaned together with the other slices of the phase
    NOT_COUNTED = "not_counted"  # the reader left the slice out here


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """What lies over one frame."""

    labels: NDArray[np.uint8]  # (row, column)
    paths: dict[Label, QPainterPath]  # in pixels: the first one covers 0 to 1 on both axes
    caveat: Caveat | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DraggedLine:
    """A border that is being dragged, finer than the pixels of the labels that it makes."""

    place: Place
    border: Border
    outline: Outline


class Overlays(QObject):
    """Takes what the model outlines, and whatever the review makes of it; paths are made when a frame is shown."""

    replaced = Signal()  # all labels are others
    grown = Signal(tuple)  # outlines came in, in these phases
    redrawn = Signal(tuple)  # the labels of these frames (slice, phase) are others

    def __init__(self, review: ReviewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: ShownLabels | None = None  # None until the model has been asked
        self._review = review
        self._final: Review | None = None  # whose labels are shown, once there are final ones
        self._paths: dict[Place, dict[Label, QPainterPath]] = {}
        self._dragged: DraggedLine | None = None
        self._untold: set[int] = set()
        self._telling = QTimer(self)
        self._telling.setSingleShot(True)
        self._telling.timeout.connect(self._tell)
        review.relabelled.connect(self._show_final)

    # -- what is shown

    @property
    def labels(self) -> NDArray[np.uint8] | None:
        """All labels that are shown, (slice, phase, row, column); None until the model has been asked."""
        return None if self.shown is None else self.shown.values

    def at(self, place: Place) -> Overlay | None:
        """Return what lies over a frame; None where the model has not been yet."""
        labels = None if self.shown is None else self.shown.frame(place)
        if self.shown is None or labels is None:
            return None
        caveat = None
        if not self.shown.final[place]:
            caveat = Caveat.PROVISIONAL
        elif not self._review.counts(place):
            caveat = Caveat.NOT_COUNTED
        paths = self._paths.setdefault(place, {})
        dragged = self._dragged if self._dragged is not None and self._dragged.place == place else None
        missing = [border for border, label in LABEL_OF.items() if label not in paths]
        if dragged is not None and dragged.border in missing:
            missing.remove(dragged.border)
        if missing and self._review.present is not None:
            spacing_mm = self._review.present.stack.geometry.pixel_spacing_mm
            for border, line in outlines(labels, spacing_mm, borders=missing).items():
                paths[LABEL_OF[border]] = path_of(line)
        if dragged is not None:
            paths = paths | {LABEL_OF[dragged.border]: path_of(dragged.outline)}
        return Overlay(labels, paths, caveat)

    def cells(self) -> NDArray[np.uint8] | None:
        """Return the states of all frames, (slice, phase); None until a study is read."""
        review = self._review.present
        return None if review is None else cells(review, found=self._review.result, shown=self.shown)

    # -- what comes in

    def clear(self) -> None:
        """Show nothing, and forget what was to be told."""
        self._show(None)
        self._telling.stop()

    def begin(self, shape: tuple[int, ...]) -> None:
        """Show that the model has been asked for a stack of this shape, and has outlined nothing yet."""
        again = self.shown is not None
        self._show(ShownLabels.none_yet(shape))
        if again:
            self.replaced.emit()

    def take(self, part: OutlinedFrames) -> None:
        """Lay frames that the model has outlined over those that are there."""
        assert self.shown is not None
        self.shown.take(part)
        self._forget(place for place in list(self._paths) if place[1] == part.phase)
        self._untold.add(part.phase)
        if not self._telling.isActive():
            self._telling.start(_TELL_MS)

    @Slot()
    def _tell(self) -> None:
        phases = tuple(sorted(self._untold))
        self._untold.clear()
        if phases and self.shown is not None:
            self.grown.emit(phases)

    def drag(self, line: DraggedLine | None) -> None:
        """Show a border as it is dragged, instead of that of the labels; None: it is let go."""
        self._dragged = line

    @Slot()
    def _show_final(self) -> None:
        review, before = self._review.present, self._final
        if review is None or review.segmentation is None:
            return
        if before is not None and before.segmentation is review.segmentation:
            ours, theirs = before.corrections.frames, review.corrections.frames
            places = tuple(sorted(place for place in {*ours, *theirs} if ours.get(place) is not theirs.get(place)))
            for place in places:
                self._redraw(place, review.corrections.frame(review.segmentation.labels, place))
            self._final = review
            self.redrawn.emit(places)
            return
        labels = review.labels
        assert labels is not None
        paths = self._paths_of(labels)
        self._show(ShownLabels(labels, final=True))
        self._final, self._paths = review, paths
        self.replaced.emit()

    def _paths_of(self, labels: NDArray[np.uint8]) -> dict[Place, dict[Label, QPainterPath]]:
        """Return the paths that are right for other labels too: what was looked at while the model worked stays."""
        shown = None if self.shown is None else self.shown.values
        if shown is None or shown.shape != labels.shape:
            return {}
        return {place: paths for place, paths in self._paths.items() if np.array_equal(shown[place], labels[place])}

    def _redraw(self, place: Place, frame: NDArray[np.uint8]) -> None:
        """Take a frame that is drawn otherwise; lines of borders that were not moved stay."""
        assert self.shown is not None
        old = self.shown.values[place]
        box = _box(old != frame)
        moved = {
            label
            for border, label in LABEL_OF.items()
            if (region(old[box], border) != region(frame[box], border)).any()
        }
        if (old == Label.MYO).any() != (frame == Label.MYO).any():
            moved.add(Label.MYO)  # round a cavity without a wall there is no second line
        paths = self._paths.get(place, {})
        self._paths[place] = {label: path for label, path in paths.items() if label not in moved}
        self.shown.redraw(place, frame)

    def _show(self, labels: ShownLabels | None) -> None:
        self.shown, self._final, self._paths, self._dragged = labels, None, {}, None
        self._untold.clear()

    def _forget(self, places: Iterable[Place]) -> None:
        for place in places:
            self._paths.pop(place, None)


def _box(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns that hold everything that is set."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0), slice(0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def path_of(outline: Outline) -> QPainterPath:
    """Return closed lines as a path of smooth curves; what lies within an odd number of them is inside."""
    path = QPainterPath()
    for line in outline.lines:
        curves = spline(line).tolist()
        path.moveTo(*curves[0][0])
        for _, (x1, y1), (x2, y2), (x3, y3) in curves:
            path.cubicTo(x1, y1, x2, y2, x3, y3)
        path.closeSubpath()
    return path
