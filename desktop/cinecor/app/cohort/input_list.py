"""`listed_inputs`: the inputs that a CSV file names, one a line, instead of a search for them."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor.study.study_walk import FoundInput

_INPUT, _NAME, _SERIES = "input", "name", "series"
COLUMNS: Final = (_INPUT, _NAME, _SERIES)
"""What is read of a line; only the first must be there, further columns are left alone."""


def listed_inputs(path: Path) -> Iterator[FoundInput]:
    """Yield the inputs of a CSV file with a column `input`, and perhaps `name` and `series`, line by line.

    Paths are relative to the file's folder. Raises `UsageError` for a file that cannot be read as such.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if _INPUT not in (rows.fieldnames or ()):
                raise UsageError(
                    Message(
                        "list_without_inputs",
                        "{path}: the first line names no column “{column}”; write one path a line below it.",
                        path=path,
                        column=_INPUT,
                    )
                )
            for row in rows:
                given = (row.get(_INPUT) or "").strip()
                if given:
                    place = path.parent / given
                    name = (row.get(_NAME) or "").strip() or place.name
                    yield FoundInput(place, name, (row.get(_SERIES) or "").strip())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            Message(
                "list_unreadable",
                "{path} cannot be read as a list of inputs ({reason}); give a CSV file in UTF-8.",
                path=path,
                reason=type(error).__name__ if isinstance(error, UnicodeDecodeError) else str(error),
            )
        ) from error
