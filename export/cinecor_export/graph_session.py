"""`GraphModel`: one graph that is not in a package yet, run by the application's own code on the CPU."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.device.onnx_runtime import CPU, GraphRunner, OnnxRuntime
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.inference.package.contract import InputContract, ModelContract, contract_from_metadata
from cinecor.inference.package.graph_file import graph_file
from cinecor.inference.package.reliability import Reliability
from cinecor.message import Message


@dataclass(frozen=True, slots=True, eq=False)
class GraphModel:
    """A `FrameModel` without choice of device: each variant is judged by itself."""

    contract: ModelContract
    identity: ModelIdentity
    _runner: GraphRunner
    provider_requested: str = "cpu"
    provider_used: str = CPU
    fallback: Message | None = None
    reliability: Reliability | None = None

    @property
    def device_reason(self) -> Message:
        """Why this device."""
        return Message("judged_on_cpu", "Each variant is judged on the CPU.")

    @property
    def input_contract(self) -> InputContract:
        """How pixels become what the graph sees."""
        return self.contract.input

    def outline(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label `frames` (n, channel, size, size) on the grid that the two matrices lead to; see `FrameModel`."""
        return self._runner.run(frames, to_rows=to_rows, to_columns=to_columns)


def open_graph(content: bytes) -> GraphModel:
    """Start a sealed graph. Raises `ModelRefused` as the application would."""
    name = "the graph"
    contract = contract_from_metadata(graph_file(content, name=name).metadata)
    runner = OnnxRuntime().start(content, provider=CPU, contract=contract.input, name=f"the {contract.precision} graph")
    identity = ModelIdentity(contract.id, contract.version, hashlib.sha256(content).hexdigest(), contract.precision)
    return GraphModel(contract, identity, runner)
