"""The reference tables of this workstation: those that ship, the site's own, and which table each measure uses."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class AddedTable:
    """A table that was kept, and whether another of the same name is gone for it."""

    table: ReferenceTable
    replaced: bool


class ReferenceShelf:
    """The tables and choices in a folder of this user; what is damaged there is left out and told."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = home() / "reference" if folder is None else folder

    def book(self) -> ReferenceBook:
        """Return all tables with what was chosen and what is damaged; the site's own come before those that ship."""
        own, damaged = [], {}
        for path in sorted(self._folder.glob("*.csv")):
            try:
                own.append(_read(path, table_id=path.stem))
            except CinecorError as error:
                damaged[path.name] = error.message
        try:
            choices = self._read_choices()
        except InputError as error:
            choices, damaged[_CHOICES] = {}, error.message
        return ReferenceBook((*own, *shipped_tables()), MappingProxyType(choices), MappingProxyType(damaged))

    def add(self, path: Path, *, name: str | None = None) -> AddedTable:
        """Check a CSV file, keep it as a table of this site, and return it; one of the same name is replaced.

        Raises `FaultyTable` that names every faulty line, `InputError` for what is no such file, `UsageError` for a
        name that ships, `OutputError`.
        """
        table_id = _id_of(name or path.stem)
        if not table_id or table_id in (AUTOMATIC, NONE, *(table.id for table in shipped_tables())):
            raise UsageError(
                Message(
                    "reference_name_taken",
                    "“{name}” cannot be the name of a site's table; give another with --name.",
                    name=name or path.stem,
                )
            )
        table = _read(path, table_id=table_id)
        kept, content = self._folder / f"{table_id}.csv", path.read_bytes()
        replaced = _holds_other(kept, content)
        replace_file(kept, content)
        return AddedTable(table, replaced)

    def remove(self, table_id: str) -> None:
        """Forget a table of this site, and that it was chosen. Raises `UsageError` where there is none such."""
        path = self._folder / f"{table_id}.csv"
        if table_id not in {one.stem for one in self._folder.glob("*.csv")}:
            raise UsageError(Message("reference_unknown", "There is no site's table “{name}”.", name=table_id))
        path.unlink()
        kept = self.book().choices
        if table_id in kept.values():
            self._keep({key: chosen for key, chosen in kept.items() if chosen != table_id})

    def choose(self, key: str, table_id: str) -> None:
        """Compare a measure with a table, with none, or as Cinecor does by itself.

        Raises `UsageError` for a measure or a table that is none, and for a table without such a range.
        """
        book = self.book()
        tables, kept = book.tables, dict(book.choices)
        measures = _measures(tables)
        if table_id == AUTOMATIC and key in kept:  # which table had it does not matter then, nor whether it is there
            self._keep({other: chosen for other, chosen in kept.items() if other != key})
            return
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
        if table_id != AUTOMATIC:
            self._keep({**kept, key: table_id})

    def choose_everywhere(self, table_id: str) -> tuple[Measure, ...]:
        """Use a table for everything that it has a range of, or none or Cinecor's choice for every measure.

        Return what that is. Raises `UsageError` for a table that is not there.
        """
        book = self.book()
        tables = book.tables
        if table_id in (AUTOMATIC, NONE):
            every = _measures(tables)
            self._keep(dict.fromkeys(every, NONE) if table_id == NONE else {})
            return tuple(every.values())
        table = next((one for one in tables if one.id == table_id), None)
        if table is None:
            raise UsageError(
                Message(
                    "reference_no_such_table",
                    "There is no table “{name}”; use one of {known}.",
                    name=table_id,
                    known=", ".join((AUTOMATIC, NONE, *(one.id for one in tables))),
                )
            )
        self._keep({**book.choices, **{measure.key: table_id for measure in table.measures}})
        return table.measures

    def _read_choices(self) -> dict[str, str]:
        """Return what was chosen, by measure. Raises `InputError` where that cannot be read."""
        try:
            kept = json.loads((self._folder / _CHOICES).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}  # nothing chosen yet
        except (OSError, ValueError) as error:
            raise _unread_choices() from error
        if not isinstance(kept, dict) or not all(isinstance(one, str) for one in kept.values()):
            raise _unread_choices()
        return kept

    def _keep(self, choices: dict[str, str]) -> None:
        replace_file(self._folder / _CHOICES, json.dumps(choices, indent=2, sort_keys=True).encode())


def _holds_other(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except FileNotFoundError:
        return False
    except OSError:
        return True  # something lies there, whatever it is


def replaced_message(table_id: str) -> Message:
    """Return that a table is gone because another of its name was added."""
    return Message("reference_replaced", "It replaced another table “{name}”, which is gone.", name=table_id)


def _unread_choices() -> InputError:
    return InputError(
        Message(
            "reference_choices_damaged",
            "{name} is damaged: which tables were chosen is not known, so Cinecor chooses by itself.",
            name=_CHOICES,
        )
    )


def _id_of(name: str) -> str:
    """Return what a table is called in files and on the command line: small letters of any language, and figures."""
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", name).lower()).strip("-")


def _measures(tables: Iterable[ReferenceTable]) -> Mapping[str, Measure]:
    return {measure.key: measure for table in tables for measure in table.measures}


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
