"""Findings about the numbers: values and curves that no heart, or hardly any, shows."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.measurements import NO_HEART_RATE, Measurements, no_ejection
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import EVERY_OUTLINE, Concern, Ventricle
from cinecor.measure.ventricular_function import VentricularFunction
from cinecor.message import Beyond, Message, Phases

# "Experts" below: the labels of the 79 ACDC training patients (normal, infarct, dilated, hypertrophic, abnormal RV).

EF_RANGE_PERCENT = (5.0, 85.0)
"""Experts: 10 to 82 % for the LV, 2 to 73 % for the RV; a living patient's lies inside but for rare cases."""

EDV_RANGE_ML = (15.0, 600.0)
"""Experts: 47 to 374 mL; a wide margin for children and for very large hearts."""

STROKE_VOLUME_MISMATCH = 0.25
"""|LV SV - RV SV| over their mean. Without regurgitation or shunt both are equal; half of the experts' labels differ by
more than 25 % and two in five by more than 35 %: a warning so often would be read by nobody, so it is information."""

STROKE_VOLUME_GROSS_MISMATCH = 0.5
STROKE_VOLUME_GROSS_MISMATCH_ML = 20.0
"""Beyond both, one case in six by experts: regurgitation, a shunt, or a basal slice that was drawn wrong."""

STROKE_VOLUME_WRONG_RV = 0.6
"""Beyond it, and 20 mL, the RV is in doubt. In 65 of 321 competition patients, in whom the LV's true stroke volume is
known: the LV's is off by 14 % in the median (12 % in the others), the RV's by 65 % (22 %). ACDC: 12 of 99 by the model,
14 by experts, whose RV is none the worse; at 0.5 these are 22 and 19, at 0.75 a quarter of the wrong ones goes unseen
that 0.6 finds."""

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
"""Below it a spike moves no number that two readers would agree on (EDV between readers: 15 mL, Suinesiaputra 2015)."""

MOMENT_OFF_FRACTION = 0.05
"""Of the largest LV volume, by which ES holds more than the least, or ED less than the most: 5 points of the EF. It
leaves room for an ES that was set by the closing of a valve, a phase aside where the curve is flat."""

MOMENT_OFF_LEAST_ML = 5.0
"""As of a spike."""

SYSTOLE_RANGE = (0.2, 0.7)
"""From ED to ES as a part of all phases; experts 0.25 to 0.69."""

HEART_RATE_RANGE_BPM = (25.0, 220.0)
"""Outside, a tag is wrong rather than the heart."""


def curve_findings(measurements: Measurements) -> Iterator[Finding]:
    """Yield phases without a structure, too few of them, spikes, and ED and ES that lie oddly in curve or cycle."""
    phases = len(measurements.curves.lv_ml)
    if 2 <= phases < FEWEST_PHASES_FOR_FUNCTION:
        yield Finding(
            Message(
                "few_phases",
                "With {phases} phases (at least {usual} are usual) ED and ES may be missed: "
                "the true EDV may be larger, the true ESV smaller.",
                phases=phases,
                usual=FEWEST_PHASES_FOR_FUNCTION,
            ),
            Severity.DOUBTFUL,
            concerns=(Concern.LV, Concern.RV),
        )
    for ventricle in Ventricle:
        yield from _missing(measurements, ventricle)
    yield from _moved(measurements)
    if phases >= FEWEST_PHASES_FOR_SHAPE:
        for ventricle in Ventricle:
            yield from _spikes(measurements, ventricle)
        yield from _systole(measurements)


def value_findings(measurements: Measurements) -> Iterator[Finding]:
    """Yield EF and EDV outside what hearts show, unequal stroke volumes, and myocardium that changes its volume."""
    for ventricle in Ventricle:
        yield from _outside(measurements.of(ventricle), ventricle)
        yield from _no_ejection(measurements.of(ventricle), ventricle)
    yield from _stroke_volumes(measurements.lv, measurements.rv)
    yield from _myocardium(measurements)


