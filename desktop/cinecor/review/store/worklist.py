"""The worklist: a row for every kept study, found by what a person remembers of it."""

import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cinecor.message import Message
from cinecor.review.store.message_code import message_of


class Status(StrEnum):
    """How far a study has come."""

    NEW = "new"
    OUTLINED = "outlined"
    IN_REVIEW = "in_review"
    SIGNED = "signed"


class Order(StrEnum):
    """By what the worklist is sorted."""

    TOUCHED = "touched"  # last touched first
    PATIENT = "patient"
    STUDY_DATE = "study_date"
    LV_EF = "lv_ef"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One kept study, or one that was not opened yet: found beside another, or in a cohort (its `id` is negative)."""

    id: int
    folder: str
    source: str
    patient_name: str
    patient_id: str
    study_date: str
    description: str
    status: Status
    version: int
    lv_ef_percent: float | None
    rv_ef_percent: float | None
    worst: str  # code of the gravest open finding; empty without one
    open_findings: int
    model: str  # id and version; empty before the first result
    touched: float  # seconds since 1970
    series_uid: str  # a series of it, by which it is found again among others; empty for a NIfTI
    worst_message: Message | None  # what the gravest open finding says
    doubtful: frozenset[str]  # numbers in doubt, by name ("lv.ef_percent")


_ORDERS: Final = {
    Order.TOUCHED: "s.touched DESC",
    Order.PATIENT: "s.patient_name COLLATE NOCASE, s.study_date DESC",
    Order.STUDY_DATE: "s.study_date DESC, s.patient_name COLLATE NOCASE",
    Order.LV_EF: "s.lv_ef_percent IS NULL, s.lv_ef_percent",
    Order.STATUS: "s.status, s.touched DESC",
}
_ROWS: Final = """
    SELECT * FROM (
        SELECT s.id, s.folder, s.source, s.patient_name, s.patient_id, s.study_date, s.description, s.status, s.version,
            s.lv_ef_percent, s.rv_ef_percent, s.worst, s.open_findings,
            CASE WHEN r.id IS NULL THEN '' ELSE r.model_id || ' ' || r.model_version END, s.touched,
            COALESCE((SELECT uid FROM series WHERE study = s.id LIMIT 1), ''), s.worst_message, s.doubtful
        FROM studies s LEFT JOIN results r ON r.id = s.result
        UNION ALL
        SELECT -id, '', source, patient_name, patient_id, study_date, description,
            CASE WHEN model = '' THEN 'new' ELSE 'outlined' END, 1,
            lv_ef_percent, rv_ef_percent, worst, open_findings, model, touched,
            CASE WHEN series_uid LIKE 'file:%' THEN '' ELSE series_uid END, '', doubtful
        FROM waiting
    ) s
"""
_SEARCHED: Final = ("patient_name", "patient_id", "study_date", "description", "source")


def worklist(
    connection: sqlite3.Connection,
    *,
    search: str = "",
    status: Status | None = None,
    order: Order = Order.TOUCHED,
    limit: int | None = None,
) -> tuple[WorklistRow, ...]:
    """Return the studies that hold every word of `search` somewhere in patient, date, description or place."""
    conditions, values = [], []
    for word in search.split():
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append("(" + " OR ".join(f"s.{name} LIKE ? ESCAPE '\\'" for name in _SEARCHED) + ")")
        values += [like] * len(_SEARCHED)
    if status is not None:
        conditions.append("s.status = ?")
        values.append(status.value)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    most = "" if limit is None else f"LIMIT {int(limit)}"
    found = connection.execute(f"{_ROWS} {where} ORDER BY {_ORDERS[order]}, s.id {most}", values)
    return tuple(_row(values) for values in found)


def worklist_row(connection: sqlite3.Connection, study: int) -> WorklistRow | None:
    """Return the row of one study; None when it is not kept."""
    values = connection.execute(f"{_ROWS} WHERE s.id = ?", (study,)).fetchone()
    return None if values is None else _row(values)


def _row(values: tuple[Any, ...]) -> WorklistRow:
    fields = list(values)
    fields[7] = Status(fields[7])
    fields[16] = _message(fields[16])
    fields[17] = frozenset(fields[17].split())
    return WorklistRow(*fields)


def _message(kept: str) -> Message | None:
    try:
        return message_of(json.loads(kept)) if kept else None
    except (KeyError, TypeError, ValueError):  # a newer version's
        return None
