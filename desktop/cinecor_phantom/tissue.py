"""`Tissue`: how bright each tissue is in balanced steady-state free precession (bSSFP), the sequence of cine MRI."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tissue:
    """Relaxation of a tissue at 1.5 T and 3 T, and its proton density relative to blood.

    T1 and T2 in ms. Muscle, heart, liver, blood and cord: Stanisz et al., Magn Reson Med 2005;54:507–512. Fat, spleen
    and marrow: de Bazelaire et al., Radiology 2004;230:652–659. Fluid, lung and venous blood (T2 shortened by
    deoxygenation): rounded to what cines show.
    """

    t1_ms: tuple[float, float]
    t2_ms: tuple[float, float]
    density: float
    fat: bool = False

    def signal(self, *, flip_angle_deg: float, field_strength_t: float) -> float:
        """Return the steady-state signal, negative for fat.

        For TR ≪ T2:  M = density · sin α / ((T1/T2 + 1) − cos α (T1/T2 − 1))  (Scheffler and Lehnhardt, Eur Radiol
        2003;13:2409–2418). At TE = TR/2 fat is opposed to water, so its sign is negative: voxels that hold both cancel
        to the black line that outlines organs in cine images.
        """
        share = min(max((field_strength_t - 1.5) / 1.5, 0.0), 1.0)
        t1 = self.t1_ms[0] + share * (self.t1_ms[1] - self.t1_ms[0])
        t2 = self.t2_ms[0] + share * (self.t2_ms[1] - self.t2_ms[0])
        alpha, ratio = math.radians(flip_angle_deg), t1 / t2
        signal = self.density * math.sin(alpha) / ((ratio + 1.0) - math.cos(alpha) * (ratio - 1.0))
        return -signal if self.fat else signal


TISSUES: dict[str, Tissue] = {
    "blood": Tissue((1441.0, 1932.0), (290.0, 275.0), 1.10),  # inflow of fresh spins brightens it
    "venous": Tissue((1441.0, 1932.0), (200.0, 160.0), 1.10),
    "heart": Tissue((1030.0, 1471.0), (40.0, 47.0), 0.90),
    "muscle": Tissue((1008.0, 1412.0), (44.0, 50.0), 0.62),
    "liver": Tissue((576.0, 812.0), (46.0, 42.0), 0.62),
    "spleen": Tissue((1057.0, 1328.0), (79.0, 61.0), 0.85),
    "fat": Tissue((343.0, 382.0), (58.0, 68.0), 1.05, fat=True),
    "marrow": Tissue((549.0, 586.0), (49.0, 49.0), 0.45),
    "cord": Tissue((745.0, 993.0), (74.0, 78.0), 0.8),
    "fluid": Tissue((2500.0, 3000.0), (700.0, 700.0), 0.9),
    "lung": Tissue((1200.0, 1400.0), (40.0, 30.0), 0.10),
    "gas": Tissue((1000.0, 1000.0), (50.0, 50.0), 0.03),
    "bone": Tissue((1000.0, 1000.0), (50.0, 50.0), 0.12),
    "skin": Tissue((900.0, 1000.0), (40.0, 35.0), 0.7),
    "bowel": Tissue((900.0, 1200.0), (50.0, 50.0), 0.6),
}


def signals(*, flip_angle_deg: float, field_strength_t: float) -> dict[str, float]:
    """Return the signal of every tissue relative to blood."""
    raw = {
        name: tissue.signal(flip_angle_deg=flip_angle_deg, field_strength_t=field_strength_t)
        for name, tissue in TISSUES.items()
    }
    return {name: value / raw["blood"] for name, value in raw.items()}
