"""`Reliability`: how wrong a model was on patients it never saw, as constants by which its doubt is told.

A part of the model package. Packages without it, and bare ONNX files, tell no expected error and no interval.
"""

import json
from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cinecor.errors import ModelRefused
from cinecor.message import Message

RELIABILITY: Final = "reliability.json"
"""Its entry in the package."""

FEWEST_PATIENTS: Final = 30
"""No interval is told that fewer patients calibrate, or check."""

LEAST_HALF_WIDTH: Final = 3.0
"""Points of LVEF: two readers of one cine differ by as much, so that no narrower interval means anything."""

EF_FEATURES: Final = 2
"""What tells the scale of an EF interval: the uncertain volume at ED and at ES (see `measure.ef_interval`)."""

Chamber = Literal["lv", "rv"]


class FrameKind(StrEnum):
    """Where a frame lies on a ventricle at its phase."""

    BASE = "base"  # outlined: the most basal one
    MIDDLE = "middle"
    APEX = "apex"  # the most apical one
    ABOVE = "above"  # empty, next to the most basal one
    HIGHER = "higher"  # empty, one further
    BELOW = "below"  # empty, next to the most apical one

    @property
    def outlined(self) -> bool:
        """Whether something is outlined in such a frame."""
        return self in (FrameKind.BASE, FrameKind.MIDDLE, FrameKind.APEX)

    @property
    def features(self) -> int:
        """How many features tell the chance of a wrong outline (see `measure.findings.frame_doubt`)."""
        return 5 if self.outlined else 3

    @property
    def error_parts(self) -> int:
        """How many volumes tell the expected error: of an outlined frame the uncertain ones apart."""
        return 4 if self.outlined else 2


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)  # a later version may add fields


class FrameRisk(_Part):
    """What frames of one kind were like; see `measure.findings.frame_doubt` for the features."""

    wrong: tuple[float, ...] = Field(min_length=2)  # log-odds of a Dice below 0.7: intercept, then one a feature
    error: tuple[float, ...] = Field(min_length=1)  # expected error in mL: one for each part of it


class MarkLimits(_Part):
    """The chance of a wrong outline from which a frame of one ventricle is marked."""

    outlined: float = Field(gt=0, lt=1)
    empty: float = Field(gt=0, lt=1)  # where nothing is outlined: something may be missing


class Coverage(_Part):
    """How often an interval held the truth on patients that neither made nor calibrated it."""

    data: str
    whole_cine: bool = True  # the truth is the cine's EF; what readers drew on given frames is told for comparison
    patients: int = Field(ge=1)
    inside: int = Field(ge=0)
    mean_width: float  # points


class EfInterval(_Part):
    """How far the true ejection fraction of a cine lay from the model's, as a conformal interval."""

    data: str
    fitted: int = Field(ge=1)  # patients behind `scale`
    calibrated: int = Field(ge=FEWEST_PATIENTS)  # patients behind `below` and `above`
    scale: tuple[float, ...] = Field(min_length=1)  # log of the expected error in points: intercept, then features
    below: float  # quantiles of (true − model) / scale
    above: float
    reported: tuple[Coverage, ...] = ()


class Reliability(_Part):
    """What is known of a model's errors."""

    format_version: int = 1
    data: str  # whose frames are behind `frames`
    frames: dict[Chamber, dict[FrameKind, FrameRisk]]
    limits: dict[Chamber, MarkLimits]
    ef: dict[Chamber, EfInterval] = {}

    @model_validator(mode="after")
    def _every_chamber_has_limits(self) -> Self:
        if self.frames.keys() - self.limits.keys():
            raise ValueError("limits are missing for a ventricle that has constants")
        return self

    @model_validator(mode="after")
    def _every_feature_has_its_weight(self) -> Self:
        for risks in self.frames.values():
            for kind, risk in risks.items():
                if (len(risk.wrong), len(risk.error)) != (1 + kind.features, kind.error_parts):
                    raise ValueError(f"{kind}: not one weight for each feature")
        if any(len(interval.scale) != 1 + EF_FEATURES for interval in self.ef.values()):
            raise ValueError("the scale of an EF interval has not one weight for each feature")
        return self

    def to_json(self) -> str:
        """Return the text of the part."""
        return self.model_dump_json(indent=1) + "\n"


def reliability_from_json(text: bytes, *, name: str) -> Reliability:
    """Read the part of the package `name`. Raises `ModelRefused` when it is malformed."""
    try:
        return Reliability.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError) as error:
        raise ModelRefused(
            Message(
                "reliability_unreadable",
                "{name}: what it says of its errors is unreadable; export the model again.",
                name=name,
            )
        ) from error
