"""Which studies two sides have in common, by the names of their folders or by a list."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cinecor.agreement.reading import Reading, label_reading, result_reading
from cinecor.csv_list import rows_of_list
from cinecor.errors import UsageError
from cinecor.measure.moment import Moment
from cinecor.message import Message
from cinecor.report.names import RESULTS_JSON

_NIFTI: Final = (".nii.gz", ".nii")
_COLUMNS: Final = ("study", "a", "b")


@dataclass(frozen=True, slots=True)
class LabelMap:
    """A label map of one moment, and which phase of the stack it shows."""

    path: Path
    phase: int


@dataclass(slots=True)
class Pair:
    """One study with both sides: the first a folder of results, the second another, or label maps."""

    study: str
    first: Path
    second: Path | None = None
    maps: dict[Moment, LabelMap] = field(default_factory=dict)
    group: str = ""
    moment: Moment | None = None  # of results of one phase, where the list names it

    def readings(self) -> tuple[Reading, Reading]:
        """Return both readings at the phases of the second side. Raises what reading raises."""
        if self.second is not None:
            second = result_reading(self.second, lone=self.moment)
            return result_reading(self.first, phases=second.phases), second
        first = result_reading(self.first, phases={moment: one.phase for moment, one in self.maps.items()})
        return first, label_reading({moment: one.path for moment, one in self.maps.items()}, grid=first.grid)


@dataclass(frozen=True, slots=True)
class Rest:
    """How much of a cohort that is a side is not done, so that there is nothing to compare of it."""

    failed: int  # inputs, and studies of inputs of several
    waiting: int  # inputs


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A study that could not be compared, and why."""

    study: str
    reason: Message


def common_studies(first: Path, second: Path) -> tuple[Pair, ...]:
    """Return the studies that two folders of results share, by the names of the folders; also of two single ones.

    Raises `UsageError` where there is none.
    """
    if (first / RESULTS_JSON).is_file() and (second / RESULTS_JSON).is_file():
        return (Pair(first.resolve().name, first, second),)
    for side in (first, second):
        if not side.is_dir():
            raise UsageError(
                Message("side_no_folder", "{path} is no folder of results; give what `cinecor batch` wrote.", path=side)
            )
    names = sorted(path.parent.name for path in first.glob(f"*/{RESULTS_JSON}"))
    pairs = tuple(Pair(name, first / name, second / name) for name in names if (second / name / RESULTS_JSON).is_file())
    if not pairs:
        raise UsageError(
            Message(
                "nothing_in_common",
                "{first} and {second} have no study in common; give folders of the same names, or --pairs.",
                first=first,
                second=second,
            )
        )
    return pairs


def one_sided_studies(first: Path, second: Path) -> tuple[Unpaired, ...]:
    """Return the studies that only one of two folders of results holds."""
    names = [{path.parent.name for path in side.glob(f"*/{RESULTS_JSON}")} for side in (first, second)]
    return tuple(
        Unpaired(
            name,
            Message("on_one_side", "Only {folder} has results of it.", folder=first if name in names[0] else second),
        )
        for name in sorted(names[0] ^ names[1])
    )


def listed_pairs(path: Path) -> tuple[Pair, ...]:
    """Return the pairs of a CSV file with the columns `study`, `a` and `b`, and perhaps `group`, `moment` and `phase`.

    `a` is a folder of results; `b` another, or a label map, whose line tells the `moment` (ED or ES) and the `phase`
    (from 0) that it shows; the maps of one study have a line each. With two folders of results `moment` says what their
    one phase is. Paths are relative to the file. Raises `UsageError`.
    """
    pairs: dict[str, Pair] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = rows_of_list(file)
            if not set(_COLUMNS) <= set(rows.fieldnames or ()):
                raise UsageError(
                    Message(
                        "pairs_without_columns",
                        "{path}: the first line must name the columns {columns}.",
                        path=path,
                        columns=_COLUMNS,
                    )
                )
            for number, row in enumerate(rows, start=2):
                _add(pairs, {name: (value or "").strip() for name, value in row.items() if name}, path, number)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            Message("pairs_unreadable", "{path} cannot be read as a list of pairs; give a CSV file.", path=path)
        ) from error
    return tuple(pairs.values())


def _add(pairs: dict[str, Pair], row: dict[str, str], path: Path, number: int) -> None:
    first, second = path.parent / row["a"], path.parent / row["b"]
    pair = pairs.setdefault(row["study"], Pair(row["study"], first, group=row.get("group", "")))
    is_map = second.name.lower().endswith(_NIFTI)
    twice = UsageError(
        Message(
            "pair_twice",
            "{path}, line {number}: study {study} has another a, or this b, already; give each study one pair.",
            path=path,
            number=number,
            study=row["study"],
        )
    )
    if pair.first != first or pair.second is not None or (pair.maps and not is_map):
        raise twice
    if not is_map:
        pair.second, pair.moment = second, _named_moment(row, path, number)
        return
    try:
        moment, shown = Moment(row.get("moment", "").lower()), LabelMap(second, int(row.get("phase", "")))
        if moment in pair.maps:
            raise twice
        if shown.phase in {one.phase for one in pair.maps.values()}:
            raise UsageError(
                Message(
                    "pair_of_one_phase",
                    "{path}, line {number}: ED and ES of study {study} are both given as phase {phase}; give each its "
                    "own, or a study to each where they are files of one phase.",
                    path=path,
                    number=number,
                    study=row["study"],
                    phase=shown.phase,
                )
            )
        pair.maps[moment] = shown
    except ValueError as error:
        raise UsageError(
            Message(
                "pair_without_moment",
                "{path}, line {number}: say of a label map which “moment” (ED or ES) and “phase” (from 0) it shows.",
                path=path,
                number=number,
            )
        ) from error


def _named_moment(row: dict[str, str], path: Path, number: int) -> Moment | None:
    """Return the moment that a line of two folders names; None where it names none. Raises `UsageError`."""
    told = row.get("moment", "")
    try:
        return Moment(told.lower()) if told else None
    except ValueError as error:
        raise UsageError(
            Message(
                "pair_of_other_moment",
                "{path}, line {number}: “{moment}” is no moment; write ED or ES, or nothing.",
                path=path,
                number=number,
                moment=told,
            )
        ) from error
