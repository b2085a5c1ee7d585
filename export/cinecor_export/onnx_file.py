"""One ONNX file: the network, the decision of labels on the image grid, and the contract it carries."""

import os
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from cinecor.errors import CinecorError
from cinecor.inference.contract import ModelContract, file_digest
from cinecor.inference.model import INPUT_NAMES, OUTPUT_NAMES, open_model
from cinecor_training.outlining import Outlining

_OPSET = 18
_TOLERANCE = 1  # largest difference of a confidence, in 255ths: its rounding, PyTorch against ONNX Runtime
_MOVED = 1e-4  # share of pixels whose label may differ: ties that rounding decides


class ExportRefused(CinecorError):
    """The exported graph does not compute what the checkpoint computes."""


def write_onnx(network: nn.Module, contract: ModelContract, path: Path) -> float:
    """Write `network` (evaluation mode) as a self-contained fp32 ONNX file and give the largest difference found.

    The difference is between PyTorch's and ONNX Runtime's confidence on random frames, as a probability. Raises
    `ExportRefused` when it is above 1/255, or labels differ; nothing is written then.
    """
    shape = (contract.input.channels, contract.input.size_px, contract.input.size_px)
    wrapped = Outlining(network).eval()
    example = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    grid = (torch.rand(40, shape[-1]), torch.rand(48, shape[-1]))
    batch, rows, columns = (torch.export.Dim(name, min=1, max=8192) for name in ("batch", "rows", "columns"))
    program = torch.onnx.export(
        wrapped,
        (example, *grid),
        dynamo=True,
        input_names=list(INPUT_NAMES),
        output_names=list(OUTPUT_NAMES),
        dynamic_shapes={"frames": {0: batch}, "to_rows": {0: rows}, "to_columns": {0: columns}},
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
        difference, moved = _difference(wrapped, temporary, shape)
        if difference > _TOLERANCE or moved > _MOVED:
            raise ExportRefused(
                f"PyTorch and ONNX differ by {difference}/255 in confidence and in {moved:.2%} of the labels "
                f"(limits {_TOLERANCE}/255 and {_MOVED:.2%})."
            )
        os.replace(temporary, path)  # noqa: PTH105
    finally:
        temporary.unlink(missing_ok=True)
    return difference / 255


def _difference(wrapped: nn.Module, path: Path, shape: tuple[int, int, int]) -> tuple[int, float]:
    """Give the largest difference of a confidence, in 255ths, and the share of pixels with another label."""
    random = np.random.default_rng(7)
    frames = random.gamma(2.0, 80.0, (5, *shape)).astype(np.float32)
    to_rows, to_columns = (random.dirichlet(np.ones(shape[-1]), size).astype(np.float32) for size in (37, 53))
    with torch.no_grad():
        labels, confidence = wrapped(*(torch.from_numpy(array) for array in (frames, to_rows, to_columns)))
    got = open_model(path, device="cpu").outline(frames, to_rows=to_rows, to_columns=to_columns)
    largest = np.abs(confidence.numpy().astype(int) - got.confidence).max()
    return int(largest), float(np.mean(labels.numpy() != got.labels))
