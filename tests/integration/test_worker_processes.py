"""The program can start itself again as a worker, from source and installed."""

import json
import sys
from pathlib import Path

import pytest
from program import Cinecor

from cinecor.file_format import this_version

# Stands where a CUDA pack's ONNX Runtime would: the one place from which a test gets code of its own into an
# installed program.
STARTS_A_WORKER = """
import multiprocessing, os
worker = multiprocessing.get_context("spawn").Process(target=os.mkdir, args=({made!r},))
worker.start()
worker.join()
raise ImportError(f"the worker ended with {{worker.exitcode}}")
"""


def test_that_the_program_is_its_own_worker(cinecor: Cinecor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made by the worker"
    pack = tmp_path / "pack"
    (pack / "onnxruntime").mkdir(parents=True)
    said = {"format": 2, "cinecor": this_version(), "python": sys.implementation.cache_tag}
    (pack / "pack.json").write_text(json.dumps(said))
    (pack / "onnxruntime" / "__init__.py").write_text(STARTS_A_WORKER.format(made=str(made)))
    monkeypatch.setenv("CINECOR_CUDA_PACK", str(pack))
    run = cinecor.process("selftest")
    assert run.returncode == 0, run.stderr
    assert "cannot be loaded (the worker ended with 0)" in run.stdout
    assert made.is_dir()
