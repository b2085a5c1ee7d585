"""Reading a reference table from CSV, line by line; everything that is wrong with it is told at once.

The columns are those of `COLUMNS`, in any order; docs/reference-ranges.md describes them.
"""

import csv
import io
import math
import re
from collections.abc import Sequence
from typing import Final, TypeVar

from cinecor.errors import InputError
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.reference.table import (
    MID_WALL,
    OLDEST,
    Measure,
    Papillary,
    ReferenceRow,
    ReferenceTable,
    RvOutflow,
    Sex,
)
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message

T = TypeVar("T")

COLUMNS: Final = (
    "ventricle",
    "quantity",
    "indexed",
    "sex",
    "age_from",
    "age_to",
    "mean",
    "sd",
    "lower",
    "upper",
    "kind",
    "papillary",
    "rv_outflow",
    "field_strength",
    "n",
    "source",
)
_MAY_BE_EMPTY: Final = {"age_from", "age_to", "mean", "sd", "lower", "upper", "rv_outflow", "field_strength", "n"}
_PLAIN = {one.field: one for one in QUANTITIES}
_OF_MEAN_AND_SD: Final = re.compile(r"mean\s*(?:±|\+/?-)\s*(\d+(?:\.\d+)?)?\s*SD\b", re.IGNORECASE)
_SDS: Final = 2.0  # where such a kind does not say how many
_ROUNDED: Final = 0.5  # of an SD or of a unit, whichever is more, as printed limits are
_MOST_LINES = 5000
_MOST_FAULTS = 20


class FaultyTable(InputError):
    """A table with faulty lines: its message tells all, `faults` each."""

    def __init__(self, table: str, faults: tuple[Message, ...]) -> None:
        super().__init__(
            Message("reference_faults", "{table} is no reference table: {faults}.", table=table, faults=faults)
        )
        self.faults = faults


