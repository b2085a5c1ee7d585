"""`LongAxisCut`: the plane of the cut through a stack: which way it is turned, and where it lies in each slice."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from cinecor.measure.moment import Moment
from cinecor.scene.long_axis import LongAxisPlane, base_is_last, long_axis_plane, usual_angle_degrees
from cinecor.ui.study.overlays import Overlays
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel


class LongAxisCut(QObject):
    """The plane is laid once, at ED or at the first phase that has labels, and stays for all phases."""

    changed = Signal()

    def __init__(
        self, reading: Reading, review: ReviewModel, overlays: Overlays, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._reading, self._review, self._overlays = reading, review, overlays
        self._watchers: set[int] = set()  # the views that show it: a new window's comes before an old one's goes
        self._turned = self._usual = 0.0
        self._plane: LongAxisPlane | None = None
        self._base_is_last: bool | None = None
        self._on_labels = False  # whether the plane follows the ventricles already
        reading.opened.connect(self._lay_anew)
        overlays.replaced.connect(self._lay_anew)
        overlays.grown.connect(self._follow)

    @property
    def angle_degrees(self) -> float:
        """How far the cut is turned about the axis from the image's rows."""
        return (self._usual + self._turned) % 180

    def turn(self, degrees: float) -> None:
        """Turn the cut about the long axis."""
        self._turned = (self._turned + degrees) % 180
        self._lay_anew()

    @property
    def watched(self) -> bool:
        """Whether the cut is in sight: else its line means nothing."""
        return bool(self._watchers)

    def watch(self, view: QObject, *, shows: bool) -> None:
        """Note whether a view shows the cut."""
        (self._watchers.add if shows else self._watchers.discard)(id(view))
        self.changed.emit()

    def turn_through(self, index: int, *, row: float, column: float) -> None:
        """Turn the cut so that it goes through a place of a slice, in pixels; on the axis it stays as it is."""
        plane = self.plane()
        study = self._reading.study
        if plane is None or study is None:
            return
        centre = plane.centres_px[index] + 0.5
        row_mm, column_mm = study.stack.geometry.pixel_spacing_mm
        down, right = (row - centre[0]) * row_mm, (column - centre[1]) * column_mm
        if math.hypot(down, right) > 1.0:
            self.turn(math.degrees(math.atan2(down, right)) - self.angle_degrees)

    def plane(self) -> LongAxisPlane | None:
        """Return the plane; None while no study is read."""
        study, shown = self._reading.study, self._overlays.shown
        if self._plane is None and study is not None:
            labels, phase = None, 0
            if shown is not None and shown.whole_phases.size:
                labels, phase = shown.values, int(shown.whole_phases[0])
            ed = self._review.phase_of(Moment.ED)
            if ed is not None:
                phase = ed
            if labels is not None:
                self._usual = usual_angle_degrees(labels[:, phase], study.stack.geometry.pixel_spacing_mm)
            asked = None if study.stack.nifti is None else labels
            self._base_is_last = None if asked is None else base_is_last(asked[:, phase])
            self._plane = long_axis_plane(study.stack, labels, phase=phase, angle_degrees=self.angle_degrees)
            self._on_labels = labels is not None
        return self._plane

    @property
    def base_is_last(self) -> bool | None:
        """Whether the last slice is the basal one: of a NIfTI file, whose header does not tell; None: not known."""
        study = self._reading.study
        if study is not None and study.stack.nifti is None:
            return False  # a DICOM stack is laid from base to apex when it is read
        return None if self.plane() is None else self._base_is_last

    def line_px(self, index: int) -> NDArray[np.float64] | None:
        """Return the ends (2, 2: x, y in pixels) of the line on which the cut meets a slice; None without a study."""
        plane = self.plane()
        if plane is None or index >= len(plane.row_index):
            return None
        rows, columns = plane.row_index[index], plane.column_index[index]
        return np.array([[columns[0], rows[0]], [columns[-1], rows[-1]]]) + 0.5

    @Slot()
    def _lay_anew(self) -> None:
        self._plane = None
        self.changed.emit()

    @Slot(tuple)
    def _follow(self, _: tuple[int, ...]) -> None:
        shown = self._overlays.shown
        if not self._on_labels and shown is not None and shown.whole_phases.size:
            self._lay_anew()
