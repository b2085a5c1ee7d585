"""Everything that decides a training run, in one validated value that is kept beside its weights."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class TrainingConfig(BaseModel):
    """The recipe; the defaults are the bundled model's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[int, ...] = (32, 64, 128, 160, 160)
    neighbours: int = Field(1, ge=0, le=3)
    spacing_mm: float = Field(1.25, gt=0.3, lt=5.0)
    size_px: int = Field(192, ge=32)
    canvas_px: int = Field(264, ge=32)
    batch: int = Field(16, ge=1)
    steps: int = Field(10_000, ge=1)
    warmup_steps: int = Field(200, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-3, ge=0)
    average_decay: float = Field(0.999, ge=0, lt=1)
    seed: int = 0
    checkpoint_every: int = Field(250, ge=1)
    evaluate_every: int = Field(1000, ge=1)

    @classmethod
    def from_file(cls, path: Path) -> "TrainingConfig":
        """Read a config from JSON; raises pydantic's `ValidationError`, which names the field at fault."""
        return cls.model_validate_json(path.read_text())
