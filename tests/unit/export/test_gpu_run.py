"""Rules of the ten minutes on a GPU, run on the CPU: all but CUDA's own lines."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cinecor.inference.package.model_package import read_package
from cinecor_training.config import TrainingConfig
from cinecor_training.loop import load_network

SMALL = {
    "channels": [16, 32],
    "spacing_mm": 1.5,
    "size_px": 64,
    "canvas_px": 64,
    "batch": 4,
    "learning_rate": 1e-9,  # the run it starts from has learnt these patients already
    "average_decay": 0.0,
    "augmentation": dict.fromkeys(("any_rotation", "far_shift", "elastic", "low_resolution"), 0.0),
}


@pytest.fixture(scope="module")
def gpu_run() -> ModuleType:
    path = Path(__file__).parents[3] / "training" / "gpu_run.py"
    spec = importlib.util.spec_from_file_location("gpu_run", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu_run"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def out(gpu_run: ModuleType, patients: Path, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the script leaves behind after a budget of no time at all."""
    place = tmp_path_factory.mktemp("gpu")
    data = place / "data"
    (data / "acdc").mkdir(parents=True)
    (data / "acdc" / "training").symlink_to(patients)
    report = gpu_run.gpu_run(
        data, out=place / "out", work=place / "work", minutes=1e-3, settings={**SMALL, "start": str(run_folder)}
    )
    assert report.refused is None
    return place / "out"


def test_that_what_was_trained_and_proven_lies_in_one_folder(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == {
        "cinecor-sax.cinecor",
        "model.safetensors",
        "config.json",
        "split.json",
        "metrics.csv",
        "evaluation.md",
        "gpu.json",
    }
    assert load_network(out)[1].steps == 2
    package = read_package(out / "cinecor-sax.cinecor")
    assert package.manifest.version == "gpu"
    assert "CC BY-NC-SA 4.0" in package.checked("fp32").contract.training.licence


def test_that_without_a_gpu_the_report_says_what_ran_instead(out: Path) -> None:
    report = json.loads((out / "gpu.json").read_text())
    assert report["steps"] == 2
    assert report["frames_per_second"] > 0
    assert {"frames prepared", "trained", "evaluated", "exported"} <= report["seconds"].keys()
    assert set(report["cuda"]) == {"fp16", "fp32"}
    for one in report["cuda"].values():
        assert one["on_cuda"] == (one["provider"] == "CUDAExecutionProvider")
        assert one["on_cuda"] or one["fallback"]
        assert one["failed"] == []
        assert one["ms_per_frame"] > 0


def test_that_every_data_set_that_is_there_trains_by_its_own_convention(gpu_run: ModuleType, tmp_path: Path) -> None:
    for name in ("acdc/training", "kaggle", "myops"):
        (tmp_path / name).mkdir(parents=True)
    config = gpu_run.recipe(tmp_path, {"batch": 32})
    assert isinstance(config, TrainingConfig)
    assert set(config.shares) == {"acdc", "kaggle", "myops"}
    assert config.conventions == ("kaggle", "myops")
    assert (config.batch, config.start) == (32, None)


def test_that_a_refused_export_keeps_what_was_trained(
    gpu_run: ModuleType, patients: Path, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor_export.export.parity_gates", _refusing)
    (tmp_path / "data" / "acdc").mkdir(parents=True)
    (tmp_path / "data" / "acdc" / "training").symlink_to(patients)
    settings = {**SMALL, "start": str(run_folder)}  # the same weights as above, whose graph is known
    report = gpu_run.gpu_run(
        tmp_path / "data", out=tmp_path / "out", work=tmp_path / "work", minutes=1e-3, settings=settings
    )
    assert report.refused is not None
    assert json.loads((tmp_path / "out" / "gpu.json").read_text())["refused"] == report.refused
    assert (tmp_path / "out" / "model.safetensors").is_file()
    assert not (tmp_path / "out" / "cinecor-sax.cinecor").exists()


def _refusing(*_: object) -> list[object]:
    """The first gate of an export, passed by none."""
    from cinecor.inference.package.manifest import Gate

    return [Gate(name="fp32: size", value=1.0, limit=0.0, unit="MB")]
