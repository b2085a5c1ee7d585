"""An input of several studies: each has a name and a fate of its own, whatever becomes of the others, or of the run."""

import shutil
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pydicom
import pytest
from cohorts import dicom_files, write_studies
from small_models import write_small_package

from cinecor.app.cohort import input_work
from cinecor.app.cohort.cohort_run import CohortSettings, Redone, run_cohort
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.input_work import OutlinedInput, outline_input
from cinecor.app.cohort.workers import Died
from cinecor.app.report_study import ReportOptions
from cinecor.app.session import open_session
from cinecor.app.study_run import OutlinedStudy
from cinecor.cohort.input_row import InputRow, State, StudyRow, input_of_study, study_folder
from cinecor.cohort.manifest import Manifest
from cinecor.inference.device.model_session import ModelSession
from cinecor.inference.device.onnx_runtime import DeviceUnavailable
from cinecor.message import Message
from cinecor.report.names import folder_name
from cinecor.study.cine_stack import CineStack
from cinecor.study.study_walk import FoundInput

Begun = Callable[[int], None]


class _Killed(BaseException):
    """The process ends in the middle of a study."""


class _Here:
    """A worker within this process, that may be killed as the n-th of several studies begins."""

    def __init__(self, session: ModelSession, begun: Begun) -> None:
        self._session, self._begun = session, begun
        self._waiting: list[InputTask] = []

    @property
    def held(self) -> int:
        return len(self._waiting)

    def can_take(self, *, alone: bool = False) -> bool:  # noqa: ARG002
        return not self._waiting

    def give(self, task: InputTask, *, alone: bool = False) -> None:  # noqa: ARG002
        self._waiting.append(task)

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:  # noqa: ARG002
        waiting, self._waiting = self._waiting, []
        return [self._done(task) for task in waiting]

    def _done(self, task: InputTask) -> InputOutcome:
        count = iter(range(1, 100))
        outlined = outline_input(task, session=lambda: self._session, goes_on=lambda: self._begun(next(count)))
        return outlined.write() if isinstance(outlined, OutlinedInput) else outlined

    def close(self) -> None: ...


