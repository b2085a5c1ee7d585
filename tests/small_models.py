"""Small models that threshold intensities: real graphs with a contract, made and run in milliseconds."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cinecor.inference.package.contract import (
    CONTRACT_VERSION,
    EXPECTED_LABELS,
    InputContract,
    ModelContract,
    TrainingRecord,
)
from cinecor.inference.package.model_package import write_package

SIZE = 64


def small_contract(**changes: Any) -> ModelContract:
    values = {
        "contract_version": CONTRACT_VERSION,
        "id": "small",
        "version": "1",
        "precision": "fp32",
        "input": InputContract(spacing_mm=3.0, size_px=SIZE, neighbours=1),
        "labels": EXPECTED_LABELS,
        "training": TrainingRecord(data="none", licence="CC0-1.0", patients=0, figures={}),
    }
    return ModelContract(**{**values, **changes})


def small_graph(*, moved: float = 0.0, **contract: Any) -> onnx.ModelProto:
    """A graph whose labels are three thresholds, `moved` by some grey values."""
    constants = {
        "low": np.array(40 + moved, np.float32),
        "middle": np.array(90 + moved, np.float32),
        "high": np.array(160 + moved, np.float32),
        "axis": np.array([1], np.int64),
        "start": np.array([1], np.int64),
        "end": np.array([2], np.int64),
        "zero": np.array(0, np.float32),
        "full": np.array(255, np.float32),
    }
    nodes = [
        helper.make_node("Slice", ["frames", "start", "end", "axis"], ["channel"]),
        helper.make_node("Squeeze", ["channel", "axis"], ["frame"]),
        helper.make_node("MatMul", ["to_rows", "frame"], ["by_rows"]),
        helper.make_node("Transpose", ["to_columns"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["by_rows", "turned"], ["grey"]),
    ]
    for name in ("low", "middle", "high"):
        nodes.append(helper.make_node("Greater", ["grey", name], [f"above_{name}"]))
        nodes.append(helper.make_node("Cast", [f"above_{name}"], [f"one_{name}"], to=TensorProto.FLOAT))
    nodes += [
        helper.make_node("Sum", ["one_low", "one_middle", "one_high"], ["level"]),
        helper.make_node("Cast", ["level"], ["labels"], to=TensorProto.UINT8),
        helper.make_node("Clip", ["grey", "zero", "full"], ["clipped"]),
        helper.make_node("Cast", ["clipped"], ["confidence"], to=TensorProto.UINT8),
    ]
    shapes = {"frames": ["n", 3, SIZE, SIZE], "to_rows": ["rows", SIZE], "to_columns": ["columns", SIZE]}
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [
            helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", "rows", "columns"])
            for name in ("labels", "confidence")
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    for key, value in small_contract(**contract).to_metadata().items():
        model.metadata_props.add(key=key, value=value)
    return model


def small_variants(
    *, version: str = "1", int8: dict[str, Any] | None = None, fp16: dict[str, Any] | None = None, **fp32: Any
) -> dict[str, bytes]:
    """Graphs of one model by precision; int8 and fp16 only when their differences are given."""
    graphs = {"fp32": small_graph(version=version, **fp32).SerializeToString()}
    parent = hashlib.sha256(graphs["fp32"]).hexdigest()
    for precision, changes in (("int8", int8), ("fp16", fp16)):
        if changes is not None:
            changed = {"version": version, "precision": precision, "fp32_parent_sha256": parent, **changes}
            graphs[precision] = small_graph(**changed).SerializeToString()
    return graphs


def write_small_package(path: Path, *, signing_key: Any = None, version: str = "1", **variants: Any) -> Path:
    """Write a package of a small model and return its path."""
    write_package(
        path,
        id="small",
        version=version,
        graphs=small_variants(version=version, **variants),
        created=date(2026, 11, 24),
        card="# small\n",
        signing_key=signing_key,
    )
    return path
