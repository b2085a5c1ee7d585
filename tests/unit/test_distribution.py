"""Rules of what pip installs: a wheel that tells its licences and types, extras with a name, versions with a pin."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cinecor.extras import EXTRAS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OPTIONAL: dict[str, list[str]] = PROJECT["optional-dependencies"]
RUNTIMES = {"onnxruntime", "onnxruntime-gpu"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this folder."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as pip would lay them down."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def metadata(installed: Path) -> Message:
    (path,) = installed.glob("*.dist-info/METADATA")
    return Parser().parsestr(path.read_text("utf-8"))


def test_that_the_wheel_names_every_licence_in_it_and_brings_its_text(installed: Path, metadata: Message) -> None:
    assert metadata["License-Expression"] == "Apache-2.0 AND CC-BY-NC-SA-4.0 AND OFL-1.1"
    (folder,) = installed.glob("*.dist-info/licenses")
    named = [folder / name for name in metadata.get_all("License-File", [])]
    texts = [" ".join(path.read_text("utf-8").split()) for path in named]
    assert len(texts) == 3
    for title in (
        "Apache License Version 2.0, January 2004",
        "Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International",
        "SIL OPEN FONT LICENSE Version 1.1",
    ):
        assert sum(title in text for text in texts) == 1, title


def test_that_every_package_of_the_wheel_is_marked_as_typed(installed: Path) -> None:
    packages = sorted(path.parent for path in installed.glob("*/__init__.py"))
    assert len(packages) >= 4
    assert [path.name for path in packages if not (path / "py.typed").is_file()] == []


def _called(installed: Path, module: str, *arguments: str, absent: list[str]) -> subprocess.CompletedProcess[str]:
    """Call a command of the wheel in an environment that lacks some packages."""
    code = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
sys.path.insert(0, {str(installed)!r})
from {module} import main
sys.exit(main({list(arguments)!r}))
"""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=clean)


TRAINING, EXPORT = [*EXTRAS["train"]], [*EXTRAS["train"], *EXTRAS["export"]]


@pytest.mark.parametrize(
    ("call", "absent", "extra"),
    [
        (["cinecor_training.cli", "--data", "x", "--out", "y"], TRAINING, "train"),
        (["cinecor_training.cli", "--time-step"], TRAINING, "train"),
        (["cinecor_training.evaluate_cli", "--data", "x", "--out", "y"], TRAINING, "train"),
        (["cinecor_export.cli", "x", "--out", "y.cinecor"], EXPORT, "export"),
        (["cinecor_export.cli", "x", "--out", "y.cinecor"], TRAINING, "train"),
        (["cinecor.cli.main", "segment", str(ROOT / "tests"), "--out", "OUT"], ["onnxruntime"], "cpu"),
    ],
)
def test_that_a_command_without_its_extra_names_it_in_one_line(
    installed: Path, tmp_path: Path, call: list[str], absent: list[str], extra: str
) -> None:
    run = _called(installed, *(part.replace("OUT", str(tmp_path / "out")) for part in call), absent=absent)
    assert run.returncode == 2, run.stderr
    assert run.stderr.count("\n") == 1, run.stderr
    assert f"pip install 'cinecor[{extra}]'" in run.stderr
    assert run.stdout == ""


def test_that_a_package_which_no_extra_brings_is_no_missing_extra(installed: Path) -> None:
    run = _called(installed, "cinecor_training.cli", "--data", "x", "--out", "y", absent=["pydantic"])
    assert "pip install" not in run.stderr
    assert run.returncode == 1


def test_that_help_and_keys_need_no_extra(installed: Path, tmp_path: Path) -> None:
    key = str(tmp_path / "key.pem")
    assert _called(installed, "cinecor_export.cli", "--make-key", key, absent=EXPORT).returncode == 0
    for module in ("cinecor_training.cli", "cinecor_training.evaluate_cli", "cinecor_export.cli"):
        assert _called(installed, module, "--help", absent=[*EXPORT, "onnxruntime"]).returncode == 0


