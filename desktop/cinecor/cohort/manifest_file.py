"""The manifest's file: its tables, its lock, and how it is opened for the one process that writes."""

import sqlite3
from pathlib import Path
from typing import Final

from cinecor.errors import OutputError, own_words
from cinecor.file_lock import take_lock
from cinecor.message import Message

FILE_NAME: Final = "cohort.sqlite3"
LOCK_NAME: Final = ".cohort.lock"
_VERSION: Final = 1
_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS inputs (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL UNIQUE,             -- absolute, in the bytes of the file system
        series TEXT NOT NULL DEFAULT '',       -- the series that was asked for
        name TEXT NOT NULL,                    -- of its folder of results
        folded TEXT NOT NULL UNIQUE,           -- the name as systems see it that ignore case
        content TEXT NOT NULL DEFAULT '',      -- digest of names, sizes and times of its files when it was claimed
        state TEXT NOT NULL,
        before TEXT,                           -- which results lay there when it was claimed, NULL before that
        deaths INTEGER NOT NULL DEFAULT 0,     -- of workers that had it
        code TEXT NOT NULL DEFAULT '',         -- why it failed
        message TEXT NOT NULL DEFAULT '',
        passing INTEGER NOT NULL DEFAULT 0,    -- the reason may be gone next time
        model_sha256 TEXT NOT NULL DEFAULT '',
        cinecor TEXT NOT NULL DEFAULT '',      -- version of the program
        seconds REAL,
        ended REAL                             -- seconds since 1970
    );
    CREATE INDEX IF NOT EXISTS inputs_state ON inputs (state, id);
    CREATE TABLE IF NOT EXISTS studies (
        input INTEGER NOT NULL REFERENCES inputs ON DELETE CASCADE,
        number INTEGER NOT NULL,               -- within its input, from 1
        folder TEXT NOT NULL,                  -- below the cohort's, empty where the study failed
        code TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',
        facts TEXT NOT NULL DEFAULT '',        -- JSON of `StudyFacts`
        PRIMARY KEY (input, number)
    )
"""


def is_cohort(folder: Path) -> bool:
    """Return whether a folder holds the results of a cohort."""
    return (folder / FILE_NAME).is_file()


def take_cohort(lock: int, folder: Path) -> bool:
    """Take the lock of a cohort; return whether its file system has locks, so that no other run can begin beside.

    Raises `OutputError` when another process has it.
    """
    try:
        taken = take_lock(lock)
    except OSError:  # nobody can tell
        return False
    if not taken:
        raise OutputError(
            Message(
                "cohort_in_use",
                "Another Cinecor is working on the cohort in {folder}; wait for it, or choose another --out.",
                folder=folder,
            )
        )
    return True


def connected(path: Path) -> sqlite3.Connection:
    """Return the connection to a manifest for its one writer, made where there is none. Raises `OutputError`."""
    try:
        connection = sqlite3.connect(path, timeout=10.0)
    except sqlite3.Error as error:
        raise refused(path, error) from error
    try:
        # With the lock for itself alone the journal needs no memory shared over a file, which network drives lack.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            _make(connection)
        elif version != _VERSION:
            raise OutputError(
                Message(
                    "cohort_other_version",
                    "{path} was written by another version of Cinecor; choose another --out.",
                    path=path,
                )
            )
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise refused(path, error) from error
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    """Make all tables or none: a kill in between leaves no half of a file."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.commit()


def refused(path: Path, error: sqlite3.Error) -> OutputError:
    """Return the error of a manifest that SQLite cannot read or write: damaged, or refused by the system."""
    reason = own_words(str(error))
    if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return not_written(path, reason)
    return OutputError(
        Message(
            "cohort_damaged",
            "{path} is damaged ({reason}); bring it back from a copy, or choose another --out.",
            path=path,
            reason=reason,
        )
    )


def not_written(path: Path, reason: Message) -> OutputError:
    """Return the error of a manifest that cannot be opened or written."""
    return OutputError(
        Message(
            "cohort_not_opened",
            "{path} cannot be opened or written ({reason}); free some space, or choose another --out.",
            path=path,
            reason=reason,
        )
    )
