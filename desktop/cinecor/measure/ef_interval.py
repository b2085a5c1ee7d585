"""`EfRange`: where the true ejection fraction lies, by how far that of other patients lay from the model's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.inference.package.reliability import LEAST_HALF_WIDTH, EfInterval
from cinecor.measure.conventions import LARGEST_SLICE_SPACING_MM
from cinecor.measure.measurements import Measurements
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.study.cine_stack import StackGeometry


@dataclass(frozen=True, slots=True)
class EfRange:
    """An interval that held the true ejection fraction in nine of ten patients; model error only."""

    low_percent: float
    high_percent: float
    constants: EfInterval  # whose errors it rests on


def interval_message(ventricle: Ventricle, *, low_percent: float, high_percent: float, patients: int) -> Message:
    """Return how an interval is told."""
    return Message(
        "ef_interval",
        "{ventricle} EF between {low:.0f} and {high:.0f} % by experts who see the whole cine, nine times in ten (model "
        "error only; calibrated on {patients} patients).",
        ventricle=ventricle.message,
        low=low_percent,
        high=high_percent,
        patients=patients,
    )


def why_no_ef_range(ventricle: Ventricle, *, segmentation: Segmentation, geometry: StackGeometry) -> Message | None:
    """Return why no interval of the EF of the model's own outlines could hold; None where one does."""
    if _constants(ventricle, segmentation) is None or segmentation.uncertain_px is None:
        return Message(
            "no_ef_interval_model",
            "No interval of the {ventricle} EF: the model does not tell by how much it may be off.",
            ventricle=ventricle.message,
        )
    if geometry.slice_spacing_mm > LARGEST_SLICE_SPACING_MM:
        return Message(
            "no_ef_interval_apart",
            "No interval of the {ventricle} EF: slices lie {apart_mm:.1f} mm apart, those of the patients whose errors "
            "it would rest on at most {most_mm:.0f} mm.",
            ventricle=ventricle.message,
            apart_mm=float(geometry.slice_spacing_mm),
            most_mm=LARGEST_SLICE_SPACING_MM,
        )
    return None


def _constants(ventricle: Ventricle, segmentation: Segmentation) -> EfInterval | None:
    return None if segmentation.reliability is None else segmentation.reliability.ef.get(ventricle.value)


def ef_range(
    ventricle: Ventricle, *, measurements: Measurements, segmentation: Segmentation, geometry: StackGeometry
) -> EfRange | None:
    """Return the interval of the EF of the model's own outlines; None where it could not hold (`why_no_ef_range`).

    That is where the model brings no constants for the ventricle, or where slices lie farther apart than is usual: the
    calibrating patients have 5 to 10 mm.

    Split-conformal (Vovk 2005, Lei 2018): low and high are EF + scale × the quantiles of (true − model) / scale
    over calibrating patients, 5 % left out on each side; the scale comes from how uncertain the cavity's pixels are at
    ED and ES. Never nearer to the EF than `LEAST_HALF_WIDTH`, never outside 0 to 100 %.
    """
    function, moments = measurements.of(ventricle), measurements.moments
    constants = _constants(ventricle, segmentation)
    ef, edv_ml = function.ef_percent, function.edv_ml
    if why_no_ef_range(ventricle, segmentation=segmentation, geometry=geometry) is not None:
        return None
    assert constants is not None
    assert segmentation.uncertain_px is not None
    if ef is None or edv_ml is None or moments.ed is None or moments.es is None:
        return None
    own = Label.LV if ventricle is Ventricle.LV else Label.RV
    uncertain_ml = (segmentation.uncertain_px[..., own] * geometry.pixel_ml[:, None]).sum(axis=0)
    features = ef_features(edv_ml=edv_ml, uncertain_ml=uncertain_ml, ed_phase=moments.ed, es_phase=moments.es)
    low, high = ef_bounds(ef, features, constants)
    return EfRange(low, high, constants)


def ef_bounds(ef_percent: float, features: Sequence[float], constants: EfInterval) -> tuple[float, float]:
    """Return low and high end, %: what is shown, and what is held against patients whose true EF is known."""
    scale = ef_scale(features, constants.scale)
    low = ef_percent + min(constants.below * scale, -LEAST_HALF_WIDTH)
    high = ef_percent + max(constants.above * scale, LEAST_HALF_WIDTH)
    return max(low, 0.0), min(high, 100.0)


def ef_features(
    *, edv_ml: float, uncertain_ml: NDArray[np.float64], ed_phase: int, es_phase: int
) -> tuple[float, float]:
    """Return what the expected error of an EF is told from: uncertain volume (phase,) at ED and ES over the EDV."""
    return float(uncertain_ml[ed_phase]) / edv_ml, float(uncertain_ml[es_phase]) / edv_ml


def ef_scale(features: Sequence[float], weights: Sequence[float]) -> float:
    """Return the expected error in points plus 1; `weights` are those of its logarithm, the intercept first."""
    total = weights[0] + sum(weight * value for weight, value in zip(weights[1:], features, strict=True))
    return math.exp(min(max(total, 0.0), math.log(50.0)))
