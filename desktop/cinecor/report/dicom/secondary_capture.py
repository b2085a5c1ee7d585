"""`secondary_capture`: the report's page as an image of the study, for systems that show no PDF."""

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cinecor.measure.conventions import NOTICE
from cinecor.report.dicom.encapsulated_pdf import report_object
from cinecor.report.dicom.source_study import SourceStudy

_SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.7"


def secondary_capture(
    page: NDArray[np.uint8], *, source: SourceStudy, made: datetime, series_number: int, status: str
) -> Dataset:
    """Return the object of a page (row, column, 3); `status` is who answers for the report, for its title."""
    shown = report_object(_SOP_CLASS, source=source, made=made, series_number=series_number, status=status)
    shown.Modality = "OT"
    shown.PatientOrientation, shown.BodyPartExamined = "", "HEART"
    shown.ImageType = ["DERIVED", "SECONDARY"]
    shown.ImageComments = NOTICE
    shown.SecondaryCaptureDeviceManufacturer = "Cinecor"
    shown.DateOfSecondaryCapture, shown.TimeOfSecondaryCapture = shown.ContentDate, shown.ContentTime
    shown.LossyImageCompression = "00"
    shown.SamplesPerPixel, shown.PhotometricInterpretation, shown.PlanarConfiguration = 3, "RGB", 0
    shown.Rows, shown.Columns = page.shape[:2]
    shown.BitsAllocated, shown.BitsStored, shown.HighBit, shown.PixelRepresentation = 8, 8, 7, 0
    pixels = page.tobytes()
    shown.PixelData = pixels + b"\0" * (len(pixels) % 2)
    return shown
