"""`Segmentation`: labels on the input's own pixel grid, and what made them."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.package.reliability import Reliability
from cinecor.message import Message


class Label(IntEnum):
    """The label map of every mask that Cinecor reads or writes (ACDC's order)."""

    BACKGROUND = 0
    RV = 1  # right ventricular cavity
    MYO = 2  # left ventricular myocardium
    LV = 3  # left ventricular cavity, papillary muscles and trabeculae included


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a segmentation."""

    id: str
    version: str
    sha256: str
    precision: str  # "fp32", "fp16" or "int8"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What was asked for, what really ran, and how long each stage took."""

    provider_requested: str  # "auto", "cpu" or "cuda"
    provider_used: str  # the ONNX Runtime provider's name
    seconds: dict[str, float] = field(default_factory=dict)
    reason: Message | None = None  # why this provider and precision
    fallback: Message | None = None  # why not the one asked for or begun with


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """Labels for every slice and phase of one stack; arrays are read-only."""

    labels: NDArray[np.uint8]  # (slice, phase, row, column), values of `Label`
    confidence: NDArray[np.float32]  # (slice, phase), 0 to 1: mean winning probability over the heart and its rim
    model: ModelIdentity
    runtime: Runtime
    notes: tuple[Message, ...]  # what was changed after the network; goes into `quality`
    doubts: tuple[Message, ...] = ()  # what puts every number in doubt; goes into `quality`
    uncertain_px: NDArray[np.float32] | None = None
    """(slice, phase, label): see `frame_model.Certainty`; None in results kept before it was."""
    reliability: Reliability | None = None  # of the model
