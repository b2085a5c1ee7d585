"""Say where two builds of one commit differ: payload folders, `.tar.gz` archives or `.deb` packages.

`python installer/compare_builds.py A B`: exit code 0 when they hold the same files with the same hashes, modes and
links, but for differences that are explained here; 1 otherwise.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path

KNOWN: Mapping[str, str] = {}
"""Places (patterns) whose content differs from build to build, and why; empty: every byte repeats."""


def main(arguments: list[str] | None = None, *, known: Mapping[str, str] = KNOWN) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("a", type=Path)
    parser.add_argument("b", type=Path)
    options = parser.parse_args(arguments)
    first, second = dict(_entries(options.a)), dict(_entries(options.b))
    unexplained = 0
    for place in sorted(first.keys() | second.keys()):
        if place not in second:
            what, reason = f"only in {options.a}", None
        elif place not in first:
            what, reason = f"only in {options.b}", None
        elif first[place] != second[place]:
            what = f"differs: {first[place]} | {second[place]}"
            reason = next((why for pattern, why in known.items() if fnmatchcase(place, pattern)), None)
        else:
            continue
        unexplained += reason is None
        sys.stdout.write(f"{place}: {what}{f' (known: {reason})' if reason else ''}\n")
    same = sum(first[place] == second.get(place) for place in first)
    sys.stdout.write(f"{same} of {len(first.keys() | second.keys())} files are the same; {unexplained} unexplained\n")
    return 1 if unexplained else 0


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """Give each file's place and what is compared of it."""
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_symlink():
                yield file.relative_to(path).as_posix(), f"link to {file.readlink()}"
            elif file.is_file():
                yield file.relative_to(path).as_posix(), _told(file.read_bytes(), file.stat().st_mode)
    elif path.suffix == ".deb":
        for kind in ("--ctrl-tarfile", "--fsys-tarfile"):
            content = subprocess.run(["dpkg-deb", kind, str(path)], capture_output=True, check=True).stdout
            with tarfile.open(fileobj=BytesIO(content)) as archive:
                yield from _members(archive, prefix="control/" if kind == "--ctrl-tarfile" else "")
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            yield from _members(archive, prefix="")
    else:
        yield path.suffix, _told(path.read_bytes(), path.stat().st_mode)


def _members(archive: tarfile.TarFile, *, prefix: str) -> Iterator[tuple[str, str]]:
    for member in archive:
        owner = f"{member.uid}:{member.gid} at {member.mtime}"
        if member.issym() or member.islnk():
            yield prefix + member.name, f"link to {member.linkname}, {owner}"
        elif member.isfile():
            file = archive.extractfile(member)
            assert file is not None  # of a regular file
            yield prefix + member.name, f"{_told(file.read(), member.mode)}, {owner}"


def _told(content: bytes, mode: int) -> str:
    return f"{hashlib.sha256(content).hexdigest()[:16]}, mode {mode & 0o777:o}"


if __name__ == "__main__":
    sys.exit(main())
