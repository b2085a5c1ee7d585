"""What a report says of the reading: who answers for it, what was changed, which findings are open, the signature."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, Slices
from cinecor.report.pdf.sheet import DOUBT, INNER, MARGIN, OPEN, QUIET, RIGHT, Sheet, leading
from cinecor.report.pdf.words import Words
from cinecor.report.results import QualityFinding, Results
from cinecor.review.answers import finding_keys
from cinecor.review.provisional import PROVISIONAL, provisional_message
from cinecor.review.standing import AI_NOT_VERIFIED, IN_REVIEW, signed_message, unnamed_message

_SIZE: Final = 7.5
_NOTE: Final = "note"
_ORDER: Final = {"doubtful": 0, _NOTE: 2}  # between them all others as they come
COLOURS: Final = {"doubtful": DOUBT, "warning": OPEN}
"""Of the dot before a finding, by its severity; of all else it is `QUIET`."""
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


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """A finding as a report tells of it, with the reason for which it was signed all the same."""

    said: str
    severity: str  # as in results.json; "note" of what is no finding
    answer: str  # as in results.json; empty while nobody has answered it
    from_zero: bool = False  # its sentence counts slices and phases from 0


def told_findings(results: Results, *, words: Words) -> list[ToldFinding]:
    """Return every finding, gravest first; frames that nobody looked at are a doubt like any other.

    What the import told besides comes last, in one line: it is no finding, and calls for no answer.
    """
    told = [
        ToldFinding(
            words.finding(finding) + _at_stake(finding, words) + _reason(key, results, words),
            finding.severity,
            results.choices.answers.get(key, ""),
            finding.said is None,
        )
        for finding, key in zip(results.quality.findings, finding_keys(results.quality.findings), strict=True)
    ]
    unseen = len(results.choices.frames_provisional)
    if unseen:
        said = words.say(provisional_message(unseen)) + _reason(PROVISIONAL, results, words)
        told.append(ToldFinding(said, "doubtful", ""))
    if notes := _import_notes(results, words):
        of_images = Message("report_import", "Of the images: {notes}", notes=" ".join(notes))
        told.append(ToldFinding(words.say(of_images), _NOTE, ""))
    return sorted(told, key=lambda one: _ORDER.get(one.severity, 1))


def _import_notes(results: Results, words: Words) -> list[str]:
    """Return the warnings of the import, and reasons for unknown numbers, that no finding passes on."""
    audit, found = results.audit, [finding.fact for finding in results.quality.findings]
    return [
        words.restored(said, sentence)
        for sentence, fact, said in zip_longest(audit.warnings, audit.warning_facts, audit.warnings_said)
        if fact not in found
    ]


def _at_stake(finding: QualityFinding, words: Words) -> str:
    """Return the expected error in whole mL, to follow what a finding says; empty where none is known, or nearly 0."""
    ml = round(finding.expected_error_ml or 0.0)
    if finding.severity == "info" or not ml:
        return ""
    told = Message("report_expected_error", "Expected error: ≈ {ml} mL.", ml=ml)
    return f" {words.say(told)}"


def _reason(key: str, results: Results, words: Words) -> str:
    """Return why a finding was signed all the same, to follow what it says; empty where nobody said."""
    signature = None if results.status is None else results.status.signature
    reason = "" if signature is None else signature.reasons.get(key, "").strip()
    if not reason:
        return ""
    told = Message("report_signed_reason", "Signed all the same: {reason}", reason=reason)
    return f" {words.say(told)}"


def open_now(results: Results, *, words: Words) -> list[ToldFinding]:
    """Return the findings that nobody has answered and that call for a look, gravest first; the note comes last."""
    return [one for one in told_findings(results, words=words) if not one.answer and one.severity != "info"]


def _count(findings: Sequence[ToldFinding]) -> int:
    """Return how many are findings: the note of the import is none, here as in the window."""
    return sum(finding.severity != _NOTE for finding in findings)


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
                    moved.append(f"{words.say(quantity.called(ventricle))} {amount} {unit}")
        frames = Message.counted(
            "report_frames_changed",
            "Corrected against the model: {n} frame.",
            "Corrected against the model: {n} frames.",
            n=len(choices.frames_redrawn),  # what does not count is told below
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


def draw_findings(sheet: Sheet, y: float, *, results: Results, words: Words, until: float) -> float:
    """Draw the open findings from `y` to `until` at most, gravest first; what has no room is counted."""
    findings = open_now(results, words=words)
    title = (
        Message("report_findings", "Findings still open")
        if _count(findings)
        else Message("report_no_findings", "No finding is open.")
    )
    width = sheet.text(MARGIN, y + 4, words.say(title), size=8, bold=True)
    if any(finding.from_zero for finding in findings):
        sheet.text(MARGIN + width + 6, y + 4, words.say(FROM_ZERO), size=7, colour=QUIET)
    y += _TITLE_HEIGHT
    for number, finding in enumerate(findings):
        lines = sheet.lines(finding.said, width=INNER - 10, size=_SIZE)
        left = len(findings) - number
        if y + len(lines) * leading(_SIZE) > until - (leading(_SIZE) if left > 1 else 0):
            more = _more(_count(findings[number:]))
            sheet.text(MARGIN + 10, y, words.say(more), size=_SIZE, colour=DOUBT, bold=True)
            return y + leading(_SIZE)
        sheet.dot(MARGIN + 3, y - 2.6, radius=2.2, fill=COLOURS.get(finding.severity, QUIET))
        y = sheet.paragraph(MARGIN + 10, y, finding.said, width=INNER - 10, size=_SIZE)
    return y


def _more(left: int) -> Message:
    """Return what has no room: so many findings, or the note of the import alone."""
    if not left:
        return Message("report_note_in_appendix", "What the import told of the images stands in the appendix.")
    return Message.counted("report_more_findings", "{n} more in the appendix.", "{n} more in the appendix.", n=left)


def height_of_findings(sheet: Sheet, *, results: Results, words: Words, most: int) -> float:
    """Return what the open findings need, or so many lines of them."""
    findings = open_now(results, words=words)
    lines = sum(len(sheet.lines(one.said, width=INNER - 10, size=_SIZE)) for one in findings)
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
        told = words.say(signed)
        if results.status is not None and results.status.anew:
            anew = Message("report_anew", "Made anew since, by a later version: {fields}.", fields=results.status.anew)
            told = f"{told} {words.say(anew)}"
        sheet.paragraph(MARGIN, y, told, width=INNER, size=7)
        return
    sheet.rule(y + 8, x=RIGHT - 190, colour=QUIET)
    name = words.say(Message("report_signature_line", "Reader, date, signature"))
    sheet.text(RIGHT - 190, y + 17, name, size=6.5, colour=QUIET)