def heart_rate_findings(heart_rate_bpm: float | None) -> Iterator[Finding]:
    """Yield a heart rate that is missing or that nobody has."""
    if heart_rate_bpm is None:
        yield Finding(NO_HEART_RATE, Severity.INFO, concerns=(Concern.CO,))
    elif not HEART_RATE_RANGE_BPM[0] <= heart_rate_bpm <= HEART_RATE_RANGE_BPM[1]:
        yield Finding(
            Message(
                "odd_heart_rate",
                "A heart rate of {bpm:.0f} /min is hardly possible: check it before using the cardiac output.",
                bpm=heart_rate_bpm,
            ),
            Severity.DOUBTFUL,
            concerns=(Concern.CO,),
        )


def _missing(measurements: Measurements, ventricle: Ventricle) -> Iterator[Finding]:
    curve_ml = measurements.curves.cavity_ml(ventricle)
    empty = indices(np.flatnonzero(curve_ml == 0))
    if not empty:
        return
    if len(empty) == len(curve_ml):
        message = Message(
            "not_found",
            "The {ventricle} was not found in any phase: whether it is not in the images or was not recognised, they "
            "must be looked at.",
            ventricle=ventricle.message,
        )
        yield Finding(message, Severity.DOUBTFUL, concerns=(ventricle.concern,))
        return
    message = Message(
        "missing_in_phases",
        "The {ventricle} was not found in {phases}, though it is in others.",
        ventricle=ventricle.message,
        phases=Phases(empty),
    )
    # ED and ES are chosen by the LV: a phase without it may be either of them, one without the RV is known.
    at = _moments_among(empty, measurements) if ventricle is Ventricle.RV else ()
    yield Finding(message, Severity.DOUBTFUL, phases=empty, concerns=(ventricle.concern,), moments=at)


def _moved(measurements: Measurements) -> Iterator[Finding]:
    """Yield ED and ES that a reader set far below or above the extreme; those of the program are the extremes."""
    lv_ml = measurements.curves.lv_ml
    held = np.flatnonzero(lv_ml > 0)  # a phase without an LV is told on its own
    if not held.size:
        return
    most, least = int(held[np.argmax(lv_ml[held])]), int(held[np.argmin(lv_ml[held])])
    limit_ml = max(MOMENT_OFF_FRACTION * float(lv_ml[most]), MOMENT_OFF_LEAST_ML)
    ed, es = measurements.moments.ed, measurements.moments.es
    if ed is not None and float(lv_ml[most] - lv_ml[ed]) > limit_ml:
        message = Message(
            "moment_not_extreme",
            "ED was set to {phase}, where the LV holds {ml:.0f} mL; the most is {extreme_ml:.0f} mL in {extreme}.",
            phase=Phases((ed,)),
            ml=float(lv_ml[ed]),
            extreme_ml=float(lv_ml[most]),
            extreme=Phases((most,)),
        )
        yield Finding(message, Severity.DOUBTFUL, phases=(ed,), concerns=EVERY_OUTLINE, moments=(Moment.ED,))
    if es is not None and float(lv_ml[es] - lv_ml[least]) > limit_ml:
        message = Message(
            "moment_not_extreme",
            "ES was set to {phase}, where the LV holds {ml:.0f} mL; the least is {extreme_ml:.0f} mL in {extreme}.",
            phase=Phases((es,)),
            ml=float(lv_ml[es]),
            extreme_ml=float(lv_ml[least]),
            extreme=Phases((least,)),
        )
        concerns = (Concern.LV, Concern.RV)
        yield Finding(message, Severity.DOUBTFUL, phases=(es,), concerns=concerns, moments=(Moment.ES,))


def _moments_among(phases: tuple[int, ...], measurements: Measurements) -> tuple[Moment, ...]:
    return tuple(moment for moment, phase in measurements.moments.items() if phase in phases)


