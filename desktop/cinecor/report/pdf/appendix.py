"""The appendix: every finding, the import's account, volumes phase by phase, conventions."""

from collections.abc import Sequence
from typing import Final, Protocol

from cinecor.measure.conventions import VALVE_CONVENTIONS, conventions
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import quantity
from cinecor.measure.reference.comparison import IN_DOUBT, Verdict
from cinecor.measure.regional.segment import SEGMENTS
from cinecor.measure.ventricle import MYO, Ventricle
from cinecor.message import Message
from cinecor.report.earlier_reading import EarlierReading
from cinecor.report.pdf.bulls_eye import THICKENING, WALL_HEIGHT, draw_wall
from cinecor.report.pdf.curve_plot import PHASE
from cinecor.report.pdf.earlier import comparison_notes, comparison_rows
from cinecor.report.pdf.long_axis import LongAxisView, draw_long_axis, excursions, height_of
from cinecor.report.pdf.number_table import of_ventricle
from cinecor.report.pdf.own_words import OwnWords
from cinecor.report.pdf.range_bar import cautions_of, limits_of, unusable_tables
from cinecor.report.pdf.reading import COLOURS, FROM_ZERO, told_findings
from cinecor.report.pdf.sheet import BOTTOM, INNER, MARGIN, QUIET, Sheet, leading
from cinecor.report.pdf.words import Words
from cinecor.report.results import ReferenceFact, Results

_TOP: Final = 50.0
_SIZE: Final = 7.5
_COLUMN: Final = 76.0  # of a table
_ANSWERS: Final = {
    "accepted": Message("report_accepted", "accepted by the reader"),
    "corrected": Message("report_corrected", "corrected by the reader"),
    "dropped": Message("report_dropped", "slice left out by the reader"),
}


_VERDICTS: Final = {
    "within": Message("report_within", "within the range"),
    "below": Message("report_below", "below the range"),
    "above": Message("report_above", "above the range"),
    "depends": Verdict.DEPENDS.message,
    "refused": Message("report_refused", "not compared: other conventions"),
    "not_covered": Message("report_not_covered", "not compared: the table has no such group"),
}
_UNUSABLE: Final = Message("report_unusable", "not compared: the chosen table cannot be used")  # it has no source then


class Pages(Protocol):
    """What the appendix is written on."""

    sheet: Sheet

    def end(self) -> None:
        """Finish the page, and begin the next."""


def draw_appendix(
    pages: Pages,
    results: Results,
    *,
    words: Words,
    surface_m2: float | None = None,
    earlier: Sequence[EarlierReading] = (),
    said: Sequence[OwnWords] = (),
    views: Sequence[LongAxisView] = (),
    with_wall: bool = False,
) -> None:
    """Write the appendix on pages of its own; `with_wall` where the bull's-eyes had no room before it."""
    flow = _Flow(pages)
    flow.title(words.say(Message("report_appendix", "Appendix")), size=12)
    for one in said:
        flow.title(words.say(one.title))
        for line in one.lines:
            flow.line(line)
    if earlier:
        _write_earlier(flow, earlier, results, words)
    _write_findings(flow, results, words)
    flow.title(words.say(Message("report_phases", "End-diastole and end-systole")))
    choice = [words.restored(said, "") for said in results.quality.phase_choice_said]
    flow.line(" ".join(choice) or results.quality.phase_choice)
    flow.title(words.say(Message("report_files", "Files")))
    account = Message(
        "report_account",
        "{given} files given, {used} used, {left} left out. Phases in the order of {tag}.",
        given=results.audit.files_given,
        used=results.audit.files_used,
        left=len(results.audit.left_out),
        tag=results.audit.phase_order_tag or "–",
    )
    flow.line(words.say(account))
    flow.title(words.say(Message("report_conventions", "Conventions")))
    told = conventions(papillary_mass=results.choices.papillary == "mass", fractional=results.fractional)
    for code, message in told.items():
        if code != "indices":  # of files; on paper slices and phases count from 1
            flow.item(words.say(message))
    flow.item(words.say(Message("report_counting", "Slices and phases count from 1.")))
    _write_references(flow, results, words, surface_m2=surface_m2)
    _write_segments(flow, results, words, with_wall=with_wall)
    _write_valves(flow, results, views, words)
    _write_volumes(flow, results, words)
    pages.end()


