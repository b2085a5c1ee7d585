"""`Acquisition`: how the phantom is scanned: slices, phases, matrix, orientation and image quality."""

from dataclasses import dataclass

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_phantom.ranges import fields_of, require_within

RANGES: dict[str, tuple[float, float]] = {
    "slices": (1, 40),
    "phases": (1, 80),
    "rows": (48, 512),
    "columns": (48, 512),
    "pixel_spacing_mm": (0.6, 4.0),
    "slice_thickness_mm": (2.0, 12.0),
    "slice_gap_mm": (0.0, 14.0),
    "slices_above_base": (0, 8),
    "base_in_slice": (0.0, 1.0),
    "in_plane_rotation_deg": (-180.0, 180.0),
    "heart_right_mm": (-90.0, 90.0),
    "heart_down_mm": (-90.0, 90.0),
    "flip_angle_deg": (20.0, 80.0),
    "field_strength_t": (1.5, 3.0),
    "noise": (0.0, 0.3),
    "shading": (0.0, 1.5),
    "resolution": (0.5, 1.0),
}


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One short-axis cine protocol. Raises `UsageError` for a value outside `RANGES`."""

    slices: int = 11
    phases: int = 25
    rows: int = 208
    columns: int = 256
    pixel_spacing_mm: float = 1.40625
    slice_thickness_mm: float = 8.0
    slice_gap_mm: float = 2.0
    slices_above_base: int = 1
    base_in_slice: float = 0.0  # wanted place of the end-diastolic base plane within its slice; settled, see settling
    in_plane_rotation_deg: float = 0.0  # turns the field of view about the long axis
    heart_right_mm: float = 12.0  # LV axis from the middle of the image
    heart_down_mm: float = -6.0
    flip_angle_deg: float = 50.0
    field_strength_t: float = 1.5
    noise: float = 0.02  # standard deviation of the noise as a share of the blood signal at the heart
    shading: float = 1.0  # strength of the surface coils' fall-off; 0 is a flat field
    resolution: float = 0.85  # share of k-space that was acquired; the rest is zero-filled

    def __post_init__(self) -> None:
        require_within(RANGES, fields_of(self))
        for name in ("slices", "phases", "rows", "columns", "slices_above_base"):
            if not isinstance(getattr(self, name), int):
                raise UsageError(
                    Message(
                        "phantom_number_not_whole",
                        "Phantom {name} = {value} must be a whole number.",
                        name=name,
                        value=getattr(self, name),
                    )
                )

    @property
    def slice_spacing_mm(self) -> float:
        """Centre to centre: thickness + gap."""
        return self.slice_thickness_mm + self.slice_gap_mm


# A scan small enough for tests: the same anatomy on a coarse matrix, made in well under a second.
SMALL = Acquisition(slices=10, phases=10, rows=88, columns=104, pixel_spacing_mm=2.6, slice_gap_mm=3.0)
