"""The one table of a benchmark run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(slots=True)
class Table:
    """Rows in the order in which they were measured."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, values: Sequence[float], unit: str, note: str = "", *, decimals: int = 2) -> None:
        """Add a row: the median of `values`, and their range where there are several."""
        spread = f"{min(values):.{decimals}f}–{max(values):.{decimals}f}" if len(values) > 1 else ""
        self.rows.append((what, f"{median(values):.{decimals}f} {unit}".strip(), spread, note))

    def say(self, what: str, text: str) -> None:
        """Add a row without a number: what could not be measured, and why."""
        self.rows.append((what, "–", "", text))

    def markdown(self) -> str:
        """The table as text."""
        head = ("what", "median", "range", "note")
        lines = ["| " + " | ".join(cells) + " |" for cells in (head, *self.rows)]
        lines.insert(1, "|" + "---|" * len(head))
        return "\n".join(lines) + "\n"
