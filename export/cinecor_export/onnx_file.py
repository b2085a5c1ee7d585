"""One ONNX file: the network, its softmax, and the contract it carries."""

import os
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from cinecor.errors import CinecorError
from cinecor.inference.contract import ModelContract, file_digest
from cinecor.inference.model import INPUT_NAME, OUTPUT_NAME, open_model

_OPSET = 18
_TOLERANCE = 1e-4  # largest difference of a probability, PyTorch against ONNX Runtime, both float32


class ExportRefused(CinecorError):
    """The exported graph does not compute what the checkpoint computes."""


class _Probabilities(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor) -> Tensor:
        return torch.softmax(self.network(frames), dim=1)


def write_onnx(network: nn.Module, contract: ModelContract, path: Path) -> float:
    """Write `network` (evaluation mode) as a self-contained fp32 ONNX file and give the largest difference found.

    The difference is between PyTorch's and ONNX Runtime's probabilities on random frames. Raises `ExportRefused`
    when it is above 1e-4; nothing is written then.
    """
    shape = (contract.input.channels, contract.input.size_px, contract.input.size_px)
    wrapped = _Probabilities(network).eval()
    example = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    batch = torch.export.Dim("batch", min=1, max=1024)
    program = torch.onnx.export(
        wrapped,
        (example,),
        dynamo=True,
        input_names=[INPUT_NAME],
        output_names=[OUTPUT_NAME],
        dynamic_shapes={"frames": {0: batch}},
        opset_version=_OPSET,
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise ExportRefused("PyTorch's exporter gave no ONNX program.")
    model = program.model_proto
    for part in (*model.graph.node, *model.graph.value_info, model.graph):
        del part.metadata_props[:]  # the exporter's stack traces name folders of the machine it ran on
    blank = contract.model_copy(update={"digest": "0" * 64})
    for key, value in blank.to_metadata().items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model, full_check=True)

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    content = model.SerializeToString()
    temporary.write_bytes(content.replace(blank.digest.encode(), file_digest(content, claimed=blank.digest).encode()))
    try:
        difference = _difference(wrapped, temporary, shape)
        if difference > _TOLERANCE:
            raise ExportRefused(f"PyTorch and ONNX differ by {difference:.2e} in probability (limit {_TOLERANCE:.0e}).")
        os.replace(temporary, path)  # noqa: PTH105
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def _difference(wrapped: nn.Module, path: Path, shape: tuple[int, int, int]) -> float:
    frames = np.random.default_rng(7).gamma(2.0, 80.0, (5, *shape)).astype(np.float32)
    with torch.no_grad():
        expected = wrapped(torch.from_numpy(frames)).numpy()
    got = open_model(path, device="cpu").probabilities(frames)
    return float(np.abs(expected - got).max())