class _Dying(_Here):
    """A worker whose death is heard of by the run, as that of any process."""

    def _done(self, task: InputTask) -> InputOutcome | Died:  # type: ignore[override]
        try:
            return super()._done(task)
        except _Killed:
            return Died((task.id,))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> ModelSession:
    return open_session(write_small_package(tmp_path_factory.mktemp("model") / "small.cinecor"), device="cpu")


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folders of three studies, by their UIDs in the order of their dates."""
    root = tmp_path_factory.mktemp("several")
    folders = write_studies(root, ("early", "middle", "late"))
    for year, folder in zip((2020, 2022, 2024), folders, strict=True):
        for path in dicom_files(folder):
            dataset = pydicom.dcmread(path)
            dataset.StudyDate = f"{year}0102"
            dataset.save_as(path)
    return {str(pydicom.dcmread(dicom_files(folder)[0]).StudyInstanceUID): folder for folder in folders}


def _lay(given: Path, *folders: Path) -> None:
    given.mkdir(exist_ok=True)
    for folder in folders:
        for path in dicom_files(folder):
            shutil.copy2(path, given / f"{folder.name}-{path.name}")


class _Cohort:
    """A cohort of one input, run again and again as `--resume` does."""

    def __init__(self, place: Path, session: ModelSession) -> None:
        self.given, self.out, self._session = place / "both", place / "out", session

    def run(
        self,
        *,
        begun: Begun = lambda _: None,
        retry: bool = False,
        worker: type[_Here] = _Here,
        report: ReportOptions | None = None,
    ) -> tuple[InputRow, dict[str, StudyRow], Redone]:
        """Return the row of the input, those of its studies by their folders or codes, and what was done again."""
        redone = Redone()
        settings = CohortSettings(self.out, self._session.identity.sha256, retry_failed=retry, report=report)
        with closing(Manifest.open(self.out, resume=True)) as manifest:
            told = run_cohort(
                iter([FoundInput(self.given, "both")]),
                manifest=manifest,
                workers=worker(self._session, begun),
                settings=settings,
                redone=redone,
            )
            deque(told, maxlen=0)
            rows = list(manifest.studies())
        return rows[0][0], {study.folder or study.code: study for _, study in rows if study is not None}, redone

    @property
    def marks(self) -> dict[str, int]:
        return {path.parent.name: path.stat().st_mtime_ns for path in self.out.glob("[!.]*/results.json")}


@pytest.fixture
def cohort(tmp_path: Path, session: ModelSession, studies: dict[str, Path]) -> _Cohort:
    cohort = _Cohort(tmp_path, session)
    _lay(cohort.given, *studies.values())
    return cohort


@pytest.fixture
def names(studies: dict[str, Path]) -> list[str]:
    return [study_folder("both", uid) for uid in studies]


def _killed_at(number: int) -> Begun:
    def begun(count: int) -> None:
        if count == number:
            raise _Killed

    return begun


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, studies: dict[str, Path]) -> list[Exception]:
    """Let the middle study fail by an exception as long as there is one in the list."""
    (uid,) = {str(pydicom.dcmread(path).SeriesInstanceUID) for path in dicom_files(list(studies.values())[1])}
    raised: list[Exception] = []
    outline = input_work.outline_study

    def outlined(stack: CineStack, *rest: object, **more: object) -> OutlinedStudy:
        if raised and uid in stack.series_uids:
            raise raised[0]
        return outline(stack, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(input_work, "outline_study", outlined)
    return raised


def test_that_a_study_keeps_its_name_when_another_comes_to_lie_beside_it(
    tmp_path: Path, session: ModelSession, studies: dict[str, Path], names: list[str]
) -> None:
    cohort = _Cohort(tmp_path, session)
    _lay(cohort.given, *list(studies.values())[1:])
    _, before, _ = cohort.run()
    assert list(before) == names[1:]
    _lay(cohort.given, next(iter(studies.values())))
    row, after, redone = cohort.run()
    assert row.state is State.DONE
    assert redone.changed == 1
    assert list(after) == names  # by date
    for name in names[1:]:
        assert after[name].facts is not None
        assert before[name].facts is not None
        assert after[name].facts.series_uids == before[name].facts.series_uids
        assert after[name].facts.numbers == before[name].facts.numbers


def test_that_one_unexpected_error_loses_no_other_study_and_only_that_one_is_tried_again(
    cohort: _Cohort, names: list[str], failing: list[Exception]
) -> None:
    failing.append(RuntimeError("nobody thought of this"))
    row, rows, _ = cohort.run()
    assert row.state is State.DONE
    assert set(rows) == {names[0], "unexpected", names[2]}
    assert rows["unexpected"].number == 2
    failing.clear()
    done = cohort.marks
    cohort.run()
    assert cohort.marks == done  # not without being asked
    _, rows, redone = cohort.run(retry=True)
    assert list(rows) == names
    assert redone.failed == 1
    assert {name: cohort.marks[name] for name in done} == done


@pytest.mark.parametrize(
    "passing",
    [
        MemoryError(),
        OSError(28, "No space left on device"),
        DeviceUnavailable(Message("device_words", "{text}", text="bad allocation")),
    ],
)
def test_that_a_study_that_failed_for_a_passing_reason_is_tried_again_by_itself(
    cohort: _Cohort, names: list[str], failing: list[Exception], passing: Exception
) -> None:
    failing.append(passing)
    assert cohort.run()[0].state is State.DONE
    failing.clear()
    done = cohort.marks
    assert len(done) == 2
    assert list(cohort.run()[1]) == names
    assert {name: cohort.marks[name] for name in done} == done


def test_that_a_folder_of_others_costs_one_study_its_results(cohort: _Cohort, names: list[str]) -> None:
    (cohort.out / names[0]).mkdir(parents=True)
    (cohort.out / names[0] / "notes.txt").write_text("somebody's")
    _, rows, _ = cohort.run()
    assert set(rows) == {"folder_of_others", *names[1:]}
    shutil.rmtree(cohort.out / names[0])
    assert list(cohort.run()[1]) == names


def test_that_studies_that_were_done_before_a_kill_are_not_done_again(cohort: _Cohort, names: list[str]) -> None:
    for number in (2, 3):
        with pytest.raises(_Killed):
            cohort.run(begun=_killed_at(number))
        done = cohort.marks
        assert set(done) == set(names[: number - 1])
    row, rows, _ = cohort.run()
    assert row.state is State.DONE
    assert list(rows) == names
    assert {name: cohort.marks[name] for name in done} == done


def test_that_what_was_done_of_other_files_before_a_kill_is_done_again(cohort: _Cohort, names: list[str]) -> None:
    with pytest.raises(_Killed):
        cohort.run(begun=_killed_at(2))
    done = cohort.marks
    next(cohort.given.iterdir()).touch()
    assert list(cohort.run()[1]) == names
    assert cohort.marks[names[0]] != done[names[0]]


def test_that_a_study_over_which_workers_die_is_the_only_one_that_is_lost(
    cohort: _Cohort, studies: dict[str, Path], names: list[str], failing: list[Exception]
) -> None:
    failing.append(_Killed())  # type: ignore[arg-type]
    row, rows, _ = cohort.run(worker=_Dying)
    assert (row.state, row.deaths) == (State.DONE, 2)
    assert set(rows) == {names[0], names[2], "worker_died"}
    failing.clear()
    done = cohort.marks
    _, rows, redone = cohort.run(retry=True, worker=_Dying)
    assert list(rows) == names
    assert redone.failed == 1
    assert {name: cohort.marks[name] for name in done} == done


def test_that_an_input_whose_first_study_kills_every_worker_is_set_aside_without_rows_of_its_own(
    cohort: _Cohort,
) -> None:
    row, rows, _ = cohort.run(begun=_killed_at(1), worker=_Dying)
    assert (row.state, row.code, rows) == (State.SET_ASIDE, "worker_died", {})


def test_that_results_that_are_gone_are_made_again_and_the_others_kept(cohort: _Cohort, names: list[str]) -> None:
    cohort.run()
    done = cohort.marks
    shutil.rmtree(cohort.out / names[1])
    _, rows, redone = cohort.run()
    assert list(rows) == names
    assert redone.results_gone == 1
    del done[names[1]]
    assert {name: cohort.marks[name] for name in done} == done


def test_that_what_is_done_gets_the_reports_that_are_wanted_later_and_nothing_else_anew(
    cohort: _Cohort, names: list[str]
) -> None:
    cohort.run()
    done = cohort.marks
    _, rows, redone = cohort.run(report=ReportOptions())
    assert (list(rows), redone) == (names, Redone(reports=1))
    assert cohort.marks == done
    for name in names:
        assert (cohort.out / name / "report.pdf").read_bytes().startswith(b"%PDF")
    assert cohort.run(report=ReportOptions())[2] == Redone()


def test_that_the_longest_name_of_an_input_leaves_room_for_a_number_and_a_study() -> None:
    name = f"{folder_name('é' * 300)}-10000"
    assert len(study_folder(name, "1.2.3").encode()) <= 255
    assert input_of_study(study_folder(name, "1.2.3")) == name