def _needed(extras: set[str]) -> set[str]:
    """What pip would take on this machine for these extras, by canonical name."""
    found = {Requirement(text).name for text in PROJECT["dependencies"]}
    for extra in extras:
        for requirement in map(Requirement, OPTIONAL[extra]):
            if requirement.marker is not None and not requirement.marker.evaluate():
                continue
            own = requirement.name == PROJECT["name"]
            found |= _needed(set(requirement.extras)) if own else {requirement.name}
    return {canonicalize_name(name) for name in found}


def test_that_no_extra_but_the_two_runtimes_brings_an_onnx_runtime() -> None:
    for extra in ("cpu", "cuda"):
        assert len(_needed({extra}) & RUNTIMES) == 1
    assert not _needed(set(OPTIONAL) - {"cpu", "cuda"}) & RUNTIMES


@pytest.mark.parametrize(
    ("platform", "machine", "runtime"),
    [
        ("linux", "x86_64", "onnxruntime-gpu"),
        ("win32", "AMD64", "onnxruntime-gpu"),
        ("linux", "aarch64", "onnxruntime"),
        ("darwin", "arm64", "onnxruntime"),
        ("darwin", "x86_64", "onnxruntime"),
    ],
)
def test_that_the_gpu_build_is_asked_for_where_there_is_one(platform: str, machine: str, runtime: str) -> None:
    here = {"sys_platform": platform, "platform_machine": machine}
    found = [one for one in map(Requirement, OPTIONAL["cuda"]) if one.marker is None or one.marker.evaluate(here)]
    assert [one.name for one in found] == [runtime]
    assert found[0].extras == ({"cuda", "cudnn"} if runtime.endswith("gpu") else set())


def _commands(*arguments: str) -> list[str]:
    """What make would run, line by line."""
    run = subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


@pytest.mark.parametrize("first", ["nothing", "cpu", "cuda"])
@pytest.mark.parametrize("wanted", ["cpu", "cuda"])
def test_that_make_removes_one_runtime_before_it_installs_the_other(first: str, wanted: str, tmp_path: Path) -> None:
    (tmp_path / "app.stamp").touch()
    os.utime(tmp_path / "app.stamp", (0, 0) if first == "nothing" else None)
    there = {"nothing": set(), "cpu": {"onnxruntime"}, "cuda": {"onnxruntime-gpu"}}[first]
    if first == "cuda":
        (tmp_path / "cuda.stamp").touch()
    for line in _commands("demo", f"VENV={tmp_path}", *(["CUDA=1"] if wanted == "cuda" else [])):
        if gone := re.search(r"pip .*uninstall .*--yes (\S+)", line):
            there.discard(gone[1])
        if come := re.search(r"pip .* install .*--editable '?\.(?:\[(\S+)\])?", line):
            there |= _needed(set((come[1] or "").rstrip("'").rstrip("]").split(",")) - {""}) & RUNTIMES
        assert len(there) <= 1, line
    assert there == ({"onnxruntime-gpu"} if wanted == "cuda" or first == "cuda" else {"onnxruntime"})


def test_that_every_package_of_every_extra_is_pinned_to_a_version_it_may_have() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert pins["torch"] == "2.13.0"
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    for text in (*PROJECT["dependencies"], *(text for extra in OPTIONAL.values() for text in extra)):
        requirement = Requirement(text)
        if requirement.name != PROJECT["name"]:
            assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), text


def test_that_a_report_of_pip_becomes_pins() -> None:
    code = "import json, sys; from lock import lines, packages; sys.stdout.write(lines(packages(json.load(sys.stdin))))"
    report = {
        "install": [
            {"metadata": {"name": name, "version": version}}
            for name, version in (("torch", "2.13.0+cpu"), ("cinecor", "0.1.0"), ("Alpha", "1.0"))
        ]
    }
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "installer", input=json.dumps(report), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout == "alpha==1.0\ntorch==2.13.0\n"
