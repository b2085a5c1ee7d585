"""`HeartShape`: the anatomy and the beat of a synthetic heart, as numbers a cardiologist would name."""

import math
from dataclasses import dataclass
from typing import Self

from cinecor.errors import UsageError
from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML
from cinecor.message import Message
from cinecor_phantom.ranges import fields_of, require_within

# (lowest, highest) accepted value of each field: wide enough for disease, narrow enough that the model stays a heart.
RANGES: dict[str, tuple[float, float]] = {
    "lv_edv_ml": (40.0, 400.0),
    "lv_esv_ml": (10.0, 350.0),
    "lv_mass_g": (40.0, 350.0),
    "rv_edv_ml": (50.0, 400.0),
    "rv_esv_ml": (15.0, 350.0),
    "heart_rate_bpm": (35.0, 150.0),
    "lv_length_mm": (55.0, 130.0),
    "base_descent_mm": (2.0, 22.0),
    "rv_base_descent_mm": (3.0, 28.0),
    "base_tilt_deg": (0.0, 15.0),
    "apical_wall_mm": (2.0, 12.0),
    "rv_half_angle_deg": (55.0, 95.0),
    "rv_direction_deg": (-25.0, 35.0),
    "atrial_kick": (0.0, 0.35),
    "trabeculation": (0.0, 1.5),
    "epicardial_fat_mm": (0.0, 12.0),
}


@dataclass(frozen=True, slots=True)
class HeartShape:
    """The anatomy of one phantom heart, in the units of its field names.

    The left ventricle is a truncated ellipsoid inside another; the right ventricle a crescent on the septum.
    Lengths are measured along the long axis at end-diastole. Raises `UsageError` for a value outside `RANGES` or
    for values that contradict each other (a stroke volume of nothing, a wall too thin or too thick to be one).
    """

    lv_edv_ml: float = 150.0
    lv_esv_ml: float = 58.0
    lv_mass_g: float = 118.0
    rv_edv_ml: float = 165.0
    rv_esv_ml: float = 73.0
    heart_rate_bpm: float = 66.0
    lv_length_mm: float = 92.0  # base plane to endocardial apex
    base_descent_mm: float = 12.0  # wanted mitral excursion; settled on the slices by at most half a slice spacing
    rv_base_descent_mm: float = 18.0  # wanted tricuspid excursion, settled likewise
    base_tilt_deg: float = 5.0  # between base plane and slices
    apical_wall_mm: float = 6.0  # wanted thickness of the apex at end-diastole, settled likewise
    rv_half_angle_deg: float = 72.0  # half of the angle the crescent spans around the long axis
    rv_direction_deg: float = 12.0  # the crescent's middle: 0 is image left before rotation, positive is anterior
    atrial_kick: float = 0.18  # share of the stroke volume that the atrium adds at the end of diastole
    trabeculation: float = 1.0  # strength of trabeculae and papillary muscles in the picture; labels ignore it
    epicardial_fat_mm: float = 5.0

    def __post_init__(self) -> None:
        require_within(RANGES, fields_of(self))
        for name, edv, esv in (("LV", self.lv_edv_ml, self.lv_esv_ml), ("RV", self.rv_edv_ml, self.rv_esv_ml)):
            if not 0.08 <= 1 - esv / edv <= 0.85:
                raise UsageError(
                    Message(
                        "phantom_ef_unfit",
                        "Phantom {name} volumes {edv:g} and {esv:g} mL give an ejection fraction of {ef:.0f} %; "
                        "choose volumes that give 8 to 85 %.",
                        name=name,
                        edv=edv,
                        esv=esv,
                        ef=100 * (1 - esv / edv),
                    )
                )
        if not 0.9 <= self.myocardium_ml / self.lv_edv_ml ** (2 / 3) <= 9.0:
            raise UsageError(
                Message(
                    "phantom_mass_unfit",
                    "Phantom mass {mass_g:g} g does not fit a cavity of {edv_ml:g} mL: the wall would be too thin or "
                    "too thick to be one; choose a mass nearer to 0.8 g per mL.",
                    mass_g=self.lv_mass_g,
                    edv_ml=self.lv_edv_ml,
                )
            )

    @classmethod
    def of_volumes(
        cls,
        lv_edv_ml: float,
        lv_esv_ml: float,
        *,
        lv_mass_g: float | None = None,
        rv_edv_ml: float | None = None,
        rv_esv_ml: float | None = None,
        heart_rate_bpm: float = 66.0,
    ) -> Self:
        """Return a heart of these volumes: what is not given follows (length, mass, excursions, the RV's volumes).

        The right ventricle ejects what the left one does. Raises `UsageError` as the class does.
        """
        ef = min(max(1.0 - lv_esv_ml / max(lv_edv_ml, 1.0), 0.0), 1.0)
        stroke_ml = lv_edv_ml - lv_esv_ml
        if rv_edv_ml is None:
            rv_edv_ml = (
                min(max(stroke_ml / 0.557, 80.0, stroke_ml + 20.0), 350.0)
                if rv_esv_ml is None
                else rv_esv_ml + stroke_ml
            )
        length = min(max(92.0 * (max(lv_edv_ml, 1.0) / 150.0) ** (1 / 3), 60.0), 125.0)
        return cls(
            lv_edv_ml=lv_edv_ml,
            lv_esv_ml=lv_esv_ml,
            lv_mass_g=118.0 * lv_edv_ml / 150.0 if lv_mass_g is None else lv_mass_g,
            rv_edv_ml=rv_edv_ml,
            rv_esv_ml=rv_edv_ml - stroke_ml if rv_esv_ml is None else rv_esv_ml,
            heart_rate_bpm=heart_rate_bpm,
            lv_length_mm=length,
            base_descent_mm=min(max(12.0 * ef / 0.61, 2.5), 16.0),
            rv_base_descent_mm=min(max(18.0 * ef / 0.61, 4.0), 24.0),
        )

    @property
    def myocardium_ml(self) -> float:
        """Volume of the LV myocardium, the same in every phase: muscle hardly changes its volume."""
        return self.lv_mass_g / MYOCARDIAL_DENSITY_G_PER_ML

    @property
    def rr_ms(self) -> float:
        """The R-R interval."""
        return 60_000.0 / self.heart_rate_bpm

    @property
    def systole_ms(self) -> float:
        """R wave to end-systole: 350 ms at an R-R interval of 1 s, shorter with its square root (Bazett's rule)."""
        return min(350.0 * math.sqrt(self.rr_ms / 1000.0), 0.5 * self.rr_ms)
