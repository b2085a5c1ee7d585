"""`ExportOptions`: in which forms results are to be taken along, and whether under a pseudonym."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from cinecor.app.report_study import ReportOptions
from cinecor.message import Message


class Form(StrEnum):
    """What results can be exported as."""

    SEG = "seg"
    SR = "sr"
    PDF = "pdf"
    CAPTURE = "capture"  # the report's first page as an image
    CSV = "csv"
    NIFTI = "nifti"
    IMAGES = "images"


OF_DICOM: Final = (Form.SEG, Form.SR, Form.CAPTURE, Form.IMAGES)


@dataclass(frozen=True, slots=True)
class Anonymity:
    """How identity is taken out."""

    keep_characteristics: bool = False  # sex, age, height and weight stay (PS3.15's option of that name)
    pseudonym: str = ""  # empty: one that says nothing is made
    mapping: Path | None = None  # where the way back is kept; None: nowhere


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is wanted of an export."""

    forms: frozenset[Form]
    whole_cine: bool = False
    label_map: bool = False
    report: ReportOptions = field(default_factory=ReportOptions)
    anonymity: Anonymity | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export left behind."""

    folder: Path
    files: tuple[str, ...]
    refused: tuple[tuple[Form, Message], ...]  # what could not be made of these results, and why
    notes: tuple[Message, ...] = ()  # what whoever opens the objects has to know
