"""`DebianRoot`: a fresh minimal Debian in a folder, and commands in it: as whom, and with or without a network."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

USER: Final = "doctor"
HOME: Final = f"/home/{USER}"
_IDENTITY: Final = 1000
# Unmounted by themselves at the end: the mounts are in a namespace of their own.
_ENTER: Final = """
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
if [ -d /tmp/.X11-unix ]; then
    mkdir -p "$root/tmp/.X11-unix"
    mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
fi
exec chroot "$root" "$@"
"""


class DebianRoot:
    """A Debian in `folder`, with an ordinary user whose home is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def fresh(cls, folder: Path, *, base: Path) -> "DebianRoot":
        """Unpack a minimal Debian; `base` keeps it for the next time."""
        if not base.exists():
            base.parent.mkdir(parents=True, exist_ok=True)
            command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=desktop-file-utils,ca-certificates"]
            sources = _sources()
            subprocess.run(
                [*command, _codename(), str(base.with_suffix(".part.tar")), "-"],
                input=sources, text=True, check=True,
            )  # fmt: skip
            base.with_suffix(".part.tar").replace(base)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run(["tar", "--extract", "--file", str(base), "--directory", str(folder)], check=True)
        root = cls(folder)
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        root.run(["useradd", "--create-home", "--uid", str(_IDENTITY), "--skel", "/nowhere", USER], check=True)
        return root

    def command(
        self, arguments: Sequence[str], *, user: bool, network: bool, environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """Give the command that runs `arguments` in this Debian, in name spaces of its own."""
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        if not network:
            unshare.append("--net")
        who = ["setpriv", f"--reuid={_IDENTITY}", f"--regid={_IDENTITY}", "--clear-groups"] if user else []
        home = HOME if user else "/root"
        values = {"HOME": home, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(environment or {})}
        if not user:
            values["DEBIAN_FRONTEND"] = "noninteractive"
        said = [f"{name}={value}" for name, value in values.items()]
        place = ["sh", "-c", f'cd {home} && exec "$@"', "sh"]
        return [*unshare, "sh", "-c", _ENTER, "sh", str(self.folder), "env", "-i", *said, *who, *place, *arguments]

    def run(
        self, arguments: Sequence[str], *, user: bool = False, network: bool = False, check: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = self.command(arguments, user=user, network=network)
        return subprocess.run(command, capture_output=True, text=True, check=check)

    def path(self, inside: str) -> Path:
        """Give where a file of this Debian lies outside."""
        return self.folder / inside.lstrip("/")

    def give(self, source: Path, inside: str) -> None:
        """Copy a file or folder in; it belongs to the user."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        for path in (target, *target.rglob("*")):
            os.chown(path, _IDENTITY, _IDENTITY)

    def names(self, word: str) -> list[str]:
        """List the files that are called so, without what the package manager keeps as its own notes."""
        notes = ("proc/", "dev/", "var/cache/", "var/log/", "var/lib/dpkg/", "var/lib/apt/", "tmp/", "home/")
        found = (str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if word in path.name.lower())
        return sorted(name for name in found if not name.startswith(notes))


def _indexes() -> list[list[str]]:
    """What this machine's own apt fetches of Debian: address, suite, component, code name."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(CODENAME) $(SIGNED_BY)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages", "Origin: Debian"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    if not lines:
        raise SystemExit("apt of this machine knows no Debian archive; run `apt-get update` first.")
    return [line.split() for line in lines]


def _sources() -> str:
    return "".join(f"deb {address} {suite} {component}\n" for address, suite, component, *_ in _indexes())


def _codename() -> str:
    return _indexes()[0][3].partition("-")[0]
