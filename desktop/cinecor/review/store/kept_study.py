"""`KeptStudy`: one study of the store while it is open; what is done is on the disk before the next thing is."""

import contextlib
import datetime
import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cinecor.durable_file import UNFINISHED, give_name, write_new
from cinecor.errors import InputError, UsageError, system_reason
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.message import Message
from cinecor.review.history import History
from cinecor.review.ledger import Act, Entry, Person, appended
from cinecor.review.log.record import Record
from cinecor.review.log.replay import replayed
from cinecor.review.review import Review
from cinecor.review.store.database import not_kept, transaction
from cinecor.review.store.kept_reading import reading_json
from cinecor.review.store.kept_values import KeptResult, Summary
from cinecor.review.store.message_code import message_json
from cinecor.review.store.private_folder import make_private_folder
from cinecor.review.store.result_file import result_bytes, result_of
from cinecor.review.store.study_lock import study_lock
from cinecor.review.store.worklist import Status

_RESULT: Final = ".result"
THUMBNAIL: Final = "thumbnail.png"
_IMPRESSION: Final = "impression.txt"


class KeptStudy:
    """A study that is open for writing by this one, or to read where another has it open; close it when done.

    Raises `OutputError` from everything that writes when the disk refuses: what was kept before is whole then, and
    nothing of the refused step is.
    """

    def __init__(self, connection: sqlite3.Connection, guard: threading.RLock, study: int, folder: Path) -> None:
        self.id = study
        self.folder = folder
        self._connection = connection
        self._guard = guard
        make_private_folder(folder)
        self._lock = study_lock(folder)
        if self._lock is not None:
            self._tidy()

    def close(self) -> None:
        """Let others write."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def read_only(self) -> bool:
        """Whether another window, or nobody since it was closed, may write."""
        return self._lock is None

    @property
    def told(self) -> tuple[Message, ...]:
        """What whoever opens it has to know."""
        if not self.read_only:
            return ()
        return (
            Message(
                "study_open_elsewhere",
                "This study is open in another window of Cinecor: here it can be looked at and not changed.",
            ),
        )

    # What is kept ------------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """How far the study has come."""
        return Status(self._one("SELECT status FROM studies WHERE id = ?", self.id))

    @property
    def version(self) -> int:
        """Which version of the reading is worked on, or was signed last; from 1."""
        return int(self._one("SELECT version FROM studies WHERE id = ?", self.id))

    @property
    def results(self) -> tuple[KeptResult, ...]:
        """The AI results, oldest first."""
        rows = self._connection.execute(
            "SELECT id, model_id, model_version, model_sha256, made FROM results WHERE study = ? ORDER BY id",
            (self.id,),
        )
        return tuple(KeptResult(*row) for row in rows)

    @property
    def result_in_use(self) -> int | None:
        """The AI result that the review lies over; None before the first."""
        found = self._one("SELECT result FROM studies WHERE id = ?", self.id)
        return None if found is None else int(found)

    def segmentation(self, result: int | None = None) -> Segmentation | None:
        """Return an AI result, the one in use where none is named; None before the first.

        Raises `InputError` when its file is damaged or gone.
        """
        chosen = self.result_in_use if result is None else result
        if chosen is None:
            return None
        name = self._one("SELECT file FROM results WHERE id = ? AND study = ?", chosen, self.id)
        if name is None:
            raise InputError(no_such_result(chosen))
        try:
            return result_of((self.folder / name).read_bytes())
        except OSError as error:
            raise InputError(
                Message("result_gone", "The kept outlines of this study are gone; outline it again to look at it.")
            ) from error

    def records(self, *, result: int | None = None) -> tuple[Record, ...]:
        """Return every step that was taken over a result, in order."""
        chosen = self.result_in_use if result is None else result
        rows = self._connection.execute(
            "SELECT kind, facts, frames FROM steps WHERE result = ? ORDER BY number", (chosen,)
        )
        return tuple(Record(*row) for row in rows)

    def history(self, review: Review) -> History:
        """Return the history of the review as it was left, over `review`: one of this study, nothing done, with its
        AI result under it."""
        return replayed(review, self.records())

    def ledger(self, *, version: int | None = None) -> tuple[Entry, ...]:
        """Return the ledger of a version, the present one where none is named."""
        rows = self._connection.execute(
            "SELECT entry FROM ledger WHERE study = ? AND version = ? ORDER BY number",
            (self.id, self.version if version is None else version),
        )
        return tuple(Entry.of_json(json.loads(entry)) for (entry,) in rows)

    @property
    def ledger_belongs_to(self) -> str:
        """What the present ledger's first entry is bound to: the study, or the signature that was amended."""
        return self._belongs_to(self.version)

    @property
    def view(self) -> Mapping[str, Any]:
        """Where the view was left: plain values by name."""
        return MappingProxyType(json.loads(self._one("SELECT view FROM studies WHERE id = ?", self.id)))

    @property
    def impression(self) -> str:
        """What the reader wrote for the report, on as many lines as it has; empty where nothing was, or it is lost."""
        try:
            return (self.folder / _IMPRESSION).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    @property
    def has_thumbnail(self) -> bool:
        """Whether the small picture of the worklist is kept already."""
        return (self.folder / THUMBNAIL).is_file()

    # What is done ------------------------------------------------------------------------------------------------

    def add_result(self, segmentation: Segmentation, *, use: bool | None = None, content: bytes | None = None) -> int:
        """Keep an AI result beside the others and return its number; the first one is used, others when told to.

        `content` is its `result_bytes`, where they were made beforehand.
        """
        name = f"{secrets.token_hex(8)}{_RESULT}"
        self._write(name, content or result_bytes(segmentation))
        model = segmentation.model
        with self._writing():
            row = self._connection.execute(
                "INSERT INTO results (study, file, model_id, model_version, model_sha256, made) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (self.id, name, model.id, model.version, model.sha256, time.time()),
            )
            number = int(row.lastrowid or 0)
            if use or (use is None and self.result_in_use is None):
                self._use(number)
        return number

    def use_result(self, result: int) -> None:
        """Let the review lie over another AI result of this study; its own steps come with it."""
        self.require_writable()
        with self._writing():
            if self._one("SELECT id FROM results WHERE id = ? AND study = ?", result, self.id) is None:
                raise UsageError(no_such_result(result))
            self._use(result)

    def keep(self, record: Record, act: Act, *, person: Person, summary: Summary | None = None) -> Entry:
        """Keep one step of the review and its line in the ledger, both or neither; return the line."""
        self.require_writable()
        with self._writing():
            result = self.result_in_use
            if result is None:
                raise UsageError(Message("no_result_yet", "There is no AI result yet over which this could be kept."))
            number = int(self._one("SELECT COALESCE(MAX(number), 0) + 1 FROM steps WHERE result = ?", result))
            self._connection.execute(
                "INSERT INTO steps (result, number, kind, facts, frames) VALUES (?, ?, ?, ?, ?)",
                (result, number, record.kind, record.facts, record.frames),
            )
            entry = self._written(act, person)
            self._touched(Status.IN_REVIEW, summary)
        return entry

    def keep_view(self, view: Mapping[str, Any]) -> None:
        """Keep where the view is."""
        if self.read_only:
            return
        with self._writing():
            self._connection.execute(
                "UPDATE studies SET view = ? WHERE id = ?", (json.dumps(dict(view), sort_keys=True), self.id)
            )

    def keep_summary(self, summary: Summary) -> None:
        """Keep what the worklist shows of the numbers."""
        self.require_writable(even_signed=True)
        with self._writing():
            self._touched(None, summary)

    def keep_thumbnail(self, png: bytes) -> None:
        """Keep the small picture of the worklist."""
        self._write(THUMBNAIL, png)

    def keep_impression(self, text: str) -> None:
        """Keep what the reader wrote for the report; no signature binds it, so that it may come after one."""
        self._write(_IMPRESSION, text.encode())

    def sign(self, signature: Mapping[str, Any], *, person: Person) -> Entry:
        """Keep a signature as the last entry of this version's ledger and lock the study; return the entry."""
        self.require_writable()
        with self._writing():
            result = self.result_in_use
            if result is None:
                raise UsageError(Message("nothing_to_sign", "There is no result to sign yet."))
            entry = self._written(Act("sign", facts=signature), person)
            steps = int(self._one("SELECT COALESCE(MAX(number), 0) FROM steps WHERE result = ?", result))
            self._connection.execute(
                "INSERT INTO versions (study, version, result, steps, signature) VALUES (?, ?, ?, ?, ?)",
                (self.id, self.version, result, steps, json.dumps(entry.as_json(), sort_keys=True)),
            )
            self._touched(Status.SIGNED, None)
        return entry

    def amend(self, reason: str, *, person: Person) -> Entry:
        """Begin the next version over the signed one, which stays, with a ledger of its own that begins with why."""
        with self._writing():
            if self.read_only or self.status is not Status.SIGNED:
                raise UsageError(Message("nothing_to_amend", "Only a signed study that is open here can be amended."))
            self._connection.execute("UPDATE studies SET version = version + 1 WHERE id = ?", (self.id,))
            entry = self._written(Act("amend", facts={"reason": reason}), person)
            self._touched(Status.IN_REVIEW, None)
        return entry

    def signature(self, version: int | None = None) -> Entry | None:
        """Return the entry by which a version was signed, the present one where none is named; None if it was not."""
        found = self._one(
            "SELECT signature FROM versions WHERE study = ? AND version = ?",
            self.id,
            self.version if version is None else version,
        )
        return None if found is None else Entry.of_json(json.loads(found))

    def signed_history(self, review: Review, *, version: int) -> History:
        """Return the history up to a version's signature, over `review` with that version's AI result under it."""
        row = self._connection.execute(
            "SELECT result, steps FROM versions WHERE study = ? AND version = ?", (self.id, version)
        ).fetchone()
        if row is None:
            raise UsageError(
                Message("version_not_signed", "Version {version} of this study was never signed.", version=version)
            )
        return replayed(review, self.records(result=row[0])[: row[1]])

    # How ----------------------------------------------------------------------------------------------------------

    def _one(self, query: str, *values: object) -> Any:
        with self._guard:
            row = self._connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    def _write(self, name: str, content: bytes) -> None:
        """Write a file of this study, whole or not at all; a signed one's too."""
        self.require_writable(even_signed=True)
        try:
            give_name(write_new(self.folder, content, private=True), self.folder / name)
        except OSError as error:
            raise not_kept(system_reason(error)) from error

    @contextlib.contextmanager
    def _writing(self) -> Any:
        with self._guard, transaction(self._connection):
            yield

    def require_writable(self, *, even_signed: bool = False) -> None:
        """Raise `UsageError` when another window has the study, or it is signed."""
        if self.read_only:
            raise UsageError(
                Message("study_read_only", "This study is open in another window of Cinecor; change it there.")
            )
        if not even_signed and self.status is Status.SIGNED:
            raise UsageError(
                Message("study_signed", "This study is signed and cannot be changed; amend it to begin a new version.")
            )

    def _use(self, result: int) -> None:
        steps = self._one("SELECT COUNT(*) FROM steps WHERE result = ?", result)
        status = Status.IN_REVIEW if steps else Status.OUTLINED
        self._connection.execute(
            "UPDATE studies SET result = ?, status = ?, touched = ? WHERE id = ?",
            (result, status.value, time.time(), self.id),
        )

    def _touched(self, status: Status | None, summary: Summary | None) -> None:
        values: dict[str, Any] = {"touched": time.time()}
        if status is not None:
            values["status"] = status.value
        if summary is not None:
            values |= {"lv_ef_percent": summary.lv_ef_percent, "rv_ef_percent": summary.rv_ef_percent}
            if summary.reading is not None:
                values |= {"reading": reading_json(summary.reading)}
            if summary.worst is not None:
                told = summary.worst_message
                values |= {
                    "worst": summary.worst,
                    "open_findings": summary.open_findings or 0,
                    "worst_message": "" if told is None else json.dumps(message_json(told)),
                    "doubtful": " ".join(sorted(summary.doubtful)),
                }
        names = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(f"UPDATE studies SET {names} WHERE id = ?", (*values.values(), self.id))

    def _written(self, act: Act, person: Person) -> Entry:
        version = self.version
        last = self._one(
            "SELECT entry FROM ledger WHERE study = ? AND version = ? ORDER BY number DESC LIMIT 1", self.id, version
        )
        model = self._one("SELECT model_sha256 FROM results WHERE id = ?", self.result_in_use)
        entry = appended(
            None if last is None else Entry.of_json(json.loads(last)),
            act,
            person=person,
            model=model or "",
            belongs_to=self._belongs_to(version),
            time=datetime.datetime.now(datetime.UTC),
        )
        self._connection.execute(
            "INSERT INTO ledger (study, version, number, entry) VALUES (?, ?, ?, ?)",
            (self.id, version, entry.number, json.dumps(entry.as_json(), sort_keys=True)),
        )
        return entry

    def _belongs_to(self, version: int) -> str:
        before = self.signature(version - 1)
        if before is not None:
            return before.hash
        return str(self._one("SELECT digest FROM studies WHERE id = ?", self.id))

    def _tidy(self) -> None:
        """Remove what a kill left: results that no row speaks of, and files that never got their name."""
        kept = {name for (name,) in self._connection.execute("SELECT file FROM results WHERE study = ?", (self.id,))}
        for path in self.folder.iterdir():
            if path.name.startswith(UNFINISHED) or (path.suffix == _RESULT and path.name not in kept):
                with contextlib.suppress(OSError):
                    path.unlink()


def no_such_result(number: int) -> Message:
    """Return that a study keeps no result of this number."""
    return Message("no_such_result", "This study has no AI result {number}.", number=number)
