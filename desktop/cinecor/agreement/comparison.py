"""`compare_readings`: how far two sides' outlines and numbers of one study lie apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.level import THIRDS, Level, base_comes_first, slice_levels
from cinecor.agreement.overlap import dice
from cinecor.agreement.reading import SAME_GRID_MM, SAME_PLACE_MM, Reading
from cinecor.agreement.surface import surface_distances
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.message import Message

STRUCTURES: Final = {"lv": Label.LV, "myo": Label.MYO, "rv": Label.RV}


@dataclass(frozen=True, slots=True)
class Overlap:
    """One structure at one moment, in the whole stack or at one level of the second side's ventricle."""

    structure: str  # "lv", "myo" or "rv"
    moment: Moment
    level: Level | None  # None: the whole stack
    dice: float  # NaN where both sides drew nothing: there is nothing to agree on
    hd95_mm: float  # NaN where both sides drew nothing, infinite where one did


@dataclass(frozen=True, slots=True)
class StudyComparison:
    """Two sides of one study."""

    study: str
    group: str
    first: dict[str, float | None]  # numbers of the first side, by their names
    second: dict[str, float | None]
    overlaps: tuple[Overlap, ...]
    models: tuple[str, str] = ("", "")  # whose outlines each side holds, or began from; empty for label maps
    series: frozenset[str] = frozenset()  # UIDs of the images that both are of; empty where they have none


def compare_readings(study: str, first: Reading, second: Reading, *, group: str = "") -> StudyComparison:
    """Return the comparison of two readings of one study; levels are those of the second side.

    Raises `InputError` when their grids differ, or the series that they were made from, and where neither has anything
    to compare, as results of one phase whose moment nobody named.
    """
    _require_same_images(study, first, second)
    base_first = base_comes_first(second.labels[min(second.labels)]) if second.labels else True
    overlaps = [
        overlap
        for moment in Moment
        if moment in first.labels and moment in second.labels
        for overlap in _overlaps(first.labels[moment], second.labels[moment], moment, second, base_first=base_first)
    ]
    known = any(value is not None for side in (first, second) for value in side.numbers.values())
    if not overlaps and not known:
        raise InputError(
            Message(
                "nothing_to_compare",
                "{study}: nobody says which phase is ED or ES, so there is nothing to compare; of results of one phase "
                "name the moment in a list (--pairs).",
                study=study,
            )
        )
    return StudyComparison(
        study,
        group,
        dict(first.numbers),
        dict(second.numbers),
        tuple(overlaps),
        (first.model, second.model),
        frozenset(first.grid.results.stack.series_uids),
    )


def _require_same_images(study: str, first: Reading, second: Reading) -> None:
    """Raise `InputError` unless both sides drew on the same images: two folders of one name may be two patients."""
    if first.grid.shape != second.grid.shape:
        raise InputError(
            Message(
                "readings_on_other_grids",
                "{study}: the two sides lie on different grids ({first} and {second}); compare results of the same "
                "images.",
                study=study,
                first=" x ".join(map(str, first.grid.shape)),
                second=" x ".join(map(str, second.grid.shape)),
            )
        )
    series = [set(side.grid.results.stack.series_uids) for side in (first, second)]
    elsewhere = first.grid.apart_mm(second.grid.affine) > SAME_PLACE_MM
    spacings = first.grid.spacing_mm, second.grid.spacing_mm
    if (all(series) and series[0] != series[1]) or elsewhere or not np.allclose(*spacings, atol=SAME_GRID_MM):
        raise InputError(
            Message(
                "readings_of_other_images",
                "{study}: the two sides were made from different images; compare results of the same study.",
                study=study,
            )
        )


def _overlaps(
    first: NDArray[np.uint8], second: NDArray[np.uint8], moment: Moment, reading: Reading, *, base_first: bool
) -> Iterator[Overlap]:
    levels = slice_levels(second, base_first=base_first)
    spacing_mm = reading.grid.spacing_mm
    for structure, label in STRUCTURES.items():
        one, other = first == label, second == label
        yield _overlap(one, other, structure, moment, level=None, spacing_mm=spacing_mm)
        for level in THIRDS:
            at = [index for index, here in enumerate(levels) if here is level]
            if at:
                yield _overlap(one[at], other[at], structure, moment, level=level, spacing_mm=spacing_mm)


def _overlap(
    one: NDArray[np.bool_],
    other: NDArray[np.bool_],
    structure: str,
    moment: Moment,
    *,
    level: Level | None,
    spacing_mm: tuple[float, float, float],
) -> Overlap:
    distances = surface_distances(one, other, spacing_mm=spacing_mm)
    overlap = dice(one, other) if one.any() or other.any() else float("nan")
    return Overlap(structure, moment, level, overlap, distances.hausdorff95_mm)
