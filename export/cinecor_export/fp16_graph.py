"""The fp16 graph: half precision in the trunk, float32 where the file meets the application."""

from typing import Final

import onnx

from cinecor_export.trunk import trunk_nodes

_STAY_FLOAT: Final = "Resize"  # its scales must be float32, and in half precision it would gain nothing


def fp16_graph(fp32: onnx.ModelProto) -> onnx.ModelProto:
    """Give `fp32` with a trunk in half precision, for GPUs; inputs and outputs keep their types.

    Squares of raw intensities would overflow half precision in the normalisation, and outlines would move in the
    decision: both stay float32.
    """
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    model = onnx.ModelProto()
    model.CopyFrom(fp32)
    trunk = set(trunk_nodes(fp32.graph.node))
    converted: onnx.ModelProto = convert_float_to_float16(
        model,
        keep_io_types=True,
        op_block_list=[*DEFAULT_OP_BLOCK_LIST, _STAY_FLOAT],
        node_block_list=[node.name for node in fp32.graph.node if node.name not in trunk],
    )
    return converted
