"""Sex and age as headers have them, and what is made of headers that do not."""

import io

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from cinecor.app.patient_card import PatientCard, read_patient_card
from cinecor.measure.reference.table import Sex


class Held:
    """A file in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def card_of(**values: str) -> PatientCard:
    header = Dataset()
    for name, value in values.items():
        setattr(header, name, value)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = meta.MediaStorageSOPInstanceUID = "1.2.3"
    header.file_meta = meta
    held = io.BytesIO()
    header.save_as(held, enforce_file_format=True)
    return read_patient_card(Held(held.getvalue()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "age"),
    [
        ({"PatientAge": "063Y"}, 63),
        ({"PatientAge": "023M"}, 1),
        ({"PatientAge": "060W"}, 1),
        ({"PatientAge": "063Y", "PatientBirthDate": "19000101", "StudyDate": "20260105"}, 63),
        ({"PatientBirthDate": "19630106", "StudyDate": "20260105"}, 62),
        ({"PatientBirthDate": "19630105", "StudyDate": "20260105"}, 63),
        ({"PatientBirthDate": "19630000", "StudyDate": "20260105"}, None),
        ({"PatientBirthDate": "18630105", "StudyDate": "20260105"}, None),
        ({"PatientBirthDate": "20270105", "StudyDate": "20260105"}, None),
        ({}, None),
    ],
)
def test_that_the_age_is_the_header_s_or_follows_from_the_dates(values: dict[str, str], age: int | None) -> None:
    assert card_of(**values).body(None).age_years == age


@pytest.mark.parametrize(("text", "sex"), [("M", Sex.MALE), ("F", Sex.FEMALE), ("O", None), ("", None)])
def test_that_a_sex_other_than_two_is_not_known_to_ranges(text: str, sex: Sex | None) -> None:
    assert card_of(PatientSex=text).body(70.0).sex is sex
