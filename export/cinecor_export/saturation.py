"""What an int8 graph becomes on processors whose integer kernels saturate at 16 bit.

x86 processors with AVX2 but without VNNI multiply pairs of unsigned activations and signed weights and add the two
products in 16 bit before they widen (`vpmaddubsw`): beyond ±2¹⁵ a sum is cut off. Two weights of eight bits can get
there (255 · (127 + 127) = 64 770), two of seven cannot (255 · (64 + 64) = 32 640).

Which products share a sum was found by running ONNX Runtime as such a processor (see docs/decisions/024).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LARGEST_ACTIVATION: Final = 255
HIGHEST, LOWEST = 32767, -32768  # of 16 bits


@dataclass(frozen=True, slots=True, eq=False)
class _IntegerConvolution:
    """A convolution of uint8 activations with int8 weights in the QDQ form."""

    node: onnx.NodeProto
    activation: onnx.NodeProto  # DequantizeLinear
    weights: NDArray[np.int8]  # (out, in, row, column)
    weight_scales: NDArray[np.float32]  # one for all, or (out,)
    activation_scale: float
    activation_zero: int


@dataclass(frozen=True, slots=True, eq=False)
class OverflowingPairs:
    """Pairs of weights whose products can add up beyond 16 bits."""

    outputs: NDArray[np.intp]  # (pair,): the output channel that the sum goes to
    inputs: NDArray[np.intp]  # (pair, 2): the input channel of each weight
    kernels: NDArray[np.float32]  # (pair, 2, row, column): each weight alone in its place

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.outputs)


def saturating_graph(int8: onnx.ModelProto) -> onnx.ModelProto:
    """Return a graph that computes, on every machine, what `int8` computes where sums of two products saturate.

    Convolutions in which that can happen calculate in float, which holds their integers, and what saturation cuts off
    each sum is subtracted. Where it can happen nowhere, `int8` itself is given.
    """
    convolutions = {
        convolution.node.name: (convolution, pairs)
        for convolution in _integer_convolutions(int8)
        if (pairs := overflowing_pairs(convolution.weights))
    }
    if not convolutions:
        return int8
    model = onnx.ModelProto()
    model.CopyFrom(int8)
    del model.graph.node[:]
    for node in int8.graph.node:
        if node.name in convolutions:
            nodes, constants = _with_excess_subtracted(*convolutions[node.name])
            model.graph.node.extend(nodes)
            model.graph.initializer.extend(constants)
        else:
            model.graph.node.append(node)
    return model


def overflowing_pairs(weights: NDArray[np.int8]) -> OverflowingPairs:
    """Find the pairs in `weights` (out, in, row, column) that some activations drive beyond 16 bits.

    Pairs are neighbours in the order row, column, input channel; an odd one at the end stands alone.
    """
    out, channels, rows, columns = weights.shape
    flat = weights.transpose(0, 2, 3, 1).reshape(out, -1).astype(np.int64)
    paired = np.pad(flat, ((0, 0), (0, flat.shape[1] % 2))).reshape(out, -1, 2)
    highest = LARGEST_ACTIVATION * np.maximum(paired, 0).sum(axis=2)
    lowest = LARGEST_ACTIVATION * np.minimum(paired, 0).sum(axis=2)
    outputs, pairs = np.nonzero((highest > HIGHEST) | (lowest < LOWEST))
    places = np.minimum(2 * pairs[:, None] + (0, 1), flat.shape[1] - 1)
    kernels = np.zeros((len(outputs), 2, rows * columns), np.float32)
    kernels[np.arange(len(outputs))[:, None], (0, 1), places // channels] = paired[outputs, pairs]
    return OverflowingPairs(outputs, places % channels, kernels.reshape(-1, 2, rows, columns))


def _integer_convolutions(model: onnx.ModelProto) -> Iterator[_IntegerConvolution]:
    made = {name: node for node in model.graph.node for name in node.output}
    constants = {entry.name: entry for entry in model.graph.initializer}
    for node in model.graph.node:
        sources = [made[name] for name in node.input[:2] if name in made]
        if node.op_type != "Conv" or [source.op_type for source in sources] != ["DequantizeLinear"] * 2:
            continue
        activation, weight = sources
        scale, zero = (numpy_helper.to_array(constants[name]) for name in activation.input[1:3])
        values, scales = (numpy_helper.to_array(constants[name]) for name in weight.input[:2])
        if values.dtype == np.int8:
            yield _IntegerConvolution(node, activation, values, np.atleast_1d(scales), float(scale), int(zero))


def _with_excess_subtracted(
    convolution: _IntegerConvolution, pairs: OverflowingPairs
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Return the nodes in place of the convolution's, and their constants."""
    node, name = convolution.node, f"{convolution.node.name}_saturation"
    zero, out = convolution.activation_zero, len(convolution.weights)
    sums = np.zeros((out, len(pairs), 1, 1), np.float32)
    sums[pairs.outputs, np.arange(len(pairs))] = 1
    constants = {
        "zero": np.array(zero, np.float32),
        "inputs": pairs.inputs.ravel().astype(np.int64),
        "kernels": pairs.kernels,
        # Padding holds the zero point, so kernels slide over what is above it, and its share is added to each sum.
        "share": (zero * pairs.kernels.sum(axis=(1, 2, 3))).reshape(1, -1, 1, 1).astype(np.float32),
        "lowest": np.array(LOWEST, np.float32),
        "highest": np.array(HIGHEST, np.float32),
        "sums": sums,
        "scale": (convolution.activation_scale * np.broadcast_to(convolution.weight_scales, out))
        .reshape(1, -1, 1, 1)
        .astype(np.float32),
    }

    def named(part: str) -> str:
        return f"{name}_{part}"

    def made(kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, inputs, [output], f"{output}_node", **attributes)

    plain = onnx.NodeProto()
    plain.CopyFrom(node)
    plain.output[0] = named("plain")
    slid = made("Conv", [named("chosen"), named("kernels")], named("above"), group=len(pairs))
    slid.attribute.extend(entry for entry in node.attribute if entry.name != "group")
    nodes = [
        plain,
        made("Cast", [convolution.activation.input[0]], named("stored"), to=TensorProto.FLOAT),
        made("Sub", [named("stored"), named("zero")], named("above_zero")),
        made("Gather", [named("above_zero"), named("inputs")], named("chosen"), axis=1),
        slid,
        made("Add", [named("above"), named("share")], named("exact")),
        made("Clip", [named("exact"), named("lowest"), named("highest")], named("held")),
        made("Sub", [named("exact"), named("held")], named("cut_off")),
        made("Conv", [named("cut_off"), named("sums")], named("excess")),
        made("Mul", [named("excess"), named("scale")], named("scaled")),
        made("Sub", [named("plain"), named("scaled")], node.output[0]),
    ]
    return nodes, [numpy_helper.from_array(value, named(part)) for part, value in constants.items()]
