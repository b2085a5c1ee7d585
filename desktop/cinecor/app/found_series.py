"""`FoundSeries`: what an input holds, as a reader looks for it: patients, their studies, the series of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from cinecor.app.patient_card import PatientCard, read_patient_card
from cinecor.study import FoundSoFar, SeriesEntry, SeriesIndex
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.header import of_one_patient


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """One study with its series; `stack_uid` is the series that opens it, None where it has no short-axis stack."""

    uid: str | None
    card: PatientCard
    series: tuple[SeriesEntry, ...]
    stack_uid: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """One patient; `card` is that of the first study."""

    card: PatientCard
    studies: tuple[FoundStudy, ...]


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """What the scan found, before any pixel is read."""

    patients: tuple[FoundPatient, ...] = ()
    files_read: int = 0
    files_given: int = 0
    complete: bool = True  # False while the scan goes on: kinds may change, patients are not known yet

    @property
    def studies(self) -> tuple[FoundStudy, ...]:
        """Every study, patient by patient."""
        return tuple(study for patient in self.patients for study in patient.studies)

    @property
    def series(self) -> tuple[SeriesEntry, ...]:
        """Every series, study by study."""
        return tuple(entry for study in self.studies for entry in study.series)

    def study_of(self, series_uids: Iterable[str]) -> FoundStudy | None:
        """Return the study that holds these series."""
        wanted = set(series_uids)
        return next((one for one in self.studies if any(entry.uid in wanted for entry in one.series)), None)


def found_series(index: SeriesIndex) -> FoundSeries:
    """Sort a finished index by patient and study; reads one header a study.

    Images of two patients under one StudyInstanceUID are a study of each.
    """
    parts = _by_study_and_patient(index.series)
    part_of = {entry.uid: at for at, entries in enumerate(parts) for entry in entries}
    files: dict[int, FileSource] = {}
    for view, _ in index.judged:
        for frame in view.frames:
            files.setdefault(part_of[frame.header.series_uid], index.paths[frame.header.path])
    openers: dict[int, str] = {}
    for candidate in index.candidates:  # best first
        uid = candidate.views[0].series_uid
        openers.setdefault(part_of[uid], uid)
    by_patient: dict[tuple[str, str, str], list[FoundStudy]] = {}
    for at, entries in enumerate(parts):
        card = read_patient_card(files[at]) if at in files else PatientCard()
        study = FoundStudy(entries[0].study_uid, card, entries, openers.get(at))
        by_patient.setdefault((card.id, card.name, card.birth_date), []).append(study)
    patients = [
        FoundPatient(studies[0].card, tuple(sorted(studies, key=lambda one: one.card.study_date)))
        for studies in by_patient.values()
    ]
    patients.sort(key=lambda one: (one.card.name, one.card.id))
    return FoundSeries(tuple(patients), index.files_given, index.files_given)


def found_so_far(told: FoundSoFar) -> FoundSeries:
    """Sort what a scan has found until now; whose it is will be read when the scan is done."""
    nobody = PatientCard()
    studies = tuple(FoundStudy(uid, nobody, series) for uid, series in _by_study(told.series).items())
    return FoundSeries((FoundPatient(nobody, studies),), told.files_read, told.files_given, complete=False)


def _by_study(series: Iterable[SeriesEntry]) -> dict[str | None, tuple[SeriesEntry, ...]]:
    studies: dict[str | None, list[SeriesEntry]] = {}
    for entry in series:
        studies.setdefault(entry.study_uid, []).append(entry)
    return {uid: tuple(entries) for uid, entries in studies.items()}


def _by_study_and_patient(series: Iterable[SeriesEntry]) -> list[tuple[SeriesEntry, ...]]:
    parts: list[tuple[SeriesEntry, ...]] = []
    for entries in _by_study(series).values():
        people: list[list[SeriesEntry]] = []
        for entry in entries:
            own = next(
                (one for one in people if all(of_one_patient(entry.patient, other.patient) for other in one)), None
            )
            if own is None:
                people.append([entry])
            else:
                own.append(entry)
        parts += [tuple(own) for own in people]
    return parts
