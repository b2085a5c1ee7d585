"""`batch`: a cohort from its inputs to its tables, with workers of this machine or of a cluster."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.app.cohort.cohort_run import CohortSettings, Headway, Redone, Settled, run_cohort
from cinecor.app.cohort.input_list import listed_inputs
from cinecor.app.cohort.workers import Workers
from cinecor.cohort.copies import copies_told
from cinecor.cohort.input_row import State
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.page import write_page
from cinecor.cohort.table import write_tables
from cinecor.inference.package.model_file import ModelFile, open_model_file
from cinecor.inference.store.model_store import ModelStore
from cinecor.inference.store.store_records import BUNDLED
from cinecor.message import Message
from cinecor.study.study_walk import FoundInput, WithoutImage, inputs_below

if TYPE_CHECKING:  # it brings what reads and measures studies: workers start sooner without
    from cinecor.app.report_study import ReportOptions

_MANY_FOLDERS: Final = 50  # a study has fewer: one a series

Told = Settled | Headway | Message


@dataclass(slots=True)
class Batch:
    """One run over a cohort; what it found is filled in while it goes."""

    inputs: Sequence[Path]
    out_dir: Path
    lists: Sequence[Path] = ()
    pattern: str | None = None  # of the inputs' names, as a shell's
    resume: bool = False
    retry_failed: bool = False
    report: "ReportOptions | None" = None  # how the PDF of each study looks; None: there is none
    redone: Redone = field(default_factory=Redone)
    counts: dict[State, int] = field(default_factory=dict)  # of the whole cohort, once the run has ended
    failures: list[tuple[str, int, str]] = field(default_factory=list)  # code, how often, one of the sentences
    matched_none: bool = False  # no input fits the pattern: known once the search has ended
    left: Message | None = None  # that results of another model stay, whose inputs are gone
    copies: Message | None = None  # that studies lie more than once among the inputs
    _cautions: list[Message] = field(default_factory=list)  # of the search, not yet told

    def run(self, *, model: Path | None, start: Callable[[], Workers]) -> Generator[Told]:
        """Yield what becomes of each input as soon as it is known, and sentences that somebody has to know.

        Tables and page are written at the end, however it ends.

        `start` starts the workers. Raises `ModelRefused` before anything begins, `UsageError` for a cohort that is
        there already, `OutputError` when it cannot be written.
        """
        used = _model_file(model)
        sha256, unsaid = used.sha256, _unsaid(used)
        listed = [one for path in self.lists for one in listed_inputs(path)]
        settings = CohortSettings(self.out_dir, sha256, retry_failed=self.retry_failed, report=self.report)
        with closing(Manifest.open(self.out_dir, resume=self.resume)) as manifest:
            if not manifest.locked:
                yield Message(
                    "cohort_without_lock",
                    "The file system of {folder} has no locks: see to it that no other run works on this cohort.",
                    folder=self.out_dir,
                )
            if unsaid is not None:
                yield unsaid
            workers = start()
            try:
                for told in run_cohort(
                    self._sources(listed), manifest=manifest, workers=workers, settings=settings, redone=self.redone
                ):
                    while self._cautions:
                        yield self._cautions.pop()
                    yield told
                while self._cautions:
                    yield self._cautions.pop()
            finally:
                workers.close()
                manifest.commit()
                self.counts, self.failures = manifest.counts(), manifest.failures()
                write_tables(manifest, self.out_dir)
                self.left = _left(manifest.gone_of_other_model(sha256))
                self.copies = copies_told(manifest)
                cautions = [one for one in (unsaid, self.copies, self.left) if one is not None]
                write_page(manifest, self.out_dir, cautions=cautions)

    def _sources(self, listed: Sequence[FoundInput]) -> Iterator[FoundInput | WithoutImage]:
        walks = (inputs_below(path, without=self.out_dir) for path in self.inputs)
        seen = taken = 0
        for one in chain(listed, chain.from_iterable(walks)):
            seen += isinstance(one, FoundInput)
            if self.pattern is None or (isinstance(one, FoundInput) and one.path.match(self.pattern)):
                taken += 1
                self._look_at(one)
                yield one
        if self.pattern is not None and not taken:
            self.matched_none = True
            self._cautions.append(
                Message(
                    "nothing_matches",
                    "--match {pattern} fits none of the inputs found ({n}); it is held against the end of an input’s "
                    "path: a file, or a folder with DICOM files.",
                    pattern=self.pattern,
                    n=seen,
                )
            )

    def _look_at(self, one: FoundInput | WithoutImage) -> None:
        """Note a caution where a root full of folders is one input, for images that lie in it directly."""
        if not (isinstance(one, FoundInput) and one.path in self.inputs and one.path.is_dir()):
            return
        with os.scandir(one.path) as entries:
            folders = sum(entry.is_dir() for entry in entries)
        if folders >= _MANY_FOLDERS:
            self._cautions.append(
                Message(
                    "root_is_one_input",
                    "{path} is taken as one input, with its {folders} subfolders, because images or a DICOMDIR lie in "
                    "it directly; where the subfolders are studies, move those files elsewhere.",
                    path=one.path,
                    folders=folders,
                )
            )


def _left(number: int) -> Message | None:
    """Return what to know of results of another model that could not be made anew; None where there are none."""
    if not number:
        return None
    return Message.counted(
        "left_of_other_model",
        "Results of {n} input are of another model and could not be made anew, since it is gone: put it back and go on "
        "by --resume, or do without them.",
        "Results of {n} inputs are of another model and could not be made anew, since they are gone: put them back and "
        "go on by --resume, or do without them.",
        n=number,
    )


def _model_file(model: Path | None) -> ModelFile:
    """Return the model that will be used. Raises `ModelRefused`."""
    store = ModelStore()
    if model is not None:
        return open_model_file(model, trust=store.trust())
    active = store.active()
    return open_model_file(active.path, trust=None if active.name == BUNDLED else store.trust())


def _unsaid(model: ModelFile) -> Message | None:
    """Return that nothing is known of a model's errors, as of every bare ONNX file; None where it is."""
    if model.reliability is not None:
        return None
    return Message(
        "model_without_reliability",
        "The model {name} says nothing of its own reliability: there are no EF intervals and no doubt of frames; a "
        "number without ? is no surer for that.",
        name=model.name,
    )
