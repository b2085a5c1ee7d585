"""Which version of Cinecor wrote a file of this user, and whether this one may write it again.

Every such file carries `format`, a number that grows when an older Cinecor would misread or destroy the file, and
`written_by`, the version for people. Without `format` it is 1.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache  # it is read from a file
def this_version() -> str:
    """Return the version of this program."""
    from importlib.metadata import version

    return version("cinecor")


def format_of(document: dict[str, Any]) -> int:
    """Return the format a document says it has."""
    said = document.get("format", 1)
    return said if isinstance(said, int) else 1


def newer_writer(path: Path, *, known: int) -> str | None:
    """Return the version that wrote the JSON file `path` when its format is above `known`; None when it is not.

    A file that is absent or no JSON was not written by a newer version, whatever else is wrong with it.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or format_of(document) <= known:
        return None
    return str(document.get("written_by", "?"))
