"""One door from an exception to a sentence and an exit code, whichever command is run."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cinecor import console
from cinecor.app.batch import Outcome
from cinecor.cli.segment import batch_exit_code
from cinecor.errors import Cancelled, InputError, ModelRefused, NothingSegmentable, OutputError, UsageError
from cinecor.failure import (
    DONE,
    INTERRUPTED,
    MODEL_REFUSED,
    NOTHING_SEGMENTABLE,
    SOME_FAILED,
    WRONG_USAGE,
    failure_message,
)
from cinecor.language import language
from cinecor.message import Message

WHY = Message("text", "{text}", text="why")


def _raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError(WHY), WRONG_USAGE),
        (NothingSegmentable(WHY), NOTHING_SEGMENTABLE),
        (ModelRefused(WHY), MODEL_REFUSED),
        (Cancelled(WHY), INTERRUPTED),
        (KeyboardInterrupt(), INTERRUPTED),
        (InputError(WHY), SOME_FAILED),
        (OutputError(WHY), SOME_FAILED),
        (MemoryError(), SOME_FAILED),
        (OSError(errno.ENOSPC, "No space"), SOME_FAILED),
        (FileNotFoundError(errno.ENOENT, "gone", "a.dcm"), SOME_FAILED),
        (ImportError("libfoo.so: cannot open"), SOME_FAILED),
        (ZeroDivisionError("division by zero\nsecond line"), SOME_FAILED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_that_every_exception_ends_in_its_code_and_one_line(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert console.run(_raising(error), program="export-onnx") == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("export-onnx: ")
    assert said.err.endswith(".\n") or error.args == (WHY,)
    assert len(said.err.splitlines()) == 1


def test_that_work_that_ends_gives_its_own_code() -> None:
    assert console.run(lambda: DONE) == DONE
    assert console.run(lambda: SOME_FAILED) == SOME_FAILED


def test_that_the_systems_request_to_end_is_told_as_the_users_is(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def work() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return DONE

    try:
        stopped = Message("export_stopped", "stopped; nothing was written.")
        assert console.run(work, program="export-onnx", stopped=stopped) == INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().err == "export-onnx: stopped; nothing was written.\n"


def test_that_a_traceback_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    console.run(_raising(InputError(WHY)), debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_that_what_the_system_refused_is_said_in_the_readers_language() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "a.dcm")
    assert failure_message(error).text(language("fr")).startswith("a.dcm\N{NO-BREAK SPACE}: fichier ou dossier absent")


def _outcomes(*errors: Exception | None) -> list[Outcome]:
    return [Outcome(Path(str(number)), None, error) for number, error in enumerate(errors)]


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ((None, None), DONE),
        ((NothingSegmentable(WHY), NothingSegmentable(WHY)), NOTHING_SEGMENTABLE),
        ((NothingSegmentable(WHY), None), SOME_FAILED),
        ((NothingSegmentable(WHY), InputError(WHY)), SOME_FAILED),
        ((UsageError(WHY),), WRONG_USAGE),
    ],
)
def test_that_a_batch_has_a_code_of_its_own_only_when_all_failed_alike(
    errors: tuple[Exception | None, ...], code: int
) -> None:
    assert batch_exit_code(_outcomes(*errors)) == code
