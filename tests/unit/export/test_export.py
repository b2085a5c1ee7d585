"""Rules of the export: the file computes what the checkpoint computes and says what it is."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import save_file

from cinecor.errors import ModelRefused
from cinecor.inference.model import open_model
from cinecor_export.cli import main
from cinecor_training.config import TrainingConfig
from cinecor_training.network import UNet


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    config = TrainingConfig(channels=(8, 8), size_px=32, canvas_px=48, neighbours=1)
    torch.manual_seed(3)
    save_file(UNet(config.channels, inputs=3).state_dict(), folder / "model.safetensors")
    folder.joinpath("config.json").write_text(config.model_dump_json())
    return folder


@pytest.fixture(scope="module")
def exported(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "modèle.onnx"
    figures = run_folder / "figures.json"
    figures.write_text(json.dumps({"summary": {"dice_mean": 0.5}}))
    arguments = [str(run_folder), "--out", str(path), "--data", "discs", "--licence", "CC0-1.0", "--patients", "3"]
    assert main([*arguments, "--figures", str(figures)]) == 0
    return path


def test_that_the_model_carries_its_contract(exported: Path) -> None:
    session = open_model(exported)
    assert session.contract.input.size_px == 32
    assert session.contract.training.licence == "CC0-1.0"
    assert session.contract.training.figures == {"dice_mean": 0.5}
    assert len(session.identity.sha256) == 64


def test_that_the_file_computes_what_the_checkpoint_computes(exported: Path, run_folder: Path) -> None:
    from cinecor_training.loop import load_network

    network, _ = load_network(run_folder)
    frames = np.random.default_rng(5).normal(100, 40, (5, 3, 32, 32)).astype(np.float32)
    to_rows, to_columns = _matrices(41, 52)
    with torch.no_grad():
        probabilities = network(torch.from_numpy(frames)).softmax(dim=1).numpy()[:, 1:]
    structures = to_rows @ probabilities @ to_columns.T
    expected = np.concatenate((1 - structures.sum(axis=1, keepdims=True), structures), axis=1)
    found = open_model(exported).outline(frames, to_rows=to_rows, to_columns=to_columns)
    assert (found.labels == expected.argmax(axis=1)).mean() > 0.9999
    np.testing.assert_allclose(found.confidence / 255, expected.max(axis=1), atol=0.51 / 255)


def _matrices(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Ways from 32 network pixels to a grid, partly beyond the window."""
    random = np.random.default_rng(8)
    return tuple(
        (random.dirichlet(np.ones(32), size) * random.uniform(0, 1, (size, 1))).astype(np.float32)
        for size in (rows, columns)
    )


def test_that_the_file_stands_alone(exported: Path) -> None:
    model = onnx.load(exported, load_external_data=False)
    assert all(tensor.data_location != onnx.TensorProto.EXTERNAL for tensor in model.graph.initializer)
    assert list(exported.parent.iterdir()) == [exported]


def test_that_an_unfinished_run_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--out", str(tmp_path / "m.onnx"), "--data", "x", "--licence", "x", "--patients", "1"]
    assert main([str(tmp_path), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no finished training run" in error


def test_that_a_damaged_model_is_refused(exported: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(exported.read_bytes()[:-2000])
    with pytest.raises(ModelRefused):
        open_model(damaged)


def test_that_a_model_without_contract_is_refused(exported: Path, tmp_path: Path) -> None:
    model = onnx.load(exported)
    del model.metadata_props[:]
    bare = tmp_path / "bare.onnx"
    onnx.save(model, bare)
    with pytest.raises(ModelRefused, match="no Cinecor contract"):
        open_model(bare)


def test_that_batches_of_any_size_give_the_same_labels(exported: Path) -> None:
    session = open_model(exported)
    frames = np.random.default_rng(6).normal(100, 40, (37, 3, 32, 32)).astype(np.float32)
    to_rows, to_columns = _matrices(20, 30)
    whole = session.outline(frames, to_rows=to_rows, to_columns=to_columns)
    for part in (slice(0, 1), slice(10, 37)):
        found = session.outline(frames[part], to_rows=to_rows, to_columns=to_columns)
        assert np.abs(found.confidence.astype(int) - whole.confidence[part]).max() <= 1
        assert (found.labels == whole.labels[part]).mean() > 0.999


def test_that_a_graph_that_breaks_its_contract_is_refused(exported: Path, tmp_path: Path) -> None:
    model = onnx.load(exported)
    for entry in model.metadata_props:
        entry.value = entry.value.replace('"size_px":32', '"size_px":64')
    wrong = tmp_path / "wrong.onnx"
    onnx.save(model, wrong)
    with pytest.raises(ModelRefused):
        open_model(wrong)


def test_that_a_single_changed_weight_is_found(exported: Path, tmp_path: Path) -> None:
    content = bytearray(exported.read_bytes())
    content[len(content) // 3] ^= 1
    changed = tmp_path / "changed.onnx"
    changed.write_bytes(content)
    with pytest.raises(ModelRefused, match="damaged"):
        open_model(changed)
