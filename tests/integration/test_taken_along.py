"""What leaves with real studies: reports that say what results.json says, and SEG that comes back bit for bit."""

from pathlib import Path

import pydicom
import pypdfium2
import pytest
from validators import dciodvfy_errors, pdfa_faults

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.report_study import ReportOptions, report_study
from cinecor.cli.main import main
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.report.dicom.measurement_reader import VENTRICLE_CODES, numbers_in
from cinecor.report.dicom.segmentation_reader import read_segmentations
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.study import open_input
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom

pytestmark = pytest.mark.real

STUDIES = ("SC-HF-I-1", "Siemens")
OF_THE_STUDY = ("Leading zeroes", "invalid data values for Value Representations")  # UIDs that Sunnybrook's images have


@pytest.fixture(scope="module", params=STUDIES)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> KeptResults:
    """The results of a study, as `cinecor segment` writes them."""
    folder: Path = request.getfixturevalue("sunnybrook" if request.param == "SC-HF-I-1" else "siemens")
    study = folder / ("SCD0000101" if request.param == "SC-HF-I-1" else "patient1")
    out = tmp_path_factory.mktemp("taken along")
    assert main(["segment", str(study), "--out", str(out), "--device", "cpu"]) == 0
    return read_results(out / study.name)


@pytest.mark.parametrize(("language", "point"), [("en", "."), ("fr", ",")])
def test_that_a_report_says_what_the_results_say(kept: KeptResults, tmp_path: Path, language: str, point: str) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(report_study(kept.folder, options=ReportOptions(language=language)))
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]
    results = kept.results
    words = pages[0].split()
    for quantity in QUANTITIES:
        for ventricle in quantity.codes:
            value = quantity.of(results.lv if ventricle is Ventricle.LV else results.rv)
            if value is not None:
                told = f"{value:.{quantity.decimals}f}".replace(".", point)
                assert any(told in word for word in words), (quantity.field, told)
    appendix = " ".join(pages[1:])
    for curve in (results.volumes_ml.lv, results.volumes_ml.rv, results.volumes_ml.myo):
        assert all(f"{value:.1f}".replace(".", point) in appendix for value in curve)
    if language == "fr":  # takes seconds
        assert pdfa_faults(path) == ""


def test_that_outlines_and_numbers_come_back_as_they_left(kept: KeptResults, tmp_path: Path) -> None:
    done = export_study(kept.folder, out_dir=tmp_path, options=ExportOptions(frozenset({Form.SEG, Form.SR})))
    assert done.refused == ()
    paths = sorted((done.folder / "seg-ai").iterdir())
    stack, _ = open_input(Path(kept.results.input))
    with quiet_pydicom():
        read = read_segmentations([(path.name, pydicom.dcmread(path)) for path in paths], stack)
        numbers = numbers_in(pydicom.dcmread(done.folder / "sr-ai.dcm"))
    assert (read.labels == kept.labels).all()
    assert read.left_out == ()
    for ventricle, function in ((Ventricle.LV, kept.results.lv), (Ventricle.RV, kept.results.rv)):
        for quantity in QUANTITIES:
            if ventricle in quantity.codes and quantity.of(function) is not None:
                assert numbers[VENTRICLE_CODES[ventricle], quantity.codes[ventricle].value] == quantity.of(function)
    for path in (paths[0], done.folder / "sr-ai.dcm"):
        ours = [line for line in dciodvfy_errors(path) if not any(known in line for known in OF_THE_STUDY)]
        assert ours == []
