"""Long-axis cines of a study that are made otherwise than they were written."""

from collections.abc import Callable
from pathlib import Path

import pydicom

from cinecor.study.series.long_axis_name import chambers_named


def spoil(study: Path, chambers: int, change: Callable[[pydicom.FileDataset], None]) -> None:
    """Change every file of one long-axis cine."""
    for file in (one for one in study.rglob("*") if one.is_file()):
        data = pydicom.dcmread(file, force=True)
        if chambers_named(data.get("SeriesDescription")) == chambers:
            change(data)
            data.save_as(file)
