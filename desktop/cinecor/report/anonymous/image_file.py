"""`read_image`: an image file as it is, pixel data included and undecoded; `says_burned_in`: of its header alone."""

import io

import pydicom
from pydicom.dataset import FileDataset

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.study.dicom.file_source import FileSource


def read_image(source: FileSource) -> FileDataset:
    """Return a file's dataset; Raises `InputError` where it can no longer be read."""
    try:
        with source.open("rb") as file:
            return pydicom.dcmread(io.BytesIO(file.read()), force=True)
    except Exception as error:  # pydicom raises anything on damaged bytes
        raise _unreadable(error) from error


def says_burned_in(source: FileSource) -> bool:
    """Return whether an image says that text is burned into its pixels. Raises `InputError` as `read_image` does."""
    try:
        with source.open("rb") as file:
            header = pydicom.dcmread(file, force=True, stop_before_pixels=True, specific_tags=["BurnedInAnnotation"])
            return str(header.get("BurnedInAnnotation", "")).strip().upper() == "YES"
    except Exception as error:  # pydicom raises anything on damaged bytes
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> InputError:
    return InputError(
        Message("image_unreadable", "An image of the study can no longer be read ({reason}).", reason=str(error))
    )
