"""`laid_out`: an int8 graph in the shape that ONNX Runtime's integer kernels are fast in; its results stay, to the bit.

Both changes only move bytes. Convolutions run with the channels last there, so what is gathered for one is copied by
runs of a pixel's channels: three bytes at a time in a first convolution on every second pixel. And enlarging goes pixel
by pixel. See docs/decisions/028.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

_FEW: Final = 4  # channels; with more the copies are long enough
_TO_LAST, _TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def laid_out(int8: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph (QDQ form, sizes known but for the number of frames) with these two forms replaced.

    A convolution of few channels with a stride equal to its padding that divides its kernel becomes one of stride 1 on
    the sub-grids as channels; the nearest enlargement by two between equal scales becomes a repetition of pixels.
    """
    made = onnx.ModelProto()
    made.CopyFrom(int8)
    graph = _Graph(made)
    for node in tuple(made.graph.node):
        if node.op_type == "Conv":
            graph.gather_sub_grids(node)
        elif node.op_type == "Resize":
            graph.repeat_pixels(node)
    graph.forget_unused()
    return made


class _Graph:
    """A graph in work: who makes a tensor, what constants hold, and how large tensors are."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._constants = {one.name: one for one in model.graph.initializer}
        self._maker = {output: node for node in model.graph.node for output in node.output}
        known = onnx.shape_inference.infer_shapes(model).graph
        self._shapes = {
            one.name: tuple(size.dim_value for size in one.type.tensor_type.shape.dim)
            for one in (*known.value_info, *known.input, *known.output)
        }

    def gather_sub_grids(self, conv: onnx.NodeProto) -> None:
        """Let a strided convolution of few channels run on its sub-grids, where it is one."""
        dequantized, weights = (self._maker.get(name) for name in conv.input[:2])
        if dequantized is None or weights is None or weights.input[0] not in self._constants:
            return
        attributes = {one.name: helper.get_attribute_value(one) for one in conv.attribute}
        step = attributes.get("strides", [1, 1])[0]
        taps = numpy_helper.to_array(self._constants[weights.input[0]])
        shape = self._shapes.get(conv.input[0], ())
        if (
            step == 1
            or taps.ndim != 4
            or taps.shape[1] > _FEW
            or attributes.get("group", 1) != 1
            or attributes.get("strides") != [step, step]
            or attributes.get("pads") != [step] * 4
            or any(size % step for size in (*taps.shape[2:], *shape[2:]))
            or len(shape) != 4
        ):
            return
        _, channels, height, width = shape
        rows, columns = height // step, width // step
        name, source = conv.name, dequantized.input[0]
        moved = f"{name}_sub_grids"
        steps = [
            self._node("Transpose", (source,), f"{name}_last", perm=_TO_LAST),
            self._reshape(f"{name}_last", f"{name}_lines", (-1, rows, step, columns, step * channels)),
            self._node("Transpose", (f"{name}_lines",), f"{name}_cells", perm=(0, 1, 3, 2, 4)),
            self._reshape(f"{name}_cells", f"{name}_wide", (-1, rows, columns, step * step * channels)),
            self._node("Transpose", (f"{name}_wide",), moved, perm=_TO_FIRST),
        ]
        self._insert(steps, before=dequantized)
        dequantized.input[0] = moved
        # (out, in, kernel row, row step, kernel column, column step) to (out, steps and in, kernel row, kernel column)
        kernel = (taps.shape[2] // step, taps.shape[3] // step)
        parted = taps.reshape(len(taps), channels, kernel[0], step, kernel[1], step).transpose(0, 3, 5, 1, 2, 4)
        self._constants[weights.input[0]].CopyFrom(
            numpy_helper.from_array(np.ascontiguousarray(parted.reshape(len(taps), -1, *kernel)), weights.input[0])
        )
        del conv.attribute[:]
        conv.attribute.extend(
            helper.make_attribute(key, value)
            for key, value in {**attributes, "pads": [1] * 4, "strides": [1, 1], "kernel_shape": list(kernel)}.items()
        )

    def repeat_pixels(self, resize: onnx.NodeProto) -> None:
        """Let a nearest enlargement by two between equal scales copy bytes, where it is one."""
        dequantized = self._maker.get(resize.input[0])
        behind = [node for node in self._graph.node if resize.output[0] in node.input]
        before, after = self._shapes.get(resize.input[0], ()), self._shapes.get(resize.output[0], ())
        if (
            dequantized is None
            or dequantized.op_type != "DequantizeLinear"
            or [node.op_type for node in behind] != ["QuantizeLinear"]
            or not self._alike(dequantized.input[1:], behind[0].input[1:])
            or len(before) != 4
            or after[1:] != (before[1], 2 * before[2], 2 * before[3])
            or not all(before[1:])
            or not _is_nearest(resize)
        ):
            return
        _, channels, height, width = before
        name, (quantized,) = resize.name, behind
        steps = [
            self._node("Transpose", (dequantized.input[0],), f"{name}_last", perm=_TO_LAST),
            self._reshape(f"{name}_last", f"{name}_parted", (-1, height, 1, width, 1, channels)),
            self._node(
                "Expand", (f"{name}_parted", self._constant(f"{name}_twice", (1, 1, 2, 1, 2, 1))), f"{name}_repeated"
            ),
            self._reshape(f"{name}_repeated", f"{name}_wide", (-1, 2 * height, 2 * width, channels)),
            self._node("Transpose", (f"{name}_wide",), quantized.output[0], perm=_TO_FIRST),
        ]
        self._insert(steps, before=resize)
        gone = [resize, quantized]
        if sum(dequantized.output[0] in node.input for node in self._graph.node) == 1:
            gone.append(dequantized)
        for node in gone:
            self._graph.node.remove(node)

    def forget_unused(self) -> None:
        """Drop constants that nothing reads any more, and the sizes that were noted of tensors."""
        read = {name for node in self._graph.node for name in node.input}
        for one in tuple(self._graph.initializer):
            if one.name not in read:
                self._graph.initializer.remove(one)
        del self._graph.value_info[:]

    def _alike(self, ours: Sequence[str], others: Sequence[str]) -> bool:
        """Return whether two lists of constants hold the same values."""
        if len(ours) != len(others) or not self._constants.keys() >= {*ours, *others}:
            return False
        values = ([numpy_helper.to_array(self._constants[name]) for name in names] for names in (ours, others))
        return all(np.array_equal(one, other) for one, other in zip(*values, strict=True))

    def _constant(self, name: str, values: Sequence[int]) -> str:
        self._graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def _reshape(self, source: str, target: str, shape: Sequence[int]) -> onnx.NodeProto:
        return self._node("Reshape", (source, self._constant(f"{target}_shape", shape)), target)

    @staticmethod
    def _node(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, list(inputs), [output], name=output, **attributes)

    def _insert(self, steps: Sequence[onnx.NodeProto], *, before: onnx.NodeProto) -> None:
        for offset, node in enumerate(steps, start=list(self._graph.node).index(before)):
            self._graph.node.insert(offset, node)


def _is_nearest(resize: onnx.NodeProto) -> bool:
    """Return whether an enlargement by two repeats pixels: nearest, whichever way coordinates are rounded down."""
    told = {one.name: helper.get_attribute_value(one) for one in resize.attribute}
    return (
        told.get("mode", b"nearest") == b"nearest"
        and told.get("coordinate_transformation_mode") == b"asymmetric"
        and told.get("nearest_mode") == b"floor"
    )
