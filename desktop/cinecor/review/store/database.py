"""The store's database: one SQLite file for index, steps and ledgers, brought up to date step by step."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cinecor.errors import OutputError, own_words, system_reason
from cinecor.message import Message
from cinecor.review.store.file_system import is_local
from cinecor.review.store.private_folder import make_private_file

FILE_NAME: Final = "studies.sqlite3"
_BUSY_S: Final = 10.0

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE studies (
        id INTEGER PRIMARY KEY,
        folder TEXT NOT NULL UNIQUE,           -- its name says nothing of the patient
        digest TEXT NOT NULL,                  -- of the whole identity: what its ledger is bound to
        uids TEXT NOT NULL,                    -- digest of the used instances, empty for a NIfTI
        pixels TEXT NOT NULL,                  -- digest of what they show
        instances BLOB NOT NULL,               -- the instances, compressed
        source TEXT NOT NULL,                  -- where the files lay when it was last opened
        patient_name TEXT NOT NULL DEFAULT '',
        patient_id TEXT NOT NULL DEFAULT '',
        study_date TEXT NOT NULL DEFAULT '',
        description TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL DEFAULT 'new',
        version INTEGER NOT NULL DEFAULT 1,
        result INTEGER,                        -- the AI result in use
        lv_ef_percent REAL,
        rv_ef_percent REAL,
        worst TEXT NOT NULL DEFAULT '',        -- code of the gravest open finding
        open_findings INTEGER NOT NULL DEFAULT 0,
        view TEXT NOT NULL DEFAULT '{}',
        touched REAL NOT NULL,                 -- seconds since 1970
        UNIQUE (uids, pixels)
    );
    CREATE INDEX studies_touched ON studies (touched);
    CREATE TABLE series (study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE, uid TEXT NOT NULL,
        PRIMARY KEY (uid, study)) WITHOUT ROWID;
    CREATE TABLE results (
        id INTEGER PRIMARY KEY,
        study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
        file TEXT NOT NULL,
        model_id TEXT NOT NULL, model_version TEXT NOT NULL, model_sha256 TEXT NOT NULL,
        made REAL NOT NULL
    );
    CREATE INDEX results_study ON results (study);
    CREATE TABLE steps (
        result INTEGER NOT NULL REFERENCES results ON DELETE CASCADE,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL, facts TEXT NOT NULL, frames BLOB NOT NULL,
        PRIMARY KEY (result, number)
    );
    CREATE TABLE ledger (
        study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
        version INTEGER NOT NULL, number INTEGER NOT NULL,
        entry TEXT NOT NULL,
        PRIMARY KEY (study, version, number)
    );
    CREATE TABLE versions (
        study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
        version INTEGER NOT NULL,
        result INTEGER NOT NULL,
        steps INTEGER NOT NULL,                -- how many steps of the result had been taken when it was signed
        signature TEXT NOT NULL,
        PRIMARY KEY (study, version)
    );
    """,
    """
    ALTER TABLE studies ADD COLUMN worst_message TEXT NOT NULL DEFAULT '';
    CREATE INDEX series_study ON series (study);
    CREATE TABLE waiting (                     -- studies found beside one that was opened, not opened themselves
        id INTEGER PRIMARY KEY,
        series_uid TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL,
        patient_name TEXT NOT NULL, patient_id TEXT NOT NULL, study_date TEXT NOT NULL, description TEXT NOT NULL,
        touched REAL NOT NULL
    );
    """,
    """
    ALTER TABLE waiting ADD COLUMN input TEXT NOT NULL DEFAULT '';  -- where source holds results: what they are of
    ALTER TABLE waiting ADD COLUMN lv_ef_percent REAL;
    ALTER TABLE waiting ADD COLUMN rv_ef_percent REAL;
    ALTER TABLE waiting ADD COLUMN worst TEXT NOT NULL DEFAULT '';
    ALTER TABLE waiting ADD COLUMN open_findings INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE waiting ADD COLUMN model TEXT NOT NULL DEFAULT '';
    """,
    """
    -- the numbers, which later studies of the patient are held against
    ALTER TABLE studies ADD COLUMN reading TEXT NOT NULL DEFAULT '';
    """,
    """
    -- the numbers in doubt, by name with a space between them
    ALTER TABLE studies ADD COLUMN doubtful TEXT NOT NULL DEFAULT '';
    ALTER TABLE waiting ADD COLUMN doubtful TEXT NOT NULL DEFAULT '';
    """,
)
"""Each brings the database one version further; what is released is never changed, only added to."""


def connected(folder: Path) -> sqlite3.Connection:
    """Return the connection to the database in a folder, brought up to date; made where there is none.

    Every transaction is on the disk when it ends. Raises `OutputError` when a newer Cinecor wrote it, or when it
    cannot be opened: it is left as it is then.
    """
    path = folder / FILE_NAME
    try:
        make_private_file(path)
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise _refused(path, error) from error
    try:
        # Shared memory over a file is no use between machines: there the journal is a file of its own.
        connection.execute(f"PRAGMA journal_mode = {'WAL' if is_local(folder) else 'DELETE'}").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        _bring_up_to_date(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _refused(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make everything in a `with` block one step on the disk, or nothing. Raises `OutputError`, as for a full disk."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise not_kept(own_words(str(error))) from error


def not_kept(reason: Message) -> OutputError:
    """Return the error of a step that could not be made to last."""
    return OutputError(
        Message(
            "store_not_written",
            "What was done cannot be kept ({reason}); free some space, then do it again.",
            reason=reason,
        )
    )


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another process may have been quicker
        if version > len(MIGRATIONS):
            raise OutputError(
                Message(
                    "store_too_new",
                    "{path} was written by a newer Cinecor: nothing is read from it or kept in it. Update this one.",
                    path=path,
                )
            )
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            for statement in script.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refused(path: Path, error: Exception) -> OutputError:
    return OutputError(
        Message(
            "store_not_opened",
            "The kept studies in {path} cannot be opened ({reason}); nothing is kept of what is done now.",
            path=path,
            reason=system_reason(error) if isinstance(error, OSError) else str(error),
        )
    )
