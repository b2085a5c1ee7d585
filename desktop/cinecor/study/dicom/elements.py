"""`Elements`: the values of a DICOM dataset as plain Python, read leniently and without pydicom's conversions.

pydicom validates a value when it converts it: a UID that breaks its VR's rules, a date like `20120000` or a decimal
with stray blanks then costs a warning or an exception, and its warnings are process-wide. Values are therefore taken
raw and turned into text and numbers here; what cannot be understood is None, never an exception.
"""

import math
import struct
from collections.abc import Iterator
from typing import Any, Final

_BINARY_CODES: Final = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d"}


class Elements:
    """Lenient access to one dataset or sequence item by tag number."""

    __slots__ = ("_dataset",)

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def texts(self, tag: int) -> tuple[str, ...]:
        """Return the stripped values of a text element; empty when it is absent or empty."""
        value = self._raw(tag)
        if value is None:
            return ()
        if isinstance(value, bytes):
            try:
                value = value.decode("utf-8")
            except UnicodeDecodeError:
                value = value.decode("latin-1")
        if isinstance(value, str):
            return tuple(part.strip(" \0\t\r\n") for part in value.split("\\")) if value.strip(" \0\\") else ()
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
        value = self._raw(tag)
        if value is None:
            return None
        if isinstance(value, bytes):
            vr = self._vr(tag)
            code = _BINARY_CODES.get(vr) if vr in _BINARY_CODES else None
            if code is None and vr in (None, "UN") and binary_vr is not None:
                code = _BINARY_CODES[binary_vr]
            if code is not None:
                return self._unpacked(value, code, tag)
            parts: list[Any] = value.decode("latin-1").split("\\")
        elif isinstance(value, list | tuple):
            parts = list(value)
        elif isinstance(value, str):
            parts = list(value.split("\\"))
        else:
            try:
                parts = list(value)
            except TypeError:
                parts = [value]
        try:
            numbers = tuple(float(part.strip(" \0") if isinstance(part, str) else part) for part in parts)
        except (TypeError, ValueError):
            return None
        return numbers if numbers and all(math.isfinite(number) for number in numbers) else None

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

    def _vr(self, tag: int) -> str | None:
        vr = self._dataset.get_item(tag).VR
        return None if vr is None else str(vr)

    def _unpacked(self, value: bytes, code: str, tag: int) -> tuple[float, ...] | None:
        little = getattr(self._dataset.get_item(tag), "is_little_endian", True)
        size = struct.calcsize("=" + code)
        count = len(value) // size
        if count == 0:
            return None
        numbers = struct.unpack(f"{'<' if little else '>'}{count}{code}", value[: count * size])
        return tuple(float(number) for number in numbers) if all(math.isfinite(number) for number in numbers) else None
