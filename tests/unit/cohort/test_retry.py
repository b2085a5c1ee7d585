"""What an earlier run could not do is tried again where that is asked for, and else left as it was told."""

from contextlib import closing
from pathlib import Path

import pytest
from unit.cohort.test_table import FACTS

from cinecor.app.cohort.cohort_run import Again, CohortSettings, Redone, Settled, run_cohort
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.workers import Died
from cinecor.cohort.input_row import StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.message import Message
from cinecor.study.study_walk import FoundInput


class Failing:
    """Workers that fail over everything, by a reason of the input or by one that may pass."""

    def __init__(self, *, passing: bool) -> None:
        self._passing = passing
        self._waiting: list[InputTask] = []

    @property
    def held(self) -> int:
        return len(self._waiting)

    def can_take(self, *, alone: bool = False) -> bool:  # noqa: ARG002
        return not self._waiting

    def give(self, task: InputTask, *, alone: bool = False) -> None:  # noqa: ARG002
        self._waiting.append(task)

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:  # noqa: ARG002
        why = Message("broken", "It is broken.")
        outcomes: list[InputOutcome | Died] = [
            InputOutcome(task.id, failure=why, passing=self._passing) for task in self._waiting
        ]
        self._waiting.clear()
        return outcomes

    def close(self) -> None: ...


class _TwoStudies:
    """Workers in whose inputs one study of two fails, which note what they are given."""

    def __init__(self) -> None:
        self.given: list[InputTask] = []
        self._waiting: list[InputTask] = []

    @property
    def held(self) -> int:
        return len(self._waiting)

    def can_take(self, *, alone: bool = False) -> bool:  # noqa: ARG002
        return not self._waiting

    def give(self, task: InputTask, *, alone: bool = False) -> None:  # noqa: ARG002
        self.given.append(task)
        self._waiting.append(task)

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:  # noqa: ARG002
        outcomes: list[InputOutcome | Died] = [
            InputOutcome(
                task.id, (StudyRow(1, "", "no_ventricle", "nothing"), StudyRow(2, "both-study-2", facts=FACTS))
            )
            for task in self._waiting
        ]
        self._waiting.clear()
        return outcomes

    def close(self) -> None: ...


@pytest.mark.parametrize("retry", [False, True])
def test_that_a_study_that_failed_beside_others_of_its_input_is_tried_again(tmp_path: Path, retry: bool) -> None:
    given, out = tmp_path / "both", tmp_path / "out"
    given.mkdir()
    (out / "both-study-2").mkdir(parents=True)
    (out / "both-study-2" / "results.json").write_text("{}")
    workers = _TwoStudies()
    with closing(Manifest.open(out, resume=False)) as manifest:
        for settings in (CohortSettings(out, "m"), CohortSettings(out, "m", retry_failed=retry)):
            redone = Redone()
            sources = iter([FoundInput(given, "both")])
            list(run_cohort(sources, manifest=manifest, workers=workers, settings=settings, redone=redone))
    assert len(workers.given) == (2 if retry else 1)
    assert redone.failed == retry


@pytest.mark.parametrize(
    ("passing", "retry", "code"),
    [
        (False, False, "broken"),
        (False, True, "input_not_there_again"),
        (True, False, "input_not_there_again"),
        (True, True, "input_not_there_again"),
    ],
)
def test_that_what_would_be_tried_again_and_is_no_longer_there_says_so_in_its_row(
    tmp_path: Path, passing: bool, retry: bool, code: str
) -> None:
    given, stays, out = tmp_path / "deleted", tmp_path / "stays", tmp_path / "out"
    given.mkdir()
    stays.mkdir()
    with closing(Manifest.open(out, resume=False)) as manifest:
        for settings in (CohortSettings(out, "m"), *[CohortSettings(out, "m", retry_failed=retry)] * 2):
            sources = iter([FoundInput(path, path.name) for path in (given, stays) if path.is_dir()])
            workers = Failing(passing=passing)
            list(run_cohort(sources, manifest=manifest, workers=workers, settings=settings, redone=Redone()))
            if given.is_dir():
                given.rmdir()
        deleted, there = (manifest.row_of(path) for path in (given, stays))
        assert deleted is not None
        assert there is not None
        assert (deleted.state, deleted.code, there.code) == ("failed", code, "broken")
        assert deleted.message.count("It is broken.") == 1  # once, however often it was looked for
        assert (str(given) in deleted.message) is (code == "input_not_there_again")


@pytest.mark.parametrize(
    ("passing", "gone_by_retry", "back_by_retry", "again"),
    [(False, True, True, True), (False, True, False, False), (True, False, False, True), (True, True, True, True)],
)
def test_that_an_input_that_was_gone_and_is_back_is_tried_again_as_if_it_had_stayed(
    tmp_path: Path, passing: bool, gone_by_retry: bool, back_by_retry: bool, again: bool
) -> None:
    given, out = tmp_path / "deleted", tmp_path / "out"
    with closing(Manifest.open(out, resume=False)) as manifest:
        for there, retry in ((True, False), (False, gone_by_retry), (True, back_by_retry)):
            if there:
                given.mkdir(exist_ok=True)
            else:
                given.rmdir()
            settings, redone = CohortSettings(out, "m", retry_failed=retry), Redone()
            workers = Failing(passing=passing)
            sources = iter([FoundInput(given, given.name)] if there else [])
            list(run_cohort(sources, manifest=manifest, workers=workers, settings=settings, redone=redone))
            row = manifest.row_of(given)
            assert row is not None
            if not there:
                assert row.code == "input_not_there_again"
        assert row.code == ("broken" if again else "input_not_there_again")
        assert redone == Redone(failed=int(again))


def test_that_an_input_that_failed_is_not_told_as_outlined_with_another_model(tmp_path: Path) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    with closing(Manifest.open(out, resume=False)) as manifest:
        for model in ("first", "second"):
            redone = Redone()
            workers = Failing(passing=False)
            sources, settings = iter([FoundInput(given, "given")]), CohortSettings(out, model)
            told = list(run_cohort(sources, manifest=manifest, workers=workers, settings=settings, redone=redone))
    assert redone == Redone(failed=1)
    assert [one.again for one in told if isinstance(one, Settled)] == [Again.FAILED]
