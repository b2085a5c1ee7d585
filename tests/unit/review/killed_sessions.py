"""Kill a session of corrections at every write, and look at what is left; run by test_killed_sessions.py.

usage: killed_sessions.py FOLDER [RANDOM]

A forked child opens a study of a store, keeps a result, gestures, an undo and a signature, tells each one that it has
kept through a pipe, and dies without any clean-up: at its n-th file operation in the store (an audit hook counts
them), in the middle of writing when a file of the store reaches a size (the system kills it there), or, RANDOM times,
at a random moment. Another child then looks. Prints one JSON line a try.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from unit.review.studies import PHASES, SLICES, small_review

from cinecor.review import Gesture, History, Redraw
from cinecor.review.ledger import Act, Person, faults_of
from cinecor.review.log.record import UNDO, Record, record_of
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyCard, StudyStore

_KILLED = 77
_OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"}
_PERSON = Person("Ada Wall", "Heart Centre", "ada")
_CARD = StudyCard(Path("/images"), ("1.2.3",), "Doe^Jane")
_GESTURES = 6

REVIEW = small_review()
IDENTITY = study_identity(REVIEW.stack)


def _edits() -> list[Redraw]:
    """Gestures over several frames each, with much in them, so that a step is many pages of the journal."""
    edits = []
    for number in range(_GESTURES):
        frames = {}
        for place in ((index, phase) for index in range(SLICES) for phase in range(PHASES)):
            frame = REVIEW.labels[place].copy()  # type: ignore[index]
            frame[number::7] = 0
            frames[place] = frame
        edits.append(Redraw(Gesture.BRUSH, frames))
    return edits


EDITS = _edits()


def _masks() -> list[bytes]:
    """The final masks after 0, 1, 2 … steps; the last but one step is an undo."""
    history, masks = History(REVIEW), []
    for step in [None, *EDITS[:-1], UNDO, EDITS[-1]]:
        if step == UNDO:
            history.undo()
        elif step is not None:
            history.apply(step)
        masks.append(history.present.labels.tobytes())  # type: ignore[union-attr]
    return masks


MASKS = _masks()


def _session(folder: Path, tell: Callable[[str], object]) -> None:
    store = StudyStore(folder)
    study = store.open(IDENTITY, _CARD)
    tell("opened")
    if study.result_in_use is None:
        study.add_result(REVIEW.segmentation)  # type: ignore[arg-type]
    tell("result")
    for edit in EDITS[:-1]:
        study.keep(record_of(edit), Act("redraw.brush", edit.places), person=_PERSON)
        study.keep_view({"phase": len(study.records())})
        tell("step")
    study.keep(Record(UNDO), Act(UNDO), person=_PERSON)
    tell("step")
    study.keep(record_of(EDITS[-1]), Act("redraw.brush", EDITS[-1].places), person=_PERSON)
    tell("step")
    study.sign({"comment": "read"}, person=_PERSON)
    tell("signed")
    study.close()
    store.close()


def _look(folder: Path) -> dict[str, object]:
    """What a new process finds, and whether it can go on."""
    store = StudyStore(folder)
    rows = store.worklist()
    if not rows:
        found: dict[str, object] = {"steps": 0, "ledger": 0, "signed": False, "result": False}
    else:
        study = store.open(IDENTITY, _CARD)
        records, ledger = study.records(), study.ledger()
        kinds = [entry.act.kind for entry in ledger]
        result = study.segmentation()
        history = study.history(REVIEW)
        found = {
            "steps": len(records),
            "ledger": len(ledger) - kinds.count("sign"),
            "signed": str(study.status) == "signed",
            "signature": study.signature() is not None and kinds[-1:] == ["sign"],
            "result": result is not None and bool((result.labels == REVIEW.labels).all()),
            "masks": history.present.labels.tobytes() == MASKS[len(records)],  # type: ignore[union-attr]
            "faults": [str(fault) for fault in faults_of(ledger, belongs_to=study.ledger_belongs_to)],
            "read_only": study.read_only,
            "left": sorted(path.name for path in study.folder.iterdir() if path.name.startswith(".new-")),
            "files": len(list(study.folder.glob("*.result"))) == len(study.results),
        }
        study.close()
    found["studies"] = len(rows)
    found["whole"] = store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()
    return found


def _killed_at(count: int, folder: Path) -> None:
    left = count

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _OPERATIONS and str(folder) in str(arguments[0]):
            left -= 1
            if left < 0:
                os._exit(_KILLED)

    sys.addaudithook(hook)


def _killed_after_bytes(count: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python turns it into an error, which would clean up
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, count))


def _forked(body: Callable[[int], object], *, kill_after_s: float | None = None) -> tuple[int, bytes]:
    """Run in a child; return how it ended and what it wrote into the pipe it was given."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        code = 0
        try:
            body(write)
        except BaseException as error:  # noqa: BLE001  whatever happens, the child ends here
            os.write(write, json.dumps({"error": repr(error)}).encode())
            code = 1
        os._exit(code)
    os.close(write)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def _try(name: str, folder: Path, prepare: Callable[[], object], *, kill_after_s: float | None = None) -> int:
    shutil.rmtree(folder, ignore_errors=True)

    def session(write: int) -> None:
        prepare()
        _session(folder, lambda what: os.write(write, f"{what}\n".encode()))

    code, told = _forked(session, kill_after_s=kill_after_s)
    kept = told.decode(errors="replace").split()
    _, found = _forked(lambda write: os.write(write, json.dumps(_look(folder)).encode()))
    line = {"try": name, "code": code, "told": {what: kept.count(what) for what in ("result", "step", "signed")}}
    sys.stdout.write(json.dumps(line | json.loads(found)) + "\n")
    sys.stdout.flush()
    return code


def _run() -> None:
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        started = time.perf_counter()
        _try("whole", folder, lambda: None)
        whole_s = time.perf_counter() - started
        for number in range(int(sys.argv[2])):
            _try(f"moment {number}", folder, lambda: None, kill_after_s=random.uniform(0, whole_s))
        return
    count = 0
    while _try(f"operation {count}", folder, lambda: _killed_at(count, folder)) == _KILLED:  # noqa: B023
        count += 1
    for count in (1, 100, 2000, 20_480, 61_440, *range(77_824, 600_000, 4096)):
        if _try(f"byte {count}", folder, lambda: _killed_after_bytes(count)) == 0:  # noqa: B023
            break


if __name__ == "__main__":
    _run()
