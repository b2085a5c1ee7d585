"""The list of cases that were left out, beside the run that did without them."""

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from cinecor_training.data.case import BadCase


def write_bad_cases(bad: Sequence[BadCase], path: Path) -> None:
    """Write the cases that were left out as CSV, with a header even when there is none."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=("source", "patient", "moment", "reason"))
        writer.writeheader()
        writer.writerows(asdict(case) for case in bad)
