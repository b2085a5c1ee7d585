"""`Truth`: what the phantom's volumes are, from the closed forms and not from its pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML
from cinecor_phantom.beat import HeartMoment
from cinecor_phantom.shape import HeartShape


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Closed-form volumes at each acquired phase (mL), and what follows from them; arrays are read-only."""

    lv_ml: NDArray[np.float64]  # (phase,)
    rv_ml: NDArray[np.float64]  # (phase,)
    myo_ml: NDArray[np.float64]  # (phase,)
    heart_rate_bpm: float

    @classmethod
    def of(cls, shape: HeartShape, moments: list[HeartMoment]) -> "Truth":
        """Return the truth of the moments at which a heart was seen."""
        lv = np.array([moment.endo.volume_ml() for moment in moments])
        rv = np.array([moment.rv.volume_ml() for moment in moments])
        myo = np.array([moment.epi.volume_ml() for moment in moments]) - lv
        for array in (lv, rv, myo):
            array.flags.writeable = False
        return cls(lv, rv, myo, shape.heart_rate_bpm)

    @property
    def ed_phase(self) -> int:
        """The phase of the largest LV volume."""
        return int(np.argmax(self.lv_ml))

    @property
    def es_phase(self) -> int:
        """The phase of the smallest LV volume."""
        return int(np.argmin(self.lv_ml))

    @property
    def lv_edv_ml(self) -> float:
        """LV volume at end-diastole."""
        return float(self.lv_ml[self.ed_phase])

    @property
    def lv_esv_ml(self) -> float:
        """LV volume at end-systole."""
        return float(self.lv_ml[self.es_phase])

    @property
    def lv_ef_percent(self) -> float:
        """(EDV − ESV) / EDV."""
        return 100.0 * (1.0 - self.lv_esv_ml / self.lv_edv_ml)

    @property
    def lv_mass_g(self) -> float:
        """Myocardial volume at end-diastole × 1.05 g/mL."""
        return float(self.myo_ml[self.ed_phase]) * MYOCARDIAL_DENSITY_G_PER_ML

    @property
    def rv_edv_ml(self) -> float:
        """RV volume at the LV's end-diastole."""
        return float(self.rv_ml[self.ed_phase])

    @property
    def rv_esv_ml(self) -> float:
        """RV volume at the LV's end-systole."""
        return float(self.rv_ml[self.es_phase])

    @property
    def rv_ef_percent(self) -> float:
        """(EDV − ESV) / EDV of the right ventricle."""
        return 100.0 * (1.0 - self.rv_esv_ml / self.rv_edv_ml)

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain numbers, with units in the names."""

        def side(edv: float, esv: float, ef: float) -> dict[str, float]:
            output = (edv - esv) * self.heart_rate_bpm / 1000.0
            return {"edv_ml": edv, "esv_ml": esv, "sv_ml": edv - esv, "ef_percent": ef, "co_l_min": output}

        return {
            "ed_phase": self.ed_phase,
            "es_phase": self.es_phase,
            "heart_rate_bpm": self.heart_rate_bpm,
            "lv": side(self.lv_edv_ml, self.lv_esv_ml, self.lv_ef_percent) | {"mass_g": self.lv_mass_g},
            "rv": side(self.rv_edv_ml, self.rv_esv_ml, self.rv_ef_percent),
            "volumes_ml": {"lv": self.lv_ml.tolist(), "rv": self.rv_ml.tolist(), "myo": self.myo_ml.tolist()},
        }
