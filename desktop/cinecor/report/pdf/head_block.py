"""The head of the report: department, patient, study, scanner, and how far the reading has come."""

import io
from typing import Final

from PIL import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader

from cinecor.message import Message
from cinecor.report.pdf.reading import status_message
from cinecor.report.pdf.report_head import ReportHead
from cinecor.report.pdf.sheet import GOOD, INNER, MARGIN, OPEN, QUIET, RIGHT, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import OLDEST_TOLD, Results
from cinecor.report.table import phases_told, slices_told

_TOP: Final = 36.0
_COLUMNS: Final = 4
_FACT: Final = 22.5  # high, with its name
_LOGO: Final = (90.0, 30.0)


def draw_head(sheet: Sheet, *, title: str, head: ReportHead, results: Results, words: Words) -> float:
    """Draw it at the top of the page; where it ends comes back."""
    y = _TOP + 10
    if head.department:
        sheet.fitted(MARGIN, y, head.department, width=INNER - _LOGO[0] - 10, size=9)
        y += 15
    sheet.text(MARGIN, y + 3, title, size=13.5, bold=True)
    if head.logo is not None:
        picture = _opaque(head.logo)
        scale = min(_LOGO[0] / picture.width, _LOGO[1] / picture.height)
        width, height = picture.width * scale, picture.height * scale
        sheet.image(ImageReader(picture), RIGHT - width, _TOP, width=width, height=height)
    y += 16
    facts = _facts(head, results, words)
    width = INNER / _COLUMNS
    for number, (name, value) in enumerate(facts):
        x, line = MARGIN + number % _COLUMNS * width, y + number // _COLUMNS * _FACT
        sheet.text(x, line + 6, words.say(name), size=6.5, colour=QUIET)
        rows = sheet.lines(value, width=width - 6, size=6.2)
        if len(rows) > 1:  # a scanner's whole name
            for row, part in enumerate(rows[:2]):
                sheet.fitted(x, line + 12.9 + 6.6 * row, part, width=width - 6, size=6.2)
        else:
            sheet.fitted(x, line + 15.5, value or "–", width=width - 6, size=8.5)
    y += -(-len(facts) // _COLUMNS) * _FACT + 3
    return _draw_status(sheet, y, results=results, words=words) + 6


def _opaque(logo: bytes) -> Image.Image:
    """Return a logo on white, in red, green and blue: an archive's file has no transparency and no other colours."""
    picture = Image.open(io.BytesIO(logo)).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


def _facts(head: ReportHead, results: Results, words: Words) -> list[tuple[Message, str]]:
    stack = results.stack
    scanner = head.scanner
    if head.field_tesla is not None:
        strength = Message("report_tesla", "{tesla:.1f} T", tesla=head.field_tesla)
        scanner = f"{scanner}, {words.say(strength)}" if scanner else words.say(strength)
    size = Message(
        "report_stack_size",
        "{slices} × {phases}, {apart:.1f} mm",
        slices=slices_told(stack.slices),
        phases=phases_told(stack.phases),
        apart=stack.slice_spacing_mm,
    )
    return [
        (Message("report_patient", "Patient"), head.name),
        (Message("report_id", "Patient ID"), head.id),
        (Message("report_born", "Born"), head.birth_date),
        (Message("report_sex", "Sex"), _typed(head.sex, words) if head.sex_typed else head.sex),
        (Message("report_age", "Age"), _age(head, words)),
        (Message("report_study_date", "Study date"), head.study_date),
        (Message("report_study", "Study"), head.study),
        (Message("report_scanner", "Scanner"), scanner),
        (Message("report_stack", "Short-axis stack"), words.say(size)),
        (Message("report_body", "Height, weight, body surface"), _body(head, words)),
        (Message("report_heart_rate", "Heart rate"), _heart_rate(results, words)),
    ]


def _body(head: ReportHead, words: Words) -> str:
    told = []
    if head.height_cm:
        height = words.say(Message("report_cm", "{cm:.0f} cm", cm=head.height_cm))
        told.append(_typed(height, words) if head.height_typed else height)
    if head.weight_kg:
        weight = words.say(Message("report_kg", "{kg:.0f} kg", kg=head.weight_kg))
        told.append(_typed(weight, words) if head.weight_typed else weight)
    if head.surface_m2:
        told.append(words.say(Message("report_m2", "{m2:.2f} m²", m2=head.surface_m2)))
    return ", ".join(told)


def _heart_rate(results: Results, words: Words) -> str:
    if results.stack.heart_rate_bpm is None:
        return ""
    told = words.say(Message("report_bpm", "{bpm:.0f} /min", bpm=results.stack.heart_rate_bpm))
    return _typed(told, words) if results.choices.heart_rate == "reader" else told


def _age(head: ReportHead, words: Words) -> str:
    if head.age_years is None:
        return ""
    if head.age_years >= OLDEST_TOLD:
        told = Message("report_years_or_more", "{years} years or more", years=OLDEST_TOLD)
    else:
        told = Message.counted("report_years", "{n} year", "{n} years", n=head.age_years)
    return _typed(words.say(told), words) if head.age_typed else words.say(told)


def _typed(value: str, words: Words) -> str:
    return words.say(Message("report_typed", "{value} (typed)", value=value))


def _draw_status(sheet: Sheet, y: float, *, results: Results, words: Words) -> float:
    signed = results.status is not None and results.status.state == "signed"
    colour = GOOD if signed else OPEN
    status, notice = words.say(status_message(results)), words.notice
    beside = sheet.width_of(status, size=9, bold=True) + sheet.width_of(notice, size=7) + 24 <= INNER
    height = 18 if beside else 28
    sheet.box(MARGIN, y, width=INNER, height=height, fill=colour)
    sheet.text(MARGIN + 6, y + 12.2, status, size=9, bold=True, colour="#ffffff")
    sheet.text(RIGHT - 6, y + height - 6, notice, size=7, colour="#ffffff", align="right")
    sheet.canvas.setFillColor(HexColor("#000000"))
    return y + height
