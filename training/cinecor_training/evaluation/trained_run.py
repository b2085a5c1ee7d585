"""`TrainedRun`: a training run's averaged weights, run by PyTorch, as a model for the pipeline."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cinecor.inference.device.model_session import Device, open_model
from cinecor.inference.outline.frame_model import FrameLabels, FrameModel
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.inference.package.contract import InputContract
from cinecor.inference.package.reliability import Reliability
from cinecor.message import Message
from cinecor_training.loop import load_network
from cinecor_training.outlining import Outlining

_BATCH = 16


_NO_CUDA: Final = Message("torch_finds_no_cuda", "CUDA was asked for and PyTorch finds none; the CPU was used.")


@dataclass(frozen=True, slots=True, eq=False)
class TrainedRun:
    """A `FrameModel` before its export: the same weights through the same pipeline, without ONNX."""

    input_contract: InputContract
    identity: ModelIdentity
    provider_requested: str
    provider_used: str
    fallback: Message | None
    _network: nn.Module
    reliability: Reliability | None = None

    @property
    def device_reason(self) -> Message:
        """Why this device."""
        return Message("torch_runs", "PyTorch runs the weights of training on {device}.", device=self.provider_used)

    @torch.no_grad()
    def outline(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label `frames` (n, channel, size, size) on the grid that the two matrices lead to; see `FrameModel`."""
        rows, columns = (torch.from_numpy(matrix).to(self.provider_used) for matrix in (to_rows, to_columns))
        parts = []
        for start in range(0, len(frames), _BATCH):
            batch = torch.from_numpy(frames[start : start + _BATCH]).to(self.provider_used)
            parts.append([output.cpu().numpy() for output in self._network(batch, rows, columns)])
        labels, confidence = (np.concatenate(output) for output in zip(*parts, strict=True))
        return FrameLabels(labels, confidence)


def open_run(folder: Path, *, device: Device = "auto", convention: str | None = None) -> TrainedRun:
    """Load the weights of a finished training run, drawing by the `convention` of one of its sources where named.

    Raises `InputError` when `folder` holds none. When CUDA is asked for and does not run, the CPU is used and
    `fallback` says so.
    """
    network, config = load_network(folder, convention=convention)
    used = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    return TrainedRun(
        InputContract(spacing_mm=config.spacing_mm, size_px=config.size_px, neighbours=config.neighbours),
        ModelIdentity(folder.resolve().name, "checkpoint", _weights_sha256(network), "fp32"),
        device,
        used,
        _NO_CUDA if (device, used) == ("cuda", "cpu") else None,
        Outlining(network).to(used),
    )


def _weights_sha256(network: nn.Module) -> str:
    """Return the digest of every tensor's name and bytes: the same for the same weights in any file."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def open_subject(path: Path, *, device: Device = "auto") -> FrameModel:
    """Open what is to be evaluated: a package, an ONNX file, or the folder of a finished training run.

    Raises `ModelRefused` or `InputError` when it is none of them.
    """
    return open_run(path, device=device) if path.is_dir() else open_model(path, device=device)
