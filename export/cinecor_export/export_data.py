"""Whose images calibrate a model and whose judge it: the two sides of the run that trained it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_export.side import OTHERS, OWN, Side
from cinecor_training.data.case import Case, LabelledFrames
from cinecor_training.data.run_data import find_data
from cinecor_training.data.settings import AnySettings, PhantomSettings, is_own, open_sources, source_names
from cinecor_training.data.split import Split
from cinecor_training.data.store_folder import SourcedCase
from cinecor_training.evaluation.judgement import JudgedCases
from cinecor_training.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class ExportData:
    """The cases of both sides that are at hand, and who trained in words."""

    training: tuple[SourcedCase, ...]
    validation: tuple[SourcedCase, ...]  # no two patients of one name, whatever sources they come from
    held_out: tuple[str, ...]  # source/patient of whom the split holds out, at hand or not
    rule: str  # by which patients were held out, in words
    patients: int  # that trained; a phantom is none
    trained_on: str  # sources and their patients, in words
    own: frozenset[str] = frozenset()  # the sources that are the site's own signed studies

    @property
    def sides(self) -> tuple[Side, ...]:
        """The validation side apart: the site's own patients and those of others, where there are both."""
        sides = tuple(self._side(name, own=own) for name, own in ((OWN, True), (OTHERS, False)))
        there = tuple(side for side in sides if side.cases)
        return there if self.own and there else (self._side("", own=None),)

    def _side(self, name: str, *, own: bool | None) -> Side:
        def belongs(source: str) -> bool:
            return own is None or (source in self.own) is own

        return Side(
            name,
            tuple(one.case for one in self.validation if belongs(one.source)),
            sum(belongs(patient.partition("/")[0]) for patient in self.held_out),
        )

    def judged(self) -> JudgedCases:
        """Return the validation side as evaluation wants it."""
        return JudgedCases(
            tuple(one.case for one in self.validation),
            tuple(one.case for one in self.training),
            self.rule,
        )


def export_data(run: RunFolder, settings: Sequence[AnySettings], *, learnt: Sequence[AnySettings] = ()) -> ExportData:
    """Find the cases in `settings` and put each on the side where `run` had its patient.

    Without a split file the data sets' own rules hold. `learnt` is what the run learnt from, where `settings` may name
    less. Raises `InputError` when there is no case, and `UsageError` when a side is empty, or when a site's own
    patients trained and none of them is there to judge: a model that nothing can judge is not exported.
    """
    sources = open_sources(settings)
    found = find_data(sources)
    if run.split.is_file():
        split = Split.from_file(run.split)
        rule = f"held out by the run's split: {split.rule}"
    else:
        held_out = found.customary | found.placed
        split = Split(
            "the data sets' own rules",
            tuple(sorted(name for name, out in held_out.items() if not out)),
            tuple(sorted(name for name, out in held_out.items() if out)),
        )
        rule = "held out by the data sets' own rules"
    training, validation = (
        tuple(sorted((one for one in found.cases if one.patient in set(names)), key=_order))
        for names in (split.training, split.validation)
    )
    if not training:
        raise UsageError(
            Message(
                "training_patients_missing",
                "None of the run's training patients is in the data, so the model cannot be calibrated; "
                "name the data of the run with --data KIND=FOLDER.",
            )
        )
    if not validation:
        raise UsageError(
            Message(
                "validation_patients_missing",
                "None of the run's validation patients is in the data, so the model cannot be judged; "
                "name the data of the run with --data KIND=FOLDER.",
            )
        )
    own = _own_sources(settings) | _own_sources(learnt)
    _require_own(own, split, validation)
    phantoms = {
        name for one, name in zip(settings, source_names(settings), strict=True) if isinstance(one, PhantomSettings)
    }
    by_source: dict[str, int] = defaultdict(int)
    for name in split.training:
        by_source[name.partition("/")[0]] += 1
    return ExportData(
        training,
        _told_apart(validation),
        held_out=split.validation,
        rule=rule,
        patients=sum(count for source, count in by_source.items() if source not in phantoms),
        own=own,
        trained_on=", ".join(
            f"{source} ({count} {'phantoms' if source in phantoms else 'patients'})"
            for source, count in sorted(by_source.items())
        ),
    )


def _own_sources(settings: Sequence[AnySettings]) -> frozenset[str]:
    return frozenset(name for one, name in zip(settings, source_names(settings), strict=True) if is_own(one))


def _require_own(own: frozenset[str], split: Split, validation: Iterable[SourcedCase]) -> None:
    trained = sum(name.partition("/")[0] in own for name in split.training)
    if trained and not any(one.source in own for one in validation):
        held_out = sum(name.partition("/")[0] in own for name in split.validation)
        raise UsageError(
            Message(
                "own_patients_not_judged",
                "{trained} of the site's own patients trained, and of the {held_out} held out none is in the data: "
                "nothing tells whether the model is worse on them. Name their studies with --data KIND=FOLDER, or "
                "train with some of them held out.",
                trained=trained,
                held_out=held_out,
            )
        )


@dataclass(frozen=True, slots=True)
class _OfItsSource:
    """A case whose patient goes by the source's name too."""

    case: Case
    patient: str

    @property
    def moment(self) -> str:
        return self.case.moment

    @property
    def group(self) -> str:
        return self.case.group

    @property
    def key(self) -> str:
        return self.case.key

    def read(self) -> LabelledFrames:
        return self.case.read()


def _told_apart(cases: Sequence[SourcedCase]) -> tuple[SourcedCase, ...]:
    """Return the cases, those of patients whose name another source has too by source/patient.

    What is judged knows a patient by the name alone.
    """
    sources: dict[str, set[str]] = defaultdict(set)
    for one in cases:
        sources[one.case.patient].add(one.source)
    return tuple(
        SourcedCase(one.source, _OfItsSource(one.case, one.patient)) if len(sources[one.case.patient]) > 1 else one
        for one in cases
    )


def _order(one: SourcedCase) -> tuple[str, str]:
    return one.patient, one.case.moment
