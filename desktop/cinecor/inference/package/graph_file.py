"""What an ONNX file is made of, read from its bytes without ONNX: metadata, operators' origins, outside files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from cinecor.errors import ModelRefused
from cinecor.message import Message

KNOWN_DOMAINS: Final = frozenset({"", "ai.onnx", "com.microsoft"})
"""Whose operators ONNX Runtime itself brings: the standard's and its own."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_EXTERNAL = 1  # TensorProto.data_location
_INT8 = 3  # TensorProto.data_type
_SEVEN_BITS = 64  # two products of such weights with 255 stay within 16 bits: 255 · (64 + 64) = 32 640
_DEEPEST = 40  # messages inside messages; a real graph needs five

# Which fields of which message lead on to a message that may name an operator or an outside file (onnx.proto3).
_INNER: Final[dict[str, dict[int, str]]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}


@dataclass(frozen=True, slots=True)
class GraphFile:
    """What the bytes of an ONNX file say before anything runs them."""

    metadata: dict[str, str]
    domains: frozenset[str]  # of the operators and functions used
    external_data: bool  # weights in another file
    may_saturate: bool  # int8 weights beyond seven bits: without VNNI, sums of their products are cut off at 16 bits


def graph_file(content: bytes, *, name: str | Message) -> GraphFile:
    """Read an ONNX file's structure. Raises `ModelRefused` when the bytes are none."""
    reading = _Reading()
    try:
        reading.message(memoryview(content), "model", depth=0)
    except (ValueError, IndexError) as error:
        raise ModelRefused(no_graph(name)) from error
    if not reading.graphs:
        raise ModelRefused(no_graph(name))
    return GraphFile(reading.metadata, frozenset(reading.domains), reading.external_data, reading.may_saturate)


def no_graph(name: str | Message) -> Message:
    """Return what is said of bytes that are no ONNX graph."""
    return Message("no_onnx_model", "{name} is damaged or no ONNX model; get it again or export it again.", name=name)


def require_self_contained(facts: GraphFile, *, name: str | Message) -> None:
    """Raise `ModelRefused` for a graph that needs other files or operators that ONNX Runtime does not bring."""
    if facts.external_data:
        raise ModelRefused(
            Message(
                "weights_elsewhere", "{name} keeps weights in another file; export it again as one file.", name=name
            )
        )
    foreign = sorted(facts.domains - KNOWN_DOMAINS)
    if foreign:
        raise ModelRefused(
            Message(
                "custom_operators",
                "{name} uses custom operators ({operators}), which Cinecor does not run; export it again.",
                name=name,
                operators=", ".join(foreign),
            )
        )


class _Reading:
    def __init__(self) -> None:
        self.metadata: dict[str, str] = {}
        self.domains: set[str] = set()
        self.external_data = False
        self.may_saturate = False
        self.graphs = 0

    def message(self, data: memoryview, kind: str, *, depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        inner = _INNER[kind]
        if kind == "tensor":
            self._tensor(data)
        for number, _, value in _fields(data):
            if number in inner and isinstance(value, memoryview):
                self.graphs += kind == "model" and number == 7
                self.message(value, inner[number], depth=depth + 1)
            elif kind == "model" and number == 14 and isinstance(value, memoryview):
                self._metadata(value)
            elif (kind, number) in {("node", 7), ("function", 10)} and isinstance(value, memoryview):
                self.domains.add(str(value, "utf-8"))

    def _tensor(self, data: memoryview) -> None:
        kind, largest = 0, 0
        for number, wire, value in _fields(data):
            if number == 2 and isinstance(value, int):
                kind = value
            elif number == 9 and isinstance(value, memoryview):
                largest = max(largest, int(np.abs(np.frombuffer(value, np.int8).astype(np.int16)).max(initial=0)))
            elif number == 5:  # small tensors' values one by one
                largest = max([largest, *(abs(each) for each in _integers(value))])
            elif (number == 14 and value == _EXTERNAL) or (number == 13 and wire == _LENGTH):
                self.external_data = True
        self.may_saturate |= kind == _INT8 and largest > _SEVEN_BITS

    def _metadata(self, data: memoryview) -> None:
        entry = {number: str(value, "utf-8") for number, _, value in _fields(data) if isinstance(value, memoryview)}
        self.metadata[entry.get(1, "")] = entry.get(2, "")


def _fields(data: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Yield a protobuf message's fields: number, wire type, value. Raises `ValueError` or `IndexError` when broken."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(data, place)
            yield number, wire, value
            continue
        if wire == _LENGTH:
            length, place = _varint(data, place)
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {wire}")
        if place + length > len(data):
            raise ValueError("a field reaches past the end")
        yield number, wire, data[place : place + length]
        place += length


def _integers(value: int | memoryview) -> Iterator[int]:
    """Yield the signed integers of a repeated field, packed or not."""
    place = 0
    while isinstance(value, memoryview) and place < len(value):
        number, place = _varint(value, place)
        yield number - (1 << 64) if number >> 63 else number
    if isinstance(value, int):
        yield value - (1 << 64) if value >> 63 else value


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")
