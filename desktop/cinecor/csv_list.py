"""`rows_of_list`: the lines of a list that a person wrote, by a spreadsheet perhaps."""

import csv
from collections.abc import Iterable
from itertools import chain
from typing import Final

_SEPARATORS: Final = ",;\t"  # spreadsheets write the second where numbers have a decimal comma


def rows_of_list(lines: Iterable[str]) -> "csv.DictReader[str]":
    """Return the rows of a CSV file by the columns that its first line names, separated as those are.

    Separators are commas, semicolons or tabs. Raises `csv.Error` while it is read.
    """
    left = iter(lines)
    first = next(left, "")
    separator = max(_SEPARATORS, key=first.count)  # a comma where there is one column
    return csv.DictReader(chain((first,), left), delimiter=separator)
