"""What a report says of the reading: who answers for it, what was changed, which findings are open, the signature."""

from collections.abc import Iterator
from typing import Final

from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, Slices
from cinecor.report.pdf.sheet import DOUBT, INNER, MARGIN, OPEN, QUIET, RIGHT, Sheet, leading
from cinecor.report.pdf.words import Words
from cinecor.report.results import QualityFinding, Results
from cinecor.review.answers import open_findings
from cinecor.review.standing import AI_NOT_VERIFIED, IN_REVIEW, signed_message, unnamed_message

_SIZE: Final = 7.5
_TITLE_HEIGHT: Final = 15.0
_POINTS: Final = Message("report_points", "points")  # of percent: a difference of two percentages
FROM_ZERO: Final = Message(
    "report_from_zero",
    "These results are of an earlier version: their sentences count slices and phases from 0.",
)


def status_message(results: Results) -> Message:
    """Return who answers for the numbers; results from before there was a standing were verified by nobody."""
    status = results.status
    if status is not None and status.state == "signed":
        signature = status.signature
        if signature is None:
            return unnamed_message(version=status.version)
        return signed_message(name=signature.name, time=signature.time, version=status.version)
    return IN_REVIEW if status is not None and status.state == "in_review" else AI_NOT_VERIFIED


def open_now(results: Results) -> list[QualityFinding]:
    """Return the findings that nobody has answered and that call for a look, gravest first."""
    left = open_findings(results.quality.findings, results.choices.answers)
    return [finding for finding in left if finding.severity != "info"]


def changes(results: Results, *, words: Words) -> Iterator[str]:
    """Yield what a reader changed against the model, in sentences; nothing where nobody did."""
    ai, choices = results.ai, results.choices
    if ai is not None:
        moved = []
        for ventricle, change in ((Ventricle.LV, ai.lv_change), (Ventricle.RV, ai.rv_change)):
            for quantity in QUANTITIES:
                by = change.get(quantity.field)
                if by is not None and round(by, quantity.decimals):
                    amount = words.number(by, quantity.decimals, signed=True)
                    unit = words.say(_POINTS) if quantity.field == "ef_percent" else quantity.unit
                    moved.append(f"{words.say(ventricle.message)} {words.say(quantity.name)} {amount} {unit}")
        frames = Message.counted(
            "report_frames_changed",
            "Corrected against the model: {n} frame.",
            "Corrected against the model: {n} frames.",
            n=len(ai.frames_changed),
        )
        yield words.say(frames) + (f" {', '.join(moved)}." if moved else "")
    ed, es, every = (
        Slices(tuple(slices))
        for slices in (choices.slices_left_out.ed, choices.slices_left_out.es, choices.slices_left_out.all)
    )
    if ed.indices:
        yield words.say(Message("report_left_out_ed", "Left out at ED by the reader: {slices}.", slices=ed))
    if es.indices:
        yield words.say(Message("report_left_out_es", "Left out at ES by the reader: {slices}.", slices=es))
    if every.indices:
        yield words.say(Message("report_left_out", "Left out at every phase by the reader: {slices}.", slices=every))
    if choices.frames_provisional:
        yield words.say(
            Message.counted(
                "report_provisional",
                "{n} frame was carried from another and nobody looked at it.",
                "{n} frames were carried from others and nobody looked at them.",
                n=len(choices.frames_provisional),
            )
        )


def draw_findings(sheet: Sheet, y: float, *, results: Results, words: Words, until: float) -> float:
    """Draw the open findings from `y` to `until` at most, gravest first; what has no room is counted."""
    findings = open_now(results)
    title = (
        Message("report_findings", "Findings still open")
        if findings
        else Message("report_no_findings", "No finding is open.")
    )
    width = sheet.text(MARGIN, y + 4, words.say(title), size=8, bold=True)
    if any(finding.said is None for finding in findings):
        sheet.text(MARGIN + width + 6, y + 4, words.say(FROM_ZERO), size=7, colour=QUIET)
    y += _TITLE_HEIGHT
    for number, finding in enumerate(findings):
        said = words.finding(finding)
        lines = sheet.lines(said, width=INNER - 10, size=_SIZE)
        left = len(findings) - number
        if y + len(lines) * leading(_SIZE) > until - (leading(_SIZE) if left > 1 else 0):
            more = Message.counted(
                "report_more_findings", "{n} more in the appendix.", "{n} more in the appendix.", n=left
            )
            sheet.text(MARGIN + 10, y, words.say(more), size=_SIZE, colour=DOUBT, bold=True)
            return y + leading(_SIZE)
        sheet.dot(MARGIN + 3, y - 2.6, radius=2.2, fill=DOUBT if finding.severity == "doubtful" else OPEN)
        y = sheet.paragraph(MARGIN + 10, y, said, width=INNER - 10, size=_SIZE)
    return y


def height_of_findings(sheet: Sheet, *, results: Results, words: Words, most: int) -> float:
    """Return what the open findings need, or so many lines of them."""
    lines = sum(len(sheet.lines(words.finding(one), width=INNER - 10, size=_SIZE)) for one in open_now(results))
    return _TITLE_HEIGHT + min(lines, most) * leading(_SIZE)


def draw_signature(sheet: Sheet, y: float, *, results: Results, words: Words) -> None:
    """Draw who signed, or the line for a hand."""
    signature = None if results.status is None else results.status.signature
    if signature is not None:
        signed = Message(
            "report_signed",
            "Signed electronically by {name}, {organisation}, {time} UTC. Hash of the ledger: {hash}",
            name=signature.name,
            organisation=signature.organisation or "–",
            time=signature.time[:16].replace("T", " "),
            hash=results.status.ledger.last_hash if results.status is not None and results.status.ledger else "–",
        )
        sheet.paragraph(MARGIN, y, words.say(signed), width=INNER, size=7)
        return
    sheet.rule(y + 8, x=RIGHT - 190, colour=QUIET)
    name = words.say(Message("report_signature_line", "Reader, date, signature"))
    sheet.text(RIGHT - 190, y + 17, name, size=6.5, colour=QUIET)
