"""`Manifest`: what became of every input of a cohort, in one SQLite file that one process writes.

A row is claimed before a worker gets it and settled after its results lie on disk, so that whatever ends the program
in between, the next run knows which inputs are done, which were being worked on, and which nobody has begun.
"""

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from cinecor.cohort.input_row import InputRow, State, StudyRow, study_folder
from cinecor.cohort.manifest_file import FILE_NAME, LOCK_NAME, connected, not_written, take_cohort
from cinecor.cohort.study_facts import StudyFacts
from cinecor.errors import UsageError, own_words, system_reason
from cinecor.message import Message

_STUDY: Final = re.compile(f"(.+){study_folder('', '[0-9]+')}", re.DOTALL)
_LOOK_S: Final = 2.0  # whoever only looks does not wait for a run to end
_COLUMNS: Final = (
    "id, path, series, name, content, state, before, deaths, code, message, passing, model_sha256, seconds"
)


class Manifest:
    """The open manifest of a cohort; whoever opened it is the only one who writes."""

    def __init__(self, connection: sqlite3.Connection, lock: int | None) -> None:
        self._connection = connection
        self._lock = lock

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
            take_cohort(lock, folder)
            if path.exists() and not resume:
                raise UsageError(
                    Message(
                        "cohort_there",
                        "{folder} holds a cohort already: go on with it by --resume, or choose another --out.",
                        folder=folder,
                    )
                )
            return cls(connected(path), lock)
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
            raise not_written(path, own_words(str(error))) from error
        return cls(connection, None)

    def close(self) -> None:
        """Write everything into the one file, and let others have it."""
        if self._lock is not None:
            self.commit()
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        self._connection.close()
        if self._lock is not None:
            os.close(self._lock)

    def commit(self) -> None:
        """Make what was told so far survive the end of this process."""
        try:
            self._connection.commit()
        except sqlite3.Error as error:
            raise not_written(Path(FILE_NAME), own_words(str(error))) from error

    # -- inputs as they are found

    def row_of(self, path: Path, *, series: str = "") -> InputRow | None:
        """Return the row of an input; None for one that was never found before."""
        return self._one("WHERE path = ?", (_key(path, series),))

    def add(self, path: Path, *, name: str, series: str = "", state: State = State.WAITING) -> None:
        """Add an input under a name that no other input has, nor any study of another input can get."""
        free = self._free(name)
        self._connection.execute(
            "INSERT INTO inputs (path, series, name, folded, state) VALUES (?, ?, ?, ?, ?)",
            (_key(path, series), series, free, free.casefold(), state),
        )

    def rename(self, row: InputRow, *, taken: Callable[[str], bool]) -> InputRow:
        """Return the row of an input under a new name of its own, none of those that are `taken`."""
        free = self._free(row.name, taken=taken)
        self._connection.execute(
            "UPDATE inputs SET name = ?, folded = ?, before = NULL WHERE id = ?", (free, free.casefold(), row.id)
        )
        return self.row(row.id)

    def do_again(self, row: InputRow) -> None:
        """Have an input worked on once more, as if for the first time."""
        self._connection.execute(
            "UPDATE inputs SET state = ?, before = NULL, deaths = 0, code = '', message = '', passing = 0 WHERE id = ?",
            (State.WAITING, row.id),
        )

    # -- inputs as they are worked on

    def take_back(self) -> None:
        """Have everything wait that was claimed when an earlier run ended."""
        self._connection.execute("UPDATE inputs SET state = ? WHERE state = ?", (State.WAITING, State.CLAIMED))

    def next_waiting(self) -> InputRow | None:
        """Return the input that was found first of those that wait."""
        return self._one("WHERE state = ? ORDER BY id LIMIT 1", (State.WAITING,))

    def claim(self, row: InputRow, *, content: str, mark: str) -> str:
        """Note that a worker is given an input; return which results lay there when it was first given to one.

        `mark` tells the results that lie there now. Where they were written by an earlier run that could not note it,
        and the input still is what it was, the worker finds them by that.
        """
        before = row.before if row.before is not None and row.content == content else mark
        self._connection.execute(
            "UPDATE inputs SET state = ?, content = ?, before = ? WHERE id = ?",
            (State.CLAIMED, content, before, row.id),
        )
        return before

    def died_over(self, row: InputRow) -> int:
        """Note that a worker died that had an input, which then waits again; return how often that was."""
        self._connection.execute(
            "UPDATE inputs SET state = ?, deaths = deaths + 1 WHERE id = ?", (State.WAITING, row.id)
        )
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
        self._connection.execute(
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
        self._connection.execute("DELETE FROM studies WHERE input = ?", (row.id,))
        self._connection.executemany(
            "INSERT INTO studies (input, number, folder, code, message, facts) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    row.id,
                    one.number,
                    one.folder,
                    one.code,
                    _line(one.message),
                    "" if one.facts is None else json.dumps(one.facts.to_keep()),
                )
                for one in studies
            ],
        )

    # -- what there is

    def row(self, number: int) -> InputRow:
        """Return the row of an input by its number."""
        found = self._one("WHERE id = ?", (number,))
        assert found is not None
        return found

    def folders_of(self, row: InputRow) -> list[str]:
        """Return the folders of results of an input, by their names."""
        found = self._connection.execute("SELECT folder FROM studies WHERE input = ? AND folder != ''", (row.id,))
        return [folder for (folder,) in found]

    def has_failed_study(self, row: InputRow) -> bool:
        """Return whether one of the studies of an input failed, whatever became of the others."""
        found = self._connection.execute("SELECT 1 FROM studies WHERE input = ? AND code != '' LIMIT 1", (row.id,))
        return found.fetchone() is not None

    def counts(self) -> dict[State, int]:
        """Return how many inputs are in each state."""
        found = self._connection.execute("SELECT state, COUNT(*) FROM inputs GROUP BY state")
        return {State(state): number for state, number in found}

    def failures(self) -> list[tuple[str, int, str]]:
        """Return the reasons of inputs and studies that failed: code, how often, one of the sentences; most first."""
        return [
            (code, number, message)
            for code, number, message in self._connection.execute(
                "SELECT code, COUNT(*), MIN(message) FROM ("
                "SELECT code, message FROM inputs WHERE code != '' UNION ALL "
                "SELECT code, message FROM studies WHERE code != '' "
                ") GROUP BY code ORDER BY COUNT(*) DESC, code"
            )
        ]

    def inputs(self, *, state: State | None = None) -> Iterator[InputRow]:
        """Yield the inputs in the order in which they were found."""
        where, values = ("", ()) if state is None else ("WHERE state = ?", (state,))
        with closing(self._connection.cursor()) as cursor:
            for values_of in cursor.execute(f"SELECT {_COLUMNS} FROM inputs {where} ORDER BY id", values):
                yield _row(values_of)

    def studies(self) -> Iterator[tuple[InputRow, StudyRow | None]]:
        """Yield every input with each of its studies; an input without any comes once, with None."""
        columns = ", ".join(f"i.{name.strip()}" for name in _COLUMNS.split(","))
        with closing(self._connection.cursor()) as cursor:
            for values in cursor.execute(
                f"SELECT {columns}, s.number, s.folder, s.code, s.message, s.facts FROM inputs i "
                "LEFT JOIN studies s ON s.input = i.id ORDER BY i.id, s.number"
            ):
                *row, number, folder, code, message, facts = values
                kept = StudyFacts.kept(json.loads(facts)) if facts else None
                yield _row(tuple(row)), None if number is None else StudyRow(number, folder, code, message, kept)

    def _free(self, name: str, *, taken: Callable[[str], bool] = lambda _: False) -> str:
        free, count = name, 1
        while self._is_named(free.casefold()) or taken(free):
            count += 1
            free = f"{name}-{count}"
        return free

    def _is_named(self, folded: str) -> bool:
        """Return whether an input has a name, or it would be that of a study of an input of several, or the reverse."""
        if self._one("WHERE folded = ?", (folded,)) is not None:
            return True
        of_study = _STUDY.fullmatch(folded)
        if of_study is not None and self._one("WHERE folded = ?", (of_study[1],)) is not None:
            return True
        between = (study_folder(folded, "0"), study_folder(folded, ":"))  # those that go on with a digit
        rows = self._connection.execute("SELECT folded FROM inputs WHERE folded >= ? AND folded < ?", between)
        return any((found := _STUDY.fullmatch(name)) is not None and found[1] == folded for (name,) in rows)

    def _one(self, condition: str, values: tuple[object, ...]) -> InputRow | None:
        found = self._connection.execute(f"SELECT {_COLUMNS} FROM inputs {condition}", values).fetchone()
        return None if found is None else _row(found)


def _row(values: tuple[Any, ...]) -> InputRow:
    number, key, series, name, content, state, before, deaths, code, message, passing, model, seconds = values
    path = Path(os.fsdecode(bytes(key).partition(b"\0")[0]))
    return InputRow(
        number, path, series, name, content, State(state), before, deaths, code, message, bool(passing), model, seconds
    )


def _key(path: Path, series: str) -> bytes:
    """Return what an input is known by: its place as it was given, for two links to one study are two inputs."""
    return os.fsencode(path.absolute()) + (b"\0" + series.encode() if series else b"")


def _line(text: str) -> str:
    return " ".join(text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").split())
