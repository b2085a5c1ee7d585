"""`read_image`: an image file as it is, pixel data included and undecoded."""

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
        raise InputError(
            Message("image_unreadable", "An image of the study can no longer be read ({reason}).", reason=str(error))
        ) from error