def _spikes(measurements: Measurements, ventricle: Ventricle) -> Iterator[Finding]:
    curve_ml = measurements.curves.cavity_ml(ventricle)
    deviation_ml = np.abs(curve_ml - _median_of_three(curve_ml))
    limit_ml = max(SPIKE_FRACTION * float(np.ptp(curve_ml)), SPIKE_LEAST_ML)
    # A phase without the ventricle is told on its own, and would make spikes of its neighbours' medians.
    spikes = indices(np.flatnonzero((deviation_ml > limit_ml) & (curve_ml > 0)))
    if not spikes:
        return
    taken = _moments_among(spikes, measurements)
    where = Phases(spikes)
    if ventricle is Ventricle.LV and taken:
        message = Message(
            "volume_jump",
            "The LV volume jumps in {phases} against both neighbours, and such a phase was taken for ED or ES.",
            phases=where,
        )
    elif ventricle is Ventricle.LV:
        message = Message("volume_jump", "The LV volume jumps in {phases} against both neighbours.", phases=where)
    elif taken:
        message = Message(
            "rv_volume_jump",
            "The RV volume jumps in {phases} against both neighbours, and such a phase was taken for ED or ES.",
            phases=where,
        )
    else:
        message = Message("rv_volume_jump", "The RV volume jumps in {phases} against both neighbours.", phases=where)
    severity = Severity.DOUBTFUL if taken else Severity.WARNING
    # Another spike may hide the true ED or ES of the LV.
    at = taken if ventricle is Ventricle.RV or len(taken) == len(spikes) else ()
    yield Finding(message, severity, phases=spikes, concerns=(ventricle.concern,), moments=at)


