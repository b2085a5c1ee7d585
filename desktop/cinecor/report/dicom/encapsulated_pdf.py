"""`encapsulated_pdf`: the report inside a DICOM object of the study; highdicom has no class for it."""

from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian

from cinecor.file_format import this_version
from cinecor.report.dicom.source_study import SourceStudy, new_uid

_SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.104.1"
_TITLE: Final = ("18748-4", "LN", "Diagnostic Imaging Report")


def encapsulated_pdf(pdf: bytes, *, source: SourceStudy, made: datetime, series_number: int, status: str) -> Dataset:
    """Return the object; `status` is who answers for the report, for its title."""
    held = report_object(_SOP_CLASS, source=source, made=made, series_number=series_number, status=status)
    held.Modality = "DOC"
    held.AcquisitionDateTime = ""
    held.RecognizableVisualFeatures = "NO"
    held.DocumentTitle = f"Ventricular volumes and function. Research use only. {status}"[:1024]
    held.ConceptNameCodeSequence = Items([_code(*_TITLE)])
    held.SourceInstanceSequence = Items(
        [_reference(frame.sop_class_uid, frame.sop_instance_uid) for frame, _ in source.images()]
    )
    held.MIMETypeOfEncapsulatedDocument = "application/pdf"
    held.EncapsulatedDocumentLength = len(pdf)
    held.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return held


def report_object(
    sop_class: str, *, source: SourceStudy, made: datetime, series_number: int, status: str
) -> FileDataset:
    """Return the beginning of an object that shows a report: whose it is, and a series of its own."""
    uid = UID(new_uid())
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(sop_class), uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    shown = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    shown.update(source.common)
    shown.SOPClassUID, shown.SOPInstanceUID = sop_class, uid
    shown.SeriesInstanceUID, shown.SeriesNumber, shown.InstanceNumber = new_uid(), series_number, 1
    shown.ConversionType = "WSD"
    shown.SeriesDescription = f"Cinecor report, {status}"[:64]
    shown.Manufacturer, shown.ManufacturerModelName, shown.SoftwareVersions = "Cinecor", "Cinecor", this_version()
    shown.DeviceSerialNumber = "0"
    shown.ContentDate, shown.ContentTime = made.strftime("%Y%m%d"), made.strftime("%H%M%S")
    shown.InstanceCreationDate, shown.InstanceCreationTime = shown.ContentDate, shown.ContentTime
    shown.BurnedInAnnotation = "YES"
    return shown


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _reference(sop_class: str | None, instance: str | None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item
