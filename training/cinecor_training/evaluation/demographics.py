"""Who the patients are: group, height and weight, from ACDC's `Info.cfg`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cinecor_training.acdc import read_info
from cinecor_training.data.case import Case
from cinecor_training.data.nifti_case import NiftiCase


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
    """Return the groups of `cases`, sorted by name; each patient counts once."""
    patients = {case.patient: case for case in cases}
    found = []
    for name in sorted({case.group for case in patients.values()}):
        infos = [_info(case) for case in patients.values() if case.group == name]
        found.append(GroupDemographics(name, len(infos), _spread(infos, "Height"), _spread(infos, "Weight")))
    return tuple(found)


def _info(case: Case) -> dict[str, str]:
    """Return what ACDC's `Info.cfg` beside the images says; nothing for other data sets."""
    path = case.image.parent / "Info.cfg" if isinstance(case, NiftiCase) else None
    return read_info(path) if path and path.is_file() else {}


def _spread(infos: Sequence[dict[str, str]], key: str) -> Spread | None:
    values = [value for info in infos if (value := _number(info.get(key))) is not None]
    return Spread(float(np.mean(values)), min(values), max(values)) if values else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
