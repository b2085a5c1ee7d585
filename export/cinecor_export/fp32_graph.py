"""The fp32 graph: the network and the decision of labels on the image grid, as PyTorch's exporter writes them."""

import warnings
from typing import Final

import onnx
import torch
from torch import nn

from cinecor.inference.device.onnx_runtime import INPUT_NAMES, OUTPUT_NAMES
from cinecor.inference.package.contract import InputContract
from cinecor.message import Message
from cinecor_export.refusal import ExportRefused
from cinecor_training.outlining import Outlining

_OPSET: Final = 18


def fp32_graph(network: nn.Module, contract: InputContract) -> onnx.ModelProto:
    """Return `network` (evaluation mode) with its decision as a self-contained ONNX model, without contract yet.

    Raises `ExportRefused` when PyTorch's exporter gives none.
    """
    size = contract.size_px
    example = torch.randn(2, contract.channels, size, size, generator=torch.Generator().manual_seed(0))
    grid = (torch.rand(40, size), torch.rand(48, size))
    batch, rows, columns = (torch.export.Dim(name, min=1, max=8192) for name in ("batch", "rows", "columns"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its own code
        program = torch.onnx.export(
            Outlining(network).eval(),
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
        raise ExportRefused(Message("no_onnx_program", "PyTorch's exporter gave no ONNX program; nothing was written."))
    model: onnx.ModelProto = program.model_proto
    return model
