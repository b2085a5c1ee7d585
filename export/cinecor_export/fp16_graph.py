"""The fp16 graph: half precision in the trunk, float32 where the file meets the application."""

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cinecor_export.trunk import trunk_nodes

_STAYS_FLOAT: Final = "Resize"  # its scales must be float32, and in half precision it would gain nothing


def fp16_graph(fp32: onnx.ModelProto) -> onnx.ModelProto:
    """Return `fp32` with a trunk in half precision, for GPUs; inputs and outputs keep their types.

    Normalisation and decision stay float32 throughout. ONNX Runtime's own converter casts to half and back between
    any two nodes, also those that are to stay float32: there the variance of raw intensities would overflow.
    """
    model = onnx.ModelProto()
    model.CopyFrom(fp32)
    graph = model.graph
    trunk = set(trunk_nodes(graph.node))
    weights = {entry.name: entry for entry in graph.initializer}
    halves: dict[str, str] = {}  # tensor → its name in half precision
    floats: dict[str, str] = {}  # tensor that is half → its name in float32
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        in_half = node.name in trunk and node.op_type != _STAYS_FLOAT
        for index, name in enumerate(node.input):
            if in_half:
                if name not in halves:
                    halves[name] = f"{name}_half"
                    if name in weights:
                        values = numpy_helper.to_array(weights[name]).astype(np.float16)
                        graph.initializer.append(numpy_helper.from_array(values, halves[name]))
                    else:
                        cast = helper.make_node("Cast", [name], [halves[name]], halves[name], to=TensorProto.FLOAT16)
                        nodes.append(cast)
                node.input[index] = halves[name]
            elif name in halves and halves[name] == name:
                if name not in floats:
                    floats[name] = f"{name}_float"
                    nodes.append(helper.make_node("Cast", [name], [floats[name]], floats[name], to=TensorProto.FLOAT))
                node.input[index] = floats[name]
        if in_half:
            halves |= {name: name for name in node.output}
        nodes.append(onnx.NodeProto.FromString(node.SerializeToString()))
    del graph.node[:], graph.value_info[:]  # the types noted there are no longer true
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    for entry in [entry for entry in graph.initializer if entry.name not in used]:
        graph.initializer.remove(entry)
    return model
