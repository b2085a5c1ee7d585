"""`srgb_profile`: the ICC profile by which an archive knows what the report's red, green and blue look like.

Version 2 of the format (ICC.1:1998-09), because PDF/A-1 knows no later one; primaries of IEC 61966-2-1, adapted to D50.
"""

import struct
from typing import Final

_PRIMARIES: Final = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
_D50: Final = (0.9642, 1.0, 0.8249)
_STEPS: Final = 1024  # of the tone curve
_NAME: Final = b"sRGB IEC61966-2.1\0"
_MADE: Final = (2026, 1, 1, 0, 0, 0)  # of the profile, the same in every report


def srgb_profile() -> bytes:
    """Return the profile's file."""
    curve = b"curv\0\0\0\0" + struct.pack(
        f">I{_STEPS}H", _STEPS, *(_tone(step / (_STEPS - 1)) for step in range(_STEPS))
    )
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(_NAME)) + _NAME + bytes(4 + 4 + 2 + 1 + 67),
        b"cprt": b"text\0\0\0\0No rights reserved.\0",
        b"wtpt": _xyz(_D50),
        **{name: _xyz(values) for name, values in _PRIMARIES.items()},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, content, at = b"", b"", 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}  # the three curves are one
    for name, tag in tags.items():
        if tag not in places:
            places[tag] = at + len(content)
            content += tag + bytes(-len(tag) % 4)
        table += name + struct.pack(">II", places[tag], len(tag))
    size = at + len(content)
    head = struct.pack(">I4sI4s4s4s6H4s", size, bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ", *_MADE, b"acsp")
    head += bytes(28) + _numbers(_D50)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + content


def _tone(share: float) -> int:
    """Return the light (0 to 65535) of a stored value (0 to 1): IEC 61966-2-1."""
    light = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
    return round(light * 65535)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + _numbers(values)


def _numbers(values: tuple[float, float, float]) -> bytes:
    return struct.pack(">3i", *(round(value * 65536) for value in values))
