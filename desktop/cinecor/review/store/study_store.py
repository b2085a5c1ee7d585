"""`StudyStore`: every study that was opened, known again wherever its files lie now."""

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.errors import InputError
from cinecor.home import home
from cinecor.review.correction import Place
from cinecor.review.ledger import Entry
from cinecor.review.log.record import Record
from cinecor.review.log.redrawn import redrawn_places
from cinecor.review.store.database import connected, transaction
from cinecor.review.store.identity import StudyIdentity
from cinecor.review.store.kept_reading import KeptReading, readings_before
from cinecor.review.store.kept_study import THUMBNAIL, KeptStudy
from cinecor.review.store.private_folder import make_private_folder
from cinecor.review.store.recognition import Recognised, recognised
from cinecor.review.store.result_file import result_of
from cinecor.review.store.study_lock import study_lock
from cinecor.review.store.worklist import Order, Status, WorklistRow, worklist, worklist_row

_FOLDERS: Final = "studies"
_DAY_S: Final = 86_400.0
_FILE: Final = "file:"  # before the path by which a study without series is known while it waits


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
class WaitingResults:
    """Results that wait in the worklist for a reader: where they lie, and what the worklist says of them."""

    folder: Path
    input: Path  # what they were made from
    series_uid: str | None  # of their stack; None for a NIfTI
    name: str
    description: str
    lv_ef_percent: float | None
    rv_ef_percent: float | None
    worst: str  # code of the gravest finding; empty without one
    open_findings: int
    model: str  # id and version
    doubtful: frozenset[str]  # numbers in doubt, by name ("lv.ef_percent")


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
        with self._guard:
            return recognised(self._connection, identity, source=card.source, series_uids=card.series_uids)

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
            self._connection.executemany(
                "DELETE FROM waiting WHERE series_uid = ?",
                [(uid,) for uid in (*card.series_uids, _FILE + str(card.source))],
            )
        return KeptStudy(self._connection, self._guard, study, self.folder / _FOLDERS / folder)

    def wait(self, cards: Sequence[StudyCard]) -> None:
        """Put studies into the worklist that were found and not opened; each needs a series, and none is put twice."""
        with self._guard, transaction(self._connection):
            self._connection.executemany(
                "INSERT OR IGNORE INTO waiting (series_uid, source, patient_name, patient_id, study_date, description, "
                "touched) SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM series WHERE uid = ?)",
                [
                    (card.series_uids[0], str(card.source), card.patient_name, card.patient_id, card.study_date,
                     card.description, time.time(), card.series_uids[0])
                    for card in cards
                ],
            )  # fmt: skip

    def wait_for_reader(self, results: Sequence[WaitingResults]) -> int:
        """Put results into the worklist that a reader should look at, the first on top; return how many wait now.

        Of a study that is kept already nothing is put there: its row is in the worklist, with what was decided.
        """
        now = time.time()
        with self._guard, transaction(self._connection):
            before = self._connection.total_changes
            self._connection.executemany(
                "INSERT OR REPLACE INTO waiting (series_uid, source, patient_name, patient_id, study_date, "
                "description, touched, input, lv_ef_percent, rv_ef_percent, worst, open_findings, model, doubtful) "
                "SELECT ?1, ?2, ?3, '', '', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 "
                "WHERE NOT EXISTS (SELECT 1 FROM series WHERE uid = ?1) "
                "AND NOT (?1 LIKE 'file:%' AND EXISTS (SELECT 1 FROM studies WHERE source = ?6))",
                [
                    (one.series_uid or _FILE + str(one.input), str(one.folder), one.name, one.description,
                     now - at / 1000, str(one.input), one.lv_ef_percent, one.rv_ef_percent, one.worst,
                     one.open_findings, one.model, " ".join(sorted(one.doubtful)))
                    for at, one in enumerate(results)
                ],
            )  # fmt: skip
            return self._connection.total_changes - before

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

    def signature(self, study: int) -> Entry | None:
        """Return the entry by which a study's present version was signed; None if it was not."""
        with self._guard:
            found = self._connection.execute(
                "SELECT v.signature FROM studies s JOIN versions v ON v.study = s.id AND v.version = s.version "
                "WHERE s.id = ?",
                (study,),
            ).fetchone()
        return None if found is None else Entry.of_json(json.loads(found[0]))

    def ledger(self, study: int) -> tuple[Entry, ...]:
        """Return the ledger of a study's present version."""
        with self._guard:
            found = self._connection.execute(
                "SELECT l.entry FROM studies s JOIN ledger l ON l.study = s.id AND l.version = s.version "
                "WHERE s.id = ? ORDER BY l.number",
                (study,),
            ).fetchall()
        return tuple(Entry.of_json(json.loads(entry)) for (entry,) in found)

    def redrawn_when_signed(self, study: int) -> frozenset[Place]:
        """Return the frames that were not the model's when a study's present version was signed; none if it was not."""
        with self._guard:
            found = self._connection.execute(
                "SELECT t.kind, t.facts FROM studies s "
                "JOIN versions v ON v.study = s.id AND v.version = s.version "
                "JOIN steps t ON t.result = v.result AND t.number <= v.steps "
                "WHERE s.id = ? ORDER BY t.number",
                (study,),
            ).fetchall()
        return redrawn_places(Record(kind, facts) for kind, facts in found)

    def outlined_by_others(self, model_sha256: str) -> tuple[WorklistRow, ...]:
        """Return the studies that another model outlined and nobody has signed: they may be outlined anew."""
        with self._guard:
            found = self._connection.execute(
                "SELECT s.id FROM studies s JOIN results r ON r.id = s.result "
                "WHERE r.model_sha256 != ? AND s.status != ? ORDER BY s.touched DESC",
                (model_sha256, Status.SIGNED.value),
            ).fetchall()
            rows = [worklist_row(self._connection, study) for (study,) in found]
        return tuple(row for row in rows if row is not None)

    def confidence(self, study: int) -> float | None:
        """Return the mean confidence of the frames in which the AI result in use shows a heart; None without one."""
        with self._guard:
            found = self._connection.execute(
                "SELECT s.folder, r.file FROM studies s JOIN results r ON r.id = s.result WHERE s.id = ?", (study,)
            ).fetchone()
        if found is None:
            return None
        try:
            segmentation = result_of((self.folder / _FOLDERS / found[0] / found[1]).read_bytes())
        except (OSError, InputError):
            return None
        shown = segmentation.labels.any(axis=(2, 3))
        return float(segmentation.confidence[shown].mean()) if shown.any() else None

    def readings_before(self, *, patient_id: str, patient_name: str, before: str) -> tuple[KeptReading, ...]:
        """Return what is kept of a patient's studies before a date (2026-01-31), oldest first."""
        with self._guard:
            return readings_before(self._connection, patient_id=patient_id, patient_name=patient_name, before=before)

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
                if study < 0:
                    with transaction(self._connection):
                        self._connection.execute("DELETE FROM waiting WHERE id = ?", (-study,))
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
                    "SELECT id FROM studies WHERE touched < ?1 AND status IN (?2, ?3) "
                    "UNION ALL SELECT -id FROM waiting WHERE touched < ?1",
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
