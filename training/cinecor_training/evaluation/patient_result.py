"""What one patient gave: model against reader, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StructureResult:
    """One structure in one labelled stack. Levels are `Level` values; errors are model − reader."""

    dice: float  # 3D; 1 when model and reader both have none
    hausdorff95_mm: float | None  # 3D; None when model or reader has none
    surface_distance_mm: float | None  # average symmetric, 3D; None when model or reader has none
    model_ml: float
    reader_ml: float
    level_dice: dict[str, float | None]  # None where both have none: there is nothing to agree on
    level_error_ml: dict[str, float]

    @property
    def missed(self) -> bool:
        """The reader drew the structure, the model nothing of it."""
        return self.reader_ml > 0 and self.model_ml == 0


@dataclass(frozen=True, slots=True)
class StackResult:
    """One labelled stack: a patient at one moment, by structure ("rv", "myo", "lv")."""

    moment: str  # "ED" or "ES"
    structures: dict[str, StructureResult]
    missed_lv_slices: int  # slices with LV cavity by the reader and none by the model
    added_lv_slices: int  # the other way round


@dataclass(frozen=True, slots=True)
class Paired:
    """One clinical number twice; None where it cannot be computed."""

    model: float | None
    reader: float | None


@dataclass(frozen=True, slots=True)
class PatientResult:
    """All stacks of one patient; `function` (see `QUANTITIES`) is empty unless ED and ES are both labelled."""

    patient: str
    group: str
    stacks: tuple[StackResult, ...]
    function: dict[str, Paired]
    seconds: float  # reading and segmenting all stacks


QUANTITIES = {
    "lv_edv_ml": "LV EDV, mL",
    "lv_esv_ml": "LV ESV, mL",
    "lv_ef_points": "LV EF, points",
    "lv_mass_g": "LV mass, g",
    "rv_edv_ml": "RV EDV, mL",
    "rv_esv_ml": "RV ESV, mL",
    "rv_ef_points": "RV EF, points",
}
"""The numbers that are compared, and what a reader calls them. An error of an EF is in percentage points."""

STRUCTURES = {"rv": "RV cavity", "myo": "Myocardium", "lv": "LV cavity"}
"""Structures by name, in the order of their labels."""
