"""`PatientTable`: the CSV file beside a data set's images, read by column names."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import InputError
from cinecor.failure import first_line
from cinecor.message import Message


@dataclass(frozen=True, slots=True)
class PatientTable:
    """Rows of a CSV file; column names count without case and outer spaces."""

    path: Path
    rows: tuple[dict[str, str], ...]


def find_table(folder: Path, *, columns: Sequence[str]) -> PatientTable | None:
    """Return the first CSV file in `folder` that has all `columns`; None when there is none.

    Raises `InputError` for a file that is no text.
    """
    for path in sorted(folder.glob("*.csv")):
        try:
            with path.open(newline="", encoding="utf-8-sig") as stream:
                lines = [[cell.strip() for cell in line] for line in csv.reader(stream)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InputError(
                Message(
                    "table_unreadable",
                    "{path}: cannot be read as CSV ({reason}).",
                    path=path.name,
                    reason=first_line(error),
                )
            ) from error
        header = [cell.lower() for cell in lines[0]] if lines else []
        if all(column.lower() in header for column in columns):
            rows = tuple(dict(zip(header, line, strict=False)) for line in lines[1:] if any(line))
            return PatientTable(path, rows)
    return None
