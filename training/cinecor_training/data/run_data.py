"""Everything a run learns from and is judged by: sources become one store and a split of its patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import ProgressListener, silent
from cinecor_training.data.canvas import Canvas
from cinecor_training.data.case import BadCase
from cinecor_training.data.provenance import write_provenance
from cinecor_training.data.settings import (
    AnySettings,
    CorrectedSettings,
    SplitSettings,
    StoreSettings,
    UsedSource,
    open_sources,
)
from cinecor_training.data.split import Split, check_apart, deal
from cinecor_training.data.store_folder import SourcedCase, cached_store
from cinecor_training.store import FrameStore


@dataclass(frozen=True, slots=True, eq=False)
class RunData:
    """The two sides of a run's data, and what had to be left out."""

    training: FrameStore
    validation: FrameStore
    split: Split
    bad: tuple[BadCase, ...]


@dataclass(frozen=True, slots=True)
class FoundData:
    """What lies in all sources, before any pixel is read."""

    cases: tuple[SourcedCase, ...]
    bad: tuple[BadCase, ...]
    placed: dict[str, bool]  # source/patient → validates: what the config puts on one side
    customary: dict[str, bool]  # the same by a data set's own rule, which gives way to folds
    growing: frozenset[str]  # source/patient of the sources that more patients come to


def find_data(sources: Sequence[UsedSource]) -> FoundData:
    """List the cases of all sources; raises `InputError` when there is none."""
    cases: list[SourcedCase] = []
    bad: list[BadCase] = []
    placed: dict[str, bool] = {}
    customary: dict[str, bool] = {}
    growing: set[str] = set()
    for used in sources:
        found = used.source.find()
        bad += found.bad
        for case in found.cases:
            cases.append(SourcedCase(used.source.name, case))
            if found.grows:
                growing.add(cases[-1].patient)
            if used.use != "split":
                placed[cases[-1].patient] = used.use == "validation"
            elif found.held_out is not None:
                customary[cases[-1].patient] = case.patient in found.held_out
    if not cases:
        if not bad:
            raise InputError(Message("no_case", "There is no case to learn from."))
        raise InputError(
            Message(
                "only_bad_cases",
                "There is no case to learn from; the first of {count} bad ones: {patient}: {reason}",
                count=len(bad),
                patient=bad[0].patient,
                reason=bad[0].reason,
            )
        )
    return FoundData(tuple(cases), tuple(bad), placed, customary, frozenset(growing))


def keep_provenance(found: FoundData, settings: Sequence[AnySettings], path: Path) -> None:
    """Write which signed readings are among the cases, and by what right; nothing where there are none."""
    terms = {
        used.source.name: one.terms
        for one, used in zip(settings, open_sources(settings), strict=True)
        if isinstance(one, CorrectedSettings | StoreSettings)
    }
    if terms:
        write_provenance(((one.source, one.case) for one in found.cases), path, terms=terms)


def prepare(
    found: FoundData, *, split: SplitSettings, canvas: Canvas, folder: Path, progress: ProgressListener = silent
) -> RunData:
    """Read the cases into a store in `folder` and deal their patients.

    Raises `InputError` when no case is good, a side is empty, or a patient or an image would be on both sides.
    """
    store = cached_store(found.cases, canvas=canvas, folder=folder, progress=progress)
    dealt = deal(
        {record.patient: record.group for record in store.records},
        fixed=found.placed if split.folds else found.customary | found.placed,
        fraction=split.fraction,
        seed=split.seed,
        fold=None if split.folds is None or split.fold is None else (split.fold, split.folds),
        earlier=None if split.file is None else Split.from_file(split.file),
        growing=found.growing,
    )
    check_apart(dealt, store)
    return RunData(store.of(dealt.training), store.of(dealt.validation), dealt, (*found.bad, *store.bad))
