"""`SegmentStudy`: the pipeline, with masks handed over as they are made, mid-ventricular slices first."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.app.background import Handle
from cinecor.inference.contract import InputContract
from cinecor.inference.frame_model import FrameModel
from cinecor.inference.heart import find_heart
from cinecor.inference.model import Device, ModelSession, open_model
from cinecor.inference.pipeline import segment
from cinecor.inference.segmentation import ModelIdentity, Segmentation
from cinecor.inference.window import Window, native_probabilities
from cinecor.progress import stop_if
from cinecor.study.stack import CineStack


@dataclass(frozen=True, slots=True, eq=False)
class PartialLabels:
    """Labels of some slices of one phase, before the final clean-up."""

    phase: int
    slices: tuple[int, ...]
    labels: NDArray[np.uint8]  # (len(slices), row, column), read-only


@dataclass(frozen=True, slots=True)
class RunningOn:
    """What really runs the model, told before the first mask."""

    provider_used: str
    precision: str
    model: str
    fallback: str | None


def segment_study(
    stack: CineStack, *, model_path: Path, device: Device, handle: Handle, on_part: Callable[[object], None]
) -> Segmentation:
    """Outline every slice and phase; `on_part` hears of the device (`RunningOn`), then of every `PartialLabels`.

    Raises `ModelRefused`, `Cancelled`.
    """
    session = _session(model_path, device)
    stop_if(handle.cancelled)
    on_part(RunningOn(session.provider_used, session.identity.precision, session.identity.id, session.fallback))
    watched = _WatchedModel(session, stack, on_part)
    # Where the heart lies is found once: the pipeline, which looks for itself, gets the same answers again.
    watched.window, _ = find_heart(stack, watched.input_contract, watched.probabilities)
    watched.start_over()
    stop_if(handle.cancelled)
    return segment(stack, watched, progress=handle.progress, cancelled=handle.cancelled)


_opened: dict[tuple[Path, Device], ModelSession] = {}


def _session(path: Path, device: Device) -> ModelSession:
    """Open a model once: the second study need not load it again."""
    key = (path, device)
    if key not in _opened:
        _opened[key] = open_model(path, device=device)
    return _opened[key]


class _WatchedModel:
    """A model whose answers are seen on their way into the pipeline.

    The pipeline asks for the tiles of `find_heart` first, then for each phase with all its slices.
    """

    def __init__(self, model: FrameModel, stack: CineStack, on_part: Callable[[object], None]) -> None:
        self._model = model
        self._stack = stack
        self._on_part = on_part
        self._remembered: list[NDArray[np.float32]] = []
        self._replay: list[NDArray[np.float32]] | None = None
        self._phase = 0
        self.window: Window | None = None

    @property
    def input_contract(self) -> InputContract:
        return self._model.input_contract

    @property
    def identity(self) -> ModelIdentity:
        return self._model.identity

    @property
    def provider_requested(self) -> str:
        return self._model.provider_requested

    @property
    def provider_used(self) -> str:
        return self._model.provider_used

    @property
    def fallback(self) -> str | None:
        return self._model.fallback

    def start_over(self) -> None:
        self._replay = list(self._remembered)

    def probabilities(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._replay is None:
            self._remembered.append(self._model.probabilities(frames))
            return self._remembered[-1]
        if self._replay:
            return self._replay.pop(0)
        answer = np.empty((len(frames), 4, *frames.shape[2:]), dtype=np.float32)
        for slices in _middle_first(len(frames)):
            answer[slices] = self._model.probabilities(frames[slices])
            self._tell(slices, answer[slices])
        self._phase += 1
        return answer

    def _tell(self, slices: slice, probabilities: NDArray[np.float32]) -> None:
        assert self.window is not None
        ventricles = native_probabilities(
            probabilities[:, 1:], self.window, rows=self._stack.rows, columns=self._stack.columns
        )
        best = ventricles.argmax(axis=1)
        strength = np.take_along_axis(ventricles, best[:, None], axis=1)[:, 0]
        labels = np.where(strength > 1 - ventricles.sum(axis=1), best + 1, 0).astype(np.uint8)
        labels.setflags(write=False)
        self._on_part(PartialLabels(self._phase, tuple(range(slices.start, slices.stop)), labels))


def _middle_first(count: int) -> tuple[slice, ...]:
    """Give the middle third of the slices, then what lies on both sides of it."""
    low, high = count // 3, count - count // 3
    parts = (slice(low, high), slice(0, low), slice(high, count))
    return tuple(part for part in parts if part.stop > part.start)
