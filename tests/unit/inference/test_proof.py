"""What a package has to show before it is installed: graphs that end, and outlines of hearts."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from cinecor.errors import ModelRefused
from cinecor.inference.device.proof import require_runnable
from cinecor.inference.package.model_bytes import MAX_MODEL_BYTES
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.package.model_package import ModelPackage, read_package, write_package
from cinecor.inference.store.model_store import ModelStore


def before_labels(model: onnx.ModelProto, *nodes: onnx.NodeProto, **constants: np.ndarray) -> onnx.ModelProto:
    """Return the graph with nodes between what it labels (as "seen") and its output."""
    for node in model.graph.node:
        for place, output in enumerate(node.output):
            if output == "labels":
                node.output[place] = "seen"
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    return model


def exchanged(model: onnx.ModelProto) -> onnx.ModelProto:
    nodes = (
        helper.make_node("Cast", ["seen"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["order", "index"], ["labels"]),
    )
    return before_labels(model, *nodes, order=np.array([0, 3, 2, 1], np.uint8))


def blank(model: onnx.ModelProto) -> onnx.ModelProto:
    return before_labels(model, helper.make_node("Mul", ["seen", "none"], ["labels"]), none=np.array(0, np.uint8))


def endless(model: onnx.ModelProto) -> onnx.ModelProto:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Identity", ["value"], ["same"])],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.UINT8, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("same", TensorProto.UINT8, None),
        ],
    )
    loop = helper.make_node("Loop", ["many", "yes", "seen"], ["labels"], body=body)
    return before_labels(model, loop, many=np.array(2**62, np.int64), yes=np.array(True))


def vast(model: onnx.ModelProto) -> onnx.ModelProto:
    nodes = (
        helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
        helper.make_node("ReduceMin", ["zeros"], ["least"], keepdims=0),
        helper.make_node("Cast", ["least"], ["nothing"], to=TensorProto.UINT8),
        helper.make_node("Add", ["seen", "nothing"], ["labels"]),
    )
    return before_labels(model, *nodes, size=np.array([1 << 34], np.int64))


def packaged(path: Path, model: onnx.ModelProto) -> ModelPackage:
    write_package(path, id="small", version="1", graphs={"fp32": model.SerializeToString()}, created=date(2026, 11, 24))
    return read_package(path)


def test_that_a_graph_that_outlines_hearts_is_taken(tmp_path: Path, make_graph: Callable[..., onnx.ModelProto]) -> None:
    require_runnable(packaged(tmp_path / "a.cinecor", make_graph()))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        (blank, "it outlines no heart on a test image"),
        (exchanged, "its labels are exchanged"),
        (endless, "had not ended after 2 s"),
        (vast, "(fails when it runs|too much memory)"),
    ],
)
def test_that_a_graph_that_sees_no_heart_or_does_not_end_is_refused(
    tmp_path: Path,
    make_graph: Callable[..., onnx.ModelProto],
    changed: Callable[[onnx.ModelProto], onnx.ModelProto],
    refusal: str,
) -> None:
    package = packaged(tmp_path / "a.cinecor", changed(make_graph()))
    with pytest.raises(ModelRefused, match=refusal):
        require_runnable(package, limit_s=2.0)


def test_that_a_refused_package_leaves_the_store_as_it_was(
    tmp_path: Path, make_graph: Callable[..., onnx.ModelProto]
) -> None:
    store = ModelStore(tmp_path / "models")
    packaged(tmp_path / "a.cinecor", blank(make_graph()))
    with pytest.raises(ModelRefused, match=r"a\.cinecor, part fp32: it outlines no heart"):
        store.install(tmp_path / "a.cinecor")
    assert [stored.name for stored in store.models()] == ["bundled"]
    assert not list((tmp_path / "models").glob("*.cinecor"))


def test_that_a_package_that_unpacks_to_many_times_its_size_is_refused(
    tmp_path: Path, make_graph: Callable[..., onnx.ModelProto]
) -> None:
    model = make_graph()
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(10 << 20, np.float32), "padding"))
    write_package(
        tmp_path / "a.cinecor", id="small", version="1", graphs={"fp32": model.SerializeToString()}, created=date.min
    )
    with zipfile.ZipFile(tmp_path / "a.cinecor") as whole, zipfile.ZipFile(tmp_path / "b.cinecor", "w") as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name), zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelRefused, match="larger than it may be"):
        read_package(tmp_path / "b.cinecor")


@pytest.mark.parametrize("name", ["vast.cinecor", "vast.onnx"])
def test_that_a_file_larger_than_any_model_is_not_read(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.write(b"\x08\x09")
        file.truncate(MAX_MODEL_BYTES + 1)
    with pytest.raises(ModelRefused, match="larger than any model"):
        open_model_file(tmp_path / name)
    with pytest.raises(ModelRefused, match="larger than any model"):
        ModelStore(tmp_path / "models").install(tmp_path / name)
