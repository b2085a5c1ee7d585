"""The menu Go: through slices and phases."""

from typing import Final

from cinecor.measure.moment import Moment
from cinecor.ui.look.texts import N_
from cinecor.ui.window.command import AtStudy, Menu

GO: Final = Menu(N_("Go"), repeats=True)

_SPEEDS = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60)  # phases a second


@GO.study_command(N_("Slice towards the base"), "Up")
def slice_up(at: AtStudy) -> None:
    """Go one slice towards the base."""
    at.desk.cursor.step(slices=-1)


@GO.study_command(N_("Slice towards the apex"), "Down")
def slice_down(at: AtStudy) -> None:
    """Go one slice towards the apex."""
    at.desk.cursor.step(slices=1)


@GO.study_command(N_("First slice (base)"), "Home")
def slice_base(at: AtStudy) -> None:
    """Go to the most basal slice."""
    at.desk.cursor.go(to_slice=at.desk.cursor.rows[0])


@GO.study_command(N_("Last slice (apex)"), "End")
def slice_apex(at: AtStudy) -> None:
    """Go to the most apical slice."""
    at.desk.cursor.go(to_slice=at.desk.cursor.rows[-1])


@GO.study_command(N_("Phase before"), "Left", separated=True)
def phase_back(at: AtStudy) -> None:
    """Go one phase back."""
    at.desk.cursor.step(phases=-1)


@GO.study_command(N_("Next phase"), "Right")
def phase_on(at: AtStudy) -> None:
    """Go one phase on."""
    at.desk.cursor.step(phases=1)


@GO.study_command(N_("End-diastole"), "D")
def go_ed(at: AtStudy) -> None:
    """Go to ED."""
    at.desk.cursor.go(to_phase=at.desk.review.phase_of(Moment.ED))


@GO.study_command(N_("End-systole"), "S")
def go_es(at: AtStudy) -> None:
    """Go to ES."""
    at.desk.cursor.go(to_phase=at.desk.review.phase_of(Moment.ES))


@GO.study_command(N_("Play or pause"), "Space", separated=True, also=N_("cine movie loop"))
def play(at: AtStudy) -> None:
    """Let the heart beat, or stop it."""
    at.page.player.toggle()


@GO.study_command(N_("Faster"), ".")
def faster(at: AtStudy) -> None:
    """Play at the next higher speed."""
    _change_speed(at, 1)


@GO.study_command(N_("Slower"), ",")
def slower(at: AtStudy) -> None:
    """Play at the next lower speed."""
    _change_speed(at, -1)


def _change_speed(at: AtStudy, by: int) -> None:
    settings = at.bench.settings
    if at.desk.reading.study is None:
        return
    now = 1000.0 / at.page.player.timeline().step_ms
    others = [speed for speed in _SPEEDS if (speed > now + 0.5 if by > 0 else speed < now - 0.5)]
    if others:
        settings.change("fps", others[0] if by > 0 else others[-1])
        settings.change("speed", "fps")
