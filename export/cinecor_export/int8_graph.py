"""The int8 graph: the trunk in integers, everything else as it was."""

import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from cinecor.inference.device.onnx_runtime import INPUT_NAMES
from cinecor.inference.outline.crop import pooling
from cinecor_export.integer_layout import laid_out
from cinecor_export.trunk import trunk_nodes

_BATCH: Final = 8
_READOUT_BLOCK_PX: Final = 32  # calibration looks at no label: the tail works on as few pixels as can be


def int8_graph(fp32: onnx.ModelProto, frames: NDArray[np.float32]) -> onnx.ModelProto:
    """Return `fp32` quantized: QDQ, uint8 activations in the ranges that `frames` reach, seven-bit weights per channel.

    `frames` is (n, channel, size, size). Weights of seven bits (−64 to 64, stored as int8) mean the same on every
    processor: see `saturation`. Only the trunk is quantized: a step of 1/255 of the range would move outlines
    in the normalisation and in the decision. With the logits in integers a quarter more labels move, and nothing is
    faster; percentiles or moving averages instead of the largest values lose more than they gain, because the graph
    clips intensities itself. What its kernels are slow in is laid out otherwise: see `integer_layout`.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder:
        prepared, quantized = Path(folder, "prepared.onnx"), Path(folder, "int8.onnx")
        # PyTorch's exporter has merged the batch norms already; ONNX Runtime's own optimiser would add its domains.
        quant_pre_process(fp32, prepared, skip_symbolic_shape=True, skip_optimization=True)
        quantize_static(
            prepared,
            quantized,
            _Frames(frames),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_quantize=list(trunk_nodes(fp32.graph.node)),
        )
        return laid_out(onnx.load(quantized))


class _Frames:
    """The calibration frames as ONNX Runtime's quantizer reads them."""

    def __init__(self, frames: NDArray[np.float32]) -> None:
        readout = pooling(frames.shape[-1], block_px=min(_READOUT_BLOCK_PX, frames.shape[-1]))
        self._batches = iter(
            dict(zip(INPUT_NAMES, (frames[start : start + _BATCH], readout, readout), strict=True))
            for start in range(0, len(frames), _BATCH)
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._batches, None)
