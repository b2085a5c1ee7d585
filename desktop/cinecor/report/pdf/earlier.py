"""What changed since earlier studies of a patient, and whether that is more than two scans of one day differ by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cinecor.measure.quantity import QUANTITIES, Quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.pdf.number_table import of_ventricle
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results

_SCAN_RESCAN_COV: Final = 0.042  # of the LV's EF, automatic outlines, scan against rescan (Davies 2022)
_REPEATABLE: Final = 1.96 * 2**0.5 * _SCAN_RESCAN_COV  # of the mean: 95 % of repeated scans differ by less
_COMPARED: Final = ("edv_ml", "esv_ml", "ef_percent", "mass_g")


@dataclass(frozen=True, slots=True, eq=False)
class EarlierReading:
    """The results of an earlier study, by its date."""

    date: str
    results: Results


def changes_since(earlier: EarlierReading, now: Results, words: Words) -> Iterator[str]:
    """Yield a line a number; one line alone where conventions differ, because then the change is theirs too."""
    if earlier.results.choices.papillary != now.choices.papillary:
        yield words.say(
            Message("report_earlier_convention", "Not compared: papillary muscles were counted otherwise then.")
        )
        return
    if earlier.results.model.sha256 != now.model.sha256:
        yield words.say(
            Message(
                "report_earlier_model",
                "Outlined by another model then ({id} {version}): part of a change may be its.",
                id=earlier.results.model.id,
                version=earlier.results.model.version,
            )
        )
    for ventricle in Ventricle:
        for quantity in QUANTITIES:
            if quantity.field in _COMPARED and ventricle in quantity.codes:
                line = _line(quantity, ventricle, earlier.results, now, words)
                if line is not None:
                    yield line


def _line(quantity: Quantity, ventricle: Ventricle, before: Results, now: Results, words: Words) -> str | None:
    then, today = quantity.of(of_ventricle(before, ventricle)), quantity.of(of_ventricle(now, ventricle))
    if then is None or today is None:
        return None
    told = Message(
        "report_change",
        "{ventricle} {name}: {before} → {now} {unit} ({change})",
        ventricle=ventricle.message,
        name=quantity.name,
        before=words.number(then, quantity.decimals),
        now=words.number(today, quantity.decimals),
        unit=quantity.unit,
        change=words.number(today - then, quantity.decimals, signed=True),
    )
    line = words.say(told)
    if quantity.field == "ef_percent" and ventricle is Ventricle.LV:
        line = f"{line}; {words.say(_judged(today - then, (today + then) / 2))}"
    return line


def _judged(change: float, mean: float) -> Message:
    limit = _REPEATABLE * mean
    if abs(change) > limit:
        return Message(
            "report_beyond_rescan",
            "more than the {limit:.1f} points that two scans of one day differ by (95 percent of them)",
            limit=limit,
        )
    return Message(
        "report_within_rescan",
        "within the {limit:.1f} points that two scans of one day differ by (95 percent of them)",
        limit=limit,
    )
