"""Who drew the segments of a SEG, and by which rules, as far as the object says; ours or another's."""

import hashlib
import re
from typing import Final

from pydicom.dataset import Dataset

from cinecor.inference.outline.segmentation import ModelIdentity

OURS: Final = "Cinecor "
"""What the names of our algorithms begin with."""
WALL_WITH_PAPILLARIES: Final = "LV myocardium with papillary muscles"
"""What our objects call the wall where papillary muscles were counted as mass; no code says that."""


def identity_in(seg: Dataset) -> ModelIdentity:
    """Return which algorithm an object names; one that names none is told by its maker and its series."""
    algorithms = seg.SegmentSequence[0].get("SegmentationAlgorithmIdentificationSequence") or [Dataset()]
    told = algorithms[0]
    name = str(told.get("AlgorithmName") or seg.get("ManufacturerModelName") or seg.get("Manufacturer") or "SEG")
    pairs = (pair.partition("=") for pair in re.split(r"[,;]\s*", str(told.get("AlgorithmParameters") or "")))
    parameters = {key.strip(): value.strip() for key, _, value in pairs}
    return ModelIdentity(
        name.removeprefix(OURS),
        str(told.get("AlgorithmVersion") or ""),
        parameters.get("sha256") or hashlib.sha256(str(seg.get("SeriesInstanceUID", "")).encode()).hexdigest(),
        parameters.get("precision", ""),
    )


def is_automatic(seg: Dataset) -> bool:
    """Return whether no person had a part in any segment."""
    return all(str(item.get("SegmentAlgorithmType", "")) == "AUTOMATIC" for item in seg.SegmentSequence)


def counts_papillaries_as_wall(seg: Dataset) -> bool:
    """Return whether the wall of one of our objects holds the papillary muscles, which nobody drew as wall."""
    return any(str(item.get("SegmentLabel", "")) == WALL_WITH_PAPILLARIES for item in seg.SegmentSequence)
