"""Rules of starting from earlier weights: the network begins as what it starts from, whatever file held it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from safetensors.torch import save_file

from cinecor.errors import InputError
from cinecor.inference.package.model_package import write_package
from cinecor_export.fp16_graph import fp16_graph
from cinecor_export.int8_graph import int8_graph
from cinecor_training.config import TrainingConfig
from cinecor_training.network import UNet
from cinecor_training.start import start_from

CONFIG = TrainingConfig(channels=(8, 8), neighbours=0, size_px=32, canvas_px=48)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run whose batch norms have seen something."""
    folder = tmp_path_factory.mktemp("earlier")
    torch.manual_seed(4)
    network = UNet(CONFIG.channels, inputs=1)
    for _ in range(30):
        network(_frames(8) * 3 + 20)
    save_file(network.state_dict(), folder / "model.safetensors")
    folder.joinpath("config.json").write_text(CONFIG.model_dump_json())
    return folder


@pytest.fixture(scope="module")
def exported(
    earlier: Path, write_graph: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return write_graph(earlier, tmp_path_factory.mktemp("exported") / "model.onnx")


@pytest.fixture(scope="module")
def package(exported: Path) -> Path:
    path = exported.with_suffix(".cinecor")
    write_package(path, id="bare", version="1", graphs={"fp32": exported.read_bytes()}, created=date(2026, 1, 2))
    return path


def _frames(count: int, *, channels: int = 1) -> torch.Tensor:
    return torch.randn(count, channels, 32, 32, generator=torch.Generator().manual_seed(count)).cumsum(2)


@torch.no_grad()
def _logits(folder: Path, frames: torch.Tensor) -> torch.Tensor:
    from cinecor_training.loop import load_network

    return load_network(folder)[0](frames)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["folder", "safetensors", "onnx", "package"])
def test_that_the_network_begins_as_the_one_it_starts_from(
    earlier: Path, exported: Path, package: Path, kind: str
) -> None:
    weights = earlier / "model.safetensors"
    path = {"folder": earlier, "safetensors": weights, "onnx": exported, "package": package}[kind]
    network = UNet(CONFIG.channels, inputs=1)
    start_from(network, path, sample=_frames(16))
    torch.testing.assert_close(network.eval()(_frames(5)), _logits(earlier, _frames(5)), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_that_batch_norms_of_a_model_file_fit_their_frames_in_training_too(exported: Path, earlier: Path) -> None:
    network = UNet(CONFIG.channels, inputs=1)
    start_from(network, exported, sample=_frames(16))
    torch.testing.assert_close(network.train()(_frames(16)), _logits(earlier, _frames(16)), rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_that_new_neighbours_are_ignored_at_first(earlier: Path, exported: Path) -> None:
    for path in (earlier, exported):
        network = UNet(CONFIG.channels, inputs=3)
        frames = _frames(4, channels=3)
        start_from(network, path, sample=frames)
        torch.testing.assert_close(network.eval()(frames), _logits(earlier, frames[:, 1:2]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.onnx", None, "does not exist"),
        ("broken.onnx", b"no model", "no ONNX model"),
        ("broken.safetensors", b"no weights", "no safetensors file"),
    ],
)
def test_that_a_bad_file_is_told(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        start_from(UNet(CONFIG.channels, inputs=1), tmp_path / name, sample=_frames(2))


def _foreign(*, initialised: int) -> bytes:
    """One strided convolution as others write it, with some of weight and bias in the file."""
    values = {"w": np.zeros((8, 1, 3, 3), np.float32), "b": np.zeros(8, np.float32)}
    initialisers = [numpy_helper.from_array(value, name) for name, value in values.items()][:initialised]
    node = helper.make_node("Conv", ["frames", "w", "b"], ["out"], strides=[2, 2])
    return helper.make_model(helper.make_graph([node], "g", [], [], initialisers)).SerializeToString()


@pytest.mark.parametrize("kind", ["fp16", "no bias", "no weights", "int8"])
def test_that_a_graph_without_float32_weights_is_told(exported: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "model.onnx"
    if kind == "int8":
        frames = _frames(4).numpy()
        file.write_bytes(int8_graph(onnx.load(exported), frames).SerializeToString())
    elif kind == "fp16":
        file.write_bytes(fp16_graph(onnx.load(exported)).SerializeToString())
    else:
        file.write_bytes(_foreign(initialised={"no weights": 0, "no bias": 1}[kind]))
    with pytest.raises(InputError, match="use the fp32 graph of a model made by export-onnx"):
        start_from(UNet(CONFIG.channels, inputs=1), file, sample=_frames(2))


def test_that_a_graph_of_another_maker_is_of_another_network(tmp_path: Path) -> None:
    file = tmp_path / "foreign.onnx"
    file.write_bytes(_foreign(initialised=2))
    with pytest.raises(InputError, match="another network"):
        start_from(UNet(CONFIG.channels, inputs=1), file, sample=_frames(2))


def test_that_a_network_of_other_sizes_is_told(earlier: Path, exported: Path) -> None:
    for path in (earlier, exported):
        with pytest.raises(InputError, match="another network"):
            start_from(UNet((8, 16), inputs=1), path, sample=_frames(2))
