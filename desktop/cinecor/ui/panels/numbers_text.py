"""The numbers as text to paste into a report or a sheet: a line a quantity, columns apart by tabs."""

from collections.abc import Iterator

from cinecor.measure.conventions import conventions
from cinecor.measure.reference.comparison import IN_DOUBT, ReferenceBook, Verdict
from cinecor.message import sentences
from cinecor.review import ReviewResult
from cinecor.scene.numbers import NumberRow, Numbers
from cinecor.ui.look.names import notice
from cinecor.ui.look.range_bar import limits_text
from cinecor.ui.look.texts import language_in_use, number_text, said, tr


def numbers_text(numbers: Numbers, result: ReviewResult | None, *, book: ReferenceBook) -> str:
    """Return what is known of the numbers, with what doubts them, how ED and ES were chosen, and the notice.

    `book` are the tables that they were compared with; which of them could not be used is told as well.

    Empty while there are no numbers.
    """
    if result is None:
        return ""
    head = "\t".join(("", tr("Value"), tr("Unit"), "/m²", tr("Against the model"), tr("Reference")))
    lines = [head, *(_line(row) for row in numbers.values() if row.value is not None)]
    doubts = dict.fromkeys(said(one) for row in numbers.values() for one in row.doubts)
    lines.extend(f"? {one}" for one in doubts)
    shown = [found for row in numbers.values() if (found := row.comparison) is not None]
    lines.extend(dict.fromkeys(said(caution) for found in shown for caution in found.cautions))
    lines.extend(said(message) for message in book.told.values())
    lines.append(sentences(result.measurements.phase_choice, language_in_use()))
    if result.fractional:
        told = conventions(papillary_mass=False, fractional=result.fractional)
        lines.append(said(told["base"]))
    lines.append(notice())
    return "\n".join(lines)


def _line(row: NumberRow) -> str:
    return "\t".join(_cells(row))


def _cells(row: NumberRow) -> Iterator[str]:
    one, doubted = row.quantity, "?" if row.doubts else ""
    yield said(one.called(row.ventricle))
    yield "" if row.value is None else number_text(row.value, one.decimals) + doubted
    yield one.unit
    yield "" if row.indexed is None else number_text(row.indexed, one.indexed_decimals) + doubted
    yield "" if row.change is None else number_text(row.change, 1, signed=True)
    found = row.comparison
    if found is None or found.verdict is Verdict.DEPENDS:
        yield "" if found is None or found.why is None else said(found.why)
    else:
        verdict = IN_DOUBT if found.withheld else found.verdict.message
        yield f"{limits_text(found)} ({said(verdict)}; {found.groups[0].source})"
