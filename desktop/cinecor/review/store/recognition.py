"""`recognised`: whether the store has a study already, by what it consists of and not by where its files lie."""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cinecor.message import Message
from cinecor.review.store.identity import StudyIdentity


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whether a study is kept already, and what its user has to know about that."""

    study: int | None
    told: tuple[Message, ...] = ()


def recognised(
    connection: sqlite3.Connection, identity: StudyIdentity, *, source: Path, series_uids: Sequence[str]
) -> Recognised:
    """Return the kept study that this is, or None; and whether files were moved, are missing, or differ."""
    row = connection.execute(
        "SELECT id, source FROM studies WHERE uids = ? AND pixels = ?", (identity.uids, identity.pixels)
    ).fetchone()
    if row is not None:
        return Recognised(row[0], _moved(Path(row[1]), source))
    if not identity.instances:
        return Recognised(None)
    if connection.execute("SELECT id FROM studies WHERE uids = ?", (identity.uids,)).fetchone() is not None:
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
    return Recognised(None, _overlap(connection, set(identity.instances), series_uids))


def _overlap(connection: sqlite3.Connection, here: set[str], series_uids: Sequence[str]) -> tuple[Message, ...]:
    """Return what a study lacks, or has more, that was opened from the same series before."""
    for there in _instances_of_series(connection, series_uids):
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
                    "This study has {n} image more than when it was opened before: it is kept as a study of its own.",
                    "This study has {n} images more than when it was opened before: it is kept as a study of its own.",
                    n=len(here - there),
                ),
            )
    return ()


def _instances_of_series(connection: sqlite3.Connection, series_uids: Sequence[str]) -> Iterator[set[str]]:
    """Yield the images of each kept study that shares a series."""
    seen = set()
    for uid in series_uids:
        with closing(
            connection.execute(
                "SELECT s.id, s.instances FROM series r JOIN studies s ON s.id = r.study WHERE r.uid = ?", (uid,)
            )
        ) as rows:
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
