"""Findings about the numbers: values and curves that no heart, or hardly any, shows."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.measurements import Measurements, Ventricle
from cinecor.measure.quality import Finding, Severity, listed

# "Experts" below: the labels of the 79 ACDC training patients (normal, infarct, dilated, hypertrophic, abnormal RV).

EF_RANGE_PERCENT = (5.0, 85.0)
"""Experts: 10 to 82 % for the LV, 2 to 73 % for the RV; a living patient's lies inside but for rare cases."""

EDV_RANGE_ML = (15.0, 600.0)
"""Experts: 47 to 374 ml; a wide margin for children and for very large hearts."""

STROKE_VOLUME_MISMATCH = 0.25
"""|LV SV - RV SV| over their mean. Without regurgitation or shunt both are equal; half of the experts' labels differ by
more than 25 % and two in five by more than 35 %: a warning so often would be read by nobody, so it is information."""

STROKE_VOLUME_GROSS_MISMATCH = 0.5
STROKE_VOLUME_GROSS_MISMATCH_ML = 20.0
"""Beyond both, one case in six by experts: regurgitation, a shunt, or a basal slice that was drawn wrong."""

MYOCARDIUM_CHANGE = 0.2
"""Muscle keeps its volume through the cycle, labels do not: experts' MYO at ES over ED is 1.14 in the median, and off
by more than 20 % in 17 of 79."""

MYOCARDIUM_GROSS_CHANGE = 0.4
"""Experts: 1 of 79."""

FEWEST_PHASES_FOR_FUNCTION = 8
"""With 7 phases or fewer, they lie a seventh of the cycle or more apart: none may be near ES."""

FEWEST_PHASES_FOR_SHAPE = 10
"""With fewer phases a real curve jumps as much as a faulty one, so its shape is not judged."""

SPIKE_FRACTION = 0.2
"""Distance of one phase from the median of itself and its two neighbours, over the curve's range. On a rising or
falling stretch it is 0; at a sharp end-systole sampled with 10 phases about 0.15."""

SPIKE_LEAST_ML = 5.0
"""Below it a spike moves no number that two readers would agree on (EDV between readers: 15 ml, Suinesiaputra 2015)."""

SYSTOLE_RANGE = (0.2, 0.7)
"""From ED to ES as a part of all phases; experts 0.25 to 0.69."""

HEART_RATE_RANGE_BPM = (25.0, 220.0)
"""Outside, a tag is wrong rather than the heart."""


def curve_findings(measurements: Measurements) -> Iterator[Finding]:
    """Phases without a structure, too few of them, spikes in the LV curve, and an ES too early or too late after ED."""
    phases = len(measurements.lv_ml)
    if 2 <= phases < FEWEST_PHASES_FOR_FUNCTION:
        yield Finding(
            "few_phases",
            Severity.DOUBTFUL,
            f"With {phases} phases (at least {FEWEST_PHASES_FOR_FUNCTION} are usual) ED and ES may be missed: "
            "the true EDV may be larger, the true ESV smaller.",
            concerns=("lv", "rv"),
        )
    for name, curve_ml in (("LV", measurements.lv_ml), ("RV", measurements.rv_ml)):
        if 0 < np.count_nonzero(curve_ml) < len(curve_ml):
            empty = np.flatnonzero(curve_ml == 0)
            yield Finding(
                "missing_in_phases",
                Severity.DOUBTFUL,
                f"The {name} was not found in {listed(empty, 'phase')}, though it is in others.",
                phases=tuple(int(phase) for phase in empty),
                concerns=(name.lower(),),
            )
        elif not curve_ml.any():
            yield Finding(
                "not_found",
                Severity.DOUBTFUL,
                f"The {name} was not found in any phase: whether it is not in the images or was not recognised, they "
                "must be looked at.",
                concerns=(name.lower(),),
            )
    if phases >= FEWEST_PHASES_FOR_SHAPE:
        yield from _spikes(measurements)
        yield from _systole(measurements)


def value_findings(measurements: Measurements) -> Iterator[Finding]:
    """EF and EDV outside what hearts show, unequal stroke volumes, and myocardium that changes its volume."""
    for name, ventricle in (("LV", measurements.lv), ("RV", measurements.rv)):
        yield from _outside(ventricle, name=name)
        yield from _no_ejection(ventricle, name=name)
    yield from _stroke_volumes(measurements.lv, measurements.rv)
    yield from _myocardium(measurements)


def heart_rate_findings(heart_rate_bpm: float | None) -> Iterator[Finding]:
    """A heart rate that is missing or that nobody has."""
    if heart_rate_bpm is None:
        yield Finding("no_heart_rate", Severity.INFO, "The heart rate is unknown: no cardiac output.", concerns=("co",))
    elif not HEART_RATE_RANGE_BPM[0] <= heart_rate_bpm <= HEART_RATE_RANGE_BPM[1]:
        yield Finding(
            "odd_heart_rate",
            Severity.DOUBTFUL,
            f"A heart rate of {heart_rate_bpm:.0f} /min is hardly possible: check it before using the cardiac output.",
            concerns=("co",),
        )


