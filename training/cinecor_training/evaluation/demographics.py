"""Who the patients are: group, height and weight, from ACDC's `Info.cfg`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cinecor_training.acdc import Case, read_info


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and extremes of one property."""

    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class GroupDemographics:
    """One group of patients; a property is None where no `Info.cfg` tells it. Age and sex are not published."""

    group: str
    patients: int
    height_cm: Spread | None
    weight_kg: Spread | None


def demographics(cases: Sequence[Case]) -> tuple[GroupDemographics, ...]:
    """Give the groups of `cases`, sorted by name; each patient counts once."""
    folders = {case.patient: (case.group, case.image.parent) for case in cases}
    groups = sorted({group for group, _ in folders.values()})
    found = []
    for name in groups:
        infos = [read_info(folder / "Info.cfg") for group, folder in folders.values() if group == name]
        found.append(GroupDemographics(name, len(infos), _spread(infos, "Height"), _spread(infos, "Weight")))
    return tuple(found)


def _spread(infos: Sequence[dict[str, str]], key: str) -> Spread | None:
    values = [value for info in infos if (value := _number(info.get(key))) is not None]
    return Spread(float(np.mean(values)), min(values), max(values)) if values else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
