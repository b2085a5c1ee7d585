"""Rules of the arithmetic without VNNI: which sums are cut off, and that the twin graph computes just that."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from cinecor.inference.package.graph_file import graph_file
from cinecor_export.saturation import overflowing_pairs, saturating_graph

ZERO, STEP = 37, 2000.0  # the activations' zero point; of the result


def convolution(weights: NDArray[np.int8], *, stride: int = 1) -> onnx.ModelProto:
    """A convolution in the QDQ form, whose uint8 result is its sum in steps of `STEP` around 128."""
    constants = {
        "one": np.float32(1),
        "zero": np.uint8(ZERO),
        "weights": weights,
        "signed_zero": np.int8(0),
        "step": np.float32(STEP),
        "middle": np.uint8(128),
    }
    rows, columns = weights.shape[2:]
    pads = [(rows - 1) // 2, (columns - 1) // 2] * 2
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "one", "zero"], ["activations"], "read"),
        helper.make_node("DequantizeLinear", ["weights", "one", "signed_zero"], ["kernels"], "weigh"),
        helper.make_node("Conv", ["activations", "kernels"], ["sums"], "convolve", strides=[stride] * 2, pads=pads),
        helper.make_node("QuantizeLinear", ["sums", "step", "middle"], ["y"], "store"),
    ]
    graph = helper.make_graph(
        nodes,
        "convolution",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, weights.shape[1], "rows", "columns"])],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def run(model: onnx.ModelProto, activations: NDArray[np.uint8]) -> NDArray[np.uint8]:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    result: NDArray[np.uint8] = session.run(None, {"x": activations})[0][0]
    return result


def by_integers(
    weights: NDArray[np.int8], activations: NDArray[np.uint8], *, stride: int = 1, saturating: bool
) -> NDArray[np.uint8]:
    """The same in Python's integers: products in the order row, column, channel; each two summed, then all."""
    out, channels, rows, columns = weights.shape
    before, after = (rows - 1) // 2, (columns - 1) // 2
    padded = np.pad(activations[0].astype(int), ((0, 0), (before,) * 2, (after,) * 2), constant_values=ZERO)
    height, width = ((padded.shape[axis] - size) // stride + 1 for axis, size in ((1, rows), (2, columns)))
    total = np.zeros((out, height, width), int)
    products: list[NDArray[np.int64]] = []
    for row, column, channel in np.ndindex(rows, columns, channels):
        seen = padded[channel, row : row + stride * height : stride, column : column + stride * width : stride]
        products.append(weights[:, channel, row, column, None, None].astype(int) * seen)
        total -= ZERO * weights[:, channel, row, column, None, None].astype(int)
    products += [np.zeros_like(products[0])] * (len(products) % 2)
    for one, other in zip(products[::2], products[1::2], strict=True):
        total += np.clip(one + other, -(1 << 15), (1 << 15) - 1) if saturating else one + other
    return np.clip(np.rint(total.astype(np.float32) / np.float32(STEP)) + 128, 0, 255).astype(np.uint8)


SHAPES = [((8, 16, 3, 3), 1), ((8, 3, 3, 3), 1), ((8, 1, 3, 3), 1), ((8, 3, 6, 6), 2), ((8, 12, 1, 1), 1)]


def some(shape: tuple[int, ...], *, largest: int = 127) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    random = np.random.default_rng(4)
    weights = random.integers(-largest, largest + 1, shape).astype(np.int8)
    return weights, random.integers(0, 256, (1, shape[1], 14, 10)).astype(np.uint8)


@pytest.mark.parametrize(("shape", "stride"), SHAPES)
def test_that_the_twin_computes_saturated_sums_on_this_machine(shape: tuple[int, ...], stride: int) -> None:
    weights, activations = some(shape)
    model = convolution(weights, stride=stride)
    exact = by_integers(weights, activations, stride=stride, saturating=False)
    saturated = by_integers(weights, activations, stride=stride, saturating=True)
    assert (exact != saturated).mean() > 0.05
    for found, wanted in ((run(model, activations), exact), (run(saturating_graph(model), activations), saturated)):
        assert np.abs(found.astype(int) - wanted).max() <= 1
        assert (found != wanted).mean() < 0.01  # where a sum lies between two steps


def test_that_extremes_give_what_such_a_processor_gives() -> None:
    weights, activations = np.full((1, 4, 1, 1), 127, np.int8), np.full((1, 4, 1, 1), 255, np.uint8)
    assert run(convolution(weights), activations) == round(4 * (255 - ZERO) * 127 / STEP) + 128
    twin = run(saturating_graph(convolution(weights)), activations)
    assert twin == round((2 * 32767 - 4 * ZERO * 127) / STEP) + 128


def test_that_nothing_changes_where_no_sum_can_saturate() -> None:
    weights, _ = some((8, 16, 3, 3), largest=64)
    model = convolution(weights)
    assert saturating_graph(model) is model


@pytest.mark.parametrize(
    ("pair", "overflows"),
    [
        ((64, 64), False),
        ((-64, -64), False),
        ((127, 1), False),
        ((127, -127), False),
        ((127, 2), True),
        ((-127, -2), True),
        ((65, 64), True),
        ((-65, -64), True),
    ],
)
def test_that_two_weights_overflow_when_255_times_their_sum_leaves_16_bits(
    pair: tuple[int, int], overflows: bool
) -> None:
    weights = np.array(pair, np.int8).reshape(1, 2, 1, 1)
    assert bool(overflowing_pairs(weights)) == overflows


@pytest.mark.parametrize(("largest", "may"), [(64, False), (65, True), (-64, False), (-65, True), (-128, True)])
def test_that_a_file_tells_whether_its_weights_go_beyond_seven_bits(largest: int, may: bool) -> None:
    weights = np.zeros((1, 2, 1, 1), np.int8)
    weights[0, 0] = largest
    assert graph_file(convolution(weights).SerializeToString(), name="x").may_saturate == may


def test_that_a_file_of_float_weights_never_saturates() -> None:
    model = convolution(np.full((1, 2, 1, 1), 127, np.int8))
    for entry in model.graph.initializer:
        if entry.name == "weights":
            entry.CopyFrom(numpy_helper.from_array(np.full((1, 2, 1, 1), -1e30, np.float32), "weights"))
    assert not graph_file(model.SerializeToString(), name="x").may_saturate


@pytest.mark.parametrize(("largest", "may"), [(64, False), (65, True), (-64, False), (-65, True)])
def test_that_values_written_one_by_one_count_too(largest: int, may: bool) -> None:
    model = convolution(np.zeros((1, 2, 1, 1), np.int8))
    for entry in model.graph.initializer:
        if entry.name == "weights":
            entry.CopyFrom(helper.make_tensor("weights", TensorProto.INT8, (1, 2, 1, 1), [0, largest]))
            assert not entry.raw_data
    assert graph_file(model.SerializeToString(), name="x").may_saturate == may


_ELSEWHERE = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import numpy as np, onnxruntime
for folder in sys.argv[2:]:
    session = onnxruntime.InferenceSession(folder + "/model.onnx", providers=["CPUExecutionProvider"])
    np.save(folder + "/y.npy", session.run(None, {"x": np.load(folder + "/x.npy")})[0][0])
"""


@pytest.mark.skipif(shutil.which("qemu-x86_64") is None, reason="needs qemu-x86_64 (Debian: qemu-user)")
def test_that_an_emulated_haswell_computes_what_the_twins_compute(tmp_path: Path) -> None:
    cases = []
    for number, (shape, stride) in enumerate(SHAPES):
        weights, activations = some(shape)
        cases.append((tmp_path / str(number), convolution(weights, stride=stride), activations))
        cases[-1][0].mkdir()
        (cases[-1][0] / "model.onnx").write_bytes(cases[-1][1].SerializeToString())
        np.save(cases[-1][0] / "x.npy", activations)
    folders = [str(folder) for folder, _, _ in cases]
    python = [str(Path(sys.executable).resolve()), "-c", _ELSEWHERE, json.dumps(sys.path), *folders]
    subprocess.run(["qemu-x86_64", "-cpu", "Haswell", *python], check=True, stderr=subprocess.DEVNULL)
    for folder, model, activations in cases:
        there = np.load(folder / "y.npy")
        assert (there != run(saturating_graph(model), activations)).mean() < 0.01
        assert (there != run(model, activations)).mean() > 0.05
