"""One patient in a stack: what an image says of the person it is of must not contradict another of the stack."""

from collections.abc import Iterable, Sequence

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.study.dicom.header import Frame, PatientIdentity
from cinecor.study.series.candidate import Candidate


def refuse_two_patients(candidate: Candidate) -> None:
    """Raise `InputError` when the images of a stack, repeats among them, are of more than one patient.

    The message names the tags, never what they hold; that is for the window alone.
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


def other_patients(best: Candidate, others: Sequence[Candidate]) -> tuple[Message, ...]:
    """Return the caution that a study holds stacks of other patients as well."""
    session = best.frames[0].header.session
    same_study = [one for one in others if one.frames[0].header.session == session]
    tags = _contradicting([best.frames[0], *(one.frames[0] for one in same_study)])
    if not tags:
        return ()
    return (
        Message(
            "two_patients_in_study",
            "The study holds short-axis stacks of more than one patient ({tags} differ): {series} is segmented; see "
            "whose it is before using a number.",
            tags=tags,
            series=best.label,
        ),
    )


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
