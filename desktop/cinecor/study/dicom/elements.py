"""`Elements`: the values of a DICOM dataset as plain Python, read leniently and without pydicom's conversions.

pydicom validates a value when it converts it: a UID that breaks its VR's rules, a date like `20120000` or a decimal
with stray blanks then costs a warning or an exception, and its warnings are process-wide. Values are therefore taken
raw and turned into text and numbers here; what cannot be understood is None, never an exception.
"""

import math
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

_BINARY_CODES: Final = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d"}
_SHORT: Final = 64  # bytes; most values of a study are short and stand in every file of it
_REMEMBERED: Final = 4096


class Elements:
    """Lenient access to one dataset or sequence item by tag number."""

    __slots__ = ("_dataset",)

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def texts(self, tag: int) -> tuple[str, ...]:
        """Return the stripped values of a text element; empty when it is absent or empty."""
        value = self._raw(tag)
        if isinstance(value, bytes):
            return _short_texts(value) if len(value) <= _SHORT else _texts(value)
        if value is None:
            return ()
        if isinstance(value, str):
            return _parts(value)
        if isinstance(value, list | tuple):
            return tuple(str(part).strip() for part in value)
        return (str(value).strip(),)

    def text(self, tag: int) -> str | None:
        """Return the first value of a text element, None when it is absent or blank."""
        values = self.texts(tag)
        return values[0] if values and values[0] else None

    def numbers(self, tag: int, binary_vr: str | None = None) -> tuple[float, ...] | None:
        """Return all values as floats; None when absent, empty or when one is not a finite number.

        `binary_vr` is the VR that the dictionary gives a binary element, for files that do not state it.
        """
        if tag not in self._dataset:
            return None
        element = self._dataset.get_item(tag)
        value = element.value
        if isinstance(value, bytes):
            vr = element.VR
            code = _BINARY_CODES.get(vr)
            if code is None and binary_vr is not None and vr in (None, "UN"):
                code = _BINARY_CODES[binary_vr]
            short = len(value) <= _SHORT
            if code is None:
                return _short_decimals(value) if short else _decimals(value)
            little = getattr(element, "is_little_endian", True)
            return _short_unpacked(value, code, little) if short else _unpacked(value, code, little)
        if value is None:
            return None
        if isinstance(value, str):
            return _finite(value.split("\\"))
        return _finite(value if isinstance(value, Iterable) else (value,))

    def number(self, tag: int, binary_vr: str | None = None) -> float | None:
        """Return the first value as a float, None when there is none."""
        values = self.numbers(tag, binary_vr)
        return values[0] if values else None

    def integer(self, tag: int, binary_vr: str | None = None) -> int | None:
        """Return the first value as an integer, None when there is none."""
        value = self.number(tag, binary_vr)
        return None if value is None else int(value)

    def items(self, tag: int) -> "Iterator[Elements]":
        """Yield the items of a sequence; nothing when it is absent or cannot be parsed."""
        if tag not in self._dataset:
            return
        try:
            value = self._dataset[tag].value
            items = list(value or ())
        except Exception:  # noqa: BLE001 - a damaged sequence may fail anywhere inside pydicom
            return
        for item in items:
            if hasattr(item, "get_item"):
                yield Elements(item)

    def item(self, tag: int) -> "Elements | None":
        """Return the first item of a sequence, None when there is none."""
        return next(self.items(tag), None)

    def __contains__(self, tag: int) -> bool:
        return tag in self._dataset

    def _raw(self, tag: int) -> Any:
        if tag not in self._dataset:
            return None
        return self._dataset.get_item(tag).value


def _texts(value: bytes) -> tuple[str, ...]:
    try:
        return _parts(value.decode("utf-8"))
    except UnicodeDecodeError:
        return _parts(value.decode("latin-1"))


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip(" \0\t\r\n") for part in value.split("\\")) if value.strip(" \0\\") else ()


def _decimals(value: bytes) -> tuple[float, ...] | None:
    return _finite(value.decode("latin-1").split("\\"))


def _unpacked(value: bytes, code: str, little: bool) -> tuple[float, ...] | None:
    count = len(value) // struct.calcsize("=" + code)
    return _finite(struct.unpack_from(f"{'<' if little else '>'}{count}{code}", value))


def _finite(parts: Iterable[Any]) -> tuple[float, ...] | None:
    """Return parts as floats; None where there are none, or one of them is no finite number."""
    try:
        numbers = tuple(float(part.strip(" \0") if isinstance(part, str) else part) for part in parts)
    except (TypeError, ValueError):
        return None
    return numbers if numbers and all(math.isfinite(number) for number in numbers) else None


# The same short values stand in every file of a study; what one says is worked out once.
_short_texts = lru_cache(_REMEMBERED)(_texts)
_short_decimals = lru_cache(_REMEMBERED)(_decimals)
_short_unpacked = lru_cache(_REMEMBERED)(_unpacked)
