"""Compile the Windows installer around a payload, with `makensis` of NSIS 3.

`python installer/windows/compile.py --payload dist/cinecor` on the Windows runner (see build.ps1); with `--stand-in`
around a few small files, which shows on any system that the script compiles.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from release import ROOT, this_release, windows_numbers

RUNTIME = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll")
"""What Qt and ONNX Runtime need of Visual C++, to lie beside them or to come from vc_redist.x64.exe."""


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--payload", type=Path, help="folder with cinecor.exe and _internal, as PyInstaller makes it")
    what.add_argument("--stand-in", action="store_true", help="take a few small files instead")
    parser.add_argument("--version", default=this_release().version, help="default: that of pyproject.toml")
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
        licence = Path(folder) / "licence.txt"
        licence.write_text(licence_page(), encoding="utf-8-sig")
        defined = {
            "VERSION": options.version,
            "NUMBERS": windows_numbers(options.version),
            "PAYLOAD": payload,
            "OUT": out,
            "TARGET": options.target,
            "LICENCE": licence,
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


def licence_page() -> str:
    """Give what is shown before an installation: the program's licence and, apart, that of the model in it."""
    program = (ROOT / "LICENSE").read_text(encoding="utf-8")
    model = (ROOT / "installer" / "licences" / "texts" / "CC-BY-NC-SA-4.0.txt").read_text(encoding="utf-8")
    head = (
        "Research use only. Not for diagnosis. A qualified reader must verify every result.\n\n"
        "The program is under the Apache License 2.0. The model that comes with it is under Creative Commons "
        "Attribution-NonCommercial-ShareAlike 4.0: it may not be used commercially. Both texts follow; those of "
        "third parties are in THIRD-PARTY-NOTICES.txt beside the program.\n"
    )
    return f"{head}\n\nTHE PROGRAM\n\n{program.strip()}\n\n\nTHE MODEL\n\n{model.strip()}\n"


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


def _complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
