"""`Mutant`: an input that something has happened to, and what; `damaged`: bytes that something has happened to."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fuzz.invisible import Invisible


@dataclass(frozen=True, slots=True)
class Mutant:
    """Changed files of an input; what its seed decides is all there is to it."""

    what: str  # the class of change, for counting
    files: Mapping[str, bytes | None]  # the changed ones by name; None: removed
    invisible: Invisible | None = None  # the listed class that it belongs to

    def without(self, name: str) -> "Mutant":
        """Return the mutant with one file as it was."""
        return replace(self, files={other: content for other, content in self.files.items() if other != name})


def damaged(content: bytes, rng: random.Random, *, until: int | None = None) -> tuple[str, bytes]:
    """Return bytes with one thing wrong, within the first `until` of them, and the name of what is wrong."""
    data, end = bytearray(content), min(until or len(content), len(content))
    how = rng.choice(("bit", "bytes", "cut", "insert", "zeros", "ones", "remove", "double", "append"))
    place = rng.randrange(max(end, 1))
    length = rng.choice((1, 2, 4, 8, 64, 1000))
    match how:
        case "bit":
            data[place] ^= 1 << rng.randrange(8)
        case "bytes":
            for _ in range(rng.choice((3, 20, 200))):
                data[rng.randrange(end)] = rng.randrange(256)
        case "cut":
            del data[place:]
        case "insert":
            data[place:place] = rng.randbytes(length)
        case "zeros":
            data[place : place + length] = bytes(len(data[place : place + length]))
        case "ones":
            data[place : place + length] = b"\xff" * len(data[place : place + length])
        case "remove":
            del data[place : place + length]
        case "double":
            data[place:place] = data[place : place + length]
        case "append":
            data += bytes(length)
    return how, bytes(data)
