"""`report_pdf`: results become a PDF: one page for routine, and an appendix."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from cinecor.file_format import this_version
from cinecor.measure.conventions import conventions
from cinecor.message import Message
from cinecor.report.earlier_reading import EarlierReading
from cinecor.report.pdf.appendix import draw_appendix
from cinecor.report.pdf.archive import make_archivable
from cinecor.report.pdf.bulls_eye import WALL_HEIGHT, draw_wall
from cinecor.report.pdf.curve_plot import draw_curves
from cinecor.report.pdf.earlier import last_change
from cinecor.report.pdf.head_block import draw_head
from cinecor.report.pdf.key_images import KeyPixels, draw_key_images
from cinecor.report.pdf.long_axis import LongAxisView, excursions
from cinecor.report.pdf.number_table import draw_numbers
from cinecor.report.pdf.own_words import OwnWords, draw_own_words, fitted, height_of, own_words
from cinecor.report.pdf.raster_canvas import RasterCanvas
from cinecor.report.pdf.reading import changes, draw_findings, draw_signature, height_of_findings, status_message
from cinecor.report.pdf.report_head import ReportHead
from cinecor.report.pdf.sheet import (
    BOLD,
    BOTTOM,
    HEIGHT,
    INNER,
    MARGIN,
    QUIET,
    REGULAR,
    RIGHT,
    WIDTH,
    Sheet,
    leading,
    register_fonts,
)
from cinecor.report.pdf.svg_canvas import SvgCanvas, page_of
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results

rl_config.useA85 = 0  # streams as they are: as letters they took half the time, and a quarter more room

_SIGNATURE: Final = 34.0
_SIZE, _SMALL = 7.5, 7.0  # of letters: what changed, and how the numbers came about
_FINDINGS, _WORDS = 5, 3  # lines that pictures leave room for; of each text of the reader's
_BESIDE_WALL, _ALONE, _LEAST = 82.0, 96.0, 70.0  # sides of a key image
_WITHOUT_PICTURES: Final = 62.0
_TITLE: Final = Message("report_title", "Cardiac MRI: ventricular volumes and function")


@dataclass(frozen=True, slots=True, eq=False)
class ReportContent:
    """Everything that a report is made of."""

    results: Results
    labels: NDArray[np.uint8]  # (slice, phase, row, column), final
    head: ReportHead
    images: KeyPixels | None = None  # None: the study is not at hand, and the report has no pictures
    impression: str = ""
    earlier: tuple[EarlierReading, ...] = ()  # of the same patient, oldest first
    views: tuple[LongAxisView, ...] = ()  # long-axis cines, for those in which valves were drawn


def report_pdf(content: ReportContent, *, language: str, made: datetime) -> bytes:
    """Return the report as a PDF/A-1b file: A4, fonts embedded, all text selectable.

    Raises `ValueError` for a language that there is no catalogue of.
    """
    register_fonts()
    words = Words(language)
    file = io.BytesIO()
    canvas = Canvas(
        file,
        pagesize=(WIDTH, HEIGHT),
        initialFontName=REGULAR,
        lang=language,
        pageCompression=1,
        pdfVersion=(1, 4),
    )
    canvas.setTitle(words.say(_TITLE))
    canvas.setSubject(words.notice)
    canvas.setCreator(f"Cinecor {this_version()}")
    canvas.setProducer(f"Cinecor {this_version()}")
    canvas.setAuthor("Cinecor")
    canvas.setKeywords("research use only")
    make_archivable(canvas)
    _draw(canvas, content, words=words, made=made)
    canvas.save()
    return file.getvalue()


def report_html(content: ReportContent, *, language: str, made: datetime) -> str:
    """Return the same report as one page for a browser, with everything in it; text can be selected and searched."""
    register_fonts()
    words = Words(language)
    canvas = SvgCanvas(WIDTH, HEIGHT, bold=BOLD)
    _draw(canvas, content, words=words, made=made)
    return page_of(canvas.pages, title=words.say(_TITLE), language=language)


def _draw(canvas: Any, content: ReportContent, *, words: Words, made: datetime) -> None:
    page = _Pages(Sheet(canvas), words=words, content=content, made=made)
    first = _first_page(page.sheet, content, words=words)
    page.end()
    draw_appendix(
        page,
        content.results,
        words=words,
        surface_m2=content.head.surface_m2,
        earlier=content.earlier,
        said=first.cut,
        views=content.views,
        with_wall=not first.with_wall,
    )


def report_picture(content: ReportContent, *, language: str, made: datetime) -> NDArray[np.uint8]:
    """Return the report's first page as pixels (row, column, 3), for systems that show no PDF; 150 an inch."""
    register_fonts()
    canvas = RasterCanvas(WIDTH, HEIGHT, fonts={REGULAR: "Regular", BOLD: "SemiBold"})
    page = _Pages(Sheet(canvas), words=Words(language), content=content, made=made)
    _first_page(page.sheet, content, words=page.words)
    page.end()
    return np.asarray(canvas.pages[0], dtype=np.uint8)


