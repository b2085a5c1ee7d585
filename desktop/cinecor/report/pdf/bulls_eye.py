"""The bull's-eyes: wall thickness at end-diastole and thickening, in the segments that short-axis slices see."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from cinecor.message import Message
from cinecor.report.pdf.sheet import INK, LINE, MARGIN, QUIET, RIGHT, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import RegionalFacts

_RINGS: Final = ((range(1, 7), 1.0, 0.70), (range(7, 13), 0.70, 0.40), (range(13, 17), 0.40, 0.14))
_STEPS: Final = 14  # points along an arc
# Light to dark in even steps of lightness, one hue: read alike by everybody, and in grey.
_SCALE: Final = ("#eff3ff", "#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c")
_NOTHING: Final = "#ffffff"
_RADIUS: Final = 50.0
WALL_HEIGHT: Final = 2 * _RADIUS + 20.0
THICKENING: Final = Message("report_thickening", "Thickening (%)")
_SHOWN: Final = (
    (Message("report_thickness", "Wall thickness at ED (mm)"), "ed_mm", (4.0, 14.0), 1),
    (THICKENING, "thickening_percent", (0.0, 100.0), 0),
)


def draw_wall(sheet: Sheet, y: float, regional: RegionalFacts, *, words: Words) -> float:
    """Draw both bull's-eyes from `y` on, with what is needed to read them; where they end comes back."""
    middle = y + _RADIUS + 8
    for number, (title, field, ends, decimals) in enumerate(_SHOWN):
        values = {one.segment: getattr(one, field) for one in regional.segments}
        centre = (MARGIN + _RADIUS + number * (2 * _RADIUS + 40), middle)
        sheet.centred(centre[0], y + 2, words.say(title), size=7, colour=QUIET)
        _draw_bulls_eye(sheet, centre, values=values, ends=ends, decimals=decimals, words=words)
    x = MARGIN + 4 * _RADIUS + 60
    line = y + 10
    for message in _told(regional):
        line = sheet.paragraph(x, line, words.say(message), width=RIGHT - x, size=7, colour=QUIET) + 2
    return y + WALL_HEIGHT


def _told(regional: RegionalFacts) -> Iterator[Message]:
    yield Message(
        "report_bulls_eye",
        "Segments 1 to 16 of the AHA: anterior above, septum on the left, apex in the middle. The apex itself (17) "
        "lies beyond short-axis slices.",
    )
    yield Message("report_through_plane", "At ES a slice shows other muscle than at ED, because the base descends.")
    if regional.mid_wall_ed_mm is not None:
        yield Message(
            "report_mid_wall", "Mean thickness of the mid ring at ED: {mm:.1f} mm.", mm=regional.mid_wall_ed_mm
        )
    if regional.peak_dispersion_ms is not None:
        yield Message(
            "report_dispersion",
            "Standard deviation of the time to peak thickening: {ms:.0f} ms.",
            ms=regional.peak_dispersion_ms,
        )
    if regional.orientation == "reader":
        yield Message("report_orientation_reader", "The insertion points were set by the reader.")


def _draw_bulls_eye(
    sheet: Sheet,
    centre: tuple[float, float],
    *,
    values: Mapping[int, float | None],
    ends: tuple[float, float],
    decimals: int,
    words: Words,
) -> None:
    """Draw segments 1 to 16: the anterior wall above and the septum on the left; `ends` are those of the scale."""
    for numbers, outer, inner in _RINGS:
        width = 360.0 / len(numbers)
        for place, number in enumerate(numbers):
            middle = 90.0 + width * place
            value = values.get(number)
            wedge = _arc(centre, outer, middle, width) + _arc(centre, inner, middle, width)[::-1]
            sheet.area(wedge, fill=_NOTHING if value is None else _colour(value, ends), stroke=LINE)
            x, y = _point(centre, (outer + inner) / 2, middle)
            dark = value is not None and _share(value, ends) > 0.6
            said = words.number(value, decimals)
            sheet.text(x, y + 2.2, said, size=6.2, colour="#ffffff" if dark else INK, align="centre")


def _arc(centre: tuple[float, float], radius: float, middle: float, width: float) -> list[tuple[float, float]]:
    return [_point(centre, radius, middle + width * (step / _STEPS - 0.5)) for step in range(_STEPS + 1)]


def _point(centre: tuple[float, float], radius: float, degrees: float) -> tuple[float, float]:
    turn = math.radians(degrees)
    return centre[0] + _RADIUS * radius * math.cos(turn), centre[1] - _RADIUS * radius * math.sin(turn)


def _share(value: float, ends: tuple[float, float]) -> float:
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)


def _colour(value: float, ends: tuple[float, float]) -> str:
    return _SCALE[round(_share(value, ends) * (len(_SCALE) - 1))]
