"""The signed studies of a workstation's store, as a source of cases.

The store keeps what was drawn, not the images: those are read again from where the study was opened last.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import CinecorError, InputError
from cinecor.measure.moment import Moment
from cinecor.message import Message
from cinecor.review import Body, Review, review_result
from cinecor.review.papillary_choice import PapillaryChoice
from cinecor.review.store.database import FILE_NAME
from cinecor.review.store.identity import study_identity
from cinecor.review.store.kept_study import KeptStudy
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.review.store.worklist import Status, WorklistRow
from cinecor.review.valve.fraction import fractional_base
from cinecor.study import CineStack
from cinecor.study.study_input import read_studies
from cinecor_training.data.case import ALL_KNOWN, BadCase, FoundCases, LabelledFrames, moment_of
from cinecor_training.data.parted import parted_slices
from cinecor_training.data.provenance import Provenance, patient_digest

_MOMENTS: Final = {"ED": Moment.ED, "ES": Moment.ES}
_MADE: Final = 2  # grows when the same reading gives other frames: what was kept of it before is read again


@dataclass(frozen=True, slots=True)
class StoredCase:
    """ED or ES of a signed study."""

    patient: str
    moment: str  # "ED" or "ES", after the study's name where a patient has several
    store: Path
    row: WorklistRow
    provenance: Provenance

    @property
    def group(self) -> str:
        """The application does not ask for a diagnosis."""
        return "unknown"

    @property
    def key(self) -> str:
        """A text that changes with the signature, which binds masks and choices, and with what is made of these."""
        return f"{_MADE} {self.row.folder} {self.moment} {self.provenance.signature} {self.row.source}"

    def read(self) -> LabelledFrames:
        """Read the study's images again, and what was signed of this moment.

        A slice that does not count is left out (see `LabelledFrames.without`), unless a person drew or accepted its
        outlines: then these are what is there, though they do not count. So is one that a valve's plane cuts or leaves
        above it, where parts of slices count.
        """
        signed = _signed(self.store, self.row)
        name = moment_of(self)
        phase = signed.phases.get(name)
        if phase is None:
            raise InputError(
                Message(
                    "stored_moment_unknown",
                    "{study}: {moment} is not known.",
                    study=self.row.folder,
                    moment=self.moment,
                )
            )
        labels = signed.labels[:, phase]
        known = np.full(len(labels), ALL_KNOWN, dtype=np.uint8)
        frames = LabelledFrames(signed.stack.pixels[:, phase], labels, known, signed.stack.geometry)
        return frames.without(signed.left_out[name])


@dataclass(frozen=True, slots=True)
class StoreSource:
    """The store in a folder; every patient's signed studies, their last signed versions."""

    folder: Path
    name: str = "store"

    def find(self) -> FoundCases:
        """List ED and ES of every signed study. Raises `InputError` where there is no store, or nothing is signed."""
        if not (self.folder / FILE_NAME).is_file():
            raise InputError(
                Message("no_store", "{folder} holds no store of studies; name the store's folder.", folder=self.folder)
            )
        cases: list[StoredCase] = []
        bad: list[BadCase] = []
        with closing(StudyStore(self.folder)) as store:
            rows = store.worklist(status=Status.SIGNED)
            several = _patients_with_several(rows)
            for row in sorted(rows, key=lambda one: one.folder):
                patient = _patient(row)
                study = f"{row.folder[:6]} " if patient in several else ""
                signature = store.signature(row.id)
                if signature is None:
                    bad.append(BadCase(self.name, patient, "", f"{row.folder}: its signature is missing."))
                    continue
                provenance = Provenance(row.folder, row.version, signature.hash, signature.time, signature.model)
                cases += [StoredCase(patient, f"{study}{moment}", self.folder, row, provenance) for moment in _MOMENTS]
        if not cases and not bad:
            raise InputError(
                Message("nothing_signed", "{folder} holds no signed study to learn from.", folder=self.folder)
            )
        return FoundCases(tuple(cases), tuple(bad), grows=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Signed:
    """A study as it was signed."""

    stack: CineStack
    labels: NDArray[np.uint8]  # (slice, phase, row, column): all outlines, papillary muscles in the cavity
    phases: Mapping[str, int]
    left_out: Mapping[str, frozenset[int]]  # slices of which nobody said what they hold at a moment


@lru_cache(maxsize=1)
def _signed(folder: Path, row: WorklistRow) -> _Signed:
    """Read a study once for both moments, which follow each other."""
    source = Path(row.source)
    with closing(StudyStore(folder)) as store:
        for read in read_studies(source) if source.exists() else ():
            if read.stack is None or read.audit is None:
                continue
            with _kept(store, row, read.stack) as kept:
                if kept is None:
                    continue
                segmentation = kept.segmentation()
                if segmentation is None:
                    break
                blank = Review(read.stack, read.audit, segmentation, body=Body(read.stack.heart_rate_bpm))
                review = kept.signed_history(blank, version=kept.version).present
                review = replace(review, papillaries=PapillaryChoice())
                result = review_result(review)
                assert result is not None
                moments, labels = result.whole.moments, review.labels
                assert labels is not None
                phases = {name: phase for name, at in _MOMENTS.items() if (phase := moments[at]) is not None}
                base = fractional_base(review)
                left_out = {
                    name: _left_out(review, _MOMENTS[name], phase) | parted_slices(labels[:, phase], base, phase=phase)
                    for name, phase in phases.items()
                }
                return _Signed(read.stack, labels, phases, left_out)
    raise InputError(
        Message(
            "stored_images_gone",
            "{study}: its images are no longer at {source}; open it once from where they lie now.",
            study=row.folder,
            source=row.source,
        )
    )


def _left_out(review: Review, moment: Moment, phase: int) -> frozenset[int]:
    """Return the slices that do not count at a moment, and whose outlines nobody drew or accepted."""
    settled = review.corrections.settled
    slices = range(review.stack.slices)
    return frozenset(index for index in slices if not review.counts(index, moment) and (index, phase) not in settled)


@contextmanager
def _kept(store: StudyStore, row: WorklistRow, stack: CineStack) -> Iterator[KeptStudy | None]:
    """Open the study if the images are its own, and close it."""
    identity = study_identity(stack)
    card = StudyCard(
        Path(row.source), stack.series_uids, row.patient_name, row.patient_id, row.study_date, row.description
    )
    try:
        same = store.recognise(identity, card).study == row.id
    except CinecorError:
        same = False
    if not same:
        yield None
        return
    with closing(store.open(identity, card)) as kept:
        yield kept


def _patient(row: WorklistRow) -> str:
    """Return one name for all studies of a patient: by PatientID, as a name may be spelt in several ways."""
    known = row.patient_id.strip() or row.patient_name.strip()
    return patient_digest(known) if known else row.folder


def _patients_with_several(rows: tuple[WorklistRow, ...]) -> set[str]:
    patients = [_patient(row) for row in rows]
    return {patient for patient in patients if patients.count(patient) > 1}
