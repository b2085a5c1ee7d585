"""Renew constraints.txt, the versions of everything that Cinecor and its extras bring. Run by `make lock`.

Nothing is installed: pip resolves what an empty environment would get today. The two runtimes exclude each other, so
`cuda` is resolved by itself, held to the versions of all the rest.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
HELD = {"torch": "2.13.0"}  # without a pin pip may fetch a CUDA build of several GB; change it here, with the tests run
ALONE = "cuda"
_HEAD = """\
# The version of every package that Cinecor and its extras are built and tested with; `make lock` renews them.
# Packages of other systems than Linux have none here.
"""


def main() -> None:
    """Resolve, and write the file whole or not at all."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = sorted(set(project["optional-dependencies"]) - {ALONE})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pins = resolved(extras, dict(HELD), folder=folder)
        runtime = [package for package in pins if package.startswith("onnxruntime")]
        rest = {package: version for package, version in pins.items() if package not in runtime}
        pins |= resolved([ALONE], rest, folder=folder)
    part = CONSTRAINTS.with_name(f"{CONSTRAINTS.name}.part")
    part.write_text(_HEAD + lines(pins), encoding="utf-8")
    part.replace(CONSTRAINTS)
    sys.stdout.write(f"{CONSTRAINTS.name}: {len(pins)} packages\n")


def resolved(extras: list[str], held: dict[str, str], *, folder: Path) -> dict[str, str]:
    """Return the packages that an empty environment with these extras would get: name → version."""
    constraints, report = folder / "constraints.txt", folder / "report.json"
    constraints.write_text(lines(held), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--constraint", str(constraints), "--report", str(report)]
    subprocess.run([*command, "--editable", f"{ROOT}[{','.join(extras)}]"], check=True)
    return packages(json.loads(report.read_bytes()))


def packages(report: dict[str, Any]) -> dict[str, str]:
    """Return name → version of a report of pip's, Cinecor itself and local versions (`+cpu`) left out."""
    found = {entry["metadata"]["name"].lower(): entry["metadata"]["version"] for entry in report["install"]}
    return {name: version.partition("+")[0] for name, version in sorted(found.items()) if name != "cinecor"}


def lines(pins: dict[str, str]) -> str:
    """Return pins as pip reads them."""
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


if __name__ == "__main__":
    main()
