"""The int8 graph: the convolutions and what lies between them as integers, everything else as it was."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from cinecor.inference.model import INPUT_NAMES
from cinecor.inference.window import pooling

_BATCH: Final = 8
_READOUT_BLOCK_PX: Final = 32  # calibration looks at no label: the tail works on as few pixels as can be


def int8_graph(fp32: onnx.ModelProto, frames: NDArray[np.float32]) -> onnx.ModelProto:
    """Give `fp32` quantized: QDQ, uint8 activations with the ranges that `frames` reach, int8 weights per channel.

    `frames` is (n, channel, size, size). The normalisation before the first convolution and everything after the last
    (softmax, interpolation, decision) stay float: there a step of 1/255 of the range would move outlines.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder:
        prepared, quantized = Path(folder, "prepared.onnx"), Path(folder, "int8.onnx")
        quant_pre_process(fp32, prepared, skip_symbolic_shape=True, skip_optimization=True)
        quantize_static(
            prepared,
            quantized,
            _Frames(frames),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_quantize=list(quantized_nodes(fp32.graph.node)),
        )
        return onnx.load(quantized)


def quantized_nodes(nodes: Sequence[onnx.NodeProto]) -> tuple[str, ...]:
    """Give the names of the convolutions and of the nodes on a way from one convolution to another.

    `nodes` are in the order of their work, as ONNX wants it.
    """
    after = _downstream((node.name, node.op_type, node.input, node.output) for node in nodes)
    before = _downstream((node.name, node.op_type, node.output, node.input) for node in reversed(nodes))
    return tuple(node.name for node in nodes if node.op_type == "Conv" or node.name in after & before)


def _downstream(nodes: Iterable[tuple[str, str, Iterable[str], Iterable[str]]]) -> frozenset[str]:
    """Give the nodes that something of a convolution flows into; `nodes` are (name, type, from, to)."""
    wet: set[str] = set()
    names = set()
    for name, kind, source, target in nodes:
        reached = not wet.isdisjoint(source)
        if reached:
            names.add(name)
        if reached or kind == "Conv":
            wet.update(filter(None, target))
    return frozenset(names)


class _Frames:
    """The calibration frames as ONNX Runtime's quantizer reads them."""

    def __init__(self, frames: NDArray[np.float32]) -> None:
        readout = pooling(frames.shape[-1], block_px=_READOUT_BLOCK_PX)
        self._batches = iter(
            dict(zip(INPUT_NAMES, (frames[start : start + _BATCH], readout, readout), strict=True))
            for start in range(0, len(frames), _BATCH)
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._batches, None)
