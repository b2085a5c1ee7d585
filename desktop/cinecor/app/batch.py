"""`segment_each`: the main job on input after input; one that fails does not stop the others."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from cinecor.app.save_study import SavedStudy
from cinecor.app.study_run import run_study
from cinecor.errors import InputError
from cinecor.inference.device.model_session import ModelSession
from cinecor.message import Message
from cinecor.progress import ProgressListener
from cinecor.report.names import kept_beside, result_names
from cinecor.review import Body
from cinecor.study.study_input import inputs_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input: a run, or the error that ended it."""

    path: Path
    run: SavedStudy | None
    error: Exception | None = None
    caution: Message | None = None  # what a person has to know of a run that went well


def segment_each(
    inputs: Sequence[Path],
    *,
    session: Callable[[], ModelSession],
    out_dir: Path,
    progress: Callable[[Path], AbstractContextManager[ProgressListener]],
    series_uid: str | None = None,
    typed: Body | None = None,
) -> Iterator[Outcome]:
    """Yield the outcome of each input as soon as it is there; results lie in folders of `out_dir` named after inputs.

    A folder of NIfTI files stands for its files (see `inputs_of`); what cannot be read beside them comes last.

    `progress` gives the listener of one input; `typed` is what a person knows of the patient's body. Raises what
    `session` raises: a model that is refused fails every input, and is told once instead.
    """
    given = [(path, inputs_of(path)) for path in inputs]
    inputs = [one for _, found in given for one in found.paths]
    names = result_names(inputs, out_dir=out_dir)
    for path, name in zip(inputs, names, strict=True):
        try:
            with progress(path) as listener:
                run = run_study(
                    path,
                    session=session,
                    out_dir=out_dir,
                    name=name,
                    series_uid=series_uid,
                    typed=typed,
                    progress=listener,
                )
        except Exception as error:  # noqa: BLE001  one input's failure must not stop the others
            session()
            yield Outcome(path, None, error)
        else:
            yield Outcome(path, run, caution=kept_beside(run.folder.path, input_path=path))
    for folder, found in given:
        for row in found.unread:
            message = Message("input_not_read", "{path}: {reason}.", path=str(folder / row.path), reason=row.reason)
            yield Outcome(folder / row.path, None, InputError(message))
