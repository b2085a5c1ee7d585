"""The volume curves of both ventricles over the cycle, with ED and ES."""

from itertools import pairwise
from typing import Final

from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.pdf.sheet import INK, LINE, LV, QUIET, RV, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results

PHASE: Final = Message("report_phase", "Phase")
_STEPS: Final = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000)
_LEFT, _BELOW, _ABOVE = 22.0, 22.0, 22.0


def draw_curves(
    sheet: Sheet, x: float, y: float, *, width: float, height: float, results: Results, words: Words
) -> None:
    """Draw the curves in a rectangle whose upper left corner is at (x, y); over phases where no times are known."""
    times = results.stack.phase_times_ms
    along = (
        [float(time) for time in times] if times is not None else [phase + 1.0 for phase in range(results.stack.phases)]
    )
    curves = {Ventricle.LV: (results.volumes_ml.lv, LV), Ventricle.RV: (results.volumes_ml.rv, RV)}
    highest = max((value for values, _ in curves.values() for value in values), default=0.0)
    if len(along) < 2 or highest <= 0 or any(later <= earlier for earlier, later in pairwise(along)):
        sheet.text(x, y + 20, words.say(Message("report_no_curve", "No volume curve.")), size=7.5, colour=QUIET)
        return
    step = next((one for one in _STEPS if highest / one <= 5), _STEPS[-1])
    top = step * (int(highest / step) + 1)
    plot_width, plot_height = width - _LEFT, height - _BELOW - _ABOVE
    first, last = along[0], along[-1]

    def at(position: float, value: float) -> tuple[float, float]:
        across = (position - first) / (last - first) * plot_width
        return x + _LEFT + across, y + _ABOVE + plot_height * (1 - value / top)

    for value in range(0, top + 1, step):
        start, _ = at(first, value), None
        sheet.line([start, at(last, value)], colour=LINE, width=0.4)
        sheet.text(x + _LEFT - 4, start[1] + 2.5, words.number(value, 0), size=6.5, colour=QUIET, align="right")
    tick = next((one for one in _STEPS if (last - first) / one <= 6), _STEPS[-1])
    position = tick * -(-int(first) // tick)
    while position <= last:
        place = at(position, 0)
        if position >= first:
            sheet.text(place[0], place[1] + 9, words.number(position, 0), size=6.5, colour=QUIET, align="centre")
        position += tick
    axis = Message("report_time_axis", "Time after the trigger (ms)") if times is not None else PHASE
    sheet.text(x + _LEFT + plot_width / 2, y + height - 4, words.say(axis), size=6.5, colour=QUIET, align="centre")
    sheet.text(x, y + 5, words.say(Message("report_volume_axis", "Volume (mL)")), size=6.5, colour=QUIET)
    for moment, phase in ((Moment.ED, results.ed_phase), (Moment.ES, results.es_phase)):
        if phase is not None:
            low, high = at(along[phase], 0), at(along[phase], top)
            sheet.line([low, high], colour=QUIET, width=0.6, dashed=True)
            label = words.say(
                Message("report_moment_mark", "{moment} ({phase})", moment=moment.message, phase=phase + 1)
            )
            beyond = high[0] > x + width - 24
            sheet.text(
                high[0], high[1] - 3, label, size=6.5, bold=True, colour=INK, align="right" if beyond else "left"
            )
    key = x + width
    # A slice left out at one moment would notch the line there: it runs through the other phases, and a dot tells it.
    left_out = results.choices.slices_left_out
    apart = {
        phase
        for phase, slices in ((results.ed_phase, left_out.ed), (results.es_phase, left_out.es))
        if phase is not None and slices
    }
    if len(along) < len(apart) + 2:
        apart = set()
    for ventricle, (values, colour) in reversed(curves.items()):
        if not any(values):
            continue
        key -= sheet.text(key, y + 5, words.say(ventricle.message), size=7, bold=True, colour=colour, align="right") + 6
        sheet.line(
            [at(along[phase], value) for phase, value in enumerate(values) if phase not in apart],
            colour=colour,
            width=1.2,
        )
        for phase in sorted(apart):
            sheet.dot(*at(along[phase], values[phase]), radius=2.0, fill=colour)
