"""Whether a folder lies on this machine's own disk, where several processes may share memory over a file."""

import sys
from pathlib import Path
from typing import Final

_LOCAL: Final = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "jfs", "reiserfs", "bcachefs", "tmpfs", "ramfs", "overlay",
     "vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "apfs", "hfs", "ecryptfs"}
)  # fmt: skip


def is_local(folder: Path, *, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Return whether `folder` is known to lie on a local file system; False where nobody can tell."""
    if sys.platform == "win32":
        import ctypes

        drive = folder.resolve().drive
        return not drive.startswith("\\\\") and ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") != _REMOTE_DRIVE
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    return _kind(folder.resolve(), lines) in _LOCAL


_REMOTE_DRIVE: Final = 4  # DRIVE_REMOTE, fileapi.h


def _kind(folder: Path, lines: list[str]) -> str:
    """Return the kind of the file system that is mounted nearest above a folder."""
    best, kind = -1, ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = Path(fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if (place == folder or place in folder.parents) and len(place.parts) >= best:
            best, kind = len(place.parts), fields[2]
    return kind
