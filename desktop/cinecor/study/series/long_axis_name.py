"""`chambers_named`, `is_rvot`, `is_of_rv`: which long-axis view a series shows, by the name that the site gave to it.

Geometry tells a long axis from a short one; which long axis it is depends on where the septum lies, and no header says
that. So a name is believed, but only for planes that stand as long-axis views do, and only to be shown: nothing that is
measured rests on it.
"""

import re
from typing import Final

_WORDS: Final = {"two": 2, "three": 3, "four": 4, "zwei": 2, "drei": 3, "vier": 4, "deux": 2, "trois": 3, "quatre": 4}
_AXES: Final = {"vla": 2, "hla": 4}
_NUMBER: Final = re.compile(r"(?<![0-9.])([234])[\s_-]*(?:ch|c|cv|kv|kammer\w*|chamber\w*|cavit\w*|cam\w*)(?![a-z])")
_WORD: Final = re.compile(rf"({'|'.join(_WORDS)})[\s_-]*(?:chamber|kammer|cavit)")
_AXIS: Final = re.compile(r"(?<![a-z])(vla|hla)(?![a-z])")

_RV: Final = re.compile(r"(?<![a-z])(rv|right|rechts|rechter|vd|droit)(?![a-z])")
_RVOT: Final = re.compile(r"(?<![a-z])rvot(?![a-z])")


def chambers_named(description: str | None) -> int | None:
    """Return 2, 3 or 4 where the description says so ("cine_4CH", "VLA", "Vierkammerblick"), else None."""
    text = (description or "").lower()
    found = {int(number) for number in _NUMBER.findall(text)}
    found |= {_WORDS[word] for word in _WORD.findall(text)} | {_AXES[axis] for axis in _AXIS.findall(text)}
    return found.pop() if len(found) == 1 else None


def is_of_rv(description: str | None) -> bool:
    """Return whether the description says that it is the right ventricle that is shown ("RV 2CH")."""
    return _RV.search((description or "").lower()) is not None


def is_rvot(description: str | None) -> bool:
    """Return whether the description says that the outflow tract of the right ventricle is shown ("cine RVOT")."""
    return _RVOT.search((description or "").lower()) is not None
