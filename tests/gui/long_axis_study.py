"""Long-axis cines of a study that are made otherwise than they were written."""

from collections.abc import Callable
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid

from cinecor.study.series.long_axis_name import chambers_named


def spoil(study: Path, chambers: int, change: Callable[[pydicom.FileDataset], None]) -> None:
    """Change every file of one long-axis cine."""
    for file in (one for one in study.rglob("*") if one.is_file()):
        data = pydicom.dcmread(file, force=True)
        if chambers_named(data.get("SeriesDescription")) == chambers:
            change(data)
            data.save_as(file)


def take_again(study: Path, chambers: int, *, description: str, number: int) -> None:
    """Write one long-axis cine a second time, as a series of its own with another name and number."""
    series = generate_uid()
    for file in [one for one in study.rglob("*") if one.is_file()]:
        data = pydicom.dcmread(file, force=True)
        if chambers_named(data.get("SeriesDescription")) == chambers:
            data.SeriesInstanceUID, data.SOPInstanceUID = series, generate_uid()
            data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
            data.SeriesDescription, data.SeriesNumber = description, number
            data.PixelData = data.PixelData[2:] + data.PixelData[:2]  # another picture, by one pixel
            data.save_as(file.with_name(f"{number}-{file.name}"))
