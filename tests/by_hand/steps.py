"""What a drive went through: each line that it had to show, whether it was seen, and why not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum


class Unmet(Exception):
    """Something is not as it should be."""


class NotHere(Exception):
    """The study has nothing by which the line could be seen."""


class Seen(Enum):
    """What became of a line."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_HERE = "not in this study"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was to be seen."""

    study: str
    part: int
    text: str
    seen: Seen
    why: str = ""


@dataclass(slots=True)
class Steps:
    """Goes on after a line that failed, so that one drive tells of all of them."""

    study: str
    lines: list[Line] = field(default_factory=list)

    @contextmanager
    def step(self, part: int, text: str) -> Iterator[None]:
        """Note whether what is done and checked within was as it should be."""
        seen, why = Seen.PASSED, ""
        try:
            yield
        except Unmet as unmet:
            seen, why = Seen.FAILED, str(unmet)
        except NotHere as reason:
            seen, why = Seen.NOT_HERE, str(reason)
        self.lines.append(Line(self.study, part, text, seen, why))
        sys.stdout.write(f"{_told(self.lines[-1])}\n")
        sys.stdout.flush()

    @property
    def failed(self) -> list[Line]:
        """The lines that were not as they should be."""
        return [line for line in self.lines if line.seen is Seen.FAILED]


def _told(line: Line) -> str:
    return f"{line.study} · part {line.part} · {line.text}: {line.seen.value}{f' ({line.why})' if line.why else ''}"


def as_table(lines: list[Line]) -> str:
    """Return a table (Markdown) with a row a line and a column a study."""
    studies = list(dict.fromkeys(line.study for line in lines))
    rows = sorted({(line.part, line.text): None for line in lines}, key=lambda row: row[0])
    found = {(line.part, line.text, line.study): line for line in lines}
    table = [f"| part | what was seen | {' | '.join(studies)} |", "|---" * (len(studies) + 2) + "|"]
    for part, text in rows:
        cells = []
        for study in studies:
            line = found.get((part, text, study))
            cells.append("–" if line is None else line.seen.value + (f": {line.why}" if line.why else ""))
        table.append(f"| {part} | {text} | {' | '.join(cells)} |")
    return "\n".join(table) + "\n"


def check(holds: object, otherwise: str) -> None:
    """Stop a step with a sentence when something is not as it should be."""
    if not holds:
        raise Unmet(otherwise)
