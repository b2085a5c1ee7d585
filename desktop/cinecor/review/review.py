"""`Review`: one study as the doctor sees it now; a value, never changed in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import AUTOMATIC, ByMoment, Moment
from cinecor.measure.reference.table import Person, Sex
from cinecor.measure.regional.insertion import SetInsertion
from cinecor.review.base_rule import BaseRule
from cinecor.review.correction import CorrectionLayer
from cinecor.review.papillary_choice import PapillaryChoice
from cinecor.review.valve.line import ValveLines
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_points() -> Mapping[int, SetInsertion]:
    return MappingProxyType({})


def _no_lines() -> ValveLines:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Body:
    """What the numbers need besides the images; None where it is not known."""

    heart_rate_bpm: float | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    sex: Sex | None = None
    age_years: int | None = None

    @property
    def person(self) -> Person:
        """What reference ranges ask for."""
        return Person(self.sex, self.age_years)

    @property
    def surface_m2(self) -> float | None:
        """Body surface area in m² by Mosteller (1987): √(height in cm × weight in kg / 3600)."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return float(np.sqrt(self.height_cm * self.weight_kg / 3600.0))


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that the doctor decided; equal when nothing was decided in between."""

    corrections: CorrectionLayer
    moments: ByMoment[int | None]
    excluded: frozenset[tuple[int, Moment]]
    dropped: frozenset[int]
    body: Body
    papillaries: PapillaryChoice
    answers: Mapping[str, str]
    insertion: Mapping[int, SetInsertion]
    valves: ValveLines
    base: BaseRule


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """The stack, the AI result, and what the doctor laid over it."""

    stack: CineStack
    audit: ImportAudit
    segmentation: Segmentation | None = None  # the AI result, never changed; None until it is there
    corrections: CorrectionLayer = field(default_factory=CorrectionLayer)
    moments: ByMoment[int | None] = AUTOMATIC  # phases that the doctor set; None: taken from the volume curve
    excluded: frozenset[tuple[int, Moment]] = frozenset()  # slices that do not count at ED or at ES
    dropped: frozenset[int] = frozenset()  # slices that count at no phase
    body: Body = field(default_factory=Body)
    papillaries: PapillaryChoice = field(default_factory=PapillaryChoice)
    answers: Mapping[str, str] = field(default_factory=_nothing)  # what a person made of each finding, by its key
    insertion: Mapping[int, SetInsertion] = field(
        default_factory=_no_points
    )  # by slice: RV insertion points set by hand
    valves: ValveLines = field(default_factory=_no_lines)  # of valves that the doctor drew in long-axis cines
    base: BaseRule = BaseRule.WHOLE  # what of a slice at the base counts

    @property
    def labels(self) -> NDArray[np.uint8] | None:
        """Final labels (slice, phase, row, column): the AI's with the corrections over them; None before the AI."""
        return None if self.segmentation is None else self.corrections.over(self.segmentation.labels)

    @property
    def choices(self) -> Choices:
        """What the doctor decided, as one value."""
        return Choices(
            self.corrections,
            self.moments,
            self.excluded,
            self.dropped,
            self.body,
            self.papillaries,
            self.answers,
            self.insertion,
            self.valves,
            self.base,
        )

    @property
    def by_parts(self) -> bool:
        """Whether parts of slices count at the base: asked for, and a valve's line tells which."""
        return self.base is BaseRule.FRACTIONAL and bool(self.valves)

    def counts(self, index: int, moment: Moment) -> bool:
        """Return whether a slice adds to the volumes at ED or ES."""
        return index not in self.dropped and (index, moment) not in self.excluded