def _spikes(measurements: Measurements) -> Iterator[Finding]:
    curve_ml = measurements.lv_ml
    deviation_ml = np.abs(curve_ml - _median_of_three(curve_ml))
    limit_ml = max(SPIKE_FRACTION * float(np.ptp(curve_ml)), SPIKE_LEAST_ML)
    # A phase without an LV is told on its own, and would make spikes of its neighbours' medians.
    spikes = [int(phase) for phase in np.flatnonzero((deviation_ml > limit_ml) & (curve_ml > 0))]
    if not spikes:
        return
    deciding = [phase for phase in spikes if phase in (measurements.ed_phase, measurements.es_phase)]
    yield Finding(
        "volume_jump",
        Severity.DOUBTFUL if deciding else Severity.WARNING,
        f"The LV volume jumps in {listed(spikes, 'phase')} against both neighbours"
        + (", and such a phase was taken for ED or ES." if deciding else "."),
        phases=tuple(spikes),
        concerns=("lv",),
    )


def _median_of_three(curve_ml: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of each phase and its neighbours; the cycle closes, so the last phase is the first one's neighbour."""
    return np.asarray(
        np.quantile([np.roll(curve_ml, 1), curve_ml, np.roll(curve_ml, -1)], 0.5, axis=0), dtype=np.float64
    )


def _systole(measurements: Measurements) -> Iterator[Finding]:
    ed, es = measurements.ed_phase, measurements.es_phase
    if ed is None or es is None:
        return
    phases = len(measurements.lv_ml)
    part = ((es - ed) % phases) / phases
    if not SYSTOLE_RANGE[0] <= part <= SYSTOLE_RANGE[1]:
        beside = min((es - ed) % phases, (ed - es) % phases) == 1
        yield Finding(
            "odd_systole",
            Severity.DOUBTFUL if beside else Severity.WARNING,
            f"ES (phase {es}) follows ED (phase {ed}) by {100 * part:.0f} % of the cycle; "
            f"{100 * SYSTOLE_RANGE[0]:.0f} to {100 * SYSTOLE_RANGE[1]:.0f} % is usual.",
            phases=(ed, es),
            concerns=("lv", "rv"),
        )


def _outside(ventricle: Ventricle, *, name: str) -> Iterator[Finding]:
    ventricle_alone = (name.lower(),)
    # A size that no heart has is the scale's fault more often than the outline's, and the mass has the same scale.
    for value, unit, what, (lowest, highest), code, concerns in (
        (ventricle.ef_percent, "%", "ejection fraction", EF_RANGE_PERCENT, "odd_ef", ventricle_alone),
        (ventricle.edv_ml, "ml", "end-diastolic volume", EDV_RANGE_ML, "odd_edv", (*ventricle_alone, "mass")),
    ):
        if value is not None and not lowest <= value <= highest:
            yield Finding(
                code,
                Severity.DOUBTFUL,
                f"An {name} {what} of {value:.1f} {unit} is hardly possible "
                f"(expected {lowest:.0f} to {highest:.0f} {unit}).",
                concerns=concerns,
            )


def _no_ejection(ventricle: Ventricle, *, name: str) -> Iterator[Finding]:
    if ventricle.edv_ml is not None and ventricle.esv_ml is not None and ventricle.sv_ml is None:
        yield Finding(
            "no_ejection",
            Severity.DOUBTFUL,
            f"The {name} is not smaller at ES ({ventricle.esv_ml:.1f} ml) than at ED ({ventricle.edv_ml:.1f} ml).",
            concerns=(name.lower(),),
        )


def _stroke_volumes(lv: Ventricle, rv: Ventricle) -> Iterator[Finding]:
    if lv.sv_ml is None or rv.sv_ml is None:
        return
    difference_ml = abs(lv.sv_ml - rv.sv_ml)
    mismatch = difference_ml / ((lv.sv_ml + rv.sv_ml) / 2)
    if mismatch <= STROKE_VOLUME_MISMATCH:
        return
    gross = mismatch > STROKE_VOLUME_GROSS_MISMATCH and difference_ml > STROKE_VOLUME_GROSS_MISMATCH_ML
    yield Finding(
        "stroke_volume_mismatch",
        Severity.WARNING if gross else Severity.INFO,
        f"LV and RV stroke volume differ: {lv.sv_ml:.1f} and {rv.sv_ml:.1f} ml. Without regurgitation or shunt "
        "they are equal; look at the basal slices.",
        concerns=("lv", "rv"),
    )


def _myocardium(measurements: Measurements) -> Iterator[Finding]:
    ed, es = measurements.ed_phase, measurements.es_phase
    if ed is None or es is None or measurements.myo_ml[ed] == 0:
        return
    at_ed_ml, at_es_ml = float(measurements.myo_ml[ed]), float(measurements.myo_ml[es])
    change = abs(at_es_ml / at_ed_ml - 1.0)
    if change > MYOCARDIUM_CHANGE:
        yield Finding(
            "myocardium_changes",
            Severity.DOUBTFUL if change > MYOCARDIUM_GROSS_CHANGE else Severity.INFO,
            f"The myocardium measures {at_ed_ml:.1f} ml at ED and {at_es_ml:.1f} ml at ES, "
            "though muscle keeps its volume.",
            phases=(ed, es),
            concerns=("mass",),
        )
