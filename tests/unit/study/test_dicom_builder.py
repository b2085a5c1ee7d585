"""The builder writes what pydicom writes, element by element."""

from copy import deepcopy
from io import BytesIO
from pathlib import Path

import pytest
from dicom_builder import beating_cine, frame, image, save, set_pixels
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset


def without_a_name(ds: Dataset) -> None:
    del ds.SeriesDescription


def private(ds: Dataset) -> None:
    ds.private_block(0x0029, "CINECOR TEST", create=True).add_new(0x01, "LO", "private")


def moved(ds: Dataset) -> None:
    ds.ImagePositionPatient = [1.5, "-2.25000", -3]


def odd(ds: Dataset) -> None:
    ds.PatientName, ds.HeartRate, ds.PixelSpacing = "A^B", "60", ["1.5", ""]


def signed(ds: Dataset) -> None:
    set_pixels(ds, image(2, 3).astype("i2") - 2000)


def in_letters_of_another_set(ds: Dataset) -> None:
    ds.SpecificCharacterSet, ds.PatientName = "ISO_IR 100", "Müller"


def with_a_sequence(ds: Dataset) -> None:
    ds.ReferencedImageSequence = [deepcopy(frame(0, 1))]


@pytest.mark.parametrize(
    "change", [None, without_a_name, private, moved, odd, signed, in_letters_of_another_set, with_a_sequence]
)
def test_that_the_builder_writes_what_pydicom_writes(tmp_path: Path, change: object) -> None:
    for ds in (frame(1, 2), frame(1, 2), *beating_cine(1, 2)):
        if callable(change):
            change(ds)
        save(tmp_path / "image", ds)
        written = BytesIO()
        with disable_value_validation():
            ds.save_as(written, enforce_file_format=True)
        assert (tmp_path / "image").read_bytes() == written.getvalue()
