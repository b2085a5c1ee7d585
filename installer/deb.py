"""The Debian package, assembled around the payload."""

import gzip
import hashlib
import shutil
import subprocess
from email.utils import formatdate
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Final

from payload import settle
from release import BUILD, PAYLOAD, ROOT, Release, reproducible_environment

_HERE = Path(__file__).resolve().parent / "debian"
_LINUX = _HERE.parent / "linux"
_ICON_SIZES: Final = (48, 64, 128, 256)


def make_deb(release: Release) -> Path:
    """Write dist/cinecor_<version>_amd64.deb and give its path."""
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    _fill(tree, release)
    size_kib = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir()) // 1024
    control = tree / "DEBIAN"
    control.mkdir()
    values = {"version": release.debian_version, "size_kib": str(size_kib), "depends": depends(PAYLOAD)}
    (control / "control").write_text(Template((_HERE / "control").read_text()).substitute(values))
    for script in ("preinst", "postrm"):
        (control / script).write_text((_HERE / script).read_text().replace("@VERSION@", release.debian_version))
    (control / "md5sums").write_text(_md5sums(tree))
    scripts = {f"DEBIAN/{script}" for script in ("preinst", "postrm")}
    settle(tree, executables=frozenset({"usr/lib/cinecor/cinecor", *scripts}), epoch=release.epoch)
    build(tree, release.deb, release)
    return release.deb


def build(tree: Path, deb: Path, release: Release) -> None:
    """Pack a tree with its DEBIAN folder; a package that is not whole is never there under its name."""
    deb.parent.mkdir(parents=True, exist_ok=True)
    part = deb.with_suffix(".part")
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(part)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=reproducible_environment(release))
    part.replace(deb)


def restamped(release: Release, version: str, deb: Path) -> Path:
    """Write the built package again as another version, to try an upgrade; uncompressed, because only that matters."""
    with TemporaryDirectory(dir=BUILD) as temporary:
        tree = Path(temporary) / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", str(release.deb), str(tree)], check=True)
        for name, old, new in (
            ("control", f"Version: {release.debian_version}\n", f"Version: {version}\n"),
            ("preinst", f'"{release.debian_version}"', f'"{version}"'),
        ):
            path = tree / "DEBIAN" / name
            path.write_text(path.read_text().replace(old, new))
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(deb)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return deb


def _fill(tree: Path, release: Release) -> None:
    shutil.copytree(PAYLOAD, tree / "usr/lib/cinecor", symlinks=True)
    (tree / "usr/bin").mkdir()
    (tree / "usr/bin/cinecor").symlink_to("../lib/cinecor/cinecor")
    for source, place in (
        (_LINUX / "cinecor.desktop", "usr/share/applications/cinecor.desktop"),
        (_LINUX / "zz-cinecor-folder.desktop", "usr/share/applications/zz-cinecor-folder.desktop"),
        (_LINUX / "cinecor.metainfo.xml", "usr/share/metainfo/io.github.cinecor.Cinecor.metainfo.xml"),
        (_LINUX / "cinecor.svg", "usr/share/icons/hicolor/scalable/apps/cinecor.svg"),
        (_HERE / "copyright", "usr/share/doc/cinecor/copyright"),
        (_HERE / "lintian-overrides", "usr/share/lintian/overrides/cinecor"),
        *((_LINUX / f"cinecor-{size}.png", _icon_place(size)) for size in _ICON_SIZES),
    ):
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    dated = formatdate(release.epoch)
    entry = f"cinecor ({release.debian_version}) stable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n"
    entry += f" -- The Cinecor developers <developers@cinecor.invalid>  {dated}\n"
    _write_gz(tree / "usr/share/doc/cinecor/changelog.gz", entry)
    _write_gz(tree / "usr/share/doc/cinecor/CHANGELOG.md.gz", (ROOT / "CHANGELOG.md").read_text())
    (tree / "usr/share/man/man1").mkdir(parents=True)
    for page in (_LINUX / "cinecor.1", *sorted((_LINUX / "man").glob("*.1"))):
        manual = page.read_text(encoding="utf-8").replace("@VERSION@", release.version)
        _write_gz(tree / f"usr/share/man/man1/{page.name}.gz", manual)


def _icon_place(size: int) -> str:
    return f"usr/share/icons/hicolor/{size}x{size}/apps/cinecor.png"


def _write_gz(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _md5sums(tree: Path) -> str:
    files = (path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink())
    lines = ((hashlib.md5(path.read_bytes()).hexdigest(), path.relative_to(tree)) for path in files)
    return "".join(f"{digest}  {place}\n" for digest, place in lines if place.parts[0] != "DEBIAN")


def depends(payload: Path) -> str:
    """Give the packages, with their least versions, that the payload's libraries need of the system.

    `dpkg-shlibdeps` reads it from the ELF files and from what the build machine has installed. Qt's plugin for X11 is
    one of the files, so that a library which is opened late is not forgotten. Raises `SystemExit` when the machine
    lacks one of the libraries.
    """
    files = [path for path in sorted(payload.rglob("*")) if _is_elf(path)]
    with TemporaryDirectory() as temporary:
        stub = Path(temporary) / "debian" / "control"
        stub.parent.mkdir()
        stub.write_text("Source: cinecor\n\nPackage: cinecor\nArchitecture: amd64\n")
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
        command += [f"-l{folder}" for folder in sorted({str(path.parent) for path in files})]
        command += [f"-x{package}" for package in sorted(_brought_along(payload))]
        command += [f"-e{path}" for path in files]
        run = subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        missing = " ".join(line for line in run.stderr.splitlines() if "error" in line) or run.stderr
        raise SystemExit(f"The build machine lacks libraries that the program needs: {missing}")
    return run.stdout.strip().removeprefix("shlibs:Depends=")


def _brought_along(payload: Path) -> set[str]:
    """Packages of the build machine whose library lies in the payload: nobody needs them for it."""
    names = [path.name for path in (payload / "_internal").glob("lib*.so*") if not path.is_symlink()]
    search = ["dpkg-query", "--search", *(f"*/x86_64-linux-gnu/{name}" for name in names)]
    found = subprocess.run(search, capture_output=True, text=True, check=False).stdout  # Python's own is in no package
    return {line.partition(":")[0] for line in found.splitlines()}


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
