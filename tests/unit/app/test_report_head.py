"""A report and its structured twin say whom the numbers were compared as, and what of it a reader typed."""

import json
import shutil
from pathlib import Path

import pydicom
import pypdfium2
import pytest

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.report_study import ReportOptions, report_study
from cinecor.report.binding import bound_anew
from cinecor.report.results import Results


@pytest.fixture
def typed(segmented_phantom: Path, tmp_path: Path) -> Path:
    """Return results that a reader gave a sex and an age; the phantom's headers say O and nothing."""
    folder = tmp_path / "results"
    shutil.copytree(segmented_phantom, folder)
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["reference"] |= {"sex": "M", "age_years": 50}
    path.write_text(bound_anew(Results.model_validate(content)).to_json(), encoding="utf-8")
    return folder


def first_page(pdf: bytes) -> str:
    return pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()


@pytest.mark.parametrize(
    ("language", "said"), [("en", ("M (typed)", "50 years (typed)")), ("fr", ("M (saisi)", "50 ans (saisi)"))]
)
def test_that_a_sex_and_an_age_which_were_typed_stand_in_the_report(
    typed: Path, language: str, said: tuple[str, str]
) -> None:
    told = first_page(report_study(typed, options=ReportOptions(language=language))).replace("\N{NO-BREAK SPACE}", " ")
    page = report_study(typed, options=ReportOptions(language=language), html=True).decode()
    for one in said:
        assert one in told
        assert one in page.replace("\N{NO-BREAK SPACE}", " ")


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
