"""`open_result_study`: a folder of results together with the study that it was made from."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.app.open_study import OpenedStudy, open_study
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.report.kept_results import KeptResults
from cinecor.report.names import RESULTS_JSON, input_id
from cinecor.report.results import Results
from cinecor.report.verification import no_results

STUDY_NOT_AT_HAND: Final = Message(
    "study_not_at_hand", "The study of these results is not at hand: name it with --study."
)


@dataclass(frozen=True, slots=True, eq=False)
class ResultStudy:
    """Results, and the study they were made from; None where it is not at hand."""

    kept: KeptResults
    study: OpenedStudy | None


def result_folders(given: Sequence[Path]) -> tuple[Path, ...]:
    """Return the folders of results that paths stand for: themselves, or those that lie in them.

    Raises `UsageError` for a path where there are none.
    """
    found: list[Path] = []
    for path in given:
        if (path / RESULTS_JSON).is_file():
            found.append(path)
            continue
        inside = sorted(one.parent for one in path.glob(f"*/{RESULTS_JSON}")) if path.is_dir() else []
        if not inside:
            raise no_results(path)
        found += inside
    return tuple(dict.fromkeys(found))


@contextmanager
def open_result_study(
    kept: KeptResults,
    studies: Sequence[Path] = (),
    *,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> Iterator[ResultStudy]:
    """Open the results with their study, which is closed afterwards.

    The study is the one of `studies` that the results were made from, else what they were made from where it still
    lies there; where there is neither, the results come alone. Raises `InputError` when a study was named and is not
    theirs, and what reading it raises.
    """
    path = _path_of(kept.results, studies)
    if path is None:
        yield ResultStudy(kept, None)
        return
    uids = kept.results.stack.series_uids
    study = open_study(
        path,
        on_series=lambda _: None,
        series_uid=uids[0] if uids else None,
        progress=progress,
        cancelled=cancelled,
    )
    try:
        _require_same(kept, study)
        yield ResultStudy(kept, study)
    finally:
        study.close()


def _path_of(results: Results, studies: Sequence[Path]) -> Path | None:
    for path in studies:
        if input_id(path) == results.input_id:
            return path
    named = [path for path in studies if _holds(path, results)]
    if named:
        return named[0]
    if studies:
        raise InputError(
            Message(
                "study_of_other_results",
                "{study} is not the study of these results ({input}); name the folder that was segmented.",
                study=studies[0],
                input=results.input,
            )
        )
    typed = Path(results.input)
    return typed if typed.exists() and input_id(typed) == results.input_id else None


def _holds(path: Path, results: Results) -> bool:
    """Return whether a folder may be the study, moved elsewhere: what decides is the stack that is read from it."""
    if not path.is_dir():
        return path.exists()
    files = [name for row in results.stack.files for name in row if name is not None]
    return not files or (path / files[0]).is_file()


def _require_same(kept: KeptResults, study: OpenedStudy) -> None:
    facts, stack = kept.results.stack, study.stack
    files = None if stack.files is None else [list(row) for row in stack.files]
    same = (
        stack.pixels.shape == kept.labels.shape
        and set(stack.series_uids) == set(facts.series_uids)
        and (files is None or files == facts.files)
    )
    if not same:
        raise InputError(
            Message(
                "stack_of_other_results",
                "{study} no longer gives the stack of these results (other files or another size); segment it again.",
                study=study.path,
            )
        )