class _Pages:
    """Pages one after the other, each with its foot; the way that the appendix flows from one to the next."""

    def __init__(self, sheet: Sheet, *, words: Words, content: ReportContent, made: datetime) -> None:
        self.sheet = sheet
        self.words, self._content, self._made = words, content, made
        self._number = 1

    def end(self) -> None:
        """Write the foot and go to the next page."""
        words, sheet = self.words, self.sheet
        sheet.rule(BOTTOM + 8)
        sheet.text(MARGIN, BOTTOM + 18, words.notice, size=6.5, bold=True)
        made = Message(
            "report_made",
            "Made {made} by Cinecor {version}; page {page}",
            made=self._made.strftime("%Y-%m-%d %H:%M"),
            version=this_version(),
            page=self._number,
        )
        room = INNER - sheet.text(MARGIN, BOTTOM + 28, words.say(made), size=6.5, colour=QUIET) - 12
        who = " · ".join(part for part in (self._content.head.name, self._content.head.id) if part)
        sheet.fitted(RIGHT, BOTTOM + 28, who, width=room, size=6.5, colour=QUIET, align="right")
        status = words.say(status_message(self._content.results))
        beside = sum(sheet.width_of(one, size=6.5, bold=True) for one in (words.notice, status)) + 12 <= INNER
        sheet.text(RIGHT, BOTTOM + (18 if beside else 38), status, size=6.5, bold=True, align="right")
        sheet.canvas.showPage()
        self._number += 1


@dataclass(frozen=True, slots=True)
class _FirstPage:
    """What the first page had room for."""

    with_wall: bool
    cut: tuple[OwnWords, ...]  # the reader's texts that it holds in part: the appendix has them whole


def _first_page(sheet: Sheet, content: ReportContent, *, words: Words) -> _FirstPage:
    """Draw the page of routine, and return what it had room for: the wall gives way to what the reader wrote."""
    results, head = content.results, content.head
    y = draw_head(sheet, title=words.say(_TITLE), head=head, results=results, words=words)
    y = draw_numbers(sheet, y, results=results, surface_m2=head.surface_m2, words=words) + 6
    text = _text_below(content, sheet, words=words)
    regional = results.regional if results.regional is not None and results.regional.segments else None
    side, with_wall = _room(BOTTOM - y - text.height, wall=regional is not None, pictures=content.images is not None)
    y = _draw_pictures(sheet, y, content, side=side, words=words)
    if regional is not None and with_wall:
        y = draw_wall(sheet, y, regional, words=words)
    y = sheet.paragraph(MARGIN, y, text.method, width=INNER, size=_SMALL) + 4
    for line in text.changes:
        y = sheet.paragraph(MARGIN, y, line, width=INNER, size=_SIZE)
    # The findings give way down to one line: what has no room of them stands in the appendix.
    said = fitted(text.said, height=BOTTOM - _SIGNATURE - y - 32, words=words)
    y = draw_findings(sheet, y + 4, results=results, words=words, until=BOTTOM - _SIGNATURE - height_of(said))
    draw_own_words(sheet, y, said, words=words)
    draw_signature(sheet, BOTTOM - 22, results=results, words=words)
    cut = tuple(whole for whole, shown in zip(text.said, said, strict=True) if whole.lines != shown.lines)
    return _FirstPage(with_wall, cut)


