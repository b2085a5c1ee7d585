"""`run_cohort`: inputs, as they are found, through workers into the manifest; each once, whatever ends in between."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.app.cohort.content import content_of, place_of
from cinecor.app.cohort.earlier_results import earlier_facts, folders_of_several, results_mark
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.workers import Died, Workers
from cinecor.cohort.input_row import InputRow, State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.file_format import this_version
from cinecor.message import Message
from cinecor.report.names import REPORT, folder_name, holds_reading
from cinecor.study.study_walk import FoundInput, WithoutImage

if TYPE_CHECKING:
    from cinecor.app.report_study import ReportOptions

_MOST_DEATHS: Final = 2  # of workers, over one input
_WALK_AT_ONCE_S: Final = 0.02  # the search must not keep workers waiting
_WAIT_S: Final = 0.2
_LOST: Final = Message(
    "worker_died",
    "The process that worked on it ended by itself, twice (a damaged file, or out of memory); "
    "open it alone to see why.",
)


class Again(StrEnum):
    """Why an input that an earlier run settled is worked on again."""

    FAILED = "failed"
    OTHER_MODEL = "other_model"
    CHANGED = "changed"
    RESULTS_GONE = "results_gone"
    REPORTS = "reports"  # are wanted, and were not then: nothing else is made anew


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an input."""

    row: InputRow
    outcome: InputOutcome
    again: Again | None = None  # why it was worked on, where an earlier run had settled it


@dataclass(frozen=True, slots=True)
class Headway:
    """How far a run is, told several times a second."""

    found: int  # so far
    settled: int  # now or in earlier runs
    search_ended: bool


@dataclass(slots=True)
class Redone:
    """How many inputs of an earlier run are worked on again, and why: the fields are called as `Again` has them."""

    changed: int = 0
    other_model: int = 0
    results_gone: int = 0
    failed: int = 0
    reports: int = 0
    beside_readings: int = 0  # their earlier results were corrected or signed, and stay


@dataclass(frozen=True, slots=True)
class CohortSettings:
    """What holds for every input of a run."""

    out_dir: Path
    model_sha256: str
    retry_failed: bool = False
    report: "ReportOptions | None" = None  # how the PDF of each study looks; None: there is none


def run_cohort(
    sources: Iterator[FoundInput | WithoutImage],
    *,
    manifest: Manifest,
    workers: Workers,
    settings: CohortSettings,
    redone: Redone,
) -> Iterator[Settled | Headway]:
    """Yield what becomes of each input, and between that how far the run is.

    `redone` counts inputs that an earlier run had done and that are done again. Raises `ModelRefused`, `OutputError`
    when the manifest cannot be written, and what `sources` raises; what was settled stays so.
    """
    run = _Run(sources, manifest, workers, settings, redone)
    manifest.take_back()
    while True:
        run.give_out()
        yield run.headway
        busy = workers.held > 0
        if not busy and run.search_ended and manifest.next_waiting() is None:
            manifest.commit()
            return
        searching = run.may_search()
        if searching:
            run.search_on()
        for told in workers.heard(wait_s=0.0 if searching else _WAIT_S):
            yield from run.settle(told)
        manifest.commit()


