"""`require_within`: the values of a phantom lie within what its anatomy and its scanner allow."""

import math
from collections.abc import Mapping

from cinecor.errors import UsageError
from cinecor.message import Message

Ranges = Mapping[str, tuple[float, float]]
"""The lowest and the highest accepted value by the name of a field."""


def require_within(ranges: Ranges, **values: float) -> None:
    """Raise `UsageError` that names the first value outside its range, or that is not finite."""
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
