"""Rules of the CUDA pack: found where it is named or lies beside the program, and never in the way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cinecor.file_format import this_version
from cinecor.inference.device.cuda_pack import CudaPack, find_cuda_pack

TAG = sys.implementation.cache_tag


THIS = {"format": 2, "cinecor": this_version(), "python": TAG, "holds": []}


def _pack(folder: Path, **other: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.json").write_text(json.dumps(THIS | other))
    return folder


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CINECOR_CUDA_PACK", raising=False)


def test_that_without_a_pack_there_is_nothing_to_say() -> None:
    assert find_cuda_pack() is None


def test_that_the_pack_beside_the_installed_program_is_found_through_the_link_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = _pack(tmp_path / "lib" / "cinecor" / "cuda")
    program = tmp_path / "cinecor"
    (tmp_path / "lib" / "cinecor" / "cinecor").touch()
    program.symlink_to(tmp_path / "lib" / "cinecor" / "cinecor")
    monkeypatch.setattr(sys, "executable", str(program))
    assert find_cuda_pack() is None  # from source, the executable is some Python
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert find_cuda_pack() == CudaPack(pack)


def test_that_the_named_pack_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pack(tmp_path / "cuda")
    named = _pack(tmp_path / "é pack")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "cinecor"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("CINECOR_CUDA_PACK", str(named))
    assert find_cuda_pack() == CudaPack(named)


@pytest.mark.parametrize(
    "other",
    [{"python": "cpython-399"}, {"python": None}, {"format": 1}, {"cinecor": "0.0.1"}, {"cinecor": None}],
    ids=lambda other: "{} {}".format(*next(iter(other.items()))),
)
def test_that_a_pack_of_another_version_is_not_used_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, object]
) -> None:
    monkeypatch.setenv("CINECOR_CUDA_PACK", str(_pack(tmp_path / "cuda", **other)))
    pack = find_cuda_pack()
    assert pack is not None
    assert pack.obstacle is not None
    assert pack.obstacle.code == "pack_of_other_version"


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b"7"])
def test_that_a_folder_that_is_no_pack_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "pack.json").write_bytes(content)
    monkeypatch.setenv("CINECOR_CUDA_PACK", str(tmp_path))
    pack = find_cuda_pack()
    assert pack is not None
    assert pack.obstacle is not None
    assert (pack.obstacle.code, pack.obstacle.values["folder"]) == ("no_pack", tmp_path)


WHOLE = """
__version__ = '9.9'
set_default_logger_severity = lambda level: None
get_available_providers = lambda: ['CPUExecutionProvider', 'CUDAExecutionProvider']
preload_dlls = lambda: print('what is missing')
"""
FAULTS = {
    "a library that is not there": ("from onnxruntime import part", "libcudart.so.13: cannot open"),
    "a file that is cut": ("def (", "invalid syntax"),
    "an older ONNX Runtime": (
        "__version__ = '1.0'",
        "module 'onnxruntime' has no attribute 'set_default_logger_severity'",
    ),
    "a first call that fails": (
        WHOLE.replace("print('what is missing')", "1 / 0"),
        "division by zero",
    ),
    "an error without words": ("assert False", "AssertionError"),
}


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_that_a_packs_own_onnx_runtime_is_used_and_a_broken_one_is_replaced_by_the_programs(
    tmp_path: Path, fault: str | None
) -> None:
    """A process of its own: a library is imported once."""
    pack = _pack(tmp_path / "cuda")
    (pack / "onnxruntime").mkdir()
    content, reason = FAULTS[fault] if fault else (WHOLE, "")
    (pack / "onnxruntime" / "__init__.py").write_text(content)
    (pack / "onnxruntime" / "part.py").write_text("raise OSError('libcudart.so.13: cannot open')\n")
    code = (
        "from cinecor.inference.device.onnx_runtime import CUDA, OnnxRuntime\n"
        "OnnxRuntime().version\n"
        "engine = OnnxRuntime()\nprint(engine.version)\nprint(engine.obstacle(CUDA))\n"
    )
    environment = {"CINECOR_CUDA_PACK": str(pack), "PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    version, obstacle = run.stdout.splitlines()
    if fault:
        assert "pack" not in version
        assert obstacle.startswith(f"the CUDA pack in {pack} cannot be loaded ({reason}")
    else:
        assert version == f"9.9 of the CUDA pack in {pack}"
        assert obstacle == "None" or "card" in obstacle
