"""A small network that has learnt the small ACDC, and the package that is made of it: once for all test workers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from once import Once
from safetensors.torch import save, save_file
from torch import Tensor, nn

from cinecor.inference.package.contract import InputContract
from cinecor_export import export
from cinecor_export.export import Request, Terms, export_package
from cinecor_export.fp32_graph import fp32_graph
from cinecor_training.config import TrainingConfig
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.canvas import Canvas, laid
from cinecor_training.data.settings import FolderSettings
from cinecor_training.data.split import Split
from cinecor_training.loss import dice_cross_entropy
from cinecor_training.network import UNet
from cinecor_training.run_folder import RunFolder

STEPS = 150
TRAINING, VALIDATION = (1, 2, 3), (5, 10, 15)


def _learnt(config: TrainingConfig, images: Tensor, labels: Tensor) -> nn.Module:
    """A network that knows these frames, wherever they lie in the window; plain steps, for the sake of time."""
    torch.manual_seed(3)
    network = UNet(config.channels, inputs=3)
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.005, weight_decay=0.05)
    random = np.random.default_rng(3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        shift = tuple(random.integers(-8, 9, 2).tolist())
        frames, wanted = (torch.roll(part, shift, dims=(-2, -1)) for part in (images, labels))
        loss = dice_cross_entropy(network(frames + 0.05 * torch.randn_like(frames)), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


@pytest.fixture(scope="session", autouse=True)
def one_graph_a_network() -> Iterator[None]:
    """PyTorch's exporter takes seconds and gives equal weights the same graph: it is asked once for each network."""
    made: dict[tuple[bytes, str, InputContract], bytes] = {}

    def kept(network: nn.Module, contract: InputContract) -> onnx.ModelProto:
        key = (save(network.state_dict()), str(network), contract)
        if key not in made:
            made[key] = fp32_graph(network, contract).SerializeToString()
        return onnx.load_from_string(made[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "fp32_graph", kept)
        yield


@pytest.fixture(scope="session")
def patients(acdc_patient_writer: Callable[..., Path], once: Once) -> Path:
    """Discs and rings as ACDC publishes its patients; those divisible by 5 validate."""

    def write(folder: Path) -> None:
        for number in (*TRAINING, *VALIDATION):
            acdc_patient_writer(folder, number)

    return once("acdc", write)


@pytest.fixture(scope="session")
def run_folder(patients: Path, once: Once) -> Path:
    """A finished run in a folder whose name is not ASCII."""
    return once("runs", lambda folder: _train(folder / "Läufe", patients)) / "Läufe"


def _train(path: Path, patients: Path) -> None:
    run = RunFolder(path)
    source = FolderSettings(kind="acdc", folder=patients)
    config = TrainingConfig(channels=(16, 32), neighbours=1, spacing_mm=1.5, size_px=64, canvas_px=64, data=(source,))
    found = AcdcSource(patients).find()
    cases = [case for case in found.cases if case.patient not in (found.held_out or ())]
    frames = [laid(case.read(), Canvas(config.spacing_mm, config.size_px)) for case in cases]
    images = torch.from_numpy(np.stack([frame.images[1] for frame in frames]).astype(np.float32))
    labels = torch.from_numpy(np.stack([frame.labels[1] for frame in frames]).astype(np.int64))
    network = _learnt(config, images[:, None].repeat(1, 3, 1, 1), labels)
    run.claim(config)
    sides = ([f"acdc/patient{number:03d}" for number in side] for side in (TRAINING, VALIDATION))
    run.keep_split(Split("by number", *map(tuple, sides)))
    save_file(network.state_dict(), run.weights)


@pytest.fixture(scope="session")
def exported(run_folder: Path, once: Once) -> Path:
    """The package, under a name that is not ASCII."""
    name, terms = "modèle.cinecor", Terms(trained_on="discs and rings", licence="CC0-1.0")
    return (
        once(
            "exported",
            lambda folder: export_package(
                Request(run=run_folder, out=folder / name, terms=terms), listener=lambda _: None
            ),
        )
        / name
    )
