"""`require_within`: what a phantom is described by lies within its ranges."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cinecor.errors import UsageError
from cinecor.message import Message


def require_within(ranges: Mapping[str, tuple[float, float]], values: Mapping[str, float]) -> None:
    """Raise `UsageError` for the first value, by its name, that lies outside its range or is no number."""
    for name, value in values.items():
        low, high = ranges[name]
        if not (math.isfinite(value) and low <= value <= high):
            raise UsageError(
                Message(
                    "phantom_value_outside",
                    "Phantom {field} = {value:g} is outside {low:g} to {high:g}; choose one inside.",
                    field=name,
                    value=value,
                    low=low,
                    high=high,
                )
            )


def fields_of(described: Any) -> dict[str, float]:
    """Return the fields of a description by name."""
    return {field.name: getattr(described, field.name) for field in fields(described)}
