"""The appendix: every finding, the import's account, volumes phase by phase, conventions."""

from typing import Final, Protocol

from cinecor.measure.conventions import conventions
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.pdf.reading import FROM_ZERO
from cinecor.report.pdf.sheet import BOTTOM, DOUBT, INNER, MARGIN, OPEN, QUIET, Sheet, leading
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results
from cinecor.review.answers import finding_key

_TOP: Final = 50.0
_SIZE: Final = 7.5
_ANSWERS: Final = {
    "accepted": Message("report_accepted", "accepted by the reader"),
    "corrected": Message("report_corrected", "corrected by the reader"),
    "dropped": Message("report_dropped", "slice left out by the reader"),
}


class Pages(Protocol):
    """What the appendix is written on."""

    sheet: Sheet

    def end(self) -> None:
        """Finish the page, and begin the next."""


def draw_appendix(pages: Pages, results: Results, *, words: Words) -> None:
    """Write the appendix on pages of its own."""
    flow = _Flow(pages)
    flow.title(words.say(Message("report_appendix", "Appendix")), size=12)
    flow.title(words.say(Message("report_all_findings", "All findings")))
    for finding in results.quality.findings:
        said = words.finding(finding)
        answer = _ANSWERS.get(results.choices.answers.get(finding_key(finding), ""))
        if answer is not None:
            said = f"{said} ({words.say(answer)})"
        flow.item(said, colour={"doubtful": DOUBT, "warning": OPEN}.get(finding.severity, QUIET))
    if any(finding.said is None for finding in results.quality.findings):
        flow.line(words.say(FROM_ZERO))
    if not results.quality.findings:
        flow.line(words.say(Message("report_none", "None.")))
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
    for code, message in conventions(papillary_mass=results.choices.papillary == "mass").items():
        if code != "indices":  # of files; on paper slices and phases count from 1
            flow.item(words.say(message))
    flow.item(words.say(Message("report_counting", "Slices and phases count from 1.")))
    flow.title(words.say(Message("report_volumes", "Volumes by phase (mL)")))
    _draw_volumes(flow, results, words=words)
    pages.end()


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

    def title(self, text: str, *, size: float = 9.0) -> None:
        self.room_for(40)
        self.sheet.text(MARGIN, self.y + 6, text, size=size, bold=True)
        self.y += 8 + leading(size)

    def item(self, text: str, *, colour: str = QUIET) -> None:
        height = len(self.sheet.lines(text, width=INNER - 10, size=_SIZE)) * leading(_SIZE)
        self.room_for(height)
        self.sheet.dot(MARGIN + 3, self.y - 2.6, radius=2.0, fill=colour)
        self.y = self.sheet.paragraph(MARGIN + 10, self.y, text, width=INNER - 10, size=_SIZE)

    def line(self, text: str) -> None:
        self.room_for(len(self.sheet.lines(text, width=INNER, size=_SIZE)) * leading(_SIZE))
        self.y = self.sheet.paragraph(MARGIN, self.y, text, width=INNER, size=_SIZE)


def _draw_volumes(flow: _Flow, results: Results, *, words: Words) -> None:
    heads = [
        words.say(Message("report_phase", "Phase")),
        words.say(Message("report_time", "Time (ms)")),
        *(words.say(message) for message in (Ventricle.LV.message, Ventricle.RV.message, Message("report_myo", "MYO"))),
    ]
    edges = [MARGIN + 40 + 70 * number for number in range(len(heads))]

    def row(cells: list[str], *, bold: bool = False) -> None:
        flow.room_for(leading(_SIZE))
        for edge, cell in zip(edges, cells, strict=True):
            flow.sheet.text(edge, flow.y, cell, size=_SIZE, bold=bold, align="right")
        flow.y += leading(_SIZE)

    row(heads, bold=True)
    times, volumes = results.stack.phase_times_ms, results.volumes_ml
    for phase in range(results.stack.phases):
        moment = {results.ed_phase: Moment.ED, results.es_phase: Moment.ES}.get(phase)
        row(
            [
                f"{phase + 1}" if moment is None else f"{words.say(moment.message)} {phase + 1}",
                words.number(None if times is None else times[phase], 0),
                words.number(volumes.lv[phase], 1),
                words.number(volumes.rv[phase], 1),
                words.number(volumes.myo[phase], 1),
            ],
            bold=moment is not None,
        )
