"""The reference tables of this workstation: those that ship, the site's own, and which table each measure uses."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cinecor.durable_file import replace_file
from cinecor.errors import CinecorError, InputError, UsageError, system_reason
from cinecor.home import home
from cinecor.measure.reference.comparison import AUTOMATIC, NONE, ReferenceBook
from cinecor.measure.reference.shipped import shipped_tables
from cinecor.measure.reference.table import Measure, ReferenceTable
from cinecor.measure.reference.table_file import read_table
from cinecor.message import Message

_CHOICES: Final = "choices.json"
_LARGEST = 2_000_000  # bytes


class ReferenceShelf:
    """The tables and choices in a folder of this user; what is damaged there is left out and told."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = home() / "reference" if folder is None else folder

    def book(self) -> ReferenceBook:
        """Return all tables with what was chosen; the site's own come before those that ship."""
        own, _ = self.own()
        return ReferenceBook((*own, *shipped_tables()), MappingProxyType(self._choices()))

    def own(self) -> tuple[tuple[ReferenceTable, ...], tuple[Message, ...]]:
        """Return the site's tables, and why some that lie there are not used."""
        tables, told = [], []
        for path in sorted(self._folder.glob("*.csv")):
            try:
                tables.append(_read(path, table_id=path.stem))
            except CinecorError as error:
                told.append(error.message)
        return tuple(tables), tuple(told)

    def add(self, path: Path, *, name: str | None = None) -> ReferenceTable:
        """Check a CSV file, keep it as a table of this site, and return it; one of the same name is replaced.

        Raises `FaultyTable` that names every faulty line, `InputError` for what is no such file, `UsageError` for a
        name that ships, `OutputError`.
        """
        table_id = re.sub(r"[^a-z0-9]+", "-", (name or path.stem).lower()).strip("-")
        if not table_id or any(table.id == table_id for table in shipped_tables()):
            raise UsageError(
                Message(
                    "reference_name_taken",
                    "“{name}” cannot be the name of a site's table; give another with --name.",
                    name=name or path.stem,
                )
            )
        table = _read(path, table_id=table_id)
        replace_file(self._folder / f"{table_id}.csv", path.read_bytes())
        return table

    def remove(self, table_id: str) -> None:
        """Forget a table of this site, and that it was chosen. Raises `UsageError` where there is none such."""
        path = self._folder / f"{table_id}.csv"
        if table_id not in {one.stem for one in self._folder.glob("*.csv")}:
            raise UsageError(Message("reference_unknown", "There is no site's table “{name}”.", name=table_id))
        path.unlink()
        self._keep({key: chosen for key, chosen in self._choices().items() if chosen != table_id})

    def choose(self, key: str, table_id: str) -> None:
        """Compare a measure with a table, with none, or as Cinecor does by itself.

        Raises `UsageError` for a measure or a table that is none, and for a table without such a range.
        """
        tables = self.book().tables
        measures = {measure.key: measure for table in tables for measure in table.measures}
        if key not in measures:
            raise UsageError(
                Message(
                    "reference_no_measure",
                    "“{key}” is none of {known}.",
                    key=key,
                    known=", ".join(sorted(measures)),
                )
            )
        able = [table.id for table in tables if table.of(measures[key])]
        if table_id not in (AUTOMATIC, NONE, *able):
            raise UsageError(
                Message(
                    "reference_no_table",
                    "“{table}” has no range of {key}; use one of {known}.",
                    table=table_id,
                    key=key,
                    known=", ".join((AUTOMATIC, NONE, *able)),
                )
            )
        choices = {other: chosen for other, chosen in self._choices().items() if other != key}
        self._keep(choices if table_id == AUTOMATIC else {**choices, key: table_id})

    def choose_everywhere(self, table_id: str) -> tuple[Measure, ...]:
        """Use a table for everything that it has a range of; return what that is. Raises `UsageError`."""
        table = next((one for one in self.book().tables if one.id == table_id), None)
        if table is None:
            raise UsageError(Message("reference_no_such_table", "There is no table “{name}”.", name=table_id))
        self._keep({**self._choices(), **{measure.key: table_id for measure in table.measures}})
        return table.measures

    def _choices(self) -> dict[str, str]:
        try:
            kept = json.loads((self._folder / _CHOICES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # nothing chosen yet, or damaged: Cinecor chooses by itself
        return {key: one for key, one in kept.items() if isinstance(one, str)} if isinstance(kept, dict) else {}

    def _keep(self, choices: dict[str, str]) -> None:
        replace_file(self._folder / _CHOICES, json.dumps(choices, indent=2, sort_keys=True).encode())


def _read(path: Path, *, table_id: str) -> ReferenceTable:
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(Message("reference_too_large", "{name} is too large to be a table.", name=path.name))
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            system_reason(error)
            if isinstance(error, OSError)
            else Message("not_utf8", "it is no UTF-8 text; save it as UTF-8")
        )
        raise InputError(
            Message("reference_not_read", "{name} cannot be read ({reason}).", name=path.name, reason=reason)
        ) from error
    table = read_table(text, table_id=path.name, title=table_id, own=True)
    return replace(table, id=table_id)


def reference_book() -> ReferenceBook:
    """Return the tables and choices of this workstation."""
    return ReferenceShelf().book()
