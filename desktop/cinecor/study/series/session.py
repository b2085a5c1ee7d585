"""Sessions: which studies are one visit to the scanner, when every series was given a StudyInstanceUID of its own."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Final

from cinecor.study.dicom.header import FileHeader, Frame
from cinecor.study.series.plane_times import MIN_CINE_PHASES

_FEWEST_STUDIES: Final = 3
_MOST_PLACES: Final = 2  # slice positions a study: a real one holds more


def note_sessions(frames: Iterable[Frame]) -> None:
    """Write into every header which session it is of: its study, or what many fragments of a study have in common.

    Fragments are studies of one patient and day (or, where these are not told, of one frame of reference, which is
    never given twice) that hold one or two slice positions each, or of which none holds the phases of a cine.
    """
    places: dict[str | None, set[object]] = defaultdict(set)
    images: dict[str | None, int] = defaultdict(int)
    headers: dict[str | None, list[FileHeader]] = defaultdict(list)
    for frame in frames:
        places[frame.header.study_uid].add(frame.position_mm)
        images[frame.header.study_uid] += 1
        headers[frame.header.study_uid].append(frame.header)
    whole: dict[object, list[str | None]] = defaultdict(list)
    for uid, members in headers.items():
        whole[_visit(members[0])].append(uid)
    for visit, uids in whole.items():
        scattered = (
            visit is not None
            and len(uids) >= _FEWEST_STUDIES
            and (
                median(len(places[uid]) for uid in uids) <= _MOST_PLACES
                or all(images[uid] < MIN_CINE_PHASES * len(places[uid]) for uid in uids)
            )
        )
        for uid in uids:
            session = min(uids, key=str) if scattered else uid  # whichever of its files are read first
            for header in headers[uid]:
                header.session, header.scattered = session, scattered


def _visit(header: FileHeader) -> object:
    if header.patient is not None and header.study_date is not None:
        return header.patient, header.study_date
    return header.frame_of_reference_uid