def _write_earlier(flow: "_Flow", earlier: Sequence[EarlierReading], results: Results, words: Words) -> None:
    title = words.say(Message("report_earlier", "Earlier studies of this patient"))
    flow.table(title, comparison_rows(earlier, results, words), first=100)
    flow.y += 4
    for note in comparison_notes(earlier, results, words):
        flow.line(note)


def _write_findings(flow: "_Flow", results: Results, words: Words) -> None:
    flow.title(words.say(Message("report_all_findings", "All findings")))
    findings = told_findings(results, words=words)
    for finding in findings:
        answer = _ANSWERS.get(finding.answer)
        said = finding.said if answer is None else f"{finding.said} ({words.say(answer)})"
        flow.item(said, colour=COLOURS.get(finding.severity, QUIET))
    if any(finding.from_zero for finding in findings):
        flow.line(words.say(FROM_ZERO))
    if not findings:
        flow.line(words.say(Message("report_none", "None.")))


def _write_references(flow: "_Flow", results: Results, words: Words, *, surface_m2: float | None) -> None:
    if results.reference is None or not (results.reference.comparisons or results.reference.cautions):
        return
    flow.title(words.say(Message("report_references", "Reference ranges")))
    for one in results.reference.comparisons:
        flow.item(_reference(one, results, words, surface_m2=surface_m2))
    compared = results.reference.comparisons
    for caution in (*cautions_of(results, compared, words=words), *unusable_tables(results, words=words)):
        flow.line(caution)


def _write_valves(flow: "_Flow", results: Results, views: Sequence[LongAxisView], words: Words) -> None:
    facts = results.valve_planes
    if facts is None:
        return
    flow.title(words.say(Message("report_valves", "Valve planes")))
    told = excursions(results, words)
    if told is not None:
        flow.line(told)
    for message in VALVE_CONVENTIONS.values():
        flow.item(words.say(message))
    height = height_of(views, results)
    if height:
        flow.room_for(height)
        draw_long_axis(flow.sheet, flow.y, views, results, words=words)
        flow.y += height + 8


def _write_segments(flow: "_Flow", results: Results, words: Words, *, with_wall: bool) -> None:
    if results.regional is None or not results.regional.segments:
        return
    if with_wall:
        flow.y += 8
        flow.room_for(WALL_HEIGHT)
        flow.y = draw_wall(flow.sheet, flow.y, results.regional, words=words)
    names = {segment.number: segment.name for segment in SEGMENTS}
    head = (
        Message("report_segment_ed", "ED (mm)"),
        Message("report_segment_es", "ES (mm)"),
        THICKENING,
        Message("report_segment_motion", "Motion (mm)"),
    )
    rows = [["", *(words.say(one) for one in head)]]
    for part in results.regional.segments:
        numbers = (part.ed_mm, part.es_mm, part.thickening_percent, part.motion_mm)
        told = [words.number(value, 0 if place == 2 else 1) for place, value in enumerate(numbers)]
        rows.append([f"{part.segment} {words.say(names[part.segment])}", *told])
    flow.table(words.say(Message("report_segments", "Wall by segment")), rows, first=110)


def _reference(fact: ReferenceFact, results: Results, words: Words, *, surface_m2: float | None) -> str:
    """Return one comparison in a line: the number, the verdict, its limits where there are any, the source."""
    side, _, field = fact.measure.partition(".")
    name, _, indexed = field.partition(".")
    ventricle, value = Ventricle(side), fact.value
    try:
        told = quantity(name)
        called, unit, decimals = told.name, f"{told.unit}{'/m²' if indexed else ''}", told.indexed_decimals
        whole = told.of(of_ventricle(results, ventricle))
        if indexed and whole is not None and surface_m2 is not None:
            value = whole / surface_m2  # as the first page has it: rounded once, and not twice
    except KeyError:  # the mean of the mid ring, which is no quantity of a ventricle
        called, unit, decimals = Message("report_mid_ring", "mid wall at ED"), "mm", 1
    verdict, limits = words.say(_verdict(fact)), limits_of(fact, words=words)
    line = Message(
        "report_reference",
        "{ventricle} {name} {value} {unit}: {verdict}; {source}",
        ventricle=ventricle.message,
        name=called,
        value=words.number(value, decimals),
        unit=unit,
        verdict=f"{verdict} ({limits} {unit})" if limits else verdict,
        source=fact.source or fact.table,
    )
    return words.say(line)


