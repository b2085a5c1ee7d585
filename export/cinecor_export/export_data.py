"""Whose images calibrate a model and whose judge it: the two sides of the run that trained it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_export.licence import own_licences
from cinecor_export.predecessor import Side
from cinecor_training.data.run_data import find_data
from cinecor_training.data.settings import (
    AnySettings,
    CorrectedSettings,
    PhantomSettings,
    StoreSettings,
    open_sources,
)
from cinecor_training.data.split import Split
from cinecor_training.data.store_folder import SourcedCase
from cinecor_training.evaluation.judgement import JudgedCases
from cinecor_training.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class ExportData:
    """The cases of both sides that are at hand, and who trained in words."""

    training: tuple[SourcedCase, ...]
    validation: tuple[SourcedCase, ...]
    rule: str  # by which patients were held out, in words
    patients: int  # that trained; a phantom is none
    trained_on: str  # sources and their patients, in words
    own: frozenset[str] = frozenset()  # the sources that are the site's own signed studies
    licence: str = ""  # what those say of it

    @property
    def sides(self) -> tuple[Side, ...]:
        """The validation side apart: the site's own patients and those of others, where there are both."""
        own = tuple(one.case for one in self.validation if one.source in self.own)
        others = tuple(one.case for one in self.validation if one.source not in self.own)
        named = (Side("own patients", own), Side("other patients", others))
        there = tuple(side for side in named if side.cases)
        return there if len(there) > 1 else (Side("", tuple(one.case for one in self.validation)),)

    def judged(self) -> JudgedCases:
        """Return the validation side as evaluation wants it."""
        return JudgedCases(
            tuple(one.case for one in self.validation),
            tuple(one.case for one in self.training),
            self.rule,
        )


def export_data(run: RunFolder, settings: Sequence[AnySettings]) -> ExportData:
    """Find the cases in `settings` and put each on the side where `run` had its patient.

    Without a split file the data sets' own rules hold. Raises `InputError` when there is no case, and `UsageError` when
    a side is empty: a model that nothing can judge is not exported.
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
    sides = [
        tuple(sorted((one for one in found.cases if one.patient in set(names)), key=_order))
        for names in (split.training, split.validation)
    ]
    if not sides[0]:
        raise UsageError(
            Message(
                "training_patients_missing",
                "None of the run's training patients is in the data, so the model cannot be calibrated; "
                "name the data of the run with --data KIND=FOLDER.",
            )
        )
    if not sides[1]:
        raise UsageError(
            Message(
                "validation_patients_missing",
                "None of the run's validation patients is in the data, so the model cannot be judged; "
                "name the data of the run with --data KIND=FOLDER.",
            )
        )
    phantoms = {
        used.source.name for one, used in zip(settings, sources, strict=True) if isinstance(one, PhantomSettings)
    }
    by_source: dict[str, int] = {}
    for name in split.training:
        source = name.partition("/")[0]
        by_source[source] = by_source.get(source, 0) + 1
    training, validation = sides
    return ExportData(
        training,
        validation,
        rule=rule,
        patients=sum(count for source, count in by_source.items() if source not in phantoms),
        own=frozenset(used.source.name for one, used in zip(settings, sources, strict=True) if _is_own(one)),
        licence=own_licences(settings),
        trained_on=", ".join(
            f"{source} ({count} {'phantoms' if source in phantoms else 'patients'})"
            for source, count in sorted(by_source.items())
        ),
    )


def _is_own(settings: AnySettings) -> bool:
    return isinstance(settings, CorrectedSettings | StoreSettings)


def _order(one: SourcedCase) -> tuple[str, str]:
    return one.patient, one.case.moment