def _median_of_three(curve_ml: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each phase and its neighbours; the last phase is the first one's neighbour."""
    return np.asarray(np.sort([np.roll(curve_ml, 1), curve_ml, np.roll(curve_ml, -1)], axis=0)[1], dtype=np.float64)


def _systole(measurements: Measurements) -> Iterator[Finding]:
    ed, es = measurements.moments.ed, measurements.moments.es
    if ed is None or es is None:
        return
    phases = len(measurements.curves.lv_ml)
    part = ((es - ed) % phases) / phases
    if not SYSTOLE_RANGE[0] <= part <= SYSTOLE_RANGE[1]:
        beside = min((es - ed) % phases, (ed - es) % phases) == 1
        usual = 100 * SYSTOLE_RANGE[0], 100 * SYSTOLE_RANGE[1]
        yield Finding(
            Message(
                "odd_systole",
                "From ED ({ed}) to ES ({es}) the cycle has gone on by {part:.0f} %; usual is {shortest:.0f} to "
                "{longest:.0f} %.",
                es=Phases((es,)),
                ed=Phases((ed,)),
                part=_beyond(100 * part, *usual),
                shortest=usual[0],
                longest=usual[1],
            ),
            Severity.DOUBTFUL if beside else Severity.WARNING,
            phases=(ed, es),
            concerns=(Concern.LV, Concern.RV),
        )


def _outside(function: VentricularFunction, ventricle: Ventricle) -> Iterator[Finding]:
    ef, edv = function.ef_percent, function.edv_ml
    if ef is not None and not EF_RANGE_PERCENT[0] <= ef <= EF_RANGE_PERCENT[1]:
        yield Finding(
            Message(
                "odd_ef",
                "An {ventricle} ejection fraction of {value:.1f} % (expected {lowest:.0f} to {highest:.0f} %) is "
                "hardly possible.",
                ventricle=ventricle.message,
                value=_beyond(ef, *EF_RANGE_PERCENT),
                lowest=EF_RANGE_PERCENT[0],
                highest=EF_RANGE_PERCENT[1],
            ),
            Severity.DOUBTFUL,
            concerns=(ventricle.concern,),
        )
    if edv is not None and not EDV_RANGE_ML[0] <= edv <= EDV_RANGE_ML[1]:
        yield Finding(
            Message(
                "odd_edv",
                "An {ventricle} end-diastolic volume of {value:.1f} mL (expected {lowest:.0f} to {highest:.0f} mL) is "
                "hardly possible.",
                ventricle=ventricle.message,
                value=_beyond(edv, *EDV_RANGE_ML),
                lowest=EDV_RANGE_ML[0],
                highest=EDV_RANGE_ML[1],
            ),
            Severity.DOUBTFUL,
            # A size that no heart has is the scale's fault more often than the outline's: the mass has the same scale.
            concerns=(ventricle.concern, Concern.MASS),
        )


def _beyond(value: float, lowest: float, highest: float) -> Beyond:
    return Beyond(value, lowest if value < lowest else highest)


def _no_ejection(function: VentricularFunction, ventricle: Ventricle) -> Iterator[Finding]:
    if function.edv_ml is not None and function.esv_ml is not None and function.sv_ml is None:
        message = no_ejection(ventricle, edv_ml=function.edv_ml, esv_ml=function.esv_ml)
        yield Finding(message, Severity.DOUBTFUL, concerns=(ventricle.concern,))


def _stroke_volumes(lv: VentricularFunction, rv: VentricularFunction) -> Iterator[Finding]:
    if lv.sv_ml is None or rv.sv_ml is None:
        return
    difference_ml = abs(lv.sv_ml - rv.sv_ml)
    mismatch = difference_ml / ((lv.sv_ml + rv.sv_ml) / 2)
    if mismatch <= STROKE_VOLUME_MISMATCH:
        return
    large = difference_ml > STROKE_VOLUME_GROSS_MISMATCH_ML
    wrong = large and mismatch > STROKE_VOLUME_WRONG_RV
    gross = large and mismatch > STROKE_VOLUME_GROSS_MISMATCH
    if wrong:
        message = Message(
            "stroke_volume_mismatch",
            "LV and RV stroke volume differ: {lv_ml:.1f} and {rv_ml:.1f} mL. Without regurgitation or shunt "
            "they are equal. The RV’s numbers are marked, because where both differ so much it is the RV’s stroke "
            "volume that is far off in most hearts; look at the basal slices of both.",
            lv_ml=lv.sv_ml,
            rv_ml=rv.sv_ml,
        )
    else:
        message = Message(
            "stroke_volume_mismatch",
            "LV and RV stroke volume differ: {lv_ml:.1f} and {rv_ml:.1f} mL. Without regurgitation or shunt "
            "they are equal; look at the basal slices.",
            lv_ml=lv.sv_ml,
            rv_ml=rv.sv_ml,
        )
    yield Finding(
        message,
        Severity.DOUBTFUL if wrong else Severity.WARNING if gross else Severity.INFO,
        concerns=(Concern.RV,) if wrong else (Concern.LV, Concern.RV),
    )


def _myocardium(measurements: Measurements) -> Iterator[Finding]:
    ed, es = measurements.moments.ed, measurements.moments.es
    myo_ml = measurements.curves.myo_ml
    if ed is None or es is None or myo_ml[ed] == 0:
        return
    at_ed_ml, at_es_ml = float(myo_ml[ed]), float(myo_ml[es])
    change = abs(at_es_ml / at_ed_ml - 1.0)
    if change > MYOCARDIUM_CHANGE:
        yield Finding(
            Message(
                "myocardium_changes",
                "The myocardium measures {ed_ml:.1f} mL at ED and {es_ml:.1f} mL at ES, though muscle keeps its "
                "volume.",
                ed_ml=at_ed_ml,
                es_ml=at_es_ml,
            ),
            Severity.DOUBTFUL if change > MYOCARDIUM_GROSS_CHANGE else Severity.INFO,
            phases=(ed, es),
            concerns=(Concern.MASS,),
        )
