"""Names of the result folders: one an input, safe on every system, never that of a folder with other things in it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FILES: Final = ("segmentation.nii.gz", "results.json", "volumes.csv")
"""What a result folder holds."""

_ENDINGS: Final = (".nii.gz", ".nii", ".zip")
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_LONGEST_BYTES: Final = 240  # file systems end at 255 bytes; a suffix must still fit
_NAMELESS: Final = "study"  # a file system's root has no name


def result_names(inputs: Sequence[Path], *, out_dir: Path) -> tuple[str, ...]:
    """One folder name below `out_dir` for each input, in order.

    The input's base name without `.nii.gz`, `.nii` or `.zip`; characters that Windows forbids become `_`. A name
    that an earlier input has, or that belongs to a file or to a folder holding something else than results, gets
    `-2`, `-3`, ... . A folder with earlier results keeps its name: they will be replaced.
    """
    taken: set[str] = set()
    names = []
    for path in inputs:
        base = name = _safe(_base_name(path))
        count = 1
        # Windows and macOS hold "Study" and "study" for the same folder.
        while name.casefold() in taken or not may_be_replaced(out_dir / name):
            count += 1
            name = f"{base}-{count}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def may_be_replaced(folder: Path) -> bool:
    """Whether results may be written to this place without touching anything that is not a result."""
    if not folder.is_dir() or folder.is_symlink():
        return not (folder.exists() or folder.is_symlink())
    held = {entry.name for entry in folder.iterdir()}
    return held.issuperset(FILES) or held.issubset(FILES)


def _base_name(path: Path) -> str:
    name = path.resolve().name
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _safe(name: str) -> str:
    name = _FORBIDDEN.sub("_", name)
    name = name.encode("utf-8", "replace")[:_LONGEST_BYTES].decode("utf-8", "ignore")
    name = name.rstrip(". ")
    if _DEVICE.fullmatch(name):
        name = f"_{name}"
    return name or _NAMELESS
