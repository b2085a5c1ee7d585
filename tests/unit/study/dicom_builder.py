"""Small synthetic DICOM studies: a healthy one, that every test breaks in its own way before it is written.

Each pixel value says which slice and phase it comes from, so that order can be read off the stack: see `codes`.
"""

import pickle
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.config import disable_value_validation
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from cinecor.study import CineStack

ROWS, COLUMNS = 20, 24
SPACING_MM = 1.5
RR_MS = 900.0
STUDY_UID = "1.2.826.0.1.3680043.10.1.1"
FRAME_OF_REFERENCE = "1.2.826.0.1.3680043.10.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"

# In LPS: the columns of a short-axis image, its rows, and base to apex.
SAX = ((0.7071, 0.5657, 0.4243), (0.0, 0.6, -0.8))
FOUR_CHAMBER = ((0.995, 0.0, 0.097), (0.08, 0.57, 0.82))
AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def orthonormal(axes: tuple[Sequence[float], Sequence[float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return unit column axis, row axis and normal."""
    column = np.asarray(axes[0], float) / np.linalg.norm(axes[0])
    row = np.asarray(axes[1], float)
    row -= (row @ column) * column
    row /= np.linalg.norm(row)
    return column, row, np.cross(column, row)


def base_to_apex(axes: tuple[Sequence[float], Sequence[float]] = SAX) -> np.ndarray:
    """Return the normal, pointed to the left, the front and the feet."""
    normal = orthonormal(axes)[2]
    return normal if normal @ np.array([0.7, -0.45, -0.55]) > 0 else -normal


def code(slice_number: int, phase: int) -> int:
    return 100 + 40 * slice_number + phase


def image(slice_number: int, phase: int) -> np.ndarray:
    values = np.full((ROWS, COLUMNS), code(slice_number, phase), np.uint16)
    values[ROWS // 2 :, COLUMNS // 2 :] += 1000
    return values


def codes(stack: CineStack) -> list[list[int]]:
    """Return [slice][phase] the code found in the stack."""
    return [[round(float(value)) for value in row] for row in stack.pixels[:, :, 1, 1]]


def expected(slices: int, phases: int) -> list[list[int]]:
    return [[code(number, phase) for phase in range(phases)] for number in range(slices)]


def frame(
    slice_number: int,
    phase: int,
    *,
    phases: int = 10,
    step_mm: float = 10.0,
    axes: tuple[Sequence[float], Sequence[float]] = SAX,
    series: int = 1,
    instance: int | None = None,
) -> Dataset:
    """Return one image of a healthy cine: slice 0 is the base, all tags there and true."""
    number = slice_number * phases + phase + 1 if instance is None else instance
    of_axes = (tuple(axes[0]), tuple(axes[1]))
    healthy: Dataset = pickle.loads(
        _pickled(
            slice_number=slice_number, phase=phase, phases=phases, step_mm=step_mm, axes=of_axes, series=series,
            instance=number,
        )
    )  # fmt: skip
    return healthy


@cache
@disable_value_validation()
def _pickled(
    *,
    slice_number: int,
    phase: int,
    phases: int,
    step_mm: float,
    axes: tuple[tuple[float, ...], tuple[float, ...]],
    series: int,
    instance: int,
) -> bytes:
    """The image that `frame` returns: it is made once and comes back in a quarter of the time."""
    column, row, _ = orthonormal(axes)
    position = np.array([-20.0, -60.0, 40.0]) + slice_number * step_mm * base_to_apex(axes)
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    ds.SOPClassUID = MR
    ds.SOPInstanceUID = f"{STUDY_UID}.{series}.{slice_number}.{phase}"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20240105"
    ds.StudyTime = "100000"
    ds.SeriesTime = f"10{series:02d}00"
    ds.AcquisitionTime = f"10{series:02d}{slice_number:02d}.000000"
    ds.ContentTime = ds.AcquisitionTime
    ds.Modality = "MR"
    ds.Manufacturer = "Test"
    ds.SeriesDescription = f"series {series}"
    ds.ScanningSequence = "GR"
    ds.EchoTime = "1.5"
    ds.SliceThickness = "8"
    ds.SpacingBetweenSlices = f"{step_mm:g}"
    ds.TriggerTime = f"{RR_MS * phase / phases:.2f}"
    ds.NominalInterval = f"{RR_MS:.0f}"
    ds.CardiacNumberOfImages = str(phases)
    ds.StudyInstanceUID = STUDY_UID
    ds.SeriesInstanceUID = f"{STUDY_UID}.{series}"
    ds.SeriesNumber = str(series)
    ds.AcquisitionNumber = "1"
    ds.InstanceNumber = str(instance)
    ds.ImagePositionPatient = [f"{value:.5f}" for value in position]
    ds.ImageOrientationPatient = [f"{value:.6f}" for value in (*column, *row)]
    ds.FrameOfReferenceUID = FRAME_OF_REFERENCE
    ds.PixelSpacing = [SPACING_MM, SPACING_MM]
    set_pixels(ds, image(slice_number, phase))
    return pickle.dumps(ds)


def set_pixels(ds: Dataset, values: np.ndarray, *, bits_stored: int | None = None) -> None:
    bits = values.dtype.itemsize * 8
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = values.shape[-2:]
    ds.BitsAllocated = bits
    ds.BitsStored = bits_stored or bits
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(values.dtype.kind == "i")
    ds.PixelData = values.astype(values.dtype.newbyteorder("<")).tobytes()
    ds["PixelData"].VR = "OW"


def cine(slices: int = 4, phases: int = 10, *, series: int = 1, **options: object) -> list[Dataset]:
    """Return a healthy cine, all slices in one series."""
    return [
        frame(number, phase, phases=phases, series=series, **options)  # type: ignore[arg-type]
        for number in range(slices)
        for phase in range(phases)
    ]


def cine_by_series(slices: int = 4, phases: int = 10, *, first_series: int = 1) -> list[Dataset]:
    """Return a healthy cine with one series a slice."""
    datasets = []
    for number in range(slices):
        for phase in range(phases):
            ds = frame(number, phase, phases=phases, series=first_series + number, instance=phase + 1)
            datasets.append(ds)
    return datasets


def write(folder: Path, datasets: Iterable[Dataset], *, prefix: str = "IM") -> Path:
    """Write datasets as files without extension, in an order that says nothing, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, ds in enumerate(datasets):
        save(folder / f"{prefix}{(number * 7919) % 100003:06d}", ds)
    return folder


def save(path: Path, ds: Dataset) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID") or MR
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID") or generate_uid()
    with disable_value_validation():  # a third of the time, and what is wrong in a dataset is wrong on purpose
        if _is_plain(ds):
            path.write_bytes(plain_bytes(ds))
        else:
            ds.save_as(path, enforce_file_format=True, overwrite=True)
    return path


def _is_plain(ds: Dataset) -> bool:
    """Return whether every element is written the same way whatever stands around it."""
    return (
        ds.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        and "SpecificCharacterSet" not in ds
        and all(
            isinstance(element := ds.get_item(tag), DataElement) and element.VR != "SQ" and " or " not in element.VR
            for tag in ds.keys()  # noqa: SIM118  a dataset yields elements, and so reads them
        )
    )


def plain_bytes(ds: Dataset) -> bytes:
    """Return the file that pydicom writes of a plain dataset: each element is encoded once, and then known."""
    head = Dataset()
    head.file_meta = ds.file_meta
    parts = [_known(tuple(_key(element) for element in ds.file_meta), head, _file_of)]
    parts += [_known(_key(element), element, _element_bytes) for element in ds]
    return b"".join(parts)


_ENCODED: dict[Hashable, bytes] = {}


def _known(key: Hashable, what: object, encode: Callable[[Any], bytes]) -> bytes:
    if key not in _ENCODED:
        _ENCODED[key] = encode(what)
    return _ENCODED[key]


def _key(element: DataElement) -> tuple[int, str, Hashable]:
    value = element.value
    return int(element.tag), element.VR, value if isinstance(value, bytes) else repr(value)


def _file_of(ds: Dataset) -> bytes:
    written = BytesIO()
    ds.save_as(written, enforce_file_format=True)
    return written.getvalue()


def _element_bytes(element: DataElement) -> bytes:
    written = DicomBytesIO()
    written.is_little_endian, written.is_implicit_VR = True, False
    one = Dataset()
    one.add(element)
    write_dataset(written, one)
    return bytes(written.getvalue())


BEATING_ROWS = 64


def beating_image(slice_number: int, phase: int, *, phases: int, seed: int = 0) -> np.ndarray:
    """Return a heart in a chest: a bright pool that shrinks and grows again, between structures of its own slice."""
    rows, columns = np.mgrid[:BEATING_ROWS, :BEATING_ROWS]
    systole = np.sin(np.pi * min(1.0, 1.6 * phase / phases)) if phase < phases / 1.6 else 0.0
    radius = 15.0 - slice_number * 1.0 - 6.0 * systole
    distance = np.hypot(rows - 30 - 0.7 * slice_number, columns - 30 + 0.5 * slice_number)
    values = 200.0 + 900.0 / (1.0 + np.exp(distance - radius))
    values += 300.0 * (np.hypot(rows - 32, columns - 32) > 27)
    values += 120.0 * np.sin(0.35 * rows + 0.55 * slice_number) * np.cos(0.3 * columns - 0.4 * slice_number)
    noise = np.random.default_rng(1000 * slice_number + phase + 100_000 * seed).normal(0.0, 12.0, values.shape)
    return np.clip(values + noise, 0, 4095).astype(np.uint16)


def beating_cine(slices: int = 6, phases: int = 12, *, series: int = 1, **options: object) -> list[Dataset]:
    """Return a cine in which every picture shows its slice and its phase, as a heart does."""
    datasets = cine(slices, phases, series=series, **options)
    for number, ds in enumerate(datasets):
        set_pixels(ds, beating_image(number // phases, number % phases, phases=phases), bits_stored=12)
    return datasets
