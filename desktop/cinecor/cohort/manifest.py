"""`Manifest`: what became of every input of a cohort, in one SQLite file that one process writes.

A row is claimed before a worker gets it and settled after its results lie on disk, so that whatever ends the program
in between, the next run knows which inputs are done, which were being worked on, and which nobody has begun.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from cinecor.cohort.input_row import InputRow, State, StudyRow, input_of_study, range_of_studies
from cinecor.cohort.manifest_file import FILE_NAME, LOCK_NAME, connected, not_written, refused, take_cohort
from cinecor.cohort.study_facts import StudyFacts
from cinecor.errors import UsageError, system_reason
from cinecor.message import Message

_LOOK_S: Final = 2.0  # whoever only looks does not wait for a run to end
_COLUMNS: Final = (
    "id, path, series, name, content, state, before, deaths, code, message, passing, model_sha256, seconds, cinecor"
)


class Manifest:
    """The open manifest of a cohort; whoever opened it is the only one who writes."""

    def __init__(self, connection: sqlite3.Connection, path: Path, lock: int | None, *, locked: bool = True) -> None:
        self._connection = connection
        self._path = path
        self._lock = lock
        self._counts: dict[str, int] = {}  # the highest number that a name was told apart by
        self.locked = locked  # False: the file system has no locks, so another run could write beside this one

    @classmethod
    def open(cls, folder: Path, *, resume: bool) -> "Manifest":
        """Open the manifest in a folder, made where there is none; with `resume` an earlier one goes on.

        Raises `UsageError` for one that is there without `resume`, `OutputError` when another process has it or the
        folder cannot be written.
        """
        path = folder / FILE_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise not_written(path, system_reason(error)) from error
        try:
            locked = take_cohort(lock, folder)
            if path.exists() and not resume:
                raise UsageError(
                    Message(
                        "cohort_there",
                        "{folder} holds a cohort already: go on with it by --resume, or choose another --out.",
                        folder=folder,
                    )
                )
            return cls(connected(path), path, lock, locked=locked)
        except BaseException:
            os.close(lock)
            raise

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Open the manifest of a cohort to look at it.

        Raises `UsageError` where there is none, or while a run writes it, and `OutputError` when it cannot be read.
        """
        path = folder / FILE_NAME
        if not path.is_file():
            raise UsageError(
                Message("no_cohort", "{folder} holds no {name}: it is no cohort.", folder=folder, name=FILE_NAME)
            )
        connection = sqlite3.connect(path, timeout=_LOOK_S)
        try:
            connection.execute("SELECT id FROM inputs LIMIT 1").fetchall()
        except sqlite3.Error as error:
            connection.close()
            if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise UsageError(
                    Message(
                        "cohort_being_worked_on",
                        "The cohort in {folder} is being worked on; open it when that run has ended.",
                        folder=folder,
                    )
                ) from error
            raise refused(path, error) from error
        return cls(connection, path, None)

    def close(self) -> None:
        """Write everything into the one file, and let others have it."""
        try:
            if self._lock is not None:
                self.commit()
                self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            self._connection.close()
            if self._lock is not None:
                os.close(self._lock)

    def commit(self) -> None:
        """Make what was told so far survive the end of this process."""
        try:
            self._connection.commit()
        except sqlite3.Error as error:
            raise refused(self._path, error) from error

    def _execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Return what SQLite answers. Raises `OutputError` where it cannot read or write the file."""
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise refused(self._path, error) from error

    def _found(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an answer one by one. Raises `OutputError` as `_execute` does."""
        try:
            with closing(self._connection.cursor()) as cursor:
                yield from cursor.execute(statement, values)
        except sqlite3.Error as error:
            raise refused(self._path, error) from error

    # -- inputs as they are found

    def row_of(self, path: Path, *, series: str = "") -> InputRow | None:
        """Return the row of an input; None for one that was never found before."""
        return self._one("WHERE path = ?", (_key(path, series),))

    def add(self, path: Path, *, name: str, series: str = "", state: State = State.WAITING) -> None:
        """Add an input under a name that no other input has, nor any study of another input can get."""
        free = self._free(name)
        self._execute(
            "INSERT INTO inputs (path, series, name, folded, state) VALUES (?, ?, ?, ?, ?)",
            (_key(path, series), series, free, free.casefold(), state),
        )

    def rename(self, row: InputRow, *, taken: Callable[[str], bool]) -> InputRow:
        """Return the row of an input under a new name of its own, none of those that are `taken`."""
        free = self._free(row.name, taken=taken)
        self._execute(
            "UPDATE inputs SET name = ?, folded = ?, before = NULL WHERE id = ?", (free, free.casefold(), row.id)
        )
        return self.row(row.id)

    def do_again(self, row: InputRow, *, keep: bool = False) -> None:
        """Have an input worked on once more, as if for the first time; `keep` the rows of its studies until then."""
        if not keep:  # they tell numbers of other files, or of another model
            self._execute("DELETE FROM studies WHERE input = ?", (row.id,))
        self._execute(
            "UPDATE inputs SET state = ?, before = NULL, deaths = 0, code = '', message = '', passing = 0 WHERE id = ?",
            (State.WAITING, row.id),
        )

    # -- inputs as they are worked on

    def take_back(self) -> None:
        """Have everything wait that was claimed when an earlier run ended."""
        self._execute("UPDATE inputs SET state = ? WHERE state = ?", (State.WAITING, State.CLAIMED))

    def next_waiting(self) -> InputRow | None:
        """Return the input that was found first of those that wait."""
        return self._one("WHERE state = ? ORDER BY id LIMIT 1", (State.WAITING,))

    def claim(self, row: InputRow, *, content: str, mark: str) -> str:
        """Note that a worker is given an input; return which results lay there when it was first given to one.

        `mark` tells the results that lie there now. Where they were written by an earlier run that could not note it,
        and the input still is what it was, the worker finds them by that.
        """
        before = row.before if row.before is not None and row.content == content else mark
        self._execute(
            "UPDATE inputs SET state = ?, content = ?, before = ? WHERE id = ?",
            (State.CLAIMED, content, before, row.id),
        )
        return before

    def died_over(self, row: InputRow) -> int:
        """Note that a worker died that had an input, which then waits again; return how often that was."""
        self._execute("UPDATE inputs SET state = ?, deaths = deaths + 1 WHERE id = ?", (State.WAITING, row.id))
        return row.deaths + 1

    def settle(
        self,
        row: InputRow,
        *,
        state: State,
        studies: tuple[StudyRow, ...] = (),
        failure: Message | None = None,
        passing: bool = False,
        model_sha256: str = "",
        version: str = "",
        seconds: float | None = None,
    ) -> None:
        """Note what became of an input."""
        self._execute(
            "UPDATE inputs SET state = ?, before = NULL, code = ?, message = ?, passing = ?, model_sha256 = ?, "
            "cinecor = ?, seconds = ?, ended = ? WHERE id = ?",
            (
                state,
                "" if failure is None else failure.code,
                "" if failure is None else _line(str(failure)),
                passing,
                model_sha256,
                version,
                seconds,
                time.time(),
                row.id,
            ),
        )
        self._execute("DELETE FROM studies WHERE input = ?", (row.id,))
        for one in studies:
            facts = "" if one.facts is None else json.dumps(one.facts.to_keep())
            self._execute(
                "INSERT INTO studies (input, number, folder, code, message, facts) VALUES (?, ?, ?, ?, ?, ?)",
                (row.id, one.number, one.folder, one.code, _line(one.message), facts),
            )

    # -- what there is

    def row(self, number: int) -> InputRow:
        """Return the row of an input by its number."""
        found = self._one("WHERE id = ?", (number,))
        assert found is not None
        return found

    def folders_of(self, row: InputRow) -> list[str]:
        """Return the folders of results of an input, by their names."""
        found = self._execute("SELECT folder FROM studies WHERE input = ? AND folder != ''", (row.id,))
        return [folder for (folder,) in found]

    def has_failed_study(self, row: InputRow) -> bool:
        """Return whether one of the studies of an input failed, whatever became of the others."""
        found = self._execute("SELECT 1 FROM studies WHERE input = ? AND code != '' LIMIT 1", (row.id,))
        return found.fetchone() is not None

    def latest_model(self) -> str:
        """Return the digest of the model that outlined what was done last; empty where nothing was done."""
        found = self._execute(
            "SELECT model_sha256 FROM inputs WHERE state = ? ORDER BY ended DESC, id DESC LIMIT 1", (State.DONE,)
        ).fetchone()
        return "" if found is None else str(found[0])

    def gone_of_other_model(self, model_sha256: str) -> int:
        """Return how many inputs are done, of another model than this one, and can be found no more."""
        return sum(row.model_sha256 != model_sha256 and not row.path.exists() for row in self.inputs(state=State.DONE))

    def counts(self) -> dict[State, int]:
        """Return how many inputs are in each state."""
        found = self._execute("SELECT state, COUNT(*) FROM inputs GROUP BY state")
        return {State(state): number for state, number in found}

    def failures(self) -> list[tuple[str, int, str]]:
        """Return the reasons of inputs and studies that failed: code, how often, one of the sentences; most first."""
        return [
            (code, number, message)
            for code, number, message in self._execute(
                "SELECT code, COUNT(*), MIN(message) FROM ("
                "SELECT code, message FROM inputs WHERE code != '' UNION ALL "
                "SELECT code, message FROM studies WHERE code != '' "
                ") GROUP BY code ORDER BY COUNT(*) DESC, code"
            )
        ]

    def inputs(self, *, state: State | None = None) -> Iterator[InputRow]:
        """Yield the inputs in the order in which they were found."""
        where, values = ("", ()) if state is None else ("WHERE state = ?", (state,))
        for values_of in self._found(f"SELECT {_COLUMNS} FROM inputs {where} ORDER BY id", values):
            yield _row(values_of)

    def studies(self) -> Iterator[tuple[InputRow, StudyRow | None]]:
        """Yield every input with each of its studies; an input without any comes once, with None."""
        columns = ", ".join(f"i.{name.strip()}" for name in _COLUMNS.split(","))
        for values in self._found(
            f"SELECT {columns}, s.number, s.folder, s.code, s.message, s.facts FROM inputs i "
            "LEFT JOIN studies s ON s.input = i.id ORDER BY i.id, s.number"
        ):
            *row, number, folder, code, message, facts = values
            kept = StudyFacts.kept(json.loads(facts)) if facts else None
            yield _row(tuple(row)), None if number is None else StudyRow(number, folder, code, message, kept)

    def _free(self, name: str, *, taken: Callable[[str], bool] = lambda _: False) -> str:
        """Return a name that is free: the wanted one, or with a number, higher than any it was given before."""
        if not (self._is_named(name.casefold()) or taken(name)):
            return name
        free, count = name, self._counts.get(name.casefold(), 1)
        while free == name or self._is_named(free.casefold()) or taken(free):
            count += 1
            free = f"{name}-{count}"
        self._counts[name.casefold()] = count
        return free

    def _is_named(self, folded: str) -> bool:
        """Return whether an input has a name, or it would be that of a study of an input of several, or the reverse."""
        if self._one("WHERE folded = ?", (folded,)) is not None:
            return True
        name = input_of_study(folded)
        if name is not None and self._one("WHERE folded = ?", (name,)) is not None:
            return True
        between = "SELECT folded FROM inputs WHERE folded >= ? AND folded < ?"
        return any(input_of_study(one) == folded for (one,) in self._execute(between, range_of_studies(folded)))

    def _one(self, condition: str, values: tuple[object, ...]) -> InputRow | None:
        found = self._execute(f"SELECT {_COLUMNS} FROM inputs {condition}", values).fetchone()
        return None if found is None else _row(found)


def _row(values: tuple[Any, ...]) -> InputRow:
    number, key, series, name, content, state, before, deaths, code, message, passing, *settled = values
    path = Path(os.fsdecode(bytes(key).partition(b"\0")[0]))
    return InputRow(
        number, path, series, name, content, State(state), before, deaths, code, message, bool(passing), *settled
    )


def _key(path: Path, series: str) -> bytes:
    """Return what an input is known by: its place, for two links to one study are two inputs."""
    return os.fsencode(path.absolute()) + (b"\0" + series.encode() if series else b"")


def _line(text: str) -> str:
    return " ".join(text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").split())
