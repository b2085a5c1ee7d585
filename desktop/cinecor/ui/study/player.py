"""`Player`: moves the cursor through the cycle at the heart's own speed, or at a chosen one."""

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from cinecor.app.settings import Settings
from cinecor.scene.timeline import Timeline, timeline_at, true_timeline
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel

_TICK_MS = 8  # finer than any screen refreshes; nothing is painted unless the phase changes


class Player(QObject):
    """Plays one study; the phase follows the clock, so that a slow machine drops phases and keeps the beat."""

    playing_changed = Signal(bool)

    def __init__(
        self,
        reading: Reading,
        review: ReviewModel,
        cursor: Cursor,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._review, self._cursor, self._settings = reading, review, cursor, settings
        self._clock = QElapsedTimer()
        self._start_phase = self._shown = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        """Whether the heart beats."""
        return self._timer.isActive()

    def play(self) -> None:
        """Start from the phase that is shown."""
        if self._reading.study is None or self._reading.study.stack.phases < 2 or self.playing:
            return
        self._restart()
        self._timer.start()
        self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stop where it is."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play or stop."""
        self.stop() if self.playing else self.play()

    def timeline(self) -> Timeline:
        """Return the cycle that is played."""
        study, review = self._reading.study, self._review.present
        assert study is not None
        assert review is not None
        settings = self._settings
        if settings.text("speed") == "fps":
            return timeline_at(study.stack, settings.number("fps"))
        return true_timeline(study.stack, review.body.heart_rate_bpm)

    def _restart(self) -> None:
        self._start_phase = self._shown = self._cursor.phase
        self._clock.start()

    @Slot()
    def _tick(self) -> None:
        cursor = self._cursor
        if cursor.phase != self._shown:  # the user went elsewhere meanwhile
            self._restart()
        phase = self.timeline().phase_at(self._clock.elapsed(), start=self._start_phase)
        if phase != self._shown:
            self._shown = phase
            cursor.go(to_phase=phase)
