"""What is done with one input of a cohort, in whatever process that happens."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cinecor.app.cohort.content import results_mark
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.report_study import report_study
from cinecor.app.save_study import ComposedStudy
from cinecor.app.study_run import OutlinedStudy, body_of, outline_study
from cinecor.cohort.input_row import StudyRow, study_folder
from cinecor.cohort.study_facts import StudyFacts
from cinecor.durable_file import replace_file
from cinecor.errors import CinecorError, InputError, ModelRefused, ModelStopped, OutputError
from cinecor.failure import failure_message
from cinecor.inference.device.model_session import ModelSession
from cinecor.message import Message
from cinecor.report.names import FILES, REPORT, input_id
from cinecor.report.results import Results
from cinecor.study.study_input import ReadStudy, read_studies


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


def earlier_outcome(task: InputTask) -> InputOutcome | None:
    """Return the outcome of an input whose results were written before anybody could note it; None without such.

    They are those that lie in its folder now and did not when it was begun.
    """
    folder = task.out_dir / task.name
    mark = results_mark(folder)
    if not mark or mark == task.before or not all((folder / name).is_file() for name in FILES):
        return None
    try:
        results = Results.model_validate_json((folder / "results.json").read_bytes())
    except (OSError, ValidationError):
        return None
    if results.input_id != input_id(task.path) or results.model.sha256 != task.model_sha256:
        return None
    if task.report is not None and not (folder / REPORT).is_file():
        _write_report(task, folder)
    return InputOutcome(task.id, (StudyRow(1, task.name, facts=StudyFacts.of(results)),))


def outline_input(task: InputTask, *, session: Callable[[], ModelSession]) -> OutlinedInput | InputOutcome:
    """Return the outlined studies of an input, not yet written, or the outcome where that is known already.

    Raises `ModelRefused` where the model cannot be used, or is another one than the cohort is outlined with: no input
    can be worked on then.
    """
    _require_model(session(), task)
    started = time.perf_counter()
    rows: list[StudyRow] = []
    try:
        earlier = earlier_outcome(task)
        if earlier is not None:
            return earlier
        reading_since = started
        for number, read in enumerate(read_studies(task.path, series_uid=task.series or None), start=1):
            outlined = _outlined(task, read, session, read_s=_since(reading_since))
            if read.of == 1:
                if isinstance(outlined, CinecorError):
                    return _failed(task, outlined, started)
                return OutlinedInput(task, started, outlined.composed(task.path))
            name = study_folder(task.name, number)
            if isinstance(outlined, CinecorError):
                rows.append(StudyRow(number, "", outlined.message.code, str(outlined.message)))
            else:
                rows.append(_written(task, outlined.composed(task.path, several=True), number=number, name=name))
            reading_since = time.perf_counter()
    except ModelRefused:
        raise
    except Exception as error:  # noqa: BLE001  one input's failure must not stop the others
        return _failed(task, error, started)
    return InputOutcome(task.id, tuple(rows), seconds=_since(started))


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


def _outlined(
    task: InputTask, read: ReadStudy, session: Callable[[], ModelSession], *, read_s: float
) -> OutlinedStudy | CinecorError:
    if read.stack is None or read.audit is None:
        assert read.error is not None
        return read.error
    try:
        return outline_study(
            read.stack,
            read.audit,
            session=session(),
            input_name=task.path.name,
            read_s=read_s,
            body=body_of(read.stack, task.path),
        )
    except InputError as error:
        return error


def _written(task: InputTask, study: ComposedStudy, *, number: int, name: str) -> StudyRow:
    saved = study.write(task.out_dir, name=name)
    if task.report is not None:
        _write_report(task, saved.folder.path)
    return StudyRow(number, name, facts=StudyFacts.of(saved.results))


def _write_report(task: InputTask, folder: Path) -> None:
    assert task.report is not None
    replace_file(folder / REPORT, report_study(folder, studies=(task.path,), options=task.report))


def _failed(task: InputTask, error: Exception, started: float) -> InputOutcome:
    passing = isinstance(error, OutputError | ModelStopped | MemoryError | OSError)
    return InputOutcome(task.id, failure=failure_message(error), passing=passing, seconds=_since(started))


def _since(started: float) -> float:
    return time.perf_counter() - started
