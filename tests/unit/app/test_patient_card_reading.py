"""A patient card says the same whether the header is read by hand or by pydicom, in every character set."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import FileDataset

from cinecor.app.patient_card import PatientCard, read_patient_card
from cinecor_phantom import Acquisition, make_phantom, write_dicom


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    write_dicom(
        make_phantom(acquisition=Acquisition(slices=12, phases=2, rows=96, columns=96, pixel_spacing_mm=3.0)),
        folder,
        style="ge",
    )
    return next(path for path in sorted(folder.rglob("*")) if path.is_file())


def _written(image: Path, to: Path, **values: str) -> Path:
    header: FileDataset = pydicom.dcmread(image)
    for keyword, value in values.items():
        setattr(header, keyword, value)
    header.save_as(to)
    return to


FACTS = {
    "PatientName": "Doe^Jane",
    "PatientID": "4711",
    "PatientBirthDate": "19610203",
    "PatientSex": "F",
    "PatientSize": "1.68",
    "PatientWeight": "61.5",
    "StudyDate": "20240105",
    "StudyDescription": "Heart",
    "MagneticFieldStrength": "1.5",
}


def _by_pydicom(path: Path, monkeypatch: pytest.MonkeyPatch) -> PatientCard:
    with monkeypatch.context() as patched:
        patched.setattr("cinecor.app.patient_card.read_plain", lambda *_, **__: None)
        return read_patient_card(path)


def test_that_a_plain_header_is_read_without_pydicom_and_says_the_same(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _written(image, tmp_path / "plain.dcm", **FACTS)
    expected = _by_pydicom(path, monkeypatch)
    monkeypatch.setattr(pydicom, "dcmread", lambda *_, **__: pytest.fail("pydicom was asked"))
    assert read_patient_card(path) == expected
    assert (expected.name, expected.sex, expected.age_years) == ("Doe Jane", "F", 62)
    assert (expected.height_cm, expected.weight_kg, expected.field_tesla) == (168.0, 61.5, 1.5)


@pytest.mark.parametrize(
    ("character_set", "name"),
    [("ISO_IR 100", "Müller^Åse"), ("ISO_IR 192", "山田^太郎"), (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎")],
)
def test_that_a_name_beyond_ascii_is_read_in_its_character_set(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, character_set: str, name: str
) -> None:
    path = _written(image, tmp_path / "name.dcm", SpecificCharacterSet=character_set, **(FACTS | {"PatientName": name}))
    card = read_patient_card(path)
    assert card == _by_pydicom(path, monkeypatch)
    assert card.name == name.replace("^", " ")


def test_that_a_file_without_a_header_gives_an_empty_card(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no image")
    assert read_patient_card(tmp_path / "text") == PatientCard()
