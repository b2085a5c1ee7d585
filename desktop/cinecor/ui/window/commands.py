"""`Commands`: what each action does; names are those of the table of actions."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cinecor.measure.moment import Moment
from cinecor.review import DropSlice, SetPhase, ToggleSlice
from cinecor.scene.level_window import preset
from cinecor.ui.look.texts import tr
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.study_page import StudyPage

if TYPE_CHECKING:
    from cinecor.ui.window.window import Window

_ZOOM_STEP = 1.25
_SPEEDS = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60)
_OVERLAYS = ("outline", "fill", "both")


class Commands(QObject):
    """Runs actions on the study in front of the window."""

    def __init__(self, window: "Window") -> None:
        super().__init__(window)
        self._window = window
        self._overlay_before = "outline"

    @property
    def _page(self) -> StudyPage:
        page = self._window.page
        assert page is not None  # actions that need a study are disabled without one
        return page

    @property
    def _desk(self) -> StudyDesk:
        return self._page.desk

    # -- file

    def open_folder(self) -> None:
        self._window.open_folder()

    def open_file(self) -> None:
        self._window.open_file()

    def open_demo(self) -> None:
        self._window.open_demo()

    def clear_recent(self) -> None:
        self._window.recent.clear()
        self._window.welcome.refresh()

    def save_results(self) -> None:
        self._window.saving.results(self._page)

    def save_picture(self) -> None:
        self._window.saving.picture(self._page)

    def save_animation(self) -> None:
        self._window.saving.animation(self._page)

    def save_curves(self) -> None:
        self._window.saving.curves(self._page)

    def close_study(self) -> None:
        self._window.leave_page(self._page)

    def quit(self) -> None:
        self._window.close()

    # -- edit

    def undo(self) -> None:
        self._desk.undo()

    def redo(self) -> None:
        self._desk.redo()

    def toggle_slice_ed(self) -> None:
        self._toggle(Moment.ED)

    def toggle_slice_es(self) -> None:
        self._toggle(Moment.ES)

    def _toggle(self, moment: Moment) -> None:
        review, index = self._desk.review, self._desk.cursor.slice
        if review is None or self._desk.measures is None:
            return
        if index in review.dropped:
            self._page.messages.show_text(tr("matrix.dropped", slice=index))
        else:
            self._desk.edit(ToggleSlice(index, moment))

    def drop_slice(self) -> None:
        self._desk.edit(DropSlice(self._desk.cursor.slice))

    def set_ed(self) -> None:
        self._desk.edit(SetPhase(Moment.ED, self._desk.cursor.phase))

    def set_es(self) -> None:
        self._desk.edit(SetPhase(Moment.ES, self._desk.cursor.phase))

    def reset_moments(self) -> None:
        for moment in Moment:
            self._desk.edit(SetPhase(moment, None))

    def settings(self) -> None:
        self._window.show_settings()

    # -- go

    def slice_up(self) -> None:
        self._desk.cursor.step(slices=-1)

    def slice_down(self) -> None:
        self._desk.cursor.step(slices=1)

    def slice_base(self) -> None:
        self._desk.cursor.go(to_slice=0)

    def slice_apex(self) -> None:
        self._desk.cursor.go(to_slice=self._desk.cursor.last_slice)

    def phase_back(self) -> None:
        self._desk.cursor.step(phases=-1)

    def phase_on(self) -> None:
        self._desk.cursor.step(phases=1)

    def go_ed(self) -> None:
        measures = self._desk.measures
        if measures is not None and measures.moments.ed is not None:
            self._desk.cursor.go(to_phase=measures.moments.ed)

    def go_es(self) -> None:
        measures = self._desk.measures
        if measures is not None and measures.moments.es is not None:
            self._desk.cursor.go(to_phase=measures.moments.es)

    def play(self) -> None:
        self._page.player.toggle()

    def faster(self) -> None:
        self._change_speed(1)

    def slower(self) -> None:
        self._change_speed(-1)

    def _change_speed(self, by: int) -> None:
        settings, page = self._window.settings, self._page
        if self._desk.study is None:
            return
        now = 1000.0 / page.player.timeline().step_ms
        others = [speed for speed in _SPEEDS if (speed > now + 0.5 if by > 0 else speed < now - 0.5)]
        if others:
            settings.change("fps", others[0] if by > 0 else others[-1])
            settings.change("speed", "fps")

    # -- view

    def layout_1(self) -> None:
        self._window.settings.change("layout", "1")

    def layout_2(self) -> None:
        self._window.settings.change("layout", "2")

    def layout_3(self) -> None:
        self._window.settings.change("layout", "3")

    def layout_4(self) -> None:
        self._window.settings.change("layout", "4")

    def grid_mode(self) -> None:
        settings = self._window.settings
        settings.change("grid", "phases" if settings.text("grid") == "slices" else "slices")
        settings.change("layout", "3")

    def study_panel(self) -> None:
        settings = self._window.settings
        settings.change("study_panel", not settings.flag("study_panel"))

    def overlay(self) -> None:
        settings = self._window.settings
        if settings.text("overlay") == "off":
            settings.change("overlay", self._overlay_before)
        else:
            self._overlay_before = settings.text("overlay")
            settings.change("overlay", "off")

    def overlay_style(self) -> None:
        settings = self._window.settings
        now = settings.text("overlay")
        following = _OVERLAYS[(_OVERLAYS.index(now) + 1) % len(_OVERLAYS)] if now in _OVERLAYS else _OVERLAYS[0]
        settings.change("overlay", following)

    def interpolation(self) -> None:
        settings = self._window.settings
        settings.change("interpolation", "pixel" if settings.text("interpolation") == "smooth" else "smooth")

    def level_auto(self) -> None:
        self._level("auto")

    def level_bright(self) -> None:
        self._level("bright")

    def level_dark(self) -> None:
        self._level("dark")

    def level_full(self) -> None:
        self._level("full")

    def _level(self, name: str) -> None:
        if self._desk.study is not None:
            self._desk.set_level(preset(name, self._desk.study.stack.pixels))

    def zoom_in(self) -> None:
        self._page.cine.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        self._page.cine.zoom_by(1 / _ZOOM_STEP)

    def fit(self) -> None:
        self._page.cine.fit()

    def zoom_heart(self) -> None:
        self._page.cine.zoom_to_heart()

    def turn_cut(self) -> None:
        self._page.long_axis.turn(10)

    def theme(self) -> None:
        settings = self._window.settings
        settings.change("theme", "light" if self._window.theme.name == "dark" else "dark")

    def full_screen(self) -> None:
        self._window.showNormal() if self._window.isFullScreen() else self._window.showFullScreen()

    # -- study, help

    def segment(self) -> None:
        self._desk.segment()

    def stop(self) -> None:
        self._page.player.stop()
        self._desk.cancel()

    def audit(self) -> None:
        self._window.show_audit()

    def take_series(self) -> None:
        self._window.settings.change("study_panel", True)
        self._page.panel.tree.setFocus()

    def next_study(self) -> None:
        self._window.next_page()

    def palette(self) -> None:
        self._window.show_palette()

    def key_sheet(self) -> None:
        self._window.show_key_sheet()

    def device(self) -> None:
        self._window.show_device()

    def licences(self) -> None:
        self._window.show_licences()

    def about(self) -> None:
        self._window.show_about()
