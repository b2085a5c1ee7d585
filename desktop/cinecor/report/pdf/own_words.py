"""What the reader wrote: the impression given for a report, and the comment with which the results were signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cinecor.message import Message
from cinecor.report.pdf.sheet import INNER, MARGIN, Sheet, leading
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results

_SIZE: Final = 8.0
_TITLE_HEIGHT: Final = 14.0
_IMPRESSION: Final = Message("report_impression", "Impression")
_COMMENT: Final = Message("report_signed_comment", "Comment of the signature")
_MORE: Final = Message("report_whole_words", "… whole in the appendix.")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A text of the reader's, and what it is; a comment on signing is no impression."""

    title: Message
    lines: tuple[str, ...]  # as wide as a page


def own_words(impression: str, results: Results, *, sheet: Sheet) -> tuple[OwnWords, ...]:
    """Return the reader's texts, whole; none where there are no words."""
    signature = None if results.status is None else results.status.signature
    comment = "" if signature is None else signature.comment
    return tuple(
        OwnWords(title, tuple(sheet.lines(text.strip(), width=INNER, size=_SIZE)))
        for title, text in ((_IMPRESSION, impression), (_COMMENT, comment))
        if text.strip()
    )


def fitted(texts: Sequence[OwnWords], *, height: float, words: Words) -> tuple[OwnWords, ...]:
    """Return the texts cut to a height, the later ones first and none to less than a line; what is cut is told."""
    left = int((height - _TITLE_HEIGHT * len(texts)) // leading(_SIZE))
    cut = []
    for number, one in enumerate(texts, start=1):
        most = max(1, left - (len(texts) - number))
        lines = one.lines if len(one.lines) <= most else (*one.lines[: most - 1], words.say(_MORE))
        cut.append(OwnWords(one.title, lines))
        left -= len(lines)
    return tuple(cut)


def height_of(texts: Sequence[OwnWords]) -> float:
    """Return what the texts need."""
    return sum(_TITLE_HEIGHT + leading(_SIZE) * len(one.lines) for one in texts)


def draw_own_words(sheet: Sheet, y: float, texts: Sequence[OwnWords], *, words: Words) -> None:
    """Draw the texts from `y` on, one below the other."""
    for one in texts:
        sheet.text(MARGIN, y + 4, words.say(one.title), size=8, bold=True)
        for number, line in enumerate(one.lines):
            sheet.text(MARGIN, y + 15 + number * leading(_SIZE), line, size=_SIZE)
        y += height_of((one,))
