"""`report_study`: the PDF of a folder of results, with pictures and patient where its study is at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cinecor.app.earlier_studies import earlier_readings
from cinecor.app.long_axis_cines import read_long_axis_cines
from cinecor.app.open_study import OpenedStudy
from cinecor.app.patient_card import PatientCard
from cinecor.app.result_review import is_kept_as
from cinecor.app.result_study import ResultStudy, open_result_study
from cinecor.app.settings import Settings
from cinecor.errors import InputError, unreadable
from cinecor.message import Message
from cinecor.report.earlier_reading import EarlierReading, reading_of
from cinecor.report.kept_results import read_results
from cinecor.report.pdf.report_head import ReportHead
from cinecor.report.results import OLDEST_TOLD, Results
from cinecor.review.store.study_store import StudyStore
from cinecor.study.image_plane import plane_of

if TYPE_CHECKING:
    from cinecor.report.pdf.document import ReportContent
    from cinecor.report.pdf.long_axis import LongAxisView

MOST_EARLIER = 3  # readings that are compared with: as many as a table has room for
_LARGEST_LOGO = 4 * 1024 * 1024
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a department chooses for its reports."""

    language: str = "en"
    department: str = ""
    logo: Path | None = None  # PNG or JPEG
    impression: str = ""
    earlier: tuple[Path, ...] = ()  # folders of results of earlier studies of the same patient
    kept: tuple[EarlierReading, ...] = ()  # what is known of such studies without their results


def report_options(
    settings: Settings, *, language: str, department: str | None = None, logo: Path | None = None
) -> ReportOptions:
    """Return how a report looks: whose it is as the settings say, where that is not told."""
    place = settings.text("logo")
    return ReportOptions(
        language=language,
        department=settings.text("department") if department is None else department,
        logo=logo or (Path(place) if place else None),
    )


