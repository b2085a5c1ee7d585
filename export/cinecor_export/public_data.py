"""The public data sets that the recipes of this repository learn from: where each comes from, and its terms."""

from collections.abc import Iterable
from typing import Final

_ORIGINS: Final = {
    "acdc": "ACDC challenge, training part (Bernard et al., IEEE TMI 2018, doi 10.1109/TMI.2018.2837502)",
    "kaggle": "Second Annual Data Science Bowl (Kaggle 2015), LV masks by others, near ED and ES",
    "sunnybrook-frames": "Sunnybrook Cardiac Data (Radau et al., MIDAS 2009, CC0), contoured frames",
    "myops": "MyoPS 2020 (Zhuang, IEEE TPAMI 2019; Li et al., MedIA 2023), cine crops",
}
_LICENCES: Final = {  # what each puts on weights
    "acdc": "CC BY-NC-SA 4.0 (training data): weights for non-commercial use only",
    "kaggle": "competition data of Kaggle 2015: research use",
    "sunnybrook-frames": "",  # CC0
    "myops": "MyoPS 2020: research use, by registration",
}


def origins(kinds: Iterable[str]) -> str:
    """Return where the data of some kinds (`acdc`, `kaggle`, …) come from, in words; others by their kind's name."""
    return "; ".join(_ORIGINS.get(kind, kind) for kind in kinds)


def licences(kinds: Iterable[str]) -> str:
    """Return the terms that the data of some kinds put on weights, in words."""
    return "; ".join(filter(None, (_LICENCES.get(kind, f"{kind}: not stated") for kind in kinds)))
