"""What lies in folders of results already: marks that tell it from later results, and whether it may be kept."""

import os
from collections import defaultdict
from pathlib import Path

from pydantic import ValidationError

from cinecor.app.cohort.input_task import InputTask
from cinecor.cohort.input_row import input_of_study
from cinecor.cohort.study_facts import StudyFacts
from cinecor.report.names import FILES, RESULTS_JSON, input_id
from cinecor.report.results import Results


def results_mark(folder: Path) -> str:
    """Return what tells the results that lie in a folder from any that are written later; empty without any."""
    try:
        status = (folder / RESULTS_JSON).stat()
    except OSError:
        return ""
    return f"{status.st_mtime_ns}.{status.st_ino}.{status.st_size}"


def folders_of_several(out_dir: Path) -> dict[str, list[str]]:
    """Return the folders below `out_dir` that hold one of several studies of an input, by the name of the input."""
    found: dict[str, list[str]] = defaultdict(list)
    try:
        names = sorted(os.listdir(out_dir))  # noqa: PTH208  names alone: there may be ten thousand
    except OSError:
        return {}
    for folder in names:
        name = input_of_study(folder)
        if name is not None:
            found[name].append(folder)
    return dict(found)


def earlier_facts(task: InputTask, name: str) -> StudyFacts | None:
    """Return the facts of results that were written while the input was as it is; None without such.

    They are those that lie in the folder now, are of this input and model, and are not of what lay there before.
    """
    folder = task.out_dir / name
    mark = results_mark(folder)
    if not mark or mark in task.before.split() or not all((folder / file).is_file() for file in FILES):
        return None
    try:
        results = Results.model_validate_json((folder / RESULTS_JSON).read_bytes())
    except (OSError, ValidationError):
        return None
    if results.input_id != input_id(task.path) or results.model.sha256 != task.model_sha256:
        return None
    return StudyFacts.of(results)