def read_logo(path: Path) -> bytes:
    """Return a logo's file. Raises `InputError` where it is no PNG or JPEG, or a very large one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not content.startswith(_PICTURES) or len(content) > _LARGEST_LOGO:
        raise InputError(Message("logo_no_picture", "{path} is no PNG or JPEG of 4 MiB at most.", path=path))
    return content


def report_study(
    folder: Path,
    *,
    studies: Sequence[Path] = (),
    options: ReportOptions,
    store: StudyStore | None = None,
    html: bool = False,
    made: datetime | None = None,
) -> bytes:
    """Return the report of a folder of results as a PDF file, compared with what `store` keeps of the patient.

    With `html` as a page for a browser, with the same content.

    Raises what reading the results and their study raises.
    """
    with open_result_study(read_results(folder), studies) as opened:
        if opened.study is not None:
            options = replace(options, kept=earlier_readings(store, opened.study.card))
        if not html:
            return report_of(opened, options=options, made=made)
        from cinecor.report.pdf.document import report_html

        content = _content(opened, options=options, head=None)
        return report_html(content, language=options.language, made=made or datetime.now()).encode()


def report_of(
    opened: ResultStudy, *, options: ReportOptions, head: ReportHead | None = None, made: datetime | None = None
) -> bytes:
    """Return the report of opened results; `head` stands in for what the study says of the patient."""
    from cinecor.report.pdf.document import report_pdf  # loads reportlab

    content = _content(opened, options=options, head=head)
    return report_pdf(content, language=options.language, made=made or datetime.now())


def picture_of(
    opened: ResultStudy, *, options: ReportOptions, head: ReportHead | None = None, made: datetime | None = None
) -> NDArray[np.uint8]:
    """Return the first page of the same report as pixels (row, column, 3)."""
    from cinecor.report.pdf.document import report_picture

    content = _content(opened, options=options, head=head)
    return report_picture(content, language=options.language, made=made or datetime.now())


def _content(opened: ResultStudy, *, options: ReportOptions, head: ReportHead | None) -> "ReportContent":
    from cinecor.report.pdf.document import ReportContent
    from cinecor.report.pdf.key_images import KeyPixels

    kept, study = opened.kept, opened.study
    if head is None:
        head = head_of(opened)
    head = _as_compared(head, kept.results, card=None if study is None else study.card)
    return ReportContent(
        results=kept.results,
        labels=kept.labels,
        head=replace(
            head, department=options.department, logo=None if options.logo is None else read_logo(options.logo)
        ),
        images=None if study is None else KeyPixels(study.stack.pixels, base_first=study.stack.nifti is None),
        impression=options.impression,
        earlier=_in_order((*options.kept, *(_earlier(folder, head, now=kept.results) for folder in options.earlier))),
        views=() if study is None or kept.results.valve_planes is None else _long_axis_views(study),
    )


def _long_axis_views(study: OpenedStudy) -> "tuple[LongAxisView, ...]":
    from cinecor.report.pdf.long_axis import LongAxisView

    if study.index is None:
        return ()
    found = []
    for cine in read_long_axis_cines(study.index, study.stack).cines:
        middle = cine.stack.slices // 2
        found.append(LongAxisView(cine.name, cine.stack.pixels[middle], plane_of(cine.stack, middle)))
    return tuple(found)


def _in_order(readings: Sequence[EarlierReading]) -> tuple[EarlierReading, ...]:
    """Return the last readings that a table has room for, oldest first."""
    return tuple(sorted(readings, key=lambda one: one.date))[-MOST_EARLIER:]


def _earlier(folder: Path, head: ReportHead, *, now: Results) -> EarlierReading:
    """Return an earlier reading.

    Raises `InputError` where it is of this study, or by the headers of another patient or of a later day.
    """
    kept = read_results(folder)
    if set(kept.results.stack.series_uids) & set(now.stack.series_uids):
        raise InputError(
            Message("earlier_is_this", "{folder} is of this same study; it is not compared with itself.", folder=folder)
        )
    with open_result_study(kept) as before:
        of_then = head_of(before)
    if head.id and of_then.id and head.id != of_then.id:
        raise InputError(
            Message(
                "earlier_of_another",
                "{folder} is of another patient (PatientID); it is not compared.",
                folder=folder,
            )
        )
    if head.study_date and of_then.study_date > head.study_date:
        raise InputError(
            Message(
                "earlier_is_later",
                "{folder} is of {then}, after this study ({now}): it is no earlier one, and is not compared.",
                folder=folder,
                then=of_then.study_date,
                now=head.study_date,
            )
        )
    reading = reading_of(kept.results, date=of_then.study_date or folder.resolve().name)
    return replace(reading, same_patient=bool(head.id and of_then.id))


def head_of(opened: ResultStudy) -> ReportHead:
    """Return what a report says above its numbers: what the headers say, height and weight as values per m² go by."""
    card, body = None if opened.study is None else opened.study.card, opened.kept.results.body
    head = ReportHead() if card is None else _head(card)
    if body is None:  # of an earlier version: what was typed is not known
        return head
    return replace(
        head,
        height_cm=body.height_cm,
        height_typed=card is not None and not is_kept_as(card.height_cm, body.height_cm),
        weight_kg=body.weight_kg,
        weight_typed=card is not None and not is_kept_as(card.weight_kg, body.weight_kg),
    )


def _as_compared(head: ReportHead, results: Results, *, card: PatientCard | None) -> ReportHead:
    """Return the head with the sex and age that the numbers were compared by, and whether a reader typed them."""
    if results.reference is None:
        return head
    sex, age = results.reference.sex, results.reference.age_years
    of_header = None if card is None else card.body(None)
    header_age = None if of_header is None or of_header.age_years is None else min(of_header.age_years, OLDEST_TOLD)
    unused = sex is None and of_header is not None and of_header.sex is not None  # the reader took it away
    return replace(
        head,
        sex="" if unused else sex or head.sex,
        sex_typed=sex is not None and of_header is not None and of_header.sex != sex,
        age_years=age,
        age_typed=age is not None and of_header is not None and header_age != age,
    )


def _head(card: PatientCard) -> ReportHead:
    return ReportHead(
        name=card.name,
        id=card.id,
        birth_date=card.birth_date,
        sex=card.sex,
        study_date=card.study_date,
        study=card.study,
        scanner=card.scanner,
        field_tesla=card.field_tesla,
        height_cm=card.height_cm,
        weight_kg=card.weight_kg,
    )
