"""Mutants of a DICOM study: header values, files, positions, pixels and identities, in one file, a slice or all."""

import io
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pydicom
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.uid import generate_uid

from fuzz.clean_study import CleanStudy
from fuzz.invisible import Invisible
from fuzz.mutant import Mutant, damaged

_DECIDING: Final = (
    *("SOPInstanceUID", "ImageType", "AcquisitionTime", "ContentTime", "Modality", "SeriesDescription", "PatientID"),
    *("SequenceName", "SliceThickness", "SpacingBetweenSlices", "TriggerTime", "NominalInterval", "HeartRate"),
    *("StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "AcquisitionNumber", "InstanceNumber"),
    *("ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "SliceLocation", "Rows", "Columns"),
    *("PixelSpacing", "BitsAllocated", "BitsStored", "PixelRepresentation", "RescaleIntercept", "RescaleSlope"),
    *("PhotometricInterpretation", "NumberOfFrames", "CardiacNumberOfImages", "SamplesPerPixel"),
)
_ODD: Final = (None, "", "0", "-1", "1", "1e30", "1e-30", "nan", "inf", "abc", "1\\2", "9" * 60, "1e999")
_NUMBERS: Final = (0, 1, 7, 8, 12, 15, 16, 32, 255, 65535)
_IN_ALL_FILES: Final = {  # what the same change of every file comes to, where no other value contradicts it
    **dict.fromkeys(("PixelSpacing", "ImagePositionPatient"), Invisible.SCALED),
    **dict.fromkeys(("HeartRate", "NominalInterval", "TriggerTime"), Invisible.RATE),
    "ImageOrientationPatient": Invisible.PICTURE_TURNED,
}


def dicom_mutant(clean: CleanStudy, seed: int) -> Mutant:
    """Return the mutant of a seed."""
    rng = random.Random(seed)
    make = rng.choices(
        (_header_value, _bytes, _moved, _removed, _copied, _pixels, _foreign), (30, 20, 12, 8, 8, 12, 10)
    )[0]
    return make(clean, rng)


def _scope(clean: CleanStudy, rng: random.Random) -> tuple[str, list[str]]:
    """Return how many files are changed, and which: one, those of a slice, of a phase, or all."""
    scope = rng.choice(("one", "one", "slice", "slice", "phase", "all"))
    names, files = list(clean.files), clean.stack.files
    if files is None or len(names) == 1 or scope == "all":
        return ("all", names) if scope == "all" else (scope, [rng.choice(names)])
    if scope == "slice":
        return scope, [name for name in rng.choice(files) if name is not None]
    if scope == "phase":
        phase = rng.randrange(clean.stack.phases)
        return scope, [row[phase] for row in files if row[phase] is not None]  # type: ignore[misc]
    return scope, [rng.choice(names)]


def _edited(clean: CleanStudy, names: Sequence[str], edit: Callable[[pydicom.Dataset], object]) -> dict[str, bytes]:
    config.settings.reading_validation_mode = config.settings.writing_validation_mode = config.IGNORE
    files = {}
    for name in names:
        dataset = pydicom.dcmread(io.BytesIO(clean.files[name]))
        try:
            edit(dataset)
            written = io.BytesIO()
            dataset.save_as(written)
        except (ValueError, TypeError, AttributeError, OverflowError, OSError):
            continue  # such a value cannot be written
        files[name] = written.getvalue()
    return files


def _header_value(clean: CleanStudy, rng: random.Random) -> Mutant:
    scope, names = _scope(clean, rng)
    keyword, odd, number = rng.choice(_DECIDING), rng.choice(_ODD), rng.choice(_NUMBERS)
    factor, scaled = rng.choice((0.5, 2.0, -1.0, 1.3, 1.005)), rng.random() < 0.5

    def edit(dataset: pydicom.Dataset) -> None:
        if keyword not in dataset and odd is None:
            return
        if odd is None:
            delattr(dataset, keyword)
        elif keyword in dataset and scaled:
            setattr(dataset, keyword, _scaled(dataset[keyword].value, factor))
        elif dictionary_VR(keyword) == "US":
            setattr(dataset, keyword, number)
        else:
            setattr(dataset, keyword, odd)

    files = _edited(clean, names, edit)
    return Mutant(f"value {keyword} {scope}", files, _IN_ALL_FILES.get(keyword) if scope == "all" else None)


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, pydicom.multival.MultiValue):
        return [_scaled(one, factor) for one in value]
    if isinstance(value, int | float):
        return type(value)(value * factor)
    return f"{value}9"


def _bytes(clean: CleanStudy, rng: random.Random) -> Mutant:
    name = rng.choice(list(clean.files))
    content = clean.files[name]
    pixels_at = content.find(b"\xe0\x7f\x10\x00")
    how, changed = damaged(content, rng, until=rng.choice((None, None if pixels_at < 0 else pixels_at)))
    same_length = len(changed) == len(content)
    only_pixels = same_length and pixels_at >= 0 and changed[: pixels_at + 12] == content[: pixels_at + 12]
    return Mutant(f"bytes {how}", {name: changed}, Invisible.PIXEL_BYTES if only_pixels else None)


def _moved(clean: CleanStudy, rng: random.Random) -> Mutant:
    scope, names = _scope(clean, rng)
    by_mm = rng.choice((0.6, 3.0, 7.0, 30.0, 500.0))
    normal = np.cross(clean.stack.geometry.column_axis, clean.stack.geometry.row_axis)

    def edit(dataset: pydicom.Dataset) -> None:
        dataset.ImagePositionPatient = [
            round(float(one) + by_mm * step, 4) for one, step in zip(dataset.ImagePositionPatient, normal, strict=True)
        ]

    files = {} if len(clean.files) == 1 else _edited(clean, names, edit)
    return Mutant(f"moved {scope}", files, Invisible.PLACE if scope == "all" else None)


def _removed(clean: CleanStudy, rng: random.Random) -> Mutant:
    scope, names = _scope(clean, rng)
    end = (
        scope == "slice"
        and clean.stack.files is not None
        and names[0] in (*clean.stack.files[0], *clean.stack.files[-1])
    )
    return Mutant(f"removed {scope}", dict.fromkeys(names), Invisible.END_SLICE if end else None)


def _copied(clean: CleanStudy, rng: random.Random) -> Mutant:
    scope, names = _scope(clean, rng)
    new_uid = rng.random() < 0.5

    def edit(dataset: pydicom.Dataset) -> None:
        if new_uid:
            dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(
                entropy_srcs=[str(rng.random())]
            )

    files = {f"copy/{name}": content for name, content in _edited(clean, names, edit).items()}
    return Mutant(f"copied {scope}", files)


def _pixels(clean: CleanStudy, rng: random.Random) -> Mutant:
    scope, names = _scope(clean, rng)
    how = rng.choice(("black", "short", "long", "rows", "signed", "inverted"))

    def edit(dataset: pydicom.Dataset) -> None:
        if how == "black":
            dataset.PixelData = bytes(len(dataset.PixelData))
        elif how == "short":
            dataset.PixelData = dataset.PixelData[:-2]
        elif how == "long":
            dataset.PixelData = dataset.PixelData + bytes(600)
        elif how == "rows":
            dataset.Rows = max(1, dataset.Rows + rng.choice((-1, 1, -20, 20)))
        elif how == "signed":
            dataset.PixelRepresentation = 1
        else:
            dataset.PhotometricInterpretation = "MONOCHROME1"

    return Mutant(f"pixels {how} {scope}", _edited(clean, names, edit))


def _foreign(clean: CleanStudy, rng: random.Random) -> Mutant:
    scope, names = _scope(clean, rng)
    keyword = rng.choice(("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"))

    def edit(dataset: pydicom.Dataset) -> None:
        setattr(dataset, keyword, f"{dataset.get(keyword, '1.2')}7")

    return Mutant(f"other {keyword} {scope}", _edited(clean, names, edit))