@dataclass(frozen=True, slots=True)
class _TextBelow:
    """What is written below curves and pictures, and how high it is with the least of what may be cut."""

    method: str
    changes: tuple[str, ...]
    said: tuple[OwnWords, ...]
    height: float


def _text_below(content: ReportContent, sheet: Sheet, *, words: Words) -> _TextBelow:
    results = content.results
    valves = excursions(results, words)
    since = last_change(content.earlier, results, words)
    told = tuple(line for line in (valves, *changes(results, words=words), since) if line is not None)
    method = _method(results, words=words, surface_m2=content.head.surface_m2)
    if content.images is None:
        none = Message("report_no_images", "The study was not at hand: no images in this report.")
        method = f"{words.say(none)} {method}"
    said = own_words(content.impression, results, sheet=sheet)
    height = len(sheet.lines(method, width=INNER, size=_SMALL)) * leading(_SMALL) + 8
    height += sum(len(sheet.lines(line, width=INNER, size=_SIZE)) for line in told) * leading(_SIZE)
    height += height_of_findings(sheet, results=results, words=words, most=_FINDINGS)
    height += height_of([OwnWords(one.title, one.lines[:_WORDS]) for one in said])
    return _TextBelow(method, told, said, height + _SIGNATURE)


def _room(height: float, *, wall: bool, pictures: bool) -> tuple[float, bool]:
    """Return how large a picture may be where so much is left for pictures and wall, and whether the wall has room."""
    usual = _BESIDE_WALL if wall else _ALONE
    if not pictures:
        return usual, wall and _block(_WITHOUT_PICTURES) + WALL_HEIGHT <= height
    side = (height - (WALL_HEIGHT if wall else 0.0) - _block(0.0)) / 2
    if wall and side < _LEAST:
        return _room(height, wall=False, pictures=True)[0], False
    return max(_LEAST, min(usual, side)), wall


def _block(side: float) -> float:
    """Return how high two rows of pictures are, with what is written below each and the gap that follows."""
    return 2 * (side + 13) + 12


def _draw_pictures(sheet: Sheet, y: float, content: ReportContent, *, side: float, words: Words) -> float:
    """Draw the curves, and beside them the key images where the study is at hand; where they end comes back."""
    pictures = 3 * side + 10 if content.images is not None else 0.0
    if content.images is not None:
        draw_key_images(
            sheet,
            RIGHT - pictures,
            y,
            side=side,
            images=content.images,
            labels=content.labels,
            results=content.results,
            words=words,
        )
    block = _block(side if pictures else _WITHOUT_PICTURES)
    width = INNER - pictures - (16 if pictures else 0)
    draw_curves(sheet, MARGIN, y, width=width, height=block - 12, results=content.results, words=words)
    return y + block


def _method(results: Results, *, words: Words, surface_m2: float | None) -> str:
    """Return how the numbers came about, in sentences."""
    told = conventions(papillary_mass=results.choices.papillary == "mass", fractional=results.fractional)
    model = results.model
    sentences: list[Message] = [
        Message(
            "report_model",
            "Model {id} {version} ({precision}), SHA-256 {sha256}.",
            id=model.id,
            version=model.version,
            precision=model.precision,
            sha256=model.sha256[:16],
        ),
        told["volume"],
        *((told["base"],) if "base" in told else ()),
        told["papillary"],
        told["rv"],
        *_counted(results),
    ]
    if results.stack.heart_rate_bpm is not None:
        template = (
            Message(
                "report_rate_given",
                "Heart rate {bpm:.0f} /min as given by the reader.",
                bpm=results.stack.heart_rate_bpm,
            )
            if results.choices.heart_rate == "reader"
            else Message(
                "report_rate_read", "Heart rate {bpm:.0f} /min from the images.", bpm=results.stack.heart_rate_bpm
            )
        )
        sentences.append(template)
    if surface_m2 is not None:
        sentences.append(Message("report_surface", "Body surface {m2:.2f} m² (Mosteller).", m2=surface_m2))
    return " ".join(words.say(sentence) for sentence in sentences)


def _counted(results: Results) -> Sequence[Message]:
    lv = results.quality.lv_slices
    if lv.ed is None or lv.es is None:
        return ()
    return (Message("report_counted", "LV slices counted: {ed} at ED, {es} at ES.", ed=len(lv.ed), es=len(lv.es)),)
