"""What an earlier run could not do is tried again where that is asked for, and else left as it was told."""

from contextlib import closing
from pathlib import Path

import pytest
from unit.cohort.test_table import FACTS

from cinecor.app.cohort.cohort_run import CohortSettings, Redone, run_cohort
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.workers import Died
from cinecor.cohort.input_row import StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.study.study_walk import FoundInput


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
            InputOutcome(task.id, (StudyRow(1, "", "no_ventricle", "nothing"), StudyRow(2, "both-study2", facts=FACTS)))
            for task in self._waiting
        ]
        self._waiting.clear()
        return outcomes

    def close(self) -> None: ...


@pytest.mark.parametrize("retry", [False, True])
def test_that_a_study_that_failed_beside_others_of_its_input_is_tried_again(tmp_path: Path, retry: bool) -> None:
    given, out = tmp_path / "both", tmp_path / "out"
    given.mkdir()
    (out / "both-study2").mkdir(parents=True)
    (out / "both-study2" / "results.json").write_text("{}")
    workers = _TwoStudies()
    with closing(Manifest.open(out, resume=False)) as manifest:
        for settings in (CohortSettings(out, "m"), CohortSettings(out, "m", retry_failed=retry)):
            redone = Redone()
            sources = iter([FoundInput(given, "both")])
            list(run_cohort(sources, manifest=manifest, workers=workers, settings=settings, redone=redone))
    assert len(workers.given) == (2 if retry else 1)
    assert redone.failed == retry
