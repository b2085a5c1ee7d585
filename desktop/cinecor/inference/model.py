"""A model file, checked, and the ONNX Runtime session that runs it."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import ModelRefused
from cinecor.inference.contract import InputContract, ModelContract, contract_from_metadata, file_digest
from cinecor.inference.frame_model import FrameLabels
from cinecor.inference.segmentation import ModelIdentity

Device = Literal["auto", "cpu", "cuda"]
INPUT_NAMES = ("frames", "to_rows", "to_columns")
OUTPUT_NAMES = ("labels", "confidence")
_BATCH = 16  # larger batches cost memory and gain nothing
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@dataclass(frozen=True, slots=True, eq=False)
class ModelSession:
    """A loaded model on the device that really runs it.

    `fallback` says in one sentence why the device asked for does not run; None when it does.
    """

    contract: ModelContract
    identity: ModelIdentity
    provider_requested: Device
    provider_used: str
    fallback: str | None
    _session: Any

    @property
    def input_contract(self) -> InputContract:
        """How pixels become what the graph sees."""
        return self.contract.input

    def outline(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label `frames` (n, channel, size, size) on the grid that the two matrices lead to; see `FrameModel`."""
        parts = [
            self._session.run(
                list(OUTPUT_NAMES),
                dict(zip(INPUT_NAMES, (frames[start : start + _BATCH], to_rows, to_columns), strict=True)),
            )
            for start in range(0, len(frames), _BATCH)
        ]
        labels, confidence = (np.concatenate(output) for output in zip(*parts, strict=True))
        return FrameLabels(labels, confidence)


def open_model(path: Path, *, device: Device = "auto") -> ModelSession:
    """Load a model file and start its session.

    Raises `ModelRefused` when the file is missing, damaged, or breaks the contract. When CUDA is asked for and does
    not run, the session is on the CPU and `fallback` says why.
    """
    try:
        content = path.read_bytes()  # from bytes: ONNX Runtime opens no non-ASCII path on Windows
    except OSError as error:
        raise ModelRefused(f"The model file {path} cannot be read ({error.strerror}); check --model.") from error

    # ONNX Runtime's own builds report usage over the network and write files into the home folder unless told not to
    # before the import. Nothing may leave this machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime as ort

    providers = _providers(device, ort.get_available_providers())
    options = ort.SessionOptions()
    options.log_severity_level = 4
    # Threads that spin between frames win nothing on a quiet machine and lose much on a busy one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(content, sess_options=options, providers=providers)
    except Exception as error:
        raise ModelRefused(f"{path.name} is damaged or no ONNX model; get it again or export it again.") from error
    contract = contract_from_metadata(session.get_modelmeta().custom_metadata_map)
    if file_digest(content, claimed=contract.digest) != contract.digest:
        raise ModelRefused(f"{path.name} is damaged: its bytes are not those that were exported; get it again.")
    _check_interface(session, contract, path.name)
    used = str(session.get_providers()[0])
    identity = ModelIdentity(contract.id, contract.version, hashlib.sha256(content).hexdigest(), contract.precision)
    return ModelSession(contract, identity, device, used, _fallback(device, used), session)


def _providers(device: Device, available: list[str]) -> list[str]:
    if device == "cpu" or _CUDA not in available:
        return [_CPU]
    return [_CUDA, _CPU]


def _fallback(device: Device, used: str) -> str | None:
    if device == "cuda" and used != _CUDA:
        return (
            "CUDA was asked for and does not run here (no CUDA build of ONNX Runtime, or no usable GPU); "
            "the CPU was used instead."
        )
    return None


def _check_interface(session: Any, contract: ModelContract, name: str) -> None:
    """Compare the graph's inputs and outputs with what the contract promises."""
    size = contract.input.size_px
    promised = {"frames": [contract.input.channels, size, size], "to_rows": [size], "to_columns": [size]}
    inputs = {entry.name: entry.shape[1:] for entry in session.get_inputs()}
    outputs = {entry.name: entry.type for entry in session.get_outputs()}
    if inputs != promised or outputs != dict.fromkeys(OUTPUT_NAMES, "tensor(uint8)"):
        raise ModelRefused(f"{name}: its graph does not match its contract ({inputs} → {outputs}); export it again.")
