"""The same network in PyTorch eager, filled from the model's own fp32 graph."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.package.contract import InputContract


def network_of(content: bytes, contract: InputContract, frames: NDArray[np.float32]) -> Any:
    """Give the network of an fp32 graph; `frames` are ordinary input, by which merged batch norms are undone."""
    import onnx
    import torch

    from cinecor_training.network import UNet
    from cinecor_training.start import start_from

    shapes = {
        entry.name.removeprefix("network."): entry.dims for entry in onnx.load_from_string(content).graph.initializer
    }
    depth = 1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("down."))
    channels = [int(shapes[f"down.{level}.3.weight"][0]) for level in range(depth)]
    network = UNet(channels, inputs=contract.channels)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "fp32.onnx")
        file.write_bytes(content)
        start_from(network, file, sample=torch.from_numpy(frames))
    return network.eval()


def eager(network: Any, *, cores: int) -> Callable[..., NDArray[np.uint8]]:
    """Give a function that labels frames (n, channel, size, size) in PyTorch, channels last."""
    import torch

    from cinecor_training.outlining import Outlining

    torch.set_num_threads(cores)
    outlining = Outlining(network).eval().to(memory_format=torch.channels_last)

    @torch.no_grad()
    def label(
        frames: NDArray[np.float32], to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        batch = torch.from_numpy(frames).to(memory_format=torch.channels_last)
        labels: NDArray[np.uint8] = outlining(batch, torch.from_numpy(to_rows), torch.from_numpy(to_columns))[0].numpy()
        return labels

    return label
