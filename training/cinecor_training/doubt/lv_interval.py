"""`lv_interval`: the LV's EF interval from patients whose true volumes are known, with how often it held others'."""

from collections.abc import Sequence
from typing import Final

from cinecor.inference.package.reliability import FEWEST_PATIENTS, EfInterval
from cinecor.measure.ventricle import Ventricle
from cinecor_training.doubt.figures import coverage
from cinecor_training.doubt.fit import EfPair, ef_pair, fit_ef_interval
from cinecor_training.doubt.outlined_patient import OutlinedPatient

_EVERY: Final = 3  # patients whose number it divides make the scale, the others the quantiles


def lv_interval(
    fitting: Sequence[OutlinedPatient], reported: Sequence[OutlinedPatient], acdc: Sequence[OutlinedPatient]
) -> EfInterval | None:
    """Return the interval with its coverage; None where fewer than `FEWEST_PATIENTS` make, calibrate or check it.

    `fitting` and `reported` are the competition's patients, disjoint; `acdc` the held-out ones of ACDC. The scale
    comes from the readers' EF of the frames that the model saw, where its own error shows, the quantiles from the true
    EF of the whole cine: that is what the interval promises.
    """
    scaling = [pair for pair in _pairs(fitting) if int(pair.patient) % _EVERY == 0]
    calibrating = [pair for pair in _pairs(fitting, whole_cine=True) if int(pair.patient) % _EVERY]
    checked = _pairs(reported, whole_cine=True)
    if min(len(group) for group in (scaling, calibrating, checked)) < FEWEST_PATIENTS:
        return None
    interval = fit_ef_interval(scaling, calibrating, data="competition, true EF of the whole cine")
    found = [coverage(checked, interval, data="competition, held out, true EF of the whole cine")]
    if of_acdc := _pairs(acdc):  # its readers chose ED and ES in the whole cine
        found.append(coverage(of_acdc, interval, data="ACDC, held out, readers' EF"))
    if of_frames := _pairs(reported):
        by_readers = "competition, held out, readers' EF of the same frames"
        found.append(coverage(of_frames, interval, data=by_readers, whole_cine=False))
    return interval.model_copy(update={"reported": tuple(found)})


def _pairs(patients: Sequence[OutlinedPatient], *, whole_cine: bool = False) -> list[EfPair]:
    return [pair for one in patients if (pair := ef_pair(one, Ventricle.LV, whole_cine=whole_cine)) is not None]
