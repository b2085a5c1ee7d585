"""`FoundSeries`: what an input holds, as a reader looks for it: patients, their studies, the series of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from cinecor.app.patient_card import PatientCard, read_patient_card
from cinecor.study import FoundSoFar, SeriesEntry, SeriesIndex
from cinecor.study.dicom.file_source import FileSource


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

    def card_of(self, series_uids: Iterable[str]) -> PatientCard:
        """Return who and what these series are of; an empty card where that is not known."""
        study = self.study_of(series_uids)
        return PatientCard() if study is None else study.card


def found_series(index: SeriesIndex) -> FoundSeries:
    """Sort a finished index by patient and study; reads one header a study."""
    files: dict[str | None, FileSource] = {}
    for view, _ in index.judged:
        for frame in view.frames:
            files.setdefault(frame.header.study_uid, index.paths[frame.header.path])
    openers: dict[str | None, str] = {}
    for candidate in index.candidates:  # best first
        header = candidate.views[0].frames[0].header
        openers.setdefault(header.study_uid, header.series_uid)
    by_patient: dict[tuple[str, str, str], list[FoundStudy]] = {}
    for uid, series in _by_study(index.series).items():
        card = read_patient_card(files[uid]) if uid in files else PatientCard()
        study = FoundStudy(uid, card, series, openers.get(uid))
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
