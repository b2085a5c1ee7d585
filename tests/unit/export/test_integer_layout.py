"""An int8 graph is laid out for fast kernels: what it computes stays, and what the rule does not fit is left alone."""

import runpy
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from cinecor.inference.package.model_package import read_package
from cinecor_export.integer_layout import laid_out

SIZE = 8


def graph(
    *,
    channels: int = 3,
    kernel: int = 6,
    stride: int = 2,
    pad: int = 2,
    second_scale: float = 0.5,
    mode: str = "nearest",
    rounding: str = "floor",
    scales: Sequence[float] = (1, 1, 2, 2),
) -> onnx.ModelProto:
    """Frames of any number through a quantized convolution and an enlargement between two quantizations."""
    weights = np.random.default_rng(1).integers(-64, 65, (5, channels, kernel, kernel)).astype(np.int8)
    constants = {
        "weights": weights,
        "weight_scale": np.full(5, 0.01, np.float32),
        "weight_zero": np.zeros(5, np.int8),
        "scale": np.float32(0.02),
        "zero": np.uint8(100),
        "scale_between": np.float32(0.5),
        "scale_behind": np.float32(second_scale),
        "between": np.uint8(120),
        "behind": np.uint8(120),
        "sizes": np.array(scales, np.float32),
    }
    how = {"mode": mode, "coordinate_transformation_mode": "asymmetric", "nearest_mode": rounding}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], "q"),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"], "d"),
        helper.make_node("DequantizeLinear", ["weights", "weight_scale", "weight_zero"], ["w"], "w", axis=0),
        helper.make_node("Conv", ["d", "w"], ["sums"], "conv", strides=[stride] * 2, pads=[pad] * 4),
        helper.make_node("QuantizeLinear", ["sums", "scale_between", "between"], ["q2"], "q2"),
        helper.make_node("DequantizeLinear", ["q2", "scale_between", "between"], ["d2"], "d2"),
        helper.make_node("Resize", ["d2", "", "sizes"], ["larger"], "resize", **how),
        helper.make_node("QuantizeLinear", ["larger", "scale_behind", "behind"], ["q3"], "q3"),
        helper.make_node("DequantizeLinear", ["q3", "scale_behind", "behind"], ["y"], "d3"),
    ]
    made = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["frames", channels, SIZE, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["frames", 5, "rows", "columns"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def run(model: onnx.ModelProto, frames: int = 3) -> NDArray[np.float32]:
    x = np.random.default_rng(2).uniform(-3, 3, (frames, *_shape(model))).astype(np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result: NDArray[np.float32] = session.run(None, {"x": x})[0]
    return result


def _shape(model: onnx.ModelProto) -> tuple[int, ...]:
    return tuple(size.dim_value for size in model.graph.input[0].type.tensor_type.shape.dim[1:])


def kinds(model: onnx.ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in model.graph.node)


def strides(model: onnx.ModelProto) -> list[int]:
    (conv,) = (node for node in model.graph.node if node.op_type == "Conv")
    return next(list(one.ints) for one in conv.attribute if one.name == "strides")


@pytest.mark.parametrize("frames", [1, 3])
def test_that_the_results_stay_to_the_bit(frames: int) -> None:
    before, after = graph(), laid_out(graph())
    onnx.checker.check_model(after, full_check=True)
    assert np.ptp(run(before, frames)) > 5  # something happens
    np.testing.assert_array_equal(run(after, frames), run(before, frames))


def test_that_the_convolution_has_no_stride_and_nothing_is_resized_any_more() -> None:
    before, after = graph(), laid_out(graph())
    assert (strides(before), strides(after)) == ([2, 2], [1, 1])
    assert kinds(before)["Resize"] == 1
    assert kinds(after)["Resize"] == 0
    assert kinds(after)["Expand"] == 1
    read = {name for node in after.graph.node for name in node.input}
    assert {one.name for one in after.graph.initializer} <= read  # nothing is carried along for nobody


def test_that_the_graph_given_stays_as_it_is() -> None:
    given = graph()
    laid_out(given)
    assert given == graph()


@pytest.mark.parametrize(
    "other", [{"channels": 5}, {"stride": 1}, {"pad": 0, "kernel": 2}, {"kernel": 5}, {"pad": 1, "kernel": 4}]
)
def test_that_a_convolution_that_is_no_stem_stays(other: dict[str, int]) -> None:
    before = graph(**other)  # type: ignore[arg-type]
    after = laid_out(before)
    assert strides(after) == strides(before)
    np.testing.assert_array_equal(run(after), run(before))


@pytest.mark.parametrize(
    "other", [{"second_scale": 0.4}, {"mode": "linear"}, {"rounding": "ceil"}, {"scales": (1, 1, 3, 3)}]
)
def test_that_an_enlargement_that_does_more_than_repeat_pixels_stays(other: dict[str, object]) -> None:
    before = graph(**other)  # type: ignore[arg-type]
    after = laid_out(before)
    assert kinds(after)["Resize"] == 1
    np.testing.assert_array_equal(run(after), run(before))


def test_that_a_package_of_before_is_laid_out_anew_and_else_stays(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "made.cinecor"
    script = Path(__file__).parents[3] / "export" / "lay_out_anew.py"
    monkeypatch.setattr(sys, "argv", [str(script), str(exported), "--out", str(out)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(script), run_name="__main__")
    assert not end.value.code
    before, after = read_package(exported).manifest, read_package(out).manifest
    assert {**after.parts, "int8.onnx": None} == {**before.parts, "int8.onnx": None}
    assert after.gates == before.gates
