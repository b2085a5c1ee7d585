"""What is done with one input of a cohort, in whatever process that happens."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cinecor.app.cohort.earlier_results import earlier_facts
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.report_study import report_study
from cinecor.app.save_study import ComposedStudy
from cinecor.app.study_run import body_of, outline_study
from cinecor.cohort.input_row import StudyRow, study_folder
from cinecor.cohort.study_facts import StudyFacts
from cinecor.durable_file import replace_file
from cinecor.errors import ModelRefused, ModelStopped, OutputError
from cinecor.failure import failure_message
from cinecor.inference.device.model_session import ModelSession
from cinecor.inference.device.onnx_runtime import DeviceUnavailable
from cinecor.message import Message
from cinecor.report.names import REPORT
from cinecor.study.study_input import StudyToRead, studies_of


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedInput:
    """An input with one study whose files are made and not yet written: the disk can be waited for beside the next."""

    task: InputTask
    started: float
    study: ComposedStudy

    def write(self) -> InputOutcome:
        """Write the study and return the outcome."""
        try:
            row = _written(self.task, self.study, number=1, name=self.task.name)
        except Exception as error:  # noqa: BLE001  one input's failure must not stop the others
            return _failed(self.task, error, self.started)
        return InputOutcome(self.task.id, (row,), seconds=_since(self.started))


def outline_input(
    task: InputTask, *, session: Callable[[], ModelSession], goes_on: Callable[[], None] = lambda: None
) -> OutlinedInput | InputOutcome:
    """Return the outlined study of an input, not yet written, or the outcome where that is known already.

    The studies of an input of several are written one by one, those that were before are found again, and `goes_on` is
    called as each begins. After a worker died over them the last comes first: so the one that kills it is reached when
    all others are done. Raises `ModelRefused` where the model cannot be used, or is another one than the cohort is
    outlined with: no input can be worked on then.
    """
    _require_model(session(), task)
    started = time.perf_counter()
    rows: list[StudyRow] = []
    passing = False
    try:
        earlier = _found_again(task, task.name, number=1)
        if earlier is not None:
            return InputOutcome(task.id, (earlier,))
        for study in studies_of(task.path, series_uid=task.series or None, last_first=task.deaths > 0):
            if study.of == 1:
                return OutlinedInput(task, started, _composed(task, study, session, since=started))
            goes_on()
            row, may_pass = _row_of(task, study, session)
            rows.append(row)
            passing |= may_pass
    except ModelRefused:
        raise
    except Exception as error:  # noqa: BLE001  one input's failure must not stop the others
        if not rows:
            return _failed(task, error, started)
        # The rest of the input could not be looked at: what is done is not lost by that.
        rows.append(_failed_row(max(row.number for row in rows) + 1, error))
        passing |= _may_pass(error)
    rows.sort(key=lambda row: row.number)
    return InputOutcome(task.id, tuple(rows), passing=passing, seconds=_since(started))


def _row_of(task: InputTask, study: StudyToRead, session: Callable[[], ModelSession]) -> tuple[StudyRow, bool]:
    """Return the row of one study of several, written or found again, and whether a failure of it may pass."""
    name = study_folder(task.name, study.uid)
    try:
        row = _found_again(task, name, number=study.number)
        if row is None:
            composed = _composed(task, study, session, since=time.perf_counter())
            row = _written(task, composed, number=study.number, name=name)
    except ModelRefused:
        raise
    except Exception as error:  # noqa: BLE001  one study's failure must not stop the others
        return _failed_row(study.number, error), _may_pass(error)
    return row, False


def _found_again(task: InputTask, name: str, *, number: int) -> StudyRow | None:
    """Return the row of results that were written before anybody could note it; None without such."""
    facts = earlier_facts(task, name)
    if facts is None:
        return None
    folder = task.out_dir / name
    if task.report is not None and not (folder / REPORT).is_file():
        _write_report(task, folder)
    return StudyRow(number, name, facts=facts)


def _require_model(session: ModelSession, task: InputTask) -> None:
    """Raise `ModelRefused` where a worker, begun later or elsewhere, has another model than the manifest notes."""
    if session.identity.sha256 != task.model_sha256:
        raise ModelRefused(
            Message(
                "worker_has_other_model",
                "A worker opened another model ({there}) than this cohort is outlined with ({here}): the model in use "
                "was changed, or the machines have different ones; name one by --model and go on by --resume.",
                there=session.identity.sha256[:12],
                here=task.model_sha256[:12],
            )
        )


def _composed(
    task: InputTask, study: StudyToRead, session: Callable[[], ModelSession], *, since: float
) -> ComposedStudy:
    """Return the files of a study's results. Raises what reading and outlining it raise."""
    read = study.read()
    if read.stack is None or read.audit is None:
        assert read.error is not None
        raise read.error
    outlined = outline_study(
        read.stack,
        read.audit,
        session=session(),
        input_name=task.path.name,
        read_s=_since(since),
        body=body_of(read.stack, task.path),
    )
    return outlined.composed(task.path)


def _written(task: InputTask, study: ComposedStudy, *, number: int, name: str) -> StudyRow:
    saved = study.write(task.out_dir, name=name)
    if task.report is not None:
        _write_report(task, saved.folder.path)
    return StudyRow(number, name, facts=StudyFacts.of(saved.results))


def _write_report(task: InputTask, folder: Path) -> None:
    assert task.report is not None
    replace_file(folder / REPORT, report_study(folder, studies=(task.path,), options=task.report))


def _failed(task: InputTask, error: Exception, started: float) -> InputOutcome:
    return InputOutcome(task.id, failure=failure_message(error), passing=_may_pass(error), seconds=_since(started))


def _failed_row(number: int, error: Exception) -> StudyRow:
    message = failure_message(error)
    return StudyRow(number, "", message.code, str(message))


def _may_pass(error: Exception) -> bool:
    """Return whether what failed may succeed next time: the reason lies outside of the input."""
    return isinstance(error, OutputError | ModelStopped | DeviceUnavailable | MemoryError | OSError)


def _since(started: float) -> float:
    return time.perf_counter() - started
