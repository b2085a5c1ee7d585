"""What changed since earlier studies of a patient, and whether that is more than two scans of one day differ by."""

from collections.abc import Iterator, Sequence
from typing import Final

from cinecor.measure.quantity import OF_OUTLINES, keys_in_doubt, number_key
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.earlier_reading import EarlierReading, base_of, is_by_reader, numbers_of
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results

_SCAN_RESCAN_COV: Final = 0.042  # of the LV's EF, automatic outlines, scan against rescan (Davies 2022)
_SCAN_RESCAN_COV_READERS: Final = 0.060  # the same by readers
_REPEATABLE: Final = 1.96 * 2**0.5  # so many of them: 95 % of repeated scans differ by less
_DOUBTED: Final = Message("report_change_doubted", "not judged, because the number of now is doubtful")
_THEN_DOUBTED: Final = Message("report_change_then_doubted", "not judged, because the number of then is doubtful")
_LV_EF: Final = "lv.ef_percent"
_COMPARED: Final = tuple(
    (ventricle, quantity) for ventricle in Ventricle for quantity in OF_OUTLINES if ventricle in quantity.codes
)


def comparison_rows(earlier: Sequence[EarlierReading], now: Results, words: Words) -> list[list[str]]:
    """Return a table: the head, then a row a number: then (oldest first), now, and the change since the last one.

    A reading by another convention (papillary muscles, base) has dashes: a difference would be the convention's.
    A number in doubt, then or now, has a `?`, and so has a change since or to it.
    """
    today, last = numbers_of(now), _last_comparable(earlier, now)
    doubted = keys_in_doubt(now.quality.findings)
    change = (
        Message("report_change", "change") if last is None else Message("report_since", "since {date}", date=last.date)
    )
    head = ["", *(one.date for one in earlier), words.say(Message("report_now", "now")), words.say(change)]
    rows = []
    for ventricle, quantity in _COMPARED:
        name = number_key(ventricle, quantity)
        then = [one.numbers.get(name) if _comparable(one, now) else None for one in earlier]
        value, before = today.get(name), None if last is None else last.numbers.get(name)
        moved = None if value is None or before is None else value - before
        called = f"{words.say(quantity.called(ventricle))} ({quantity.unit})"
        in_doubt = [name in reading.doubtful for reading in earlier] + [name in doubted]
        numbers = [
            _told(words.number(one, quantity.decimals), one, doubtful=unsure)
            for one, unsure in zip((*then, value), in_doubt, strict=True)
        ]
        unsure = name in doubted or (last is not None and name in last.doubtful)
        since = _told(words.number(moved, quantity.decimals, signed=True), moved, doubtful=unsure)
        rows.append([called, *numbers, since])
    return [head, *rows]


def _told(number: str, value: float | None, *, doubtful: bool) -> str:
    return f"{number}?" if doubtful and value is not None else number


def comparison_notes(earlier: Sequence[EarlierReading], now: Results, words: Words) -> Iterator[str]:
    """Yield what must be known of a comparison: other conventions, other models, and what a change of EF is worth."""
    for one in earlier:
        if not one.same_patient:
            yield words.say(
                Message(
                    "report_earlier_patient_unknown",
                    "{date}: that it is of the same patient is not known, because a study says no PatientID.",
                    date=one.date,
                )
            )
        other = _other_convention(one, now)
        if other is not None:
            yield words.say(other)
            continue
        if one.model.sha256 != now.model.sha256:
            yield words.say(
                Message(
                    "report_earlier_model",
                    "{date}: outlined by another model ({id} {version}); part of a change may be its.",
                    date=one.date,
                    id=one.model.id,
                    version=one.model.version,
                )
            )
        judged = change_of_ef(one, now, words)
        if judged is not None:
            yield judged
    yield words.say(
        Message("report_no_rescan", "For other numbers than the LV's EF no variation between scans is known here.")
    )


def last_change(earlier: Sequence[EarlierReading], now: Results, words: Words) -> str | None:
    """Return what the LV's EF did since the last reading that can be compared; None without one."""
    last = _last_comparable(earlier, now)
    return None if last is None else change_of_ef(last, now, words)


def change_of_ef(one: EarlierReading, now: Results, words: Words) -> str | None:
    """Return how the LV's EF changed since a reading, and whether two scans of one day differ by as much."""
    then, today = one.numbers.get(_LV_EF), numbers_of(now).get(_LV_EF)
    if then is None or today is None:
        return None
    ef = next(one for one in OF_OUTLINES if one.field == "ef_percent")
    told = Message(
        "report_ef_change",
        "Since {date}: {ventricle} {name} {before} → {now} % ({change} points); {judged}",
        date=one.date,
        ventricle=Ventricle.LV.message,
        name=ef.name,
        before=words.number(then, ef.decimals),
        now=words.number(today, ef.decimals),
        change=words.number(today - then, ef.decimals, signed=True),
        judged=_DOUBTED
        if _LV_EF in keys_in_doubt(now.quality.findings)
        else _THEN_DOUBTED
        if _LV_EF in one.doubtful
        else _judged(today - then, (today + then) / 2, by_reader=one.by_reader or is_by_reader(now)),
    )
    return words.say(told)


def _comparable(one: EarlierReading, now: Results) -> bool:
    return _other_convention(one, now) is None


def _other_convention(one: EarlierReading, now: Results) -> Message | None:
    """Return why a reading cannot be compared; None where it can."""
    if one.papillary != now.choices.papillary:
        return Message(
            "report_earlier_convention",
            "{date}: not compared, because papillary muscles were counted otherwise then.",
            date=one.date,
        )
    if one.base != base_of(now):
        return Message(
            "report_earlier_base",
            "{date}: not compared, because slices at the base were counted otherwise then (whole, or by parts).",
            date=one.date,
        )
    return None


def _last_comparable(earlier: Sequence[EarlierReading], now: Results) -> EarlierReading | None:
    return next((one for one in reversed(earlier) if _comparable(one, now)), None)


def _judged(change: float, mean: float, *, by_reader: bool) -> Message:
    """Return what a change is worth; by readers' variation where a reader had a part in either number."""
    cov = _SCAN_RESCAN_COV_READERS if by_reader else _SCAN_RESCAN_COV
    limit = _REPEATABLE * cov * mean
    who = Message("report_of_readers", "readers") if by_reader else Message("report_of_automatic", "automatic outlines")
    if abs(change) > limit:
        return Message(
            "report_beyond_rescan",
            "more than the {limit:.1f} points that two scans of one day differ by (95 percent of them; {who})",
            limit=limit,
            who=who,
        )
    return Message(
        "report_within_rescan",
        "within the {limit:.1f} points that two scans of one day differ by (95 percent of them; {who})",
        limit=limit,
        who=who,
    )
