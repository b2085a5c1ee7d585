"""`ControlBar`: play, the phase slider, speed, and how labels are laid over the images."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from cinecor.app.settings import BY_NAME, Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.icons import icon
from cinecor.ui.look.names import choice_name, setting_name, structure_name
from cinecor.ui.look.texts import tr, tr_as
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.player import Player
from cinecor.ui.study.reading import Reading

_SPEEDS = ("heart", 5, 10, 15, 20, 30, 60)
_ROOM_PX = 6  # beside the time


class ControlBar(QWidget):
    """One row below the images."""

    structures_changed = Signal(frozenset)  # of Label

    def __init__(
        self,
        reading: Reading,
        cursor: Cursor,
        player: Player,
        *,
        settings: Settings,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._cursor, self._player = reading, cursor, player
        self._settings, self._theme = settings, theme
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(8)
        self.play = QToolButton()
        self.play.setIconSize(QSize(16, 16))
        self.play.setToolTip(tr("Play or pause (Space)"))
        self.play.setAccessibleName(tr("Play or pause (Space)"))
        self.play.clicked.connect(player.toggle)
        row.addWidget(self.play)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Phase"))
        self.slider.setMinimumWidth(90)
        self.slider.valueChanged.connect(self._slid)
        row.addWidget(self.slider, 1)
        self.time = QLabel()
        self.time.setProperty("quiet", True)
        row.addWidget(self.time)
        self.speed = ChoiceBox()
        self.speed.setToolTip(tr("Playing speed"))
        self.speed.setAccessibleName(tr("Playing speed"))
        for speed in _SPEEDS:
            self.speed.addItem(
                tr_as("playing speed", "Heart rate") if speed == "heart" else tr("{fps} fps", fps=speed), speed
            )
        self.speed.activated.connect(self._chose_speed)
        row.addWidget(self.speed)
        self.overlay = ChoiceBox()
        self.overlay.setToolTip(tr("Overlay (O)"))
        self.overlay.setAccessibleName(tr("Overlay (O)"))
        for name in ("outline", "fill", "both", "off"):
            self.overlay.addItem(choice_name("overlay", name), name)
        self.overlay.activated.connect(lambda _: settings.change("overlay", self.overlay.currentData()))
        row.addWidget(self.overlay)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setFixedWidth(70)
        self.opacity.setToolTip(setting_name(BY_NAME["overlay_opacity"]))
        self.opacity.setAccessibleName(setting_name(BY_NAME["overlay_opacity"]))
        self.opacity.valueChanged.connect(lambda value: settings.change("overlay_opacity", value))
        row.addWidget(self.opacity)
        self.structures: dict[Label, QToolButton] = {}
        for label in (Label.LV, Label.MYO, Label.RV):
            name, colour = structure_name(label), theme.structure(label).name()
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setChecked(True)
            button.setToolTip(tr("Show or hide {name}", name=name))
            button.setStyleSheet(
                f"QToolButton {{ color: {theme.quiet}; }}"
                f"QToolButton:checked {{ background: transparent; color: {colour}; border-color: {colour};"
                " font-weight: 600; }"
                f"QToolButton:focus {{ border: 2px solid {theme.text}; }}"
            )
            button.toggled.connect(self._toggled)
            self.structures[label] = button
            row.addWidget(button)
        for widget in (self.play, self.slider, self.speed, self.overlay, self.opacity, *self.structures.values()):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the arrow keys from the views
        player.playing_changed.connect(self._show_playing)
        reading.opened.connect(self.refresh)
        cursor.phase_moved.connect(self._show_phase)
        self._show_playing(player.playing)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the settings and the size of the stack."""
        settings, study = self._settings, self._reading.study
        self.setEnabled(study is not None)
        self.overlay.setMinimumWidth(self.overlay.sizeHint().width())  # wider in the scheme than when it was laid out
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, self._cursor.phases - 1))
        self.slider.blockSignals(False)
        # Of one size whatever it says: a text that may move others has the whole window laid out and painted anew.
        room = self.time.fontMetrics().boundingRect(self._time_text(self._cursor.phases - 1))
        self.time.setFixedSize(room.width() + _ROOM_PX, room.height() + _ROOM_PX)
        speed: object = "heart" if settings.text("speed") == "heart" else settings.number("fps")
        at = self.speed.findData(speed)
        if at < 0:
            self.speed.addItem(tr("{fps} fps", fps=speed), speed)
            at = self.speed.count() - 1
        self.speed.setCurrentIndex(at)
        self.overlay.setCurrentIndex(self.overlay.findData(settings.text("overlay")))
        self.opacity.blockSignals(True)
        self.opacity.setValue(settings.number("overlay_opacity"))
        self.opacity.blockSignals(False)
        self.opacity.setEnabled(settings.text("overlay") in ("fill", "both"))
        self._show_phase()

    def show_all(self, everything: bool) -> None:
        """Leave out, on a narrow window, what is also shown on the image or set in the settings."""
        self.time.setVisible(everything)
        self.opacity.setVisible(everything)

    @Slot()
    def _show_phase(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(self._cursor.phase)
        self.slider.blockSignals(False)
        self.time.setText("" if self._reading.study is None else self._time_text(self._cursor.phase))

    def _time_text(self, phase: int) -> str:
        study = self._reading.study
        times_ms = None if study is None else study.stack.phase_times_ms
        told = f"{phase + 1} / {self._cursor.phases}"
        return told if times_ms is None else f"{told} · {times_ms[phase]:.0f} ms"

    @Slot(bool)
    def _show_playing(self, playing: bool) -> None:
        self.play.setIcon(icon("pause" if playing else "play", self._theme.text))

    @Slot(int)
    def _slid(self, phase: int) -> None:
        self._player.stop()
        self._cursor.go(to_phase=phase)

    @Slot()
    def _chose_speed(self) -> None:
        speed = self.speed.currentData()
        if speed != "heart":
            self._settings.change("fps", speed)
        self._settings.change("speed", "heart" if speed == "heart" else "fps")

    @Slot()
    def _toggled(self) -> None:
        shown = frozenset(label for label, button in self.structures.items() if button.isChecked())
        self.structures_changed.emit(shown)
