"""`cohort.csv`: one row a study, or an input that gave none, for spreadsheets and statistics."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from cinecor.cohort.input_row import InputRow, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.study_facts import NUMBERS, StudyFacts
from cinecor.durable_file import replace_file
from cinecor.measure.conventions import NOTICE
from cinecor.measure.ventricle import Ventricle

CSV_NAME: Final = "cohort.csv"
PARQUET_NAME: Final = "cohort.parquet"
_ROWS_AT_ONCE: Final = 1000  # in memory as objects; a cohort has tens of thousands

_INTERVALS: Final = {
    f"{side.value}_ef_{end}_percent": (side, at) for side in Ventricle for at, end in enumerate(("low", "high"))
}

_LONE_PHASE: Final = {f"{structure}_one_phase_ml": structure for structure in ("lv", "rv", "myo")}

COLUMNS: Final[dict[str, type]] = {
    "study": str,
    "state": str,
    "code": str,
    "message": str,
    "folder": str,
    "input": str,
    "number": int,
    "series_digest": str,
    "slices": int,
    "phases": int,
    "slice_spacing_mm": float,
    "heart_rate_bpm": float,
    "ed_phase": int,
    "es_phase": int,
    **dict.fromkeys(NUMBERS, float),
    **dict.fromkeys(_INTERVALS, float),
    **dict.fromkeys(_LONE_PHASE, float),
    "why_unknown": str,
    "doubtful": str,
    "doubtful_numbers": str,
    "findings": str,
    "outside_reference": str,
    "lowest_confidence": float,
    "status": str,
    "model": str,
    "model_sha256": str,
    "provider": str,
    "cinecor_version": str,
    "read_s": float,
    "segment_s": float,
    "notice": str,
}
"""The columns and what they hold; docs/cohorts.md says what they mean."""

Value = str | int | float | None


def write_tables(manifest: Manifest, folder: Path) -> None:
    """Write cohort.csv and, where the extra `cluster` is installed, cohort.parquet. Raises `OutputError`."""
    packed = io.BytesIO()
    text = io.TextIOWrapper(packed, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table_rows(manifest))
    text.flush()
    replace_file(folder / CSV_NAME, packed.getvalue())
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        return
    types = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    rows = table_rows(manifest)
    columns = arrow.BufferOutputStream()
    with parquet.ParquetWriter(columns, schema) as file:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            file.write_table(arrow.Table.from_pylist(some, schema=schema))
    replace_file(folder / PARQUET_NAME, columns.getvalue().to_pybytes())


def table_rows(manifest: Manifest) -> Iterator[dict[str, Value]]:
    """Yield the rows in the order in which the inputs were found; what cannot be known is None."""
    for row, study in manifest.studies():
        yield _table_row(row, study)


def _table_row(row: InputRow, study: StudyRow | None) -> dict[str, Value]:
    failed = study is not None and study.facts is None
    values: dict[str, Value] = dict.fromkeys(COLUMNS)
    values |= {
        "study": row.name if study is None or not study.folder else study.folder,
        "state": "failed" if failed else row.state.value,
        "code": study.code if failed and study is not None else row.code,
        "message": study.message if failed and study is not None else row.message,
        "folder": None if study is None or not study.folder else study.folder,
        "input": _readable(str(row.path)),
        "number": None if study is None else study.number,
        "cinecor_version": row.version or None,
        "notice": NOTICE,
    }
    if study is not None and study.facts is not None:
        values |= _facts(study.facts)
    return values


def _facts(facts: StudyFacts) -> dict[str, Value]:
    return {
        "series_digest": facts.series_digest or None,
        "slices": facts.slices,
        "phases": facts.phases,
        "slice_spacing_mm": facts.slice_spacing_mm,
        "heart_rate_bpm": facts.heart_rate_bpm,
        "ed_phase": facts.ed_phase,
        "es_phase": facts.es_phase,
        **{name: facts.numbers.get(name) for name in NUMBERS},
        **{name: _interval_end(facts, side, at) for name, (side, at) in _INTERVALS.items()},
        **{name: facts.lone_phase_ml.get(structure) for name, structure in _LONE_PHASE.items()},
        "why_unknown": " ".join(facts.why_unknown),
        "doubtful": " ".join(facts.doubtful),
        "doubtful_numbers": " ".join(facts.doubtful_numbers),
        "findings": " ".join(f"{code}:{severity}" for code, severity in facts.findings.items()),
        "outside_reference": " ".join(f"{measure}:{side}" for measure, side in facts.outside_reference.items()),
        "lowest_confidence": facts.lowest_confidence,
        "status": facts.status,
        "model": f"{facts.model_id} {facts.model_version} {facts.precision}",
        "model_sha256": facts.model_sha256,
        "provider": facts.provider,
        "read_s": facts.seconds.get("read"),
        "segment_s": facts.seconds.get("segment"),
    }


def _interval_end(facts: StudyFacts, side: Ventricle, at: int) -> float | None:
    interval = facts.ef_interval.get(side.value)
    return None if interval is None else interval[at]


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
