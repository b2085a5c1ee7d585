"""Rules of a started graph: int8 means one thing on every processor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from cinecor.inference.device.onnx_runtime import CPU, OnnxRuntime
from cinecor.inference.package.contract import contract_from_metadata
from cinecor.inference.package.graph_file import graph_file


@pytest.mark.parametrize(("largest", "exact"), [(64, False), (65, True), (-64, False), (-65, True)])
def test_that_weights_beyond_seven_bits_are_calculated_with_exactly(
    make_graph: Callable[..., onnx.ModelProto], largest: int, exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_graph()
    model.graph.initializer.append(numpy_helper.from_array(np.array([0, largest], np.int8), "weights"))
    content = model.SerializeToString()
    asked: dict[str, str] = {}
    keep = onnxruntime.SessionOptions.add_session_config_entry

    def record(options: Any, name: str, value: str) -> None:
        asked[name] = value
        keep(options, name, value)

    monkeypatch.setattr(onnxruntime.SessionOptions, "add_session_config_entry", record)
    contract = contract_from_metadata(graph_file(content, name="small").metadata)
    OnnxRuntime().start(content, provider=CPU, contract=contract.input, name="small")
    assert (asked.get("session.x64quantprecision") == "1") == exact
