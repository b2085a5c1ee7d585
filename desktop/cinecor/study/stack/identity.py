"""One patient in a stack: what an image says of the person it is of must not contradict another of the stack."""

from collections.abc import Iterable

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.study.dicom.header import Frame, PatientIdentity, of_one_patient
from cinecor.study.series.candidate import Candidate
from cinecor.study.series.index import SeriesIndex
from cinecor.study.series.series_kind import SeriesKind


def refuse_two_patients(candidate: Candidate) -> None:
    """Raise `InputError` when the images of a stack, repeats among them, are of more than one patient.

    The message names the tags, never what they hold: that is for the window alone.
    """
    tags = _contradicting(candidate.frames)
    if tags:
        raise InputError(
            Message(
                "two_patients_in_stack",
                "{series}: its images are of more than one patient ({tags} differ); sort them by patient and give each "
                "as an input of its own.",
                series=candidate.label,
                tags=tags,
            ),
            on_screen=Message(
                "two_patients_are",
                "They say: {patients}.",
                patients=tuple(_said_of(identity) for identity in _identities(candidate.frames)),
            ),
        )


def other_patients(best: Candidate, index: SeriesIndex) -> tuple[Message, ...]:
    """Return the caution that the study of a stack holds MR images of other patients as well, stacks or not."""
    session = best.frames[0].header.session
    own = [
        frame
        for view, verdict in index.judged
        if verdict.kind is not SeriesKind.OTHER_MODALITY and view.frames[0].header.session == session
        for frame in view.frames
    ]
    tags = _contradicting([best.frames[0], *own])
    if not tags:
        return ()
    return (
        Message(
            "two_patients_in_study",
            "The study holds images of more than one patient ({tags} differ): {series} is segmented, and every number "
            "is its patient's; see whose it is, and give each patient as an input of its own.",
            tags=tags,
            series=best.label,
        ),
    )


def number_of_patients(identities: Iterable[PatientIdentity | None]) -> int | None:
    """Return how many patients there must be at least for all to be right; None where one tells nothing."""
    people: list[PatientIdentity] = []
    for identity in dict.fromkeys(identities):
        if identity is None:
            return None
        if not any(of_one_patient(identity, other) for other in people):
            people.append(identity)
    return len(people)


def _contradicting(frames: Iterable[Frame]) -> tuple[str, ...]:
    """Return the keywords of the identity that two of the frames fill with different values."""
    known = _identities(frames)
    return tuple(
        dict.fromkeys(tag for at, one in enumerate(known) for other in known[:at] for tag in one.differs_in(other))
    )


def _identities(frames: Iterable[Frame]) -> tuple[PatientIdentity, ...]:
    return tuple(dict.fromkeys(frame.header.patient for frame in frames if frame.header.patient is not None))


def _said_of(identity: PatientIdentity) -> Message:
    known = (value for value in (identity.id, identity.name, identity.birth_date, identity.sex) if value is not None)
    return Message("patient", "{identity}", identity=" · ".join(known))
