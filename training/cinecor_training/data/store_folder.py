"""The folder that keeps a `FrameStore`: built once from cases, whole or not at all, and opened again after."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import CinecorError, InputError, OutputError, system_reason
from cinecor.message import Message
from cinecor.progress import Progress, ProgressListener, silent
from cinecor_training.data.canvas import Canvas, laid
from cinecor_training.data.case import BadCase, Case
from cinecor_training.data.growing_array import GrowingArray
from cinecor_training.store import FrameStore, StackRecord

STORE_VERSION: Final = 4
_INDEX: Final = "index.json"
_STAGE: Final = Message("reading_cases", "reading cases")


@dataclass(frozen=True, slots=True)
class SourcedCase:
    """A case and the name of the source it comes from."""

    source: str
    case: Case

    @property
    def patient(self) -> str:
        """The patient's name within a run."""
        return f"{self.source}/{self.case.patient}"


def cached_store(
    cases: Sequence[SourcedCase],
    *,
    canvas: Canvas,
    folder: Path,
    progress: ProgressListener = silent,
) -> FrameStore:
    """Return the store of `cases`, from `folder` when the same was built there before.

    A case that cannot be read is skipped and stands in `bad`. A kill leaves no half store. Raises `InputError` when
    no case is left, `OutputError` when the disk is full.
    """
    keys = [f"{one.source} {_key(one.case)}" for one in cases]
    digest = hashlib.sha256(repr((STORE_VERSION, canvas.key, keys)).encode()).hexdigest()[:16]
    place = folder / f"frames-{digest}"
    if not (place / _INDEX).is_file():
        workplace = folder / f".{place.name}-{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(workplace, ignore_errors=True)
            workplace.mkdir()
            _build(cases, canvas=canvas, folder=workplace, progress=progress)
            if not place.is_dir():  # another run may have built the same meanwhile
                workplace.rename(place)
        except OSError as error:
            raise OutputError(
                Message(
                    "frames_not_kept",
                    "The frames cannot be kept in {folder}: {reason}; free some space, or name another folder with "
                    "--store.",
                    folder=folder,
                    reason=system_reason(error),
                )
            ) from error
        finally:
            shutil.rmtree(workplace, ignore_errors=True)
    return _opened(place)


def _key(case: Case) -> str:
    try:
        return case.key
    except OSError as error:  # a file that is gone: reading the case will say so
        return str(error)


def _build(cases: Sequence[SourcedCase], *, canvas: Canvas, folder: Path, progress: ProgressListener) -> None:
    records: list[StackRecord] = []
    bad: list[BadCase] = []
    known: list[NDArray[np.uint8]] = []
    hashes: list[NDArray[np.uint64]] = []
    stacks: list[int] = []
    digest = hashlib.sha256()
    item = (canvas.size_px, canvas.size_px)
    with (
        GrowingArray(folder / "images.npy", item=item, dtype=np.float16) as images,
        GrowingArray(folder / "labels.npy", item=item, dtype=np.uint8) as labels,
    ):
        for number, one in enumerate(cases):
            progress(Progress(_STAGE, number, len(cases)))
            try:
                frames = laid(one.case.read(), canvas)
            except CinecorError as error:
                bad.append(BadCase(one.source, one.case.patient, one.case.moment, str(error)))
                continue
            images.append(frames.images)
            labels.append(frames.labels)
            known.append(frames.known)
            hashes.append(frames.hashes)
            first, count = (stacks[-1] + 1 if stacks else 0), len(frames.images)
            # Slices too far apart to be shown to each other stand alone.
            stacks += [first] * count if frames.near else range(first, first + count)
            records.append(StackRecord(one.patient, one.case.moment, one.case.group, count))
            digest.update(frames.images.tobytes() + frames.labels.tobytes() + frames.known.tobytes())
            digest.update(repr((records[-1], frames.near)).encode())
    progress(Progress(_STAGE, len(cases), len(cases)))
    if not records:
        if not bad:
            raise InputError(Message("no_cases_given", "There are no cases to learn from."))
        raise InputError(
            Message(
                "no_case_usable",
                "None of the {cases} cases can be learnt from; the first: {patient}: {reason}",
                cases=len(cases),
                patient=bad[0].patient,
                reason=bad[0].reason,
            )
        )
    np.save(folder / "known.npy", np.concatenate(known))
    np.save(folder / "hashes.npy", np.concatenate(hashes))
    np.save(folder / "stacks.npy", np.array(stacks, dtype=np.int32))
    index = {
        "version": STORE_VERSION,
        "fingerprint": digest.hexdigest(),
        "records": [asdict(record) for record in records],
        "bad": [asdict(case) for case in bad],
    }
    (folder / _INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")


def _opened(place: Path) -> FrameStore:
    index: dict[str, Any] = json.loads((place / _INDEX).read_text(encoding="utf-8"))
    records = tuple(StackRecord(**record) for record in index["records"])
    # Copy-on-write: PyTorch wants arrays that could be written, and nothing ever reaches the file.
    images, labels = (np.load(place / f"{name}.npy", mmap_mode="c") for name in ("images", "labels"))
    known, stacks, hashes = (np.load(place / f"{name}.npy") for name in ("known", "stacks", "hashes"))
    return FrameStore(
        images,
        labels,
        known,
        stacks,
        hashes,
        patients=tuple(record.patient for record in records for _ in range(record.frames)),
        drawn=np.flatnonzero(known),
        records=records,
        bad=tuple(BadCase(**case) for case in index["bad"]),
        fingerprint=index["fingerprint"],
    )
