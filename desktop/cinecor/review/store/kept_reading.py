"""`readings_before`: what is kept of a patient's earlier studies, to hold a later one against."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from cinecor.review.store.kept_values import Reading
from cinecor.review.store.worklist import Status

_WHOLE_DATE: Final = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading, of when, by which model, and how far it has come."""

    study_date: str
    status: Status
    reading: Reading
    model_id: str
    model_version: str
    model_sha256: str
    doubtful: frozenset[str]  # numbers in doubt, by name ("lv.ef_percent"), as far as is known


def reading_json(reading: Reading) -> str:
    """Return a reading as the database keeps it."""
    facts = {"numbers": dict(reading.numbers), "papillary": reading.papillary, "base": reading.base}
    return json.dumps(facts, sort_keys=True)


def readings_before(
    connection: sqlite3.Connection, *, patient_id: str, patient_name: str, before: str
) -> tuple[KeptReading, ...]:
    """Return the readings of a patient's studies before a date, oldest first.

    A patient is the same by PatientID and name, where neither is empty; dates that are not whole tell no order, and
    are left out.
    """
    if not patient_id or not patient_name or len(before) != _WHOLE_DATE:
        return ()
    rows = connection.execute(
        "SELECT s.study_date, s.status, s.reading, s.doubtful, r.model_id, r.model_version, r.model_sha256 "
        "FROM studies s JOIN results r ON r.id = s.result "
        "WHERE s.patient_id = ? AND s.patient_name = ? COLLATE NOCASE "
        "AND s.study_date < ? AND length(s.study_date) = ? AND s.reading != '' ORDER BY s.study_date",
        (patient_id, patient_name, before, _WHOLE_DATE),
    )
    found = []
    for date, status, kept, doubtful, model_id, version, sha256 in rows:
        reading = _reading(kept)
        if reading is not None:
            in_doubt = frozenset(doubtful.split())
            found.append(KeptReading(date, Status(status), reading, model_id, version, sha256, in_doubt))
    return tuple(found)


def _reading(kept: str) -> Reading | None:
    """Return a reading; None for one of a newer version that cannot be read."""
    try:
        facts: Any = json.loads(kept)
        numbers = {str(name): float(value) for name, value in facts["numbers"].items()}
        return Reading(numbers, str(facts["papillary"]), str(facts.get("base", "whole")))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
