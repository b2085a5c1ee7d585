"""`PatientCard`: what the headers say of patient and study; shown on the screen, never written to a log."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from cinecor.measure.reference.table import OLDEST, Sex
from cinecor.review import Body
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.plain_file import read_plain
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom
from cinecor.study.dicom.tag import Tag
from cinecor.study.files.archive import archived_files, is_zip, open_archive

_TAGS: Final[dict[str, int]] = {
    keyword: getattr(Tag, keyword)
    for keyword in (
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "PatientAge",
        "PatientSize",
        "PatientWeight",
        "StudyDate",
        "StudyDescription",
        "ManufacturerModelName",
        "Manufacturer",
        "MagneticFieldStrength",
    )
}
_NOT_PLAIN: Final = re.compile(rb"[^ -~]|[=\\]")  # what only a character set, or the parts of a value, make text of
_PLAIN_TAGS: Final = frozenset((*_TAGS.values(), Tag.TransferSyntaxUID, Tag.NumberOfFrames))
_HEIGHT_M = (0.4, 2.6)  # outside, the tag holds centimetres or nothing
_WEIGHT_KG = (1.0, 400.0)
_FIELD_TESLA = (0.01, 30.0)
_AGE_UNITS = {"D": 365, "W": 52, "M": 12, "Y": 1}  # so many of them are a year


@dataclass(frozen=True, slots=True)
class PatientCard:
    """Who and what was scanned; empty where the headers do not say."""

    name: str = ""
    id: str = ""
    birth_date: str = ""
    sex: str = ""
    study_date: str = ""
    study: str = ""
    scanner: str = ""
    height_cm: float | None = None
    weight_kg: float | None = None
    field_tesla: float | None = None
    age_years: int | None = None  # when the study was made

    def body(self, heart_rate_bpm: float | None) -> Body:
        """Return the facts that the numbers need."""
        sex = Sex(self.sex) if self.sex in tuple(Sex) else None
        return Body(heart_rate_bpm, self.height_cm, self.weight_kg, sex, self.age_years)


def read_patient_card(source: FileSource) -> PatientCard:
    """Read one file's header; an empty card when it cannot be read."""
    try:
        with source.open("rb") as file:
            text = _plain_text(file) or _text(file)
    except Exception:  # noqa: BLE001  pydicom raises anything on damaged bytes; a card is no reason to fail
        return PatientCard()
    height_m, weight_kg = _number(text["PatientSize"]), _number(text["PatientWeight"])
    if height_m is not None and not _HEIGHT_M[0] <= height_m <= _HEIGHT_M[1]:
        height_m = height_m / 100 if _HEIGHT_M[0] <= height_m / 100 <= _HEIGHT_M[1] else None
    if weight_kg is not None and not _WEIGHT_KG[0] <= weight_kg <= _WEIGHT_KG[1]:
        weight_kg = None
    field_tesla = _number(text["MagneticFieldStrength"])
    if field_tesla is not None and field_tesla > 100.0:  # in gauss, as older scanners write it
        field_tesla /= 10_000.0
    if field_tesla is not None and not _FIELD_TESLA[0] <= field_tesla <= _FIELD_TESLA[1]:
        field_tesla = None
    return PatientCard(
        name=text["PatientName"].replace("^", " ").strip(),
        id=text["PatientID"],
        birth_date=_date(text["PatientBirthDate"]),
        sex=text["PatientSex"],
        study_date=_date(text["StudyDate"]),
        study=text["StudyDescription"],
        scanner=" ".join(part for part in (text["Manufacturer"], text["ManufacturerModelName"]) if part),
        height_cm=None if height_m is None else round(height_m * 100, 1),
        weight_kg=weight_kg,
        field_tesla=field_tesla,
        age_years=_age_years(text["PatientAge"], born=text["PatientBirthDate"], seen=text["StudyDate"]),
    )


def card_within(path: Path, name: str) -> PatientCard:
    """Return the card of a file below an input, a folder or an archive; an empty one where it is not found again."""
    source = path / name if path.is_dir() else path
    if not source.is_file():
        return PatientCard()
    if not is_zip(source):
        return read_patient_card(source)
    with open_archive(source) as archive:
        inside = next((one for one in archived_files(archive) if one.name == name), None)
        return PatientCard() if inside is None else read_patient_card(inside)


def _plain_text(file: BinaryIO) -> dict[str, str] | None:
    """Return the values by keyword; None for a file or a value that pydicom, slow to load, should look at."""
    plain = read_plain(file, tags=_PLAIN_TAGS)
    if plain is None:
        return None
    stored = {keyword: plain.dataset[tag].value for keyword, tag in _TAGS.items() if tag in plain.dataset}
    values = {keyword: value.strip(b" \0") for keyword, value in stored.items() if isinstance(value, bytes)}
    if any(_NOT_PLAIN.search(value) for value in values.values()):
        return None
    return {keyword: values.get(keyword, b"").decode("ascii") for keyword in _TAGS}


def _text(file: BinaryIO) -> dict[str, str]:
    import pydicom

    file.seek(0)
    with quiet_pydicom():
        header = pydicom.dcmread(file, force=True, stop_before_pixels=True, specific_tags=list(_TAGS))
        return {keyword: str(header.get(keyword, "") or "").strip() for keyword in _TAGS}


def _age_years(text: str, *, born: str, seen: str) -> int | None:
    """Return the age in whole years: as the header has it ("063Y"), else from birth to study; None where unlikely."""
    if len(text) == 4 and text[:3].isdigit() and text[3] in _AGE_UNITS:
        age = int(text[:3]) // _AGE_UNITS[text[3]]
    elif all(len(date) == 8 and date.isdigit() and int(date[4:]) > 0 for date in (born, seen)):
        age = (int(seen) - int(born)) // 10_000
    else:
        return None
    return age if 0 <= age <= OLDEST else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(text: str) -> str:
    """Return a DICOM date for reading; of one that was blanked, the part that is left."""
    if len(text) < 8 or not text[:8].isdigit():
        return text
    parts = (text[:4], text[4:6], text[6:8])
    kept = list(itertools.takewhile(lambda part: int(part) > 0, parts))
    return "-".join(kept)
