"""`CohortResults`: what the manifests of cohorts say of folders of results that lie in them."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.agreement.pairs import Rest
from cinecor.cohort.input_row import InputRow, State, input_of_study
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.manifest_file import is_cohort
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.report.results import Results

_UNTOUCHED: Final = "ai_not_verified"


@dataclass(frozen=True, slots=True)
class _Cohort:
    model_sha256: str  # with which it was worked on last
    models: dict[str, str]  # of each folder of a study that is done
    why_not: dict[str, Message]  # of each input that is not, by its name
    inputs: dict[str, Path]  # from which each folder of a study was made
    rest: Rest

    @classmethod
    def read(cls, folder: Path) -> "_Cohort":
        models: dict[str, str] = {}
        why_not: dict[str, Message] = {}
        inputs: dict[str, Path] = {}
        failed = waiting = 0
        with closing(Manifest.read(folder)) as manifest:
            for row, study in manifest.studies():
                if row.state in (State.WAITING, State.CLAIMED):
                    waiting += study is None or study.number == 1  # one that waits may keep rows of its studies
                elif row.state is not State.WITHOUT_IMAGE:
                    failed += study is None or study.facts is None
                if row.state is not State.DONE:
                    why_not[row.name] = _why_not(row)
                elif study is not None and study.facts is not None:
                    models[study.folder] = study.facts.model_sha256
                    inputs[study.folder] = row.path
            return cls(manifest.latest_model(), models, why_not, inputs, Rest(failed, waiting))


class CohortResults:
    """Which folders of results count: those that their cohort's last run did, all with one model."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Read the manifest of every cohort that one of the folders lies in.

        Raises `UsageError` while one is being worked on, `OutputError` when one cannot be read.
        """
        places = {folder.absolute().parent for folder in folders}
        self._cohorts = {place: _Cohort.read(place) for place in places if is_cohort(place)}

    def rest_of(self, side: Path) -> Rest | None:
        """Return how much of a cohort is not done; None where it is all done, or the folder is no cohort."""
        cohort = self._cohorts.get(side.absolute())
        return None if cohort is None or not cohort.rest.failed + cohort.rest.waiting else cohort.rest

    def require(self, folder: Path, results: Results, *, reader_counts: bool) -> None:
        """Raise `InputError` where results lie in a cohort that no longer counts them as its own.

        They are left from an earlier run: of an input that failed since, or has results of another name now, or they
        are of another model than the rest. With `reader_counts` what somebody corrected or signed counts nevertheless.
        """
        cohort = self._cohorts.get(folder.absolute().parent)
        is_readers = results.status is not None and results.status.state != _UNTOUCHED
        if cohort is None or (reader_counts and is_readers):
            return
        known = cohort.models.get(folder.name)
        if known is None:
            names = (folder.name, input_of_study(folder.name) or "")
            raise InputError(
                next((cohort.why_not[name] for name in names if name in cohort.why_not), _superseded(folder))
            )
        if known != cohort.model_sha256 and not cohort.inputs[folder.name].exists():
            raise InputError(
                Message(
                    "results_of_other_model_kept",
                    "{folder} was outlined with another model ({there}) than the cohort was worked on with last "
                    "({here}), and its input is gone; put {input} back and go on by `cinecor batch --resume`, or do "
                    "without it.",
                    folder=folder,
                    there=results.model.sha256[:12],
                    here=cohort.model_sha256[:12],
                    input=cohort.inputs[folder.name],
                )
            )
        if known != cohort.model_sha256 or results.model.sha256 != known:
            raise InputError(
                Message(
                    "results_of_other_model",
                    "{folder} was outlined with another model ({there}) than the cohort was worked on with last "
                    "({here}); go on with that by `cinecor batch --resume`.",
                    folder=folder,
                    there=results.model.sha256[:12],
                    here=cohort.model_sha256[:12],
                )
            )


def _why_not(row: InputRow) -> Message:
    if row.state in (State.WAITING, State.CLAIMED):
        return Message(
            "results_not_done_again",
            "{name} waits to be done again, and what lies there is of an earlier run; go on by `cinecor batch "
            "--resume`.",
            name=row.name,
        )
    return Message(
        "results_of_failed_input",
        "{name} failed in the last run, and what lies there is of an earlier one ({reason}).",
        name=row.name,
        reason=row.message or row.code,
    )


def _superseded(folder: Path) -> Message:
    return Message(
        "results_superseded",
        "{folder} is left from an earlier run: its input has no results of that name in cohort.csv any more.",
        folder=folder,
    )
