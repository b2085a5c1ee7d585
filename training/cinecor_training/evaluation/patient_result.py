"""What one patient gave: model against reader, in numbers."""

from dataclasses import dataclass

from cinecor.measure.quantity import Quantity, quantity
from cinecor.measure.ventricle import Ventricle


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
    seconds: float  # reading and segmenting all stacks; 0 where outlines were kept and no time was taken


COMPARED: dict[str, tuple[Ventricle, Quantity]] = {
    "lv_edv_ml": (Ventricle.LV, quantity("edv_ml")),
    "lv_esv_ml": (Ventricle.LV, quantity("esv_ml")),
    "lv_ef_points": (Ventricle.LV, quantity("ef_percent")),
    "lv_mass_g": (Ventricle.LV, quantity("mass_g")),
    "rv_edv_ml": (Ventricle.RV, quantity("edv_ml")),
    "rv_esv_ml": (Ventricle.RV, quantity("esv_ml")),
    "rv_ef_points": (Ventricle.RV, quantity("ef_percent")),
}
"""The numbers that are compared, by their name in reports and records."""


_INSIDE_A_SENTENCE = {"mass_g": "mass"}  # what is no abbreviation


def _title(ventricle: Ventricle, compared: Quantity) -> str:
    """Return what a reader calls it, with the unit of its error: that of an EF is in percentage points."""
    name = _INSIDE_A_SENTENCE.get(compared.field, str(compared.name))
    return f"{ventricle.message} {name}, {'points' if compared.unit == '%' else compared.unit}"


QUANTITIES = {name: _title(*compared) for name, compared in COMPARED.items()}
"""What a reader calls the numbers that are compared."""

STRUCTURES = {"rv": "RV cavity", "myo": "Myocardium", "lv": "LV cavity"}
"""Structures by name, in the order of their labels."""
