"""Everything that decides a training run, in one validated value that is kept beside its weights."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cinecor_training.augmentation import AugmentationStrength
from cinecor_training.data.settings import SourceSettings, SplitSettings


class TrainingConfig(BaseModel):
    """The recipe; by default the bundled model's network, trained in one go instead of by its chain of recipes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[int, ...] = (32, 64, 128, 144, 144)
    neighbours: int = Field(1, ge=0, le=3)
    spacing_mm: float = Field(1.25, gt=0.3, lt=5.0)
    size_px: int = Field(160, ge=32)
    crop_px: int | None = Field(None, ge=32, description="what a step sees of size_px, where time is short; none: all")
    canvas_px: int = Field(256, ge=32)
    batch: int = Field(16, ge=1)
    steps: int = Field(10_000, ge=1)
    warmup_steps: int = Field(200, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-3, ge=0)
    average_decay: float = Field(0.999, ge=0, lt=1)
    seed: int = 0
    arithmetic: Literal["auto", "float32", "bfloat16"] = "auto"
    shares: dict[str, float] = Field({}, description="share of every batch by source name; none: every frame alike")
    conventions: tuple[str, ...] = Field((), description="sources whose readers draw by a convention of their own")
    start: Path | None = Field(None, description="run folder, safetensors file or package whose weights come first")
    average_with_start: float = Field(
        0, ge=0, lt=1, description="share of the starting weights in those that are kept: what it forgets comes back"
    )
    checkpoint_every: int = Field(250, ge=1)
    evaluate_every: int = Field(1000, ge=1)
    augmentation: AugmentationStrength = AugmentationStrength()
    data: tuple[SourceSettings, ...] = ()
    split: SplitSettings = SplitSettings()

    @classmethod
    def from_file(cls, path: Path) -> "TrainingConfig":
        """Read a config from JSON; raises pydantic's `ValidationError`, which names the field at fault."""
        return cls.model_validate_json(path.read_bytes())

    def same_recipe(self, other: "TrainingConfig") -> bool:
        """Return whether two configs train the same, wherever the data lie: those are compared by content."""
        return self.model_dump(exclude={"data", "split"}) == other.model_dump(exclude={"data", "split"})

    @model_validator(mode="after")
    def _sizes_fit(self) -> "TrainingConfig":
        if not self.channels or min(self.channels) < 1:
            raise ValueError("channels: needs at least one level, each of one channel or more")
        if self.size_px % 2 ** len(self.channels):
            raise ValueError(
                f"size_px: {self.size_px} is no multiple of {2 ** len(self.channels)}, which {len(self.channels)} "
                "levels of channels need"
            )
        if self.average_with_start and self.start is None:
            raise ValueError("average_with_start: there is no start to average with")
        if any(share <= 0 for share in self.shares.values()):
            raise ValueError("shares: every share is above 0")
        if len(set(self.conventions)) < len(self.conventions):
            raise ValueError("conventions: a source is named twice")
        if self.crop_px is not None and (self.crop_px > self.size_px or self.crop_px % 2 ** len(self.channels)):
            raise ValueError(
                f"crop_px: {self.crop_px} is no multiple of {2 ** len(self.channels)} up to {self.size_px}"
            )
        if self.canvas_px < self.size_px:
            raise ValueError(f"canvas_px: {self.canvas_px} is less than size_px, {self.size_px}")
        return self


def config_problems(error: ValidationError) -> tuple[str, ...]:
    """Return one line for each thing that is wrong in a config: the field, the cause, what stands there."""
    lines = []
    for one in error.errors():
        where = ".".join(str(part) for part in one["loc"])
        what = one["msg"].removeprefix("Value error, ")
        given = one["input"]
        shown = f" (it is {given!r})" if isinstance(given, str | int | float | bool) and where else ""
        lines.append(f"'{where}': {what}{shown}" if where else what)
    return tuple(lines)