def read_table(text: str, *, table_id: str, title: str, own: bool = False) -> ReferenceTable:
    """Return the table that a CSV file holds. Raises `FaultyTable` that names every faulty line and what is wrong.

    Raises `InputError` where it has other columns or very many lines.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    faults: list[Message] = []
    rows: list[ReferenceRow] = []
    lines: list[int] = []
    try:
        reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        _check_columns(reader.fieldnames, table_id)
        for cells in reader:
            if reader.line_num > _MOST_LINES:
                raise InputError(
                    Message("reference_too_long", "{table} has more than {n} lines.", table=table_id, n=_MOST_LINES)
                )
            line = _Line(reader.line_num, cells)
            row = line.row()
            faults.extend(line.faults)
            if row is not None:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        faults.append(_fault(reader.line_num, Message("not_csv", "it is no CSV ({error})", error=str(error))))
    faults.extend(_overlaps(rows, lines))
    if not rows and not faults:
        faults.append(_fault(1, Message("reference_empty", "there is no row below the header")))
    if faults:
        raise FaultyTable(table_id, _first(faults))
    return ReferenceTable(table_id, title, tuple(rows), own=own)


def _first(faults: Sequence[Message]) -> tuple[Message, ...]:
    """Return the first faults, and how many more there are."""
    more = len(faults) - _MOST_FAULTS
    if more <= 0:
        return tuple(faults)
    told = Message.counted("reference_more_faults", "{n} more fault", "{n} more faults", n=more)
    return (*faults[:_MOST_FAULTS], told)


def _check_columns(found: Sequence[str], table_id: str) -> None:
    if len(found) == 1 and (";" in found[0] or "\t" in found[0]):
        raise InputError(
            Message(
                "reference_semicolons",
                "{table}, line 1: semicolons or tabs stand between the cells; use commas, and points in decimals.",
                table=table_id,
            )
        )
    missing = [name for name in COLUMNS if name not in found]
    unknown = [name for name in found if name not in COLUMNS]
    if missing or unknown or len(set(found)) < len(found):
        raise InputError(
            Message(
                "reference_columns",
                "{table}, line 1: the columns must be {columns}; missing: {missing}; unknown or twice: {unknown}.",
                table=table_id,
                columns=", ".join(COLUMNS),
                missing=", ".join(missing) or "-",
                unknown=", ".join(unknown or [name for name in found if found.count(name) > 1]) or "-",
            )
        )


def _fault(line: int, what: Message) -> Message:
    return Message("reference_line", "line {line}: {what}", line=line, what=what)


class _Line:
    """One line while it is read: its cells, and what is wrong with them."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.faults: list[Message] = []
        self._number = number
        extra = None in cells
        self._cells = {name: (cells.get(name) or "").strip() for name in COLUMNS}
        if extra or any(cells.get(name) is None for name in COLUMNS):
            self._refuse(Message("reference_cells", "it has not as many cells as the header"))
        for name, text in self._cells.items():
            if not text and name not in _MAY_BE_EMPTY:
                self._refuse(Message("reference_cell_empty", "{column} is empty", column=name))

    def row(self) -> ReferenceRow | None:
        """Return the row; None where something is wrong with it."""
        ventricle = self._one_of("ventricle", {one.value.upper(): one for one in Ventricle})
        field = self._one_of("quantity", {**dict.fromkeys(_PLAIN), MID_WALL: None}, keep=True)
        indexed = self._one_of("indexed", {"yes": True, "no": False})
        sex = self._one_of("sex", {"M": Sex.MALE, "F": Sex.FEMALE, "all": None})
        papillary = self._one_of("papillary", {one.value: one for one in Papillary})
        outflow = self._outflow(ventricle)
        age_from, age_to = self._age("age_from"), self._age("age_to")
        mean, sd, lower, upper = (self._number_of(name) for name in ("mean", "sd", "lower", "upper"))
        count = self._number_of("n")
        self._check_order(age_from, age_to, "age_from", "age_to")
        self._check_order(lower, upper, "lower", "upper")
        self._check_mean(mean, sd, lower, upper)
        if lower is None and upper is None and not self.faults:
            self._refuse(Message("reference_no_limit", "lower and upper are both empty"))
        if field is not None and ventricle is not None and indexed is not None:
            self._check_measure(str(field), ventricle, indexed)
        if self.faults:
            return None
        assert isinstance(ventricle, Ventricle)
        assert isinstance(papillary, Papillary)
        return ReferenceRow(
            measure=Measure(ventricle, str(field), bool(indexed)),
            sex=sex if isinstance(sex, Sex) else None,
            age_from=age_from,
            age_to=age_to,
            mean=mean,
            sd=sd,
            lower=lower,
            upper=upper,
            kind=self._cells["kind"],
            papillary=papillary,
            rv_outflow=outflow,
            field_strength=self._cells["field_strength"],
            n=None if count is None else int(count),
            source=self._cells["source"],
        )

    def _refuse(self, what: Message) -> None:
        self.faults.append(_fault(self._number, what))

    def _one_of(self, name: str, known: dict[str, T], *, keep: bool = False) -> T | str | None:
        text = self._cells[name]
        if not text:
            return None
        if text not in known:
            self._refuse(
                Message(
                    "reference_unknown_word",
                    "{column} is “{text}”; use one of {known}",
                    column=name,
                    text=text,
                    known=", ".join(known),
                )
            )
            return None
        return text if keep else known[text]

    def _outflow(self, ventricle: object) -> RvOutflow | None:
        found = self._one_of("rv_outflow", {one.value: one for one in RvOutflow})
        if ventricle is Ventricle.RV and not self._cells["rv_outflow"]:
            self._refuse(
                Message("reference_outflow_empty", "rv_outflow is empty: a row about the RV says whether it counts")
            )
        if ventricle is Ventricle.LV and found is not None:
            self._refuse(
                Message("reference_outflow_of_lv", "rv_outflow is “{text}”; leave it empty for the LV", text=str(found))
            )
        return found if isinstance(found, RvOutflow) else None

    def _age(self, name: str) -> int | None:
        age = self._number_of(name)
        if age is None:
            return None
        if age != int(age) or not 0 <= age <= OLDEST:
            self._refuse(
                Message("reference_age", "{column} is {age:g}; use whole years, 0 to 120", column=name, age=age)
            )
            return None
        return int(age)

    def _number_of(self, name: str) -> float | None:
        text = self._cells[name]
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0:
            self._refuse(
                Message("reference_no_number", "{column} is “{text}”; use a number, 0 or more", column=name, text=text)
            )
            return None
        return value

    def _check_order(self, low: float | None, high: float | None, first: str, second: str) -> None:
        if low is not None and high is not None and low > high:
            self._refuse(
                Message(
                    "reference_order",
                    "{first} {low:g} is larger than {second} {high:g}",
                    first=first,
                    low=low,
                    second=second,
                    high=high,
                )
            )

    def _check_mean(self, mean: float | None, sd: float | None, lower: float | None, upper: float | None) -> None:
        """Refuse limits that do not hold the mean, or are elsewhere than a kind like "mean ± 2 SD" has them."""
        if mean is None or self.faults:
            return
        if (lower is not None and mean < lower) or (upper is not None and mean > upper):
            self._refuse(Message("reference_mean_outside", "the mean {mean:g} lies outside lower and upper", mean=mean))
            return
        kind = _OF_MEAN_AND_SD.search(self._cells["kind"])
        if kind is None or sd is None:
            return
        away = float(kind[1] or _SDS) * sd
        for name, limit, expected in (("lower", lower, max(mean - away, 0.0)), ("upper", upper, mean + away)):
            if limit is not None and abs(limit - expected) > max(_ROUNDED * sd, _ROUNDED):
                self._refuse(
                    Message(
                        "reference_not_of_kind",
                        "{column} is {limit:g}, but “{kind}” of mean {mean:g} and sd {sd:g} is {expected:g}",
                        column=name,
                        limit=limit,
                        kind=self._cells["kind"],
                        mean=mean,
                        sd=sd,
                        expected=expected,
                    )
                )

    def _check_measure(self, field: str, ventricle: object, indexed: object) -> None:
        quantity = _PLAIN.get(field)
        ventricles = (Ventricle.LV,) if quantity is None else tuple(quantity.codes)
        if ventricle not in ventricles:
            self._refuse(Message("reference_no_such", "the RV has no {field}", field=field))
        elif indexed and (quantity is None or not quantity.per_m2):
            self._refuse(Message("reference_not_indexed", "{field} is not told per m²", field=field))


def _overlaps(rows: list[ReferenceRow], lines: list[int]) -> list[Message]:
    """Return a fault for every row that speaks of people whom an earlier one is about."""
    faults = []
    for place, row in enumerate(rows):
        for earlier, line in zip(rows[:place], lines, strict=False):
            if earlier.measure == row.measure and earlier.papillary is row.papillary and _share_people(earlier, row):
                faults.append(
                    _fault(
                        lines[place],
                        Message("reference_overlap", "it is about people whom line {line} is about", line=line),
                    )
                )
                break
    return faults


def _share_people(one: ReferenceRow, other: ReferenceRow) -> bool:
    if None not in (one.sex, other.sex) and one.sex is not other.sex:
        return False
    return max(one.ages[0], other.ages[0]) <= min(one.ages[1], other.ages[1])
