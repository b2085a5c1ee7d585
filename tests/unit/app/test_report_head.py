"""A report and its structured twin say whom the numbers were compared as, and what of it a reader typed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pydicom
import pypdfium2
import pytest
from result_folders import with_facts

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.report_study import ReportOptions, report_study


@pytest.fixture
def typed(segmented_phantom: Path, tmp_path: Path) -> Path:
    """Return results that a reader gave what the phantom's headers do not say, and another heart rate."""
    return with_facts(
        segmented_phantom,
        tmp_path / "results",
        reference={"sex": "M", "age_years": 50},
        body={"height_cm": 180.0, "weight_kg": 80.0},
        stack={"heart_rate_bpm": 90.0},
        choices={"heart_rate": "reader"},
    )


def first_page(pdf: bytes) -> str:
    return pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("M (typed)", "50 years (typed)", "180 cm (typed)", "80 kg (typed)", "90 /min (typed)")),
        ("fr", ("M (saisi)", "50 ans (saisi)", "180 cm (saisi)", "80 kg (saisi)", "90 /min (saisi)")),
    ],
)
def test_that_what_was_typed_of_the_patient_stands_in_the_report(
    typed: Path, language: str, said: tuple[str, ...]
) -> None:
    told = first_page(report_study(typed, options=ReportOptions(language=language))).replace("\N{NO-BREAK SPACE}", " ")
    page = report_study(typed, options=ReportOptions(language=language), html=True).decode()
    for one in said:
        assert one in told
        assert one in page.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def measured_patient(phantom_study: Path, tmp_path: Path) -> Path:
    """Return a copy of the phantom whose headers say height and weight."""
    study = tmp_path / "study"
    shutil.copytree(phantom_study, study)
    for path in study.rglob("*.dcm"):
        image = pydicom.dcmread(path)
        image.PatientSize, image.PatientWeight = 1.7, 70
        image.save_as(path)
    return study


def test_that_only_what_differs_from_the_headers_is_called_typed(
    measured_patient: Path, write_true_results: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    own = write_true_results(measured_patient, tmp_path / "own")
    told = first_page(report_study(own, options=ReportOptions()))
    assert "170 cm, 70 kg, 1.82 m²" in told
    assert "typed" not in told
    heavier = with_facts(own, tmp_path / "heavier", body={"weight_kg": 100.0})
    assert "170 cm, 100 kg (typed), 2.17 m²" in first_page(report_study(heavier, options=ReportOptions()))
    unknown = with_facts(own, tmp_path / "unknown", body={"weight_kg": None})  # the reader did not believe it
    told = first_page(report_study(unknown, options=ReportOptions()))
    assert "70 kg" not in told
    assert "per m²" not in told


def test_that_values_per_m2_need_no_study_at_hand(typed: Path, tmp_path: Path) -> None:
    path = typed / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | {"input": "elsewhere", "input_id": None}), encoding="utf-8")
    told = first_page(report_study(typed, options=ReportOptions()))
    assert "180 cm, 80 kg, 2.00 m²" in told  # nobody can say whether they were typed
    assert "per m²" in told


def test_that_nothing_is_called_typed_where_nobody_typed(segmented_phantom: Path) -> None:
    assert "typed" not in first_page(report_study(segmented_phantom, options=ReportOptions()))


def test_that_the_structured_report_says_whom_numbers_were_compared_as(typed: Path, tmp_path: Path) -> None:
    exported = export_study(typed, out_dir=tmp_path / "out", options=ExportOptions(frozenset({Form.SR})))
    report = pydicom.dcmread(next(exported.folder.rglob("*.dcm")))
    texts = texts_in(report)
    assert "Reference ranges were chosen by: sex M, age 50 years." in texts


def texts_in(item: pydicom.Dataset) -> list[str]:
    inner = [text for child in item.get("ContentSequence", []) for text in texts_in(child)]
    return [str(item.TextValue), *inner] if "TextValue" in item else inner
