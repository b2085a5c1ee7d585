"""`anonymous_source`: the study that objects refer to, under a pseudonym: objects made of it hold no identity."""

from dataclasses import replace

from pydicom.dataset import Dataset
from pydicom.uid import UID

from cinecor.report.anonymous.anonymous_dataset import harmless, put_pseudonym
from cinecor.report.anonymous.pseudonym import Pseudonym
from cinecor.report.dicom.source_study import SourceStudy
from cinecor.study.cine_stack import SourceFrame


def anonymous_source(source: SourceStudy, pseudonym: Pseudonym, *, keep_characteristics: bool) -> SourceStudy:
    """Return the study with its UIDs replaced as in the images that go along, and nothing of the patient."""
    frames = source.stack.frames
    assert frames is not None
    return SourceStudy(
        stack=replace(source.stack, frames=tuple(tuple(_frame(frame, pseudonym) for frame in row) for row in frames)),
        headers=tuple(
            _header(header, pseudonym, keep_characteristics=keep_characteristics) for header in source.headers
        ),
        series_of={pseudonym.uid(image): pseudonym.uid(series) for image, series in source.series_of.items()},
        frame_of_reference_of={
            pseudonym.uid(image): pseudonym.uid(one) if one else ""
            for image, one in source.frame_of_reference_of.items()
        },
    )


def _frame(frame: SourceFrame | None, pseudonym: Pseudonym) -> SourceFrame | None:
    if frame is None:
        return None
    uid = frame.sop_instance_uid
    return replace(frame, path="", sop_instance_uid=None if uid is None else pseudonym.uid(uid))


def _header(header: Dataset, pseudonym: Pseudonym, *, keep_characteristics: bool) -> Dataset:
    kept = harmless(header, pseudonym)
    put_pseudonym(kept, header, pseudonym, keep_characteristics=keep_characteristics)
    kept.StudyInstanceUID = UID(pseudonym.uid(str(header.StudyInstanceUID)))
    return kept
