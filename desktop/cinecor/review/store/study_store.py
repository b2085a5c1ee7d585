"""`StudyStore`: every study that was opened, known again wherever its files lie now."""

import contextlib
import os
import secrets
import shutil
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.home import home
from cinecor.message import Message
from cinecor.review.store.database import connected, transaction
from cinecor.review.store.identity import StudyIdentity
from cinecor.review.store.kept_study import THUMBNAIL, KeptStudy, study_lock
from cinecor.review.store.private_folder import make_private_folder
from cinecor.review.store.worklist import Order, Status, WorklistRow, worklist, worklist_row

_FOLDERS: Final = "studies"
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class StudyCard:
    """What the worklist says of a study besides its numbers."""

    source: Path
    series_uids: tuple[str, ...] = ()
    patient_name: str = ""
    patient_id: str = ""
    study_date: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whether a study is kept already, and what its user has to know about that."""

    study: int | None
    told: tuple[Message, ...] = ()


class StudyStore:
    """The store in one folder; may be used from any thread. Close it when done.

    Raises `OutputError` when it cannot be opened or was written by a newer Cinecor: then nothing is kept, and the
    program goes on without it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (home() / "store") if folder is None else folder
        make_private_folder(self.folder)
        make_private_folder(self.folder / _FOLDERS)
        self._connection = connected(self.folder)
        self._guard = threading.RLock()

    def close(self) -> None:
        """Close the database; studies that are open are of no use afterwards."""
        with self._guard:
            self._connection.close()

    def recognise(self, identity: StudyIdentity, card: StudyCard) -> Recognised:
        """Return the kept study that this is, or None; and whether files were moved, are missing, or differ."""
        row = self._row("SELECT id, source FROM studies WHERE uids = ? AND pixels = ?", identity.uids, identity.pixels)
        if row is not None:
            return Recognised(row[0], _moved(Path(row[1]), card.source))
        if not identity.instances:
            return Recognised(None)
        if self._row("SELECT id FROM studies WHERE uids = ?", identity.uids) is not None:
            return Recognised(
                None,
                (
                    Message(
                        "other_pixels",
                        "Images with the same identifiers and other pixels were opened before: "
                        "this is kept as a study of its own.",
                    ),
                ),
            )
        return Recognised(None, self._overlap(identity, card))

    def open(self, identity: StudyIdentity, card: StudyCard) -> KeptStudy:
        """Return the study, made where it is not kept yet, for writing unless another window has it open."""
        with self._guard, transaction(self._connection):
            self._connection.execute(
                "INSERT OR IGNORE INTO studies (folder, digest, uids, pixels, instances, source, touched) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    secrets.token_hex(12), identity.digest, identity.uids, identity.pixels,
                    zlib.compress("\n".join(identity.instances).encode()), str(card.source), time.time(),
                ),
            )  # fmt: skip
            study, folder = self._connection.execute(
                "SELECT id, folder FROM studies WHERE uids = ? AND pixels = ?", (identity.uids, identity.pixels)
            ).fetchone()
            self._connection.execute(
                "UPDATE studies SET source = ?, patient_name = ?, patient_id = ?, study_date = ?, description = ? "
                "WHERE id = ?",
                (str(card.source), card.patient_name, card.patient_id, card.study_date, card.description, study),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO series (study, uid) VALUES (?, ?)", [(study, uid) for uid in card.series_uids]
            )
        return KeptStudy(self._connection, self._guard, study, self.folder / _FOLDERS / folder)

    def worklist(
        self,
        *,
        search: str = "",
        status: Status | None = None,
        order: Order = Order.TOUCHED,
        limit: int | None = None,
    ) -> tuple[WorklistRow, ...]:
        """Return the rows that hold every word of `search`, sorted."""
        with self._guard:
            return worklist(self._connection, search=search, status=status, order=order, limit=limit)

    def row(self, study: int) -> WorklistRow | None:
        """Return one study's row; None when it is not kept."""
        with self._guard:
            return worklist_row(self._connection, study)

    def thumbnail(self, row: WorklistRow) -> bytes | None:
        """Return a study's small picture as PNG; None without one."""
        try:
            return (self.folder / _FOLDERS / row.folder / THUMBNAIL).read_bytes()
        except OSError:
            return None

    def forget(self, studies: Sequence[int]) -> tuple[int, ...]:
        """Remove studies with everything that was derived from them; the images themselves are not touched.

        Returns those that are open in some window and therefore stay.
        """
        staying = []
        with self._guard:
            for study in studies:
                row = self._row("SELECT id, folder FROM studies WHERE id = ?", study)
                if row is not None and not self._forgotten(study, self.folder / _FOLDERS / row[1]):
                    staying.append(study)
            with contextlib.suppress(sqlite3.Error):  # so that the journal does not hold what was removed
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return tuple(staying)

    def _forgotten(self, study: int, folder: Path) -> bool:
        lock = study_lock(folder) if folder.is_dir() else None
        if lock is None and folder.is_dir():
            return False
        try:
            with transaction(self._connection):
                self._connection.execute("DELETE FROM studies WHERE id = ?", (study,))
        finally:
            if lock is not None:
                os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def forget_all(self) -> tuple[int, ...]:
        """Remove every study; returns those that are open in some window and therefore stay."""
        return self.forget([row.id for row in self.worklist()])

    def expire(self, days: int) -> int:
        """Forget what nobody touched for `days`, but never what is in review or signed; return how many studies."""
        with self._guard:
            old = [
                study
                for (study,) in self._connection.execute(
                    "SELECT id FROM studies WHERE touched < ? AND status IN (?, ?)",
                    (time.time() - days * _DAY_S, Status.NEW.value, Status.OUTLINED.value),
                )
            ]
        return len(old) - len(self.forget(old))

    def tidy(self) -> None:
        """Remove folders that no study speaks of: what a kill in the middle of forgetting left."""
        with self._guard:
            for path in (self.folder / _FOLDERS).iterdir():
                if self._row("SELECT id FROM studies WHERE folder = ?", path.name) is None:
                    shutil.rmtree(path, ignore_errors=True)

    def _row(self, query: str, *values: object) -> tuple[int, str] | None:
        with self._guard:
            row: tuple[int, str] | None = self._connection.execute(query, values).fetchone()
        return row

    def _overlap(self, identity: StudyIdentity, card: StudyCard) -> tuple[Message, ...]:
        """Return what a study lacks, or has more, that was opened from the same series before."""
        here = set(identity.instances)
        for there in self._instances_of_series(card.series_uids):
            if here < there:
                return (
                    Message.counted(
                        "images_missing",
                        "{n} image of this study as it was opened before is missing now: "
                        "this is kept as a study of its own.",
                        "{n} images of this study as it was opened before are missing now: "
                        "this is kept as a study of its own.",
                        n=len(there - here),
                    ),
                )
            if here > there:
                return (
                    Message.counted(
                        "images_added",
                        "This study has {n} image more than when it was opened before: "
                        "it is kept as a study of its own.",
                        "This study has {n} images more than when it was opened before: "
                        "it is kept as a study of its own.",
                        n=len(here - there),
                    ),
                )
        return ()

    def _instances_of_series(self, series_uids: Sequence[str]) -> Iterator[set[str]]:
        seen = set()
        for uid in series_uids:
            with (
                self._guard,
                closing(
                    self._connection.execute(
                        "SELECT s.id, s.instances FROM series r JOIN studies s ON s.id = r.study WHERE r.uid = ?",
                        (uid,),
                    )
                ) as rows,
            ):
                for study, instances in rows.fetchall():
                    if study not in seen:
                        seen.add(study)
                        yield set(zlib.decompress(instances).decode().split("\n"))


def _moved(before: Path, now: Path) -> tuple[Message, ...]:
    if before == now or before.exists():
        return ()
    return (
        Message(
            "study_moved", "This study was opened from {before} before; its files lie in {now} now.",
            before=before, now=now,
        ),
    )  # fmt: skip
