"""Rules of a started graph: int8 means one thing on every processor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from cinecor.inference.device.integer_sums import sums_saturate
from cinecor.inference.device.onnx_runtime import CPU, OnnxRuntime
from cinecor.inference.package.contract import contract_from_metadata
from cinecor.inference.package.graph_file import graph_file
from cinecor_resources import saturating_sum


@pytest.mark.parametrize(
    ("largest", "saturates", "exact"),
    [(64, True, False), (65, True, True), (-64, True, False), (-65, True, True), (65, False, False)],
)
def test_that_weights_beyond_seven_bits_are_calculated_with_exactly_where_sums_saturate(
    make_graph: Callable[..., onnx.ModelProto],
    largest: int,
    saturates: bool,
    exact: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cinecor.inference.device.onnx_runtime.sums_saturate", lambda: saturates)
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


def test_that_the_probe_tells_what_the_processor_adds() -> None:
    """Its graph at the extremes gives 200 where sums are exact, and 101 where each pair is cut off at 16 bits."""
    session = onnxruntime.InferenceSession(saturating_sum().read_bytes(), providers=["CPUExecutionProvider"])
    found = set(np.unique(session.run(None, {"x": np.full((1, 8, 8, 8), 255, np.uint8)})[0]).tolist())
    assert found in ({200}, {101})
    assert sums_saturate() == (found == {101})


def test_that_the_probe_is_exact_where_exactness_is_asked_for() -> None:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(saturating_sum().read_bytes(), options, providers=["CPUExecutionProvider"])
    assert (session.run(None, {"x": np.full((1, 8, 8, 8), 255, np.uint8)})[0] == 200).all()
