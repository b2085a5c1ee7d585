"""Build the frozen program, and from it the archive and the Debian package. Run by `make installer`."""

import argparse
import hashlib
import sys
from pathlib import Path

from archive import make_archive
from deb import make_deb
from payload import freeze, largest_parts, make_environment
from release import DIST, PAYLOAD, this_release


def main() -> None:
    """Build everything, and print how large the parts are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payload-only", action="store_true", help="stop at build/installer/cinecor")
    options = parser.parse_args()
    release = this_release()
    make_environment()
    freeze(release)
    _say(f"{'MB':>7}  largest parts of {PAYLOAD.name}/")
    for name, size_mb in largest_parts(PAYLOAD):
        _say(f"{size_mb:7.1f}  {name}")
    if options.payload_only:
        return
    for path in (make_archive(release), make_deb(release)):
        _say(f"{path.stat().st_size / 1e6:7.1f}  {path.name}")
    write_sums(DIST)


def write_sums(folder: Path) -> None:
    """Write the hashes of all artifacts, in the form that `sha256sum --check` reads."""
    artifacts = (path for path in sorted(folder.iterdir()) if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in artifacts]
    (folder / "SHA256SUMS").write_text("".join(lines))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
