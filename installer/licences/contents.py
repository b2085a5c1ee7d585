"""`Payload`: the files and Python modules that are really in the installed program."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

OURS = ("THIRD-PARTY-NOTICES.txt", "sbom.cdx.json")
"""What is made from the payload, beside the program."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Places below `_internal` in POSIX spelling (the program itself is `../cinecor`), and names of modules."""

    folder: Path
    places: tuple[str, ...]
    modules: tuple[str, ...]

    def sha256(self, place: str) -> str:
        """Give the hash of a file."""
        return hashlib.sha256((self.folder / "_internal" / place).read_bytes()).hexdigest()


def read_payload(folder: Path) -> Payload:
    """Look at a onedir payload. Raises `FileNotFoundError` where there is none."""
    program = next((folder / name for name in ("cinecor", "cinecor.exe") if (folder / name).is_file()), None)
    if program is None:
        raise FileNotFoundError(f"{folder} holds no program; build it first: make installer")
    files = [
        path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    ]  # a link's target is listed
    places = sorted(_place(path, folder) for path in files if path.name not in OURS)
    return Payload(folder, tuple(places), tuple(sorted(_modules(program))))


def _place(path: Path, folder: Path) -> str:
    inside = folder / "_internal"
    return (
        path.relative_to(inside).as_posix()
        if path.is_relative_to(inside)
        else f"../{path.relative_to(folder).as_posix()}"
    )


def _modules(program: Path) -> set[str]:
    """Names of the modules in the archive at the end of the program, packages without code left out."""
    from PyInstaller.archive.readers import CArchiveReader

    archive = CArchiveReader(str(program))
    names = {name for name, entry in archive.toc.items() if entry[-1] in "ms"}  # of the start, before the archive
    for name, entry in archive.toc.items():
        if entry[-1] == "z":
            inner = archive.open_embedded_archive(name)
            names |= {module for module, (kind, _, _) in inner.toc.items() if kind != _NAMESPACE}
    return names


_NAMESPACE = 3  # PyInstaller's PYZ_ITEM_NSPKG
