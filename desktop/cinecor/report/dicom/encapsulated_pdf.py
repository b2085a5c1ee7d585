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
    uid = UID(new_uid())
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(_SOP_CLASS), uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    held = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    held.update(source.common)
    held.SOPClassUID, held.SOPInstanceUID = _SOP_CLASS, uid
    held.SeriesInstanceUID, held.SeriesNumber, held.InstanceNumber = new_uid(), series_number, 1
    held.Modality, held.ConversionType = "DOC", "WSD"
    held.SeriesDescription = f"Cinecor report, {status}"[:64]
    held.Manufacturer, held.ManufacturerModelName, held.SoftwareVersions = "Cinecor", "Cinecor", this_version()
    held.DeviceSerialNumber = "0"
    held.ContentDate, held.ContentTime = made.strftime("%Y%m%d"), made.strftime("%H%M%S")
    held.AcquisitionDateTime = ""
    held.InstanceCreationDate, held.InstanceCreationTime = held.ContentDate, held.ContentTime
    held.BurnedInAnnotation, held.RecognizableVisualFeatures = "YES", "NO"
    held.DocumentTitle = f"Ventricular volumes and function. Research use only. {status}"[:1024]
    held.ConceptNameCodeSequence = Items([_code(*_TITLE)])
    held.SourceInstanceSequence = Items(
        [_reference(frame.sop_class_uid, frame.sop_instance_uid) for frame, _ in source.images()]
    )
    held.MIMETypeOfEncapsulatedDocument = "application/pdf"
    held.EncapsulatedDocumentLength = len(pdf)
    held.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return held


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _reference(sop_class: str | None, instance: str | None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item
