"""Names of the result folders: one an input, safe on every system, never that of a folder with other things in it."""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cinecor.measure.conventions import NOTICE
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.review.standing import Standing

MASKS: Final = "segmentation.nii.gz"
RESULTS_JSON: Final = "results.json"
VOLUMES: Final = "volumes.csv"
FILES: Final = (MASKS, RESULTS_JSON, VOLUMES)
AI_MASKS: Final = "segmentation_ai.nii.gz"
LEDGER: Final = "ledger.jsonl"
SEGMENTS: Final = "segments.csv"
REPORT: Final = "report.pdf"
EVERY_FILE: Final = (*FILES, SEGMENTS, AI_MASKS, LEDGER, REPORT)
"""What a folder of results may hold of ours: segments where they can be named, masks and ledger where somebody decided,
and the report of these results, which says nothing of any that replace them."""

_ENDINGS: Final = (".nii.gz", ".nii", ".zip")
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_LONGEST_BYTES: Final = 225  # file systems end at 255 bytes; a number and the digest of a study must still fit
_OF_MODEL: Final = "ai_not_verified"  # states of `status`, as `ReviewState` spells them
_SIGNED: Final = "signed"
_NAMELESS: Final = "study"  # a file system's root has no name


def result_names(
    inputs: Sequence[Path],
    *,
    out_dir: Path,
    series_uids: Sequence[str] | None = None,
    standing: "Standing | None" = None,
) -> tuple[str, ...]:
    """Return one folder name below `out_dir` for each input, in order.

    The input's base name without `.nii.gz`, `.nii` or `.zip`; characters that Windows forbids become `_`. A name
    that an earlier input has, or that belongs to anything but earlier results of the same input, gets `-2`, `-3`,
    ... . Those earlier results keep their name: they will be replaced, unless an input of this run lies in them, they
    were made from other series than `series_uids`, or somebody corrected or signed them and `standing` is not that
    reading's.
    """
    taken: set[str] = set()
    names = []
    for path in inputs:
        base = name = folder_name(path.resolve().name)
        count = 1
        # Windows and macOS hold "Study" and "study" for the same folder.
        while name.casefold() in taken or not (
            may_be_replaced(out_dir / name, input_path=path, series_uids=series_uids, standing=standing)
            and not any(_lies_in(out_dir / name, other) for other in inputs)
        ):
            count += 1
            name = f"{base}-{count}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def unused_name(out_dir: Path, base: str) -> str:
    """Return a name that nothing in a folder has: `base`, else with `-2`, `-3`, ..."""
    name, count = base, 1
    while (out_dir / name).exists():
        count += 1
        name = f"{base}-{count}"
    return name


def kept_beside(folder: Path, *, input_path: Path) -> Message | None:
    """Return why new results of an input have a number in their name: a person's own are there. None without such."""
    base = folder_name(input_path.resolve().name)
    candidate, count = base, 1
    while candidate != folder.name:
        earlier = _earlier_results(folder.parent / candidate)
        if earlier is not None and _is_of(earlier, input_path) and _is_somebodys(earlier):
            return Message(
                "reading_stays",
                "A person corrected or signed the results in {kept}: they stay as they are; the new ones lie in "
                "{folder}.",
                kept=folder.parent / candidate,
                folder=folder,
            )
        count += 1
        candidate = f"{base}-{count}"
    return None


def holds_reading(folder: Path) -> bool:
    """Return whether a folder holds results that somebody corrected or signed."""
    earlier = _earlier_results(folder)
    return earlier is not None and _is_somebodys(earlier)


def may_be_replaced(
    folder: Path, *, input_path: Path, series_uids: Sequence[str] | None = None, standing: "Standing | None" = None
) -> bool:
    """Return whether the results of an input may be written to this place.

    Only where nothing is, to an empty folder, or over earlier results of the same input; with `series_uids` only when
    those share a series with it, because one input may hold several studies. What somebody corrected or signed is
    replaced by the same reading alone, of which `standing` tells.
    """
    if not folder.is_dir() or folder.is_symlink():
        return not (folder.exists() or folder.is_symlink())
    if _lies_in(folder, input_path):
        return False
    if next(folder.iterdir(), None) is None:
        return True
    earlier = _earlier_results(folder)
    if earlier is None or not (_is_of(earlier, input_path) and _shares_series(earlier, series_uids)):
        return False
    return not _is_somebodys(earlier) or (standing is not None and _goes_on(folder, earlier, standing))


def input_id(path: Path) -> str:
    """Return the digest of an input's absolute path: tells two inputs apart, also where both are called `study`.

    A digest, because a path that the user did not type may name a patient.
    """
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()


def _lies_in(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _earlier_results(folder: Path) -> dict[str, Any] | None:
    """Return what `results.json` holds, when all three files are there and it is one of ours."""
    if not all((folder / name).is_file() for name in FILES):
        return None
    try:
        document = json.loads((folder / RESULTS_JSON).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("notice") != NOTICE:
        return None
    return document if isinstance(document.get("schema_version"), int) else None


def _is_of(earlier: dict[str, Any], path: Path) -> bool:
    recorded = earlier.get("input_id")
    if recorded is not None:
        return bool(recorded == input_id(path))
    # Results of versions before `input_id` hold the path as it was typed.
    typed = earlier.get("input")
    if not isinstance(typed, str) or not typed or "\0" in typed:
        return False
    return typed == str(path) or Path(typed).resolve() == path.resolve()


def _state(earlier: dict[str, Any]) -> str:
    status = earlier.get("status")
    # Results of versions before `status` were only ever the model's.
    return str(status.get("state")) if isinstance(status, dict) else _OF_MODEL


def _is_somebodys(earlier: dict[str, Any]) -> bool:
    return _state(earlier) != _OF_MODEL


def _goes_on(folder: Path, earlier: dict[str, Any], standing: "Standing") -> bool:
    """Return whether a reading is the one in a folder, further on: its ledger, or that of the version after it."""
    from cinecor.review.ledger import read_ledger, written_ledger  # not for those who only name folders

    try:
        ledger = (folder / LEDGER).read_bytes()
    except FileNotFoundError:  # corrected where no store kept who did what
        return _state(earlier) != _SIGNED
    except OSError:
        return False
    if written_ledger(standing.ledger).startswith(ledger):
        return True
    entries, _ = read_ledger(ledger)
    return bool(entries) and entries[-1].act.kind == "sign" and entries[-1].hash == standing.belongs_to


def _shares_series(earlier: dict[str, Any], series_uids: Sequence[str] | None) -> bool:
    stack = earlier.get("stack")
    recorded = stack.get("series_uids") if isinstance(stack, dict) else None
    if not series_uids or not isinstance(recorded, list) or not recorded:
        return True
    return any(uid in recorded for uid in series_uids)


def folder_name(name: str) -> str:
    """Return an input's name without the ending of its format, as every system takes it for a folder."""
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    name = _FORBIDDEN.sub("_", name)
    name = name.encode("utf-8", "replace")[:_LONGEST_BYTES].decode("utf-8", "ignore")
    name = name.rstrip(". ")
    if _DEVICE.fullmatch(name):
        name = f"_{name}"
    return name or _NAMELESS
