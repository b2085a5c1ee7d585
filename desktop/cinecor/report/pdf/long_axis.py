"""Long-axis views with the lines of valves that a reader drew, at ED and ES, and what the lines tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.moment import Moment, same_moment
from cinecor.measure.quantity import EXCURSIONS
from cinecor.message import Message
from cinecor.report.pdf.key_images import clipped, grey_picture, span
from cinecor.report.pdf.sheet import MARGIN, OVER_IMAGES, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results, ValveLineFacts
from cinecor.study.image_plane import ImagePlane

SIDE: Final = 118.0
_GAP: Final = 6.0
_ACROSS: Final = 4  # pictures in a row
_SHOWN_MM: Final = 150.0
_SAME_PLANE_MM: Final = 0.5
_COLOURS: Final = {"mitral": OVER_IMAGES["lv"], "tricuspid": OVER_IMAGES["rv"]}


@dataclass(frozen=True, slots=True, eq=False)
class LongAxisView:
    """One long-axis cine: what it is called, its pictures and where they lie."""

    name: Message
    pixels: NDArray[np.float32]  # (phase, row, column)
    plane: ImagePlane


def excursions(results: Results, words: Words) -> str | None:
    """Return MAPSE and TAPSE in a sentence, without one that no line tells; None where neither is known.

    Each with a `?` where it is in doubt.
    """
    facts = results.valve_planes
    if facts is None or (facts.mapse_mm is None and facts.tapse_mm is None):
        return None
    mapse, tapse = (
        words.number(one.of(facts), 1) + ("?" if results.quality.doubts(one, ventricle) else "")
        for one in EXCURSIONS
        for ventricle in one.codes
    )
    if facts.tapse_mm is None:
        only = Message("report_mapse", "MAPSE {mapse} mm, by the valve lines that the reader drew.", mapse=mapse)
        return words.say(only)
    if facts.mapse_mm is None:
        only = Message("report_tapse", "TAPSE {tapse} mm, by the valve lines that the reader drew.", tapse=tapse)
        return words.say(only)
    return words.say(
        Message(
            "report_excursions",
            "MAPSE {mapse} mm, TAPSE {tapse} mm, by the valve lines that the reader drew.",
            mapse=mapse,
            tapse=tapse,
        )
    )


def height_of(views: Sequence[LongAxisView], results: Results) -> float:
    """Return how much room the pictures take."""
    count = len(list(_pictures(views, results)))
    return -(-count // _ACROSS) * (SIDE + 14)


def draw_long_axis(sheet: Sheet, y: float, views: Sequence[LongAxisView], results: Results, *, words: Words) -> None:
    """Draw each view with a line at ED and ES, from `y` on."""
    for number, (view, moment, phase, lines) in enumerate(_pictures(views, results)):
        left = MARGIN + number % _ACROSS * (SIDE + _GAP)
        top = y + number // _ACROSS * (SIDE + 14)
        _draw(sheet, (left, top), view, phase, lines)
        said = Message("report_view", "{view}, {moment}", view=view.name, moment=moment.message)
        sheet.fitted(left, top + SIDE + 8, words.say(said), width=SIDE, size=6.5)


def _pictures(
    views: Sequence[LongAxisView], results: Results
) -> Iterator[tuple[LongAxisView, Moment, int, list[ValveLineFacts]]]:
    drawn, stack = [] if results.valve_planes is None else results.valve_planes.lines, results.stack
    for view in views:
        lines = [line for line in drawn if _lies_in(line, view)]
        for moment, phase in ((Moment.ED, results.ed_phase), (Moment.ES, results.es_phase)):
            if lines and phase is not None:
                yield view, moment, same_moment(phase, phases=stack.phases, of=len(view.pixels)), lines


def _lies_in(line: ValveLineFacts, view: LongAxisView) -> bool:
    """Return whether a line was drawn in a view: by where it lies, so that nothing else need be known of either."""
    ends = np.array(line.ends_mm).reshape(-1, 3)
    alike = abs(float(np.dot(line.view_normal, view.plane.normal))) > np.cos(np.deg2rad(1.0))
    away_mm = float(np.abs(view.plane.distance_mm(ends)).max())
    return alike and len(line.ends_mm) == len(view.pixels) and away_mm < _SAME_PLANE_MM


def _draw(
    sheet: Sheet, corner: tuple[float, float], view: LongAxisView, phase: int, lines: Sequence[ValveLineFacts]
) -> None:
    ends = [view.plane.to_px(np.array(line.ends_mm[phase])) for line in lines]
    x, y = np.mean(np.concatenate(ends), axis=0)
    shape, (between_rows, between_columns) = view.pixels.shape[1:], view.plane.pixel_spacing_mm
    shown_mm = min(_SHOWN_MM, shape[0] * between_rows, shape[1] * between_columns)
    rows = span(float(y), shown_mm / between_rows, shape[0])
    columns = span(float(x), shown_mm / between_columns, shape[1])
    part = view.pixels[phase][rows, columns]
    with clipped(sheet, corner, SIDE):
        sheet.image(grey_picture(part), *corner, width=SIDE, height=SIDE)
        scale = (SIDE / part.shape[1], SIDE / part.shape[0])
        for line, (one, other) in zip(lines, ends, strict=True):
            points = [
                (corner[0] + (px - columns.start) * scale[0], corner[1] + (py - rows.start) * scale[1])
                for px, py in (one, other)
            ]
            sheet.line(points, colour=_COLOURS[line.valve], width=1.2)
            for point in points:
                sheet.dot(*point, radius=1.6, fill=_COLOURS[line.valve])
