"""`listed_inputs`: the inputs that a CSV file names, one a line, instead of a search for them."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cinecor.app.cohort.content import place_of
from cinecor.csv_list import rows_of_list
from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor.study.study_walk import FoundInput

_INPUT, _NAME, _SERIES = "input", "name", "series"
COLUMNS: Final = (_INPUT, _NAME, _SERIES)
"""What is read of a line; only the first must be there, further columns are left alone."""


def listed_inputs(path: Path) -> tuple[FoundInput, ...]:
    """Return the inputs of a CSV file with a column `input`, and perhaps `name` and `series`, line by line.

    Paths are relative to the file's folder. An input without a name is called by the end of its path, as far as that
    tells it from the others. Raises `UsageError` for a file that cannot be read as such, before any work, and for an
    input that has two names.
    """
    listed: dict[tuple[Path, str], str] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = rows_of_list(file)
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
                given, name, series = ((row.get(column) or "").strip() for column in COLUMNS)
                if not given:
                    continue
                place = place_of(path.parent / given)
                if listed.setdefault((place, series), name) != name:
                    raise UsageError(
                        Message(
                            "input_listed_twice",
                            "{path}, line {line}: {input} is listed under another name already; list each input once.",
                            path=path,
                            line=rows.line_num,
                            input=given,
                        )
                    )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            Message(
                "list_unreadable",
                "{path} cannot be read as a list of inputs ({reason}); give a CSV file in UTF-8.",
                path=path,
                reason=type(error).__name__ if isinstance(error, UnicodeDecodeError) else str(error),
            )
        ) from error
    ends = _ends_apart([place for (place, _), name in listed.items() if not name])
    return tuple(FoundInput(place, name or ends[place], series) for (place, series), name in listed.items())


def _ends_apart(places: Sequence[Path]) -> dict[Path, str]:
    """Return the end of each path, with as many of its folders as tell it from the others: `p7_DICOM`, `p8_DICOM`."""
    ends: dict[Path, str] = {}
    left, parts = list(dict.fromkeys(places)), 1
    while left:
        named = {place: "_".join(place.parts[-parts:]) for place in left}
        count = Counter(name.casefold() for name in named.values())
        alone = {place for place, name in named.items() if count[name.casefold()] == 1 or parts >= len(place.parts)}
        ends |= {place: named[place] for place in alone}
        left = [place for place in left if place not in alone]
        parts += 1
    return ends
