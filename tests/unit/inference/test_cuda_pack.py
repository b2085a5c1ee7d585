"""Rules of the CUDA pack: found where it is named or lies beside the program, and never in the way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cinecor.inference.cuda_pack import CudaPack, find_cuda_pack

TAG = sys.implementation.cache_tag


def _pack(folder: Path, *, python: str | None = TAG, format: int = 1) -> Path:  # noqa: A002
    folder.mkdir(parents=True)
    (folder / "pack.json").write_text(json.dumps({"format": format, "python": python, "holds": []}))
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


@pytest.mark.parametrize(("python", "format"), [("cpython-399", 1), (TAG, 2), (None, 1)])
def test_that_a_pack_of_another_version_is_not_used_and_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    python: str | None,
    format: int,  # noqa: A002
) -> None:
    monkeypatch.setenv("CINECOR_CUDA_PACK", str(_pack(tmp_path / "cuda", python=python, format=format)))
    pack = find_cuda_pack()
    assert pack is not None
    assert pack.obstacle is not None
    assert "another version" in pack.obstacle


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}"])
def test_that_a_folder_that_is_no_pack_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "pack.json").write_bytes(content)
    monkeypatch.setenv("CINECOR_CUDA_PACK", str(tmp_path))
    pack = find_cuda_pack()
    assert pack is not None
    assert f"{tmp_path} holds no CUDA pack" in str(pack.obstacle)


@pytest.mark.parametrize("broken", [True, False], ids=["broken", "whole"])
def test_that_a_packs_own_onnx_runtime_is_used_and_a_broken_one_is_replaced_by_the_programs(
    tmp_path: Path, broken: bool
) -> None:
    """A process of its own: a library is imported once."""
    pack = _pack(tmp_path / "cuda")
    (pack / "onnxruntime").mkdir()
    lines = ["from onnxruntime import part"] if broken else [
        "__version__ = '9.9'",
        "set_default_logger_severity = lambda level: None",
        "get_available_providers = lambda: ['CPUExecutionProvider', 'CUDAExecutionProvider']",
        "preload_dlls = lambda: print('what is missing')",
    ]  # fmt: skip
    (pack / "onnxruntime" / "__init__.py").write_text("\n".join(lines))
    (pack / "onnxruntime" / "part.py").write_text("raise OSError('libcudart.so.13: cannot open')\n")
    code = (
        "from cinecor.inference.onnx_runtime import CUDA, OnnxRuntime\n"
        "OnnxRuntime().version\n"
        "engine = OnnxRuntime()\nprint(engine.version)\nprint(engine.obstacle(CUDA))\n"
    )
    environment = {"CINECOR_CUDA_PACK": str(pack), "PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    version, obstacle = run.stdout.splitlines()
    if broken:
        assert "pack" not in version
        assert obstacle == f"the CUDA pack in {pack} cannot be loaded (libcudart.so.13: cannot open)"
    else:
        assert version == f"9.9 of the CUDA pack in {pack}"
        assert obstacle == "None" or "card" in obstacle
