"""Compile the Windows installer around a payload, with `makensis` of NSIS 3.

`python installer/windows/compile.py --payload dist/cinecor` on the Windows runner (see build.ps1); with `--stand-in`
around a few small files, which shows on any system that the script compiles.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNTIME = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll")
"""What Qt and ONNX Runtime need of Visual C++, to lie beside them or to come from vc_redist.x64.exe."""


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--payload", type=Path, help="folder with cinecor.exe and _internal, as PyInstaller makes it")
    what.add_argument("--stand-in", action="store_true", help="take a few small files instead")
    parser.add_argument("--version", default=_version(), help="default: that of pyproject.toml")
    parser.add_argument("--out", type=Path, default=Path("build/installer"), help="folder (default: %(default)s)")
    parser.add_argument("--target", default="x86-unicode", choices=("x86-unicode", "amd64-unicode"))
    parser.add_argument(
        "--redistributable", type=Path, metavar="FILE", help="vc_redist.x64.exe, where DLLs are lacking"
    )
    options = parser.parse_args()
    if shutil.which("makensis") is None:
        return _complain("makensis was not found; install NSIS 3 (Debian: apt install nsis).")
    with tempfile.TemporaryDirectory() as folder:
        payload = _stand_in(Path(folder) / "payload") if options.stand_in else options.payload.resolve()
        if not (payload / "cinecor.exe").is_file():
            return _complain(f"{payload} holds no cinecor.exe; run PyInstaller on Windows first (build.ps1).")
        present = {path.name.lower() for path in payload.rglob("*.dll")}
        lacking = [name for name in RUNTIME if name not in present]
        if lacking and options.redistributable is None:
            return _complain(f"The payload lacks {', '.join(lacking)}; give vc_redist.x64.exe as --redistributable.")
        options.out.mkdir(parents=True, exist_ok=True)
        name = "stand-in-setup" if options.stand_in else "setup"
        out = options.out.resolve() / f"Cinecor-{options.version}-{name}.exe"
        listed = Path(folder) / "program.nsh"
        listed.write_text(removal(payload), encoding="utf-8")
        defined = {
            "VERSION": options.version,
            "PAYLOAD": payload,
            "OUT": out,
            "TARGET": options.target,
            "LICENCE": ROOT / "LICENSE",
            "PROGRAM_FILES": listed,
        }
        if options.redistributable is not None:
            defined["VCREDIST"] = options.redistributable.resolve()
        script = Path(__file__).with_name("cinecor.nsi")
        switches = [f"-D{key}={value}" for key, value in defined.items()]
        done = subprocess.run(["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *switches, script], check=False)
    if done.returncode == 0:
        sys.stdout.write(f"{out}\n")
    return done.returncode


def removal(payload: Path) -> str:
    """Give the NSIS lines that remove what `payload` installs: `_internal` whole, other files one by one."""
    lines = []
    for path in sorted(payload.iterdir()):
        order = 'RMDir /r "$INSTDIR\\{}"' if path.is_dir() else 'Delete "$INSTDIR\\{}"'
        lines.append(order.format(path.name))
    return "\n".join(lines) + "\n"


def _stand_in(folder: Path) -> Path:
    (folder / "_internal" / "Données").mkdir(parents=True)
    for name in RUNTIME:
        (folder / "_internal" / name).write_bytes(b"stand-in")
    (folder / "_internal" / "Données" / "é.txt").write_bytes(b"stand-in")
    (folder / "cinecor.exe").write_bytes(b"MZ stand-in")
    (folder / "THIRD-PARTY-NOTICES.txt").write_bytes(b"stand-in")
    return folder


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
