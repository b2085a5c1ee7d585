"""`FirstLook`: how a study is shown when its outlines are there: at ED, the heart large, the greys by the heart."""

from PySide6.QtCore import QObject, QTimer, Slot

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.heart_box import HeartBox, heart_box
from cinecor.measure.moment import Moment
from cinecor.scene.level_window import preset, slice_gains
from cinecor.ui.study.player import Player
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.cine_view import CineView


class FirstLook(QObject):
    """Each of the three is done once a study, and not where the user has done it already."""

    def __init__(self, desk: StudyDesk, cine: CineView, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._cine, self._player = desk, cine, player
        self._levelled = self._gone = True  # nothing is open yet, or the window was made anew for an open study
        self._zoomed = desk.reading.study is None
        self._busy = False  # what moves now is moved here
        self._heart: HeartBox | None = None  # by which the greys are to be chosen
        self._greys = QTimer(self)  # a turn of their own: the first outlines are painted before
        self._greys.setSingleShot(True)
        self._greys.timeout.connect(self._choose_greys)
        desk.reading.opened.connect(self._begin)
        desk.cursor.moved.connect(self._cursor_moved)
        desk.level.changed.connect(self._level_changed)
        cine.viewport.changed.connect(self._view_moved)
        desk.overlays.grown.connect(self._look)
        desk.review.changed.connect(self._look)
        self._look()

    @Slot()
    def _begin(self) -> None:
        self._zoomed = self._levelled = self._gone = False
        self._greys.stop()

    @Slot()
    def _cursor_moved(self) -> None:
        self._gone |= not self._busy

    @Slot()
    def _level_changed(self) -> None:
        self._levelled |= not self._busy

    @Slot()
    def _view_moved(self) -> None:
        self._zoomed |= not self._busy

    @Slot()
    def _look(self) -> None:
        study, shown = self._desk.reading.study, self._desk.overlays.shown
        if study is None or shown is None or self._busy or (self._zoomed and self._levelled and self._gone):
            return
        self._busy = True
        try:
            phases = shown.whole_phases
            wanted = phases.size and not (self._zoomed and self._levelled)
            heart = heart_box(shown.values[:, phases[:1]]) if wanted else None
            if heart is not None and not self._zoomed:  # by the first phase: later ones must not make it jump
                self._cine.viewport.zoom_to(heart)
                self._zoomed = True
            if heart is not None and not self._levelled and not self._greys.isActive():
                self._heart = heart
                self._greys.start(0)
            ed = self._desk.review.phase_of(Moment.ED)
            if ed is not None and not self._gone:
                self._gone = True
                filled = (shown.values[:, ed] == Label.LV).any(axis=(1, 2)).nonzero()[0]
                middle = int(filled[len(filled) // 2]) if filled.size else self._desk.cursor.slice
                self._desk.cursor.go(to_slice=middle, to_phase=None if self._player.playing else ed)
        finally:
            self._busy = False

    def finish(self) -> None:
        """Choose the greys now, if they are still to be chosen: before what is shown is taken into a picture."""
        if self._greys.isActive():
            self._greys.stop()
            self._choose_greys()

    @Slot()
    def _choose_greys(self) -> None:
        study = self._desk.reading.study
        if study is None or self._heart is None or self._levelled:
            return
        self._busy = self._levelled = True
        try:
            self._desk.level.even_out(slice_gains(study.stack.pixels, self._heart))
            self._desk.level.show(preset("auto", study.stack.pixels, self._heart))
        finally:
            self._busy = False