class _Run:
    def __init__(
        self,
        sources: Iterator[FoundInput | WithoutImage],
        manifest: Manifest,
        workers: Workers,
        settings: CohortSettings,
        redone: Redone,
    ) -> None:
        self._sources = sources
        self._manifest = manifest
        self._workers = workers
        self._settings = settings
        self._redone = redone
        self._settled = 0
        self._found = 0
        self._of_several = folders_of_several(settings.out_dir)  # that lay there before; one look at the folder
        self._again: dict[int, Again] = {}  # by the input's number, until it is settled
        self._begun = False  # something was worked on to its end
        self.search_ended = False

    @property
    def headway(self) -> Headway:
        return Headway(self._found, self._settled, self.search_ended)

    def give_out(self) -> None:
        while self._workers.can_take():
            row = self._manifest.next_waiting()
            if row is None:
                if self.search_ended:
                    return
                self._find_one()
                continue
            alone = row.deaths > 0
            if alone and not self._workers.can_take(alone=True):
                return
            task = self._claimed(row)
            self._manifest.commit()  # before anybody could write its results
            self._workers.give(task, alone=alone)

    def may_search(self) -> bool:
        """Return whether to look for more inputs now: not while workers start that have enough to begin with.

        The search would take a core from them, and the first result would come seconds later.
        """
        return not self.search_ended and (self._begun or self._manifest.next_waiting() is None)

    def search_on(self) -> None:
        until = time.monotonic() + _WALK_AT_ONCE_S
        while not self.search_ended and time.monotonic() < until:
            self._find_one()

    def settle(self, told: InputOutcome | Died) -> Iterator[Settled]:
        self._begun = True
        if isinstance(told, InputOutcome):
            yield self._noted(told)
            return
        for number in told.tasks:
            row = self._manifest.row(number)
            if self._manifest.died_over(row) >= _MOST_DEATHS:
                yield self._set_aside(row, told.why or _LOST)

    def _set_aside(self, row: InputRow, why: Message) -> Settled:
        """Return what becomes of an input over which workers died; of its studies those that were written are done."""
        task = self._task(row, row.before or "")
        folders = folders_of_several(self._settings.out_dir).get(row.name, [])
        written = [(name, facts) for name in folders if (facts := earlier_facts(task, name)) is not None]
        if not written:
            return self._noted(InputOutcome(row.id, failure=why), State.SET_ASIDE)
        rows = [StudyRow(number, name, facts=facts) for number, (name, facts) in enumerate(written, start=1)]
        lost = StudyRow(len(rows) + 1, "", why.code, str(why))
        return self._noted(InputOutcome(row.id, (*rows, lost)))

    def _noted(self, outcome: InputOutcome, state: State | None = None) -> Settled:
        row = self._manifest.row(outcome.task)
        self._manifest.settle(
            row,
            state=state or (State.DONE if outcome.done else State.FAILED),
            studies=outcome.studies,
            failure=outcome.failure,
            passing=outcome.passing,
            model_sha256=self._settings.model_sha256,
            version=this_version(),
            seconds=outcome.seconds,
        )
        self._settled += 1
        return Settled(self._manifest.row(outcome.task), outcome, self._again.pop(outcome.task, None))

    def _claimed(self, row: InputRow) -> InputTask:
        out_dir = self._settings.out_dir
        content = content_of(row.path)
        done = set(self._manifest.folders_of(row))
        kept = done if self._is_of(row, content) else set()  # where only the rest is worked on again
        there = ({row.name, *self._of_several.get(row.name, ())} | done) - kept
        if any(holds_reading(out_dir / one) for one in there):
            row = self._manifest.rename(row, taken=lambda name: (out_dir / name).exists())
            self._redone.beside_readings += 1
            there = {row.name, *self._of_several.get(row.name, ())}
        marks = " ".join(mark for one in sorted(there) if (mark := results_mark(out_dir / one)))
        return self._task(row, self._manifest.claim(row, content=content, mark=marks))

    def _task(self, row: InputRow, before: str) -> InputTask:
        settings = self._settings
        return InputTask(
            row.id,
            row.path,
            row.series,
            row.name,
            settings.out_dir,
            before,
            settings.model_sha256,
            settings.report,
            row.deaths,
        )

    def _is_of(self, row: InputRow, content: str) -> bool:
        """Return whether a row was settled with these files and this model."""
        return row.content == content and row.model_sha256 == self._settings.model_sha256

    def _find_one(self) -> None:
        one = next(self._sources, None)
        if one is None:
            self.search_ended = True
            self._tell_gone()
            return
        self._found += 1
        path = place_of(one.path)
        series = one.series_uid if isinstance(one, FoundInput) else ""
        row = self._manifest.row_of(path, series=series)
        if isinstance(one, WithoutImage):
            self._settled += 1
            if row is None:
                self._manifest.add(path, name=folder_name(path.name), state=State.WITHOUT_IMAGE)
        elif row is None:
            self._manifest.add(path, name=folder_name(one.name), series=series)
        elif row.state in (State.WAITING, State.CLAIMED):
            pass
        elif (why := self._why_again(row)) is not None:
            self._again[row.id] = why
            setattr(self._redone, why, getattr(self._redone, why) + 1)
            self._manifest.do_again(row, keep=self._is_of(row, content_of(row.path)))
        else:
            self._settled += 1

    def _tell_gone(self) -> None:
        """Say of inputs that failed, and would be tried again, where their files are no longer there."""
        failed = (*self._manifest.inputs(state=State.FAILED), *self._manifest.inputs(state=State.SET_ASIDE))
        for row in failed:
            gone = Message(
                "input_not_there_again",
                "{path} is no longer there, so it was not tried again (earlier: {earlier}); put it back and go on "
                "by --retry-failed, or leave it out.",
                path=row.path,
                earlier=row.message,
            )
            wanted = row.passing or self._settings.retry_failed
            if wanted and row.code != gone.code and not row.path.exists():
                self._manifest.settle(
                    row,
                    state=State.FAILED,
                    failure=gone,
                    passing=row.passing,  # once it is back, what decides whether it is tried again is as it was
                    model_sha256=row.model_sha256,
                    version=this_version(),
                )

    def _why_again(self, row: InputRow) -> Again | None:
        """Return why an input that an earlier run settled has to be worked on again; None where it has not."""
        settings, settled = self._settings, row.state in (State.DONE, State.FAILED)
        if (settled and row.passing) or (
            settings.retry_failed and (row.state is not State.DONE or self._manifest.has_failed_study(row))
        ):
            return Again.FAILED
        if settled and row.model_sha256 != settings.model_sha256:
            return Again.OTHER_MODEL if row.state is State.DONE else Again.FAILED  # what failed was outlined by none
        if row.state is State.WITHOUT_IMAGE or content_of(row.path) != row.content:
            return Again.CHANGED
        folders = [settings.out_dir / one for one in self._manifest.folders_of(row)]
        if any(not results_mark(folder) for folder in folders):
            return Again.RESULTS_GONE
        if settings.report is not None and any(not (folder / REPORT).is_file() for folder in folders):
            return Again.REPORTS
        return None