def _verdict(fact: ReferenceFact) -> Message:
    if fact.withheld:
        return IN_DOUBT
    return _VERDICTS[fact.verdict] if fact.source else _UNUSABLE


class _Flow:
    """Writes one thing below the other, and goes to the next page when one is full."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self.sheet = pages.sheet
        self.y = _TOP

    def room_for(self, height: float) -> None:
        """Begin a page where this one has no room."""
        if self.y + height > BOTTOM:
            self._pages.end()
            self.y = _TOP

    def title(self, text: str, *, size: float = 9.0, room: float = 40.0) -> None:
        """Write a title on a page that has `room` for it and what follows."""
        self.room_for(room)
        self.sheet.text(MARGIN, self.y + 6, text, size=size, bold=True)
        self.y += 8 + leading(size)

    def item(self, text: str, *, colour: str = QUIET) -> None:
        height = len(self.sheet.lines(text, width=INNER - 10, size=_SIZE)) * leading(_SIZE)
        self.room_for(height)
        self.sheet.dot(MARGIN + 3, self.y - 2.6, radius=2.0, fill=colour)
        self.y = self.sheet.paragraph(MARGIN + 10, self.y, text, width=INNER - 10, size=_SIZE)

    def table(self, title: str, rows: Sequence[Sequence[str]], *, first: float, bold: Sequence[int] = ()) -> None:
        """Write rows of cells, names on the left in a column of width `first`, the head and the rows `bold` in bold.

        On one page where it has room on any, else with its head on each.
        """
        whole = 24.0 + len(rows) * leading(_SIZE)
        self.title(title, room=whole if whole <= BOTTOM - _TOP else 40.0)
        for number, row in enumerate(rows):
            if self.y + leading(_SIZE) > BOTTOM:
                self.room_for(leading(_SIZE))
                self._row(rows[0], first=first, bold=True)
            self._row(row, first=first, bold=number == 0 or number in bold)

    def _row(self, row: Sequence[str], *, first: float, bold: bool) -> None:
        name, *cells = row
        self.sheet.text(MARGIN, self.y, name, size=_SIZE, bold=bold)
        for column, cell in enumerate(cells, start=1):
            self.sheet.text(MARGIN + first + _COLUMN * column, self.y, cell, size=_SIZE, bold=bold, align="right")
        self.y += leading(_SIZE)

    def line(self, text: str) -> None:
        self.room_for(len(self.sheet.lines(text, width=INNER, size=_SIZE)) * leading(_SIZE))
        self.y = self.sheet.paragraph(MARGIN, self.y, text, width=INNER, size=_SIZE)


def _write_volumes(flow: _Flow, results: Results, words: Words) -> None:
    heads = (
        Message("report_time", "Time (ms)"),
        Ventricle.LV.message,
        Ventricle.RV.message,
        MYO,
    )
    rows = [[words.say(PHASE), *(words.say(head) for head in heads)]]
    times, volumes = results.stack.phase_times_ms, results.volumes_ml
    moments = {results.ed_phase: Moment.ED, results.es_phase: Moment.ES}
    for phase in range(results.stack.phases):
        moment = moments.get(phase)
        rows.append(
            [
                f"{phase + 1}" if moment is None else f"{phase + 1} {words.say(moment.message)}",
                words.number(None if times is None else times[phase], 0),
                *(words.number(curve[phase], 1) for curve in (volumes.lv, volumes.rv, volumes.myo)),
            ]
        )
    title = words.say(Message("report_volumes", "Volumes by phase (mL)"))
    flow.table(title, rows, first=0, bold=[phase + 1 for phase in moments if phase is not None])
