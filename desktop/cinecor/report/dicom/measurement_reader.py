"""`numbers_in`: what one of our measurement reports says, read back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydicom.dataset import Dataset

from cinecor.measure.ventricle import Ventricle

VENTRICLE_CODES: Final[Mapping[Ventricle, str]] = {Ventricle.LV: "87878005", Ventricle.RV: "53085002"}
"""SNOMED CT; the finding that a group of measurements is about."""
_FINDING: Final = "121071"
_GROUP: Final = "125007"


def is_final(report: Dataset) -> bool:
    """Return whether one of our reports holds the final numbers and not the model's own."""
    return str(report.get("CompletionFlag", "")) == "COMPLETE"


def numbers_in(report: Dataset) -> dict[tuple[str, str], float]:
    """Return what a measurement report says, by code of the ventricle and code of the quantity."""
    found: dict[tuple[str, str], float] = {}
    for group in _groups(report):
        ventricle = next(
            (
                str(item.ConceptCodeSequence[0].CodeValue)
                for item in group
                if item.ValueType == "CODE" and item.ConceptNameCodeSequence[0].CodeValue == _FINDING
            ),
            "",
        )
        for item in group:
            if item.ValueType == "NUM" and item.get("MeasuredValueSequence"):
                name = str(item.ConceptNameCodeSequence[0].CodeValue)
                found[ventricle, name] = float(item.MeasuredValueSequence[0].NumericValue)
    return found


def _groups(report: Any) -> Iterable[Sequence[Any]]:
    for item in report.get("ContentSequence", []):
        names = item.get("ConceptNameCodeSequence")
        if names and str(names[0].CodeValue) == _GROUP:
            yield item.ContentSequence
        else:
            yield from _groups(item)
