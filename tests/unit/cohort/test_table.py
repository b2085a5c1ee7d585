"""Rules of cohort.csv: what a row holds of a study's facts, and of facts that an earlier version kept."""

import csv
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cinecor.cohort.input_row import State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.page import write_page
from cinecor.cohort.study_facts import NUMBERS, StudyFacts
from cinecor.cohort.table import COLUMNS, write_tables

FACTS = StudyFacts(
    slices=10,
    phases=25,
    slice_spacing_mm=10.0,
    heart_rate_bpm=None,
    ed_phase=0,
    es_phase=9,
    numbers={name: float(at) for at, name in enumerate(NUMBERS)},
    doubtful=["rv"],
    findings={"rv_area_off": "doubtful"},
    lowest_confidence=0.5,
    status="ai_not_verified",
    series_uids=["1.2.3"],
    model_id="small",
    model_version="1",
    model_sha256="0" * 64,
    precision="fp32",
    provider="CPUExecutionProvider",
    seconds={"read": 0.1, "segment": 0.2},
)


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        yield manifest


def _row_of(manifest: Manifest, folder: Path, facts: StudyFacts) -> dict[str, str]:
    manifest.add(folder / "study", name="study")
    row = manifest.row_of(folder / "study")
    assert row is not None
    manifest.settle(row, state=State.DONE, studies=(StudyRow(1, "study", facts=facts),))
    write_tables(manifest, folder)
    with (folder / "cohort.csv").open(newline="") as file:
        (written,) = csv.DictReader(file)
    return written


def test_that_each_number_is_in_the_column_of_its_name(manifest: Manifest, tmp_path: Path) -> None:
    row = _row_of(manifest, tmp_path, FACTS)
    assert list(row) == list(COLUMNS)
    assert {name: float(row[name]) for name in NUMBERS} == FACTS.numbers
    assert row["heart_rate_bpm"] == ""


def test_that_an_ef_interval_is_told_of_the_ventricle_that_has_one(manifest: Manifest, tmp_path: Path) -> None:
    row = _row_of(manifest, tmp_path, replace(FACTS, ef_interval={"lv": [51.25, 62.5]}))
    assert (row["lv_ef_low_percent"], row["lv_ef_high_percent"]) == ("51.25", "62.5")
    assert (row["rv_ef_low_percent"], row["rv_ef_high_percent"]) == ("", "")


def test_that_a_study_of_one_phase_is_a_row_with_its_volumes_and_why_the_rest_is_empty(
    manifest: Manifest, tmp_path: Path
) -> None:
    lone = replace(
        FACTS,
        phases=1,
        numbers=dict.fromkeys(NUMBERS),
        lone_phase_ml={"lv": 120.5, "myo": 90.0},
        why_unknown=["single_phase", "no_heart_rate"],
    )
    row = _row_of(manifest, tmp_path, lone)
    assert (row["lv_one_phase_ml"], row["rv_one_phase_ml"], row["myo_one_phase_ml"]) == ("120.5", "", "90.0")
    assert row["why_unknown"] == "single_phase no_heart_rate"
    assert row["lv_ef_percent"] == ""
    write_page(manifest, tmp_path)
    assert "one phase only (1)" in (tmp_path / "cohort.html").read_text()


def test_that_facts_of_an_earlier_version_lack_what_came_later() -> None:
    later = ("ef_interval", "outside_reference", "why_unknown", "lone_phase_ml")
    kept = {name: value for name, value in FACTS.to_keep().items() if name not in later}
    assert StudyFacts.kept(kept) == FACTS


def test_that_parquet_holds_what_the_csv_holds_with_types(manifest: Manifest, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    written = _row_of(manifest, tmp_path, replace(FACTS, ef_interval={"rv": [40.0, 55.0]}))
    (row,) = parquet.read_table(tmp_path / "cohort.parquet").to_pylist()
    assert {name: "" if value is None else str(value) for name, value in row.items()} == written
    assert {name: type(value) for name, value in row.items() if value is not None} == {
        name: kind for name, kind in COLUMNS.items() if row[name] is not None
    }


def test_that_a_table_of_many_rows_is_the_same_in_both_forms(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("cinecor.cohort.table._ROWS_AT_ONCE", 2)
    for number in range(5):
        manifest.add(tmp_path / f"s{number}", name=f"s{number} “é”")
        row = manifest.row_of(tmp_path / f"s{number}")
        assert row is not None
        study = StudyRow(1, row.name, facts=replace(FACTS, slices=number))
        manifest.settle(row, state=State.DONE, studies=(study,), version="0.1.0")
    write_tables(manifest, tmp_path)
    with (tmp_path / "cohort.csv").open(newline="", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [(row["study"], row["slices"], row["cinecor_version"]) for row in written] == [
        (f"s{number} “é”", str(number), "0.1.0") for number in range(5)
    ]
    packed = parquet.read_table(tmp_path / "cohort.parquet").to_pylist()
    assert [(row["study"], row["slices"]) for row in packed] == [(f"s{number} “é”", number) for number in range(5)]
