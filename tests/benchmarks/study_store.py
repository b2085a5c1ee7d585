"""Time to open a store of many studies, to list it, to find one by name, and to recognise one; prints medians in ms.

usage: study_store.py [--studies 5000]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cinecor.review.store.database import transaction
from cinecor.review.store.identity import StudyIdentity
from cinecor.review.store.study_store import StudyCard, StudyStore

_ROUNDS = 9
_FRAMES = 300
_STEPS = 20
_STEP_BYTES = 1500


def _identity(number: int) -> StudyIdentity:
    instances = tuple(f"1.2.826.0.1.3680043.8.498.{number:06d}.{frame:04d}" for frame in range(_FRAMES))
    return StudyIdentity(instances, f"{number:064x}")


def _fill(store: StudyStore, studies: int) -> None:
    for number in range(studies):
        card = StudyCard(
            Path(f"/archive/{number:05d}"), (f"1.2.3.{number}",), f"Name{number % 977:03d}^First{number}",
            f"{number:08d}", f"20{number % 25:02d}0{1 + number % 9}15", "SAX cine",
        )  # fmt: skip
        store.open(_identity(number), card).close()
    connection = store._connection
    with transaction(connection):
        connection.execute(
            "INSERT INTO results (study, file, model_id, model_version, model_sha256, made) "
            "SELECT id, 'x', 'model', '1', '', 0 FROM studies"
        )
        connection.execute("UPDATE studies SET result = id, lv_ef_percent = id % 70, status = 'in_review'")
        connection.executemany(
            "INSERT INTO steps (result, number, kind, facts, frames) SELECT id, ?, 'redraw.push', '{}', ? FROM results",
            [(step, bytes(_STEP_BYTES)) for step in range(_STEPS)],
        )


def _median_ms(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - started))
    return statistics.median(taken)


def main() -> None:
    """Fill a store and time what the home page does with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "store"
        store = StudyStore(place)
        _fill(store, options.studies)
        store.close()
        size = (place / "studies.sqlite3").stat().st_size / 2**20

        def open_and_list() -> None:
            opened = StudyStore(place)
            assert len(opened.worklist()) == options.studies
            opened.close()

        store = StudyStore(place)
        middle = options.studies // 2
        for name, call in (
            ("open and list all", open_and_list),
            ("find by name", lambda: store.worklist(search=f"first{middle} name")),
            ("find nothing", lambda: store.worklist(search="nobody at all")),
            ("recognise a study", lambda: store.recognise(_identity(middle), StudyCard(Path("/archive")))),
        ):
            print(f"{name:20s} {_median_ms(call):8.1f} ms")  # noqa: T201
        print(f"{options.studies} studies, {size:.0f} MiB")  # noqa: T201
        store.close()


if __name__ == "__main__":
    main()
