"""What lies in an input, as far as a change of it is noticed without reading it."""

import hashlib
import os
from pathlib import Path


def place_of(path: Path) -> Path:
    """Return the place of an input, alike however its path was spelt: absolute and without `..`.

    Links stay what they are: two links to one study are two inputs. Only what `..` leaves by a link is followed.
    """
    path = path.absolute()
    if ".." not in path.parts:
        return path
    place = Path(path.anchor)
    for part in path.parts[1:]:
        if part != "..":
            place /= part
        else:
            place = (place.resolve() if place.is_symlink() else place).parent
    return place


def content_of(path: Path) -> str:
    """Return a digest of the names, sizes and times of everything in an input; empty where it cannot be looked at."""
    digest = hashlib.sha256()
    try:
        if not path.is_dir():
            _add(digest, path.name, path.stat())
            return digest.hexdigest()
        _add_folder(digest, path, "", set())
    except OSError:
        return ""
    return digest.hexdigest()


def _add_folder(digest: "hashlib._Hash", folder: Path, prefix: str, seen: set[tuple[int, int]]) -> None:
    status = folder.stat()
    if status.st_ino and (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            name = f"{prefix}{entry.name}"
            if entry.is_dir():
                _add_folder(digest, folder / entry.name, f"{name}/", seen)
            elif entry.is_file():
                _add(digest, name, entry.stat())


def _add(digest: "hashlib._Hash", name: str, status: os.stat_result) -> None:
    digest.update(os.fsencode(name) + f"\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
