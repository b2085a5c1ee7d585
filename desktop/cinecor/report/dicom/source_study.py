"""`SourceStudy`: what DICOM objects of a study repeat of its images: patient, study, and which image a frame is."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID

from cinecor.errors import InputError, UsageError
from cinecor.message import Message, Slices
from cinecor.study.cine_stack import CineStack, SourceFrame
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom

PATIENT_AND_STUDY: Final = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize",
    "PatientWeight", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription", "AccessionNumber",
    "ReferringPhysicianName", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
)  # fmt: skip
"""What every object of a study says alike."""
_OF_EVERY_IMAGE: Final = ("SeriesInstanceUID", "FrameOfReferenceUID")


@dataclass(frozen=True, slots=True, eq=False)
class SourceStudy:
    """The images behind a stack; `headers` are those of the first image of each slice, without pixels."""

    stack: CineStack
    headers: tuple[Dataset, ...]
    series_of: Mapping[str, str]  # SeriesInstanceUID by the SOPInstanceUID of its images
    frame_of_reference_of: Mapping[str, str]  # FrameOfReferenceUID by the same; empty where an image names none

    @property
    def common(self) -> Dataset:
        """What the study's objects repeat of patient and study."""
        return patient_and_study(self.headers[0])

    def frame(self, index: int, phase: int) -> SourceFrame | None:
        """Return the image of a frame; None where it is missing and a neighbour stood in."""
        assert self.stack.frames is not None
        return self.stack.frames[index][phase]

    def images(self) -> Iterator[tuple[SourceFrame, str]]:
        """Yield every image once, with its series: files that hold many frames are one image."""
        assert self.stack.frames is not None
        seen: set[str] = set()
        for row in self.stack.frames:
            for frame in row:
                if frame is not None and frame.sop_instance_uid is not None and frame.sop_instance_uid not in seen:
                    seen.add(frame.sop_instance_uid)
                    yield frame, self.series_of[frame.sop_instance_uid]


def source_study(stack: CineStack, paths: Mapping[str, FileSource]) -> SourceStudy:
    """Return what the headers of a stack's images say; `paths` gives the files by the names that the stack uses.

    Raises `UsageError` for a stack that was no DICOM, `InputError` for one whose images cannot be referenced: without
    a SOP instance, or of several studies.
    """
    if stack.frames is None:
        raise UsageError(
            Message(
                "dicom_of_nifti",
                "A NIfTI input has no DICOM images that SEG and SR could refer to; export PDF, CSV or NIfTI.",
            )
        )
    unnamed = tuple(
        index
        for index, row in enumerate(stack.frames)
        if any(frame is not None and not (frame.sop_instance_uid and frame.sop_class_uid) for frame in row)
    )
    if unnamed:
        raise InputError(
            Message(
                "images_without_uid",
                "Images of {slices} have no SOPInstanceUID or SOPClassUID: no DICOM object can refer to them.",
                slices=Slices(unnamed),
            )
        )
    series_of: dict[str, str] = {}
    frame_of_reference_of: dict[str, str] = {}
    headers: list[Dataset] = []
    read: dict[str, Dataset] = {}
    for row in stack.frames:
        first = next(frame for frame in row if frame is not None)
        if first.path not in read:
            read[first.path] = _header(paths[first.path])
        headers.append(read[first.path])
        for frame in row:
            if frame is not None and frame.sop_instance_uid not in series_of:
                alike = frame.path == first.path
                header = headers[-1] if alike else _header(paths[frame.path], tags=[*_OF_EVERY_IMAGE])
                series, frame_of_reference = (str(header.get(tag) or "") for tag in _OF_EVERY_IMAGE)
                series_of[str(frame.sop_instance_uid)] = series
                frame_of_reference_of[str(frame.sop_instance_uid)] = frame_of_reference
    studies = {str(header.get("StudyInstanceUID") or "") for header in headers}
    if len(studies) != 1 or "" in studies:
        raise InputError(
            Message(
                "no_common_study",
                "The slices are not of one study (StudyInstanceUID): no DICOM object can belong to it.",
            )
        )
    return SourceStudy(stack, tuple(headers), series_of, frame_of_reference_of)


def patient_and_study(header: Dataset) -> Dataset:
    """Return patient and study of a header, each value only where it is one that DICOM allows, in UTF-8.

    In the header's own characters the name of whoever signs, or a sentence of ours, might lose letters.
    """
    header.decode()  # values within sequences too, which would be written as the bytes that they were
    common = Dataset()
    for keyword in PATIENT_AND_STUDY:
        value = _allowed(keyword, header.get(keyword))
        if value is not None:
            setattr(common, keyword, value)
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
                    "AccessionNumber", "ReferringPhysicianName"):  # fmt: skip
        if keyword not in common:
            setattr(common, keyword, "")
    common.SpecificCharacterSet = "ISO_IR 192"
    return common


def _allowed(keyword: str, value: Any) -> Any:
    """Return a value as it may be written; None for one that is empty or breaks its rule, such as a date of zeros."""
    if keyword.endswith("Sequence"):
        return value or None
    text = str(value or "").strip()
    rule = _RULES.get(keyword)
    if not text or (rule is not None and not rule(text)):
        return None
    return text[:16] if keyword in ("StudyID", "AccessionNumber") else value


def _is_date(text: str) -> bool:
    return len(text) == 8 and text.isdigit() and 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:]) <= 31


def _is_positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


_RULES: Final[Mapping[str, Callable[[str], bool]]] = {
    "PatientBirthDate": _is_date,
    "StudyDate": _is_date,
    "StudyTime": lambda text: re.fullmatch(r"(\d\d){1,3}(\.\d{1,6})?", text) is not None,
    "PatientSex": lambda text: text in ("M", "F", "O"),
    "PatientAge": lambda text: re.fullmatch(r"\d{3}[DWMY]", text) is not None,
    "PatientSize": _is_positive,
    "PatientWeight": _is_positive,
}


def _header(source: FileSource, *, tags: list[str] | None = None) -> Dataset:
    """Return a header, or the parts of it that are asked for."""
    try:
        with quiet_pydicom(), source.open("rb") as file:
            return pydicom.dcmread(file, force=True, stop_before_pixels=True, specific_tags=tags)
    except Exception as error:  # pydicom raises anything on damaged bytes
        raise InputError(
            Message(
                "image_header_unreadable", "A header of the study can no longer be read ({reason}).", reason=str(error)
            )
        ) from error


def new_uid() -> str:
    """Return a UID that nothing had before."""
    return str(UID(pydicom.uid.generate_uid()))
