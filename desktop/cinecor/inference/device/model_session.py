"""A model, checked, on the device that really runs it."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.home import home
from cinecor.inference.device.choice_record import ChoiceRecord
from cinecor.inference.device.chosen_device import DeviceChoice, device_name
from cinecor.inference.device.device_choice import Chosen, Device, choose_device
from cinecor.inference.device.onnx_runtime import INPUT_NAMES, OUTPUT_NAMES, DeviceUnavailable, Engine, OnnxRuntime
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.inference.package.contract import InputContract, ModelContract
from cinecor.inference.package.manifest import Precision
from cinecor.inference.package.model_file import ModelFile, open_model_file
from cinecor.inference.package.reliability import Reliability
from cinecor.inference.package.signature import Trust
from cinecor.message import Message

__all__ = ["INPUT_NAMES", "OUTPUT_NAMES", "Device", "ModelSession", "open_model"]


class ModelSession:
    """A running model. When its device fails in the middle of a study, it goes on on the CPU, once, and says so."""

    def __init__(self, model: ModelFile, chosen: Chosen, *, requested: Device, on_cpu: Callable[[], Chosen]) -> None:
        self._model = model
        self._reliability = model.reliability
        self._chosen = chosen
        self._requested = requested
        self._on_cpu = on_cpu
        self._rebuilding = threading.Lock()

    @property
    def contract(self) -> ModelContract:
        """What the model says of itself."""
        return self._chosen.graph.contract

    @property
    def input_contract(self) -> InputContract:
        """How pixels become what the graph sees."""
        return self.contract.input

    @property
    def identity(self) -> ModelIdentity:
        """Which model it is, and the precision that runs."""
        contract, choice = self.contract, self._chosen.choice
        return ModelIdentity(contract.id, contract.version, self._model.sha256, choice.precision)

    @property
    def reliability(self) -> Reliability | None:
        """What the model's errors were like on patients it never saw; None where nothing is known."""
        return self._reliability

    @property
    def provider_requested(self) -> Device:
        """The device that was asked for."""
        return self._requested

    @property
    def provider_used(self) -> str:
        """The ONNX Runtime provider that really runs it."""
        return self._chosen.graph.runner.provider

    @property
    def device_reason(self) -> Message:
        """Why this provider and precision."""
        return self._chosen.choice.reason

    @property
    def fallback(self) -> Message | None:
        """Why the device asked for, or the one begun with, does not run; None when it does."""
        return self._chosen.fallback

    @property
    def choice(self) -> DeviceChoice:
        """What was tried and chosen."""
        return self._chosen.choice

    def outline(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label `frames` (n, channel, size, size) on the grid that the two matrices lead to; see `FrameModel`."""
        runner = self._chosen.graph.runner
        try:
            return runner.run(frames, to_rows=to_rows, to_columns=to_columns)
        except DeviceUnavailable as error:
            with self._rebuilding:
                if self._chosen.graph.runner is runner:  # no other thread has done it yet
                    self._go_on_on_cpu(error)
        return self._chosen.graph.runner.run(frames, to_rows=to_rows, to_columns=to_columns)

    def _go_on_on_cpu(self, error: DeviceUnavailable) -> None:
        failed = self._chosen.choice
        chosen = self._on_cpu()
        fallback = Message(
            "device_lost",
            "{device} ({precision}) failed while frames were outlined: {why}; from there on the CPU ({then}) was used.",
            device=device_name(failed.provider),
            precision=failed.precision,
            why=error.reason,
            then=chosen.choice.precision,
        )
        self._chosen = Chosen(chosen.choice, chosen.graph, fallback)


def open_model(
    path: Path,
    *,
    device: Device = "auto",
    trust: Trust | None = None,
    engine: Engine | None = None,
    record: ChoiceRecord | None = None,
    precision: Precision | None = None,
    afresh: bool = False,
) -> ModelSession:
    """Open a model (a package, or a bare ONNX file) on the fastest device and variant that give its masks.

    Which that is, is measured on the first use on this machine and kept (see `choose_device`); `afresh` measures
    again, and `precision` takes one variant only. When CUDA is asked for and does not run, the session is on the CPU
    and `fallback` says why.

    Raises `ModelRefused` when the file is missing, damaged, too new, breaks the contract, or lacks a signature that
    `trust` demands.
    """
    model = open_model_file(path, trust=trust)
    engine = engine or OnnxRuntime()
    record = record or ChoiceRecord(home() / "devices")
    chosen = choose_device(model, device=device, engine=engine, record=record, precision=precision, afresh=afresh)

    def on_cpu() -> Chosen:
        return choose_device(model, device="cpu", engine=engine, record=record)

    return ModelSession(model, chosen, requested=device, on_cpu=on_cpu)
