"""`Measures`: the numbers of a review, with what the doctor's choice of slices changes."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.assessment import assess
from cinecor.measure.curves import VolumeCurves, volume_curves
from cinecor.measure.heart_box import heart_box
from cinecor.measure.measurement import measure
from cinecor.measure.measurements import Measurements, Ventricle
from cinecor.measure.quality import CountedSlices, Finding, Quality, Severity, gravest_first, listed
from cinecor.review import Moment, Review

_SURFACE_M2 = (0.7, 3.0)  # a child of six to the heaviest adults; beyond it a slip of the key is likelier
_MARGIN_PX = 4  # so that a structure beside the crop's edge does not look as if it touched the image's


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """Everything the numbers view, the curves and the matrix show of one review."""

    curves: VolumeCurves  # every slice that was not dropped, at every phase
    measurements: Measurements  # with the slices that count at ED and ES
    every_slice: Measurements  # nothing dropped and nothing left out: what the choice of slices is compared with
    quality: Quality
    surface_m2: float | None

    @property
    def choice_changes(self) -> bool:
        """Whether some slice was dropped, or left out of ED or ES."""
        return self.measurements is not self.every_slice


@dataclass(frozen=True, slots=True)
class SliceEffect:
    """What one slice adds at ED or ES, and what leaving it out would change."""

    lv_ml: float
    rv_ml: float
    lv_ef_points: float | None  # change of the LV's ejection fraction if the choice for this slice is turned round


def measures(review: Review) -> Measures | None:
    """Measure the final labels; None while there is no segmentation. Raises `InputError` for impossible spacing."""
    segmentation, labels = review.segmentation, review.labels
    if segmentation is None or labels is None:
        return None
    used = cropped(labels)
    geometry, rate = review.stack.geometry, review.body.heart_rate_bpm

    def numbers(of: NDArray[np.uint8], ed_phase: int | None, es_phase: int | None) -> Measurements:
        return measure(of, geometry=geometry, heart_rate_bpm=rate, ed_phase=ed_phase, es_phase=es_phase)

    every = kept = numbers(used, review.ed_phase, review.es_phase)
    if review.dropped:
        used = used.copy()
        used[sorted(review.dropped)] = 0
        kept = numbers(used, review.ed_phase, review.es_phase)
    curves = volume_curves(used, geometry=geometry)
    counted = kept
    if review.excluded and kept.ed_phase is not None and kept.es_phase is not None:
        chosen = without_excluded(used, review, ed_phase=kept.ed_phase, es_phase=kept.es_phase)
        counted = replace(
            numbers(chosen, kept.ed_phase, kept.es_phase), phase_choice=_phase_choice(kept.phase_choice, review)
        )
    quality = assess(
        replace(review.stack, heart_rate_bpm=rate),
        audit=review.audit,
        segmentation=replace(segmentation, labels=used),
        # The shape of the curves is judged as a whole: a slice left out at one moment is no jump of the heart.
        measurements=replace(counted, lv_ml=kept.lv_ml, rv_ml=kept.rv_ml, myo_ml=kept.myo_ml),
    )
    quality = replace(quality, counted_slices=_counted(quality.counted_slices, review))
    findings = gravest_first((*_surface(review.body.surface_m2), *_choices(review), *quality.findings))
    return Measures(curves, counted, every, replace(quality, findings=findings), review.body.surface_m2)


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedReview:
    """A finished AI result with the measures of the review that it was made for."""

    before: Review | None
    segmentation: Segmentation
    measures: Measures | None


def measured(before: Review | None, segmentation: Segmentation) -> SegmentedReview:
    """Measure a review with a new AI result under it; what cannot be measured is left to whoever shows it."""
    found = None
    if before is not None:
        try:
            found = measures(replace(before, segmentation=segmentation))
        except InputError:
            found = None
    return SegmentedReview(before, segmentation, found)


def final_labels(review: Review, found: Measurements) -> NDArray[np.uint8]:
    """Give the labels on which the numbers rest: dropped and excluded slices are empty where they do not count."""
    labels = review.labels
    if labels is None:
        raise ValueError("the study has not been segmented")
    if review.dropped:
        labels = labels.copy()
        labels[sorted(review.dropped)] = 0
    if review.excluded and found.ed_phase is not None and found.es_phase is not None:
        labels = without_excluded(labels, review, ed_phase=found.ed_phase, es_phase=found.es_phase)
    return labels


def slice_effect(review: Review, found: Measures, *, index: int, moment: Moment) -> SliceEffect | None:
    """Tell what a slice adds at ED or ES and what turning its choice round would do.

    None without ED and ES, and for a dropped slice, which the curves do not hold.
    """
    ed, es = found.measurements.ed_phase, found.measurements.es_phase
    if ed is None or es is None or index in review.dropped:
        return None
    phase = ed if moment is Moment.ED else es
    lv_ml = float(found.curves.lv_slices_ml[index, phase])
    rv_ml = float(found.curves.rv_slices_ml[index, phase])
    lv = found.measurements.lv
    change = None
    if lv.edv_ml is not None and lv.esv_ml is not None and lv.ef_percent is not None:
        sign = -1.0 if review.counts(index, moment) else 1.0
        edv = lv.edv_ml + (sign * lv_ml if moment is Moment.ED else 0.0)
        esv = lv.esv_ml + (sign * lv_ml if moment is Moment.ES else 0.0)
        change = 100.0 * (edv - esv) / edv - lv.ef_percent if edv > 0 else None
    return SliceEffect(lv_ml, rv_ml, change)


def indexed(value: float | None, surface_m2: float | None) -> float | None:
    """Divide by the body surface area; None where either is unknown."""
    return None if value is None or surface_m2 is None else value / surface_m2


def change(counted: Ventricle, every: Ventricle, field: str) -> float | None:
    """Tell what leaving slices out changed in one field; None where nothing can be said or nothing changed."""
    now, before = getattr(counted, field), getattr(every, field)
    if now is None or before is None or abs(now - before) < 0.05:
        return None
    return float(now - before)


def cropped(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut labels to the structures and a margin: counting and judging them gives the same, several times faster."""
    box = heart_box(labels)
    if box is None:
        return labels
    rows = slice(max(0, box.top - _MARGIN_PX), box.bottom + _MARGIN_PX)
    columns = slice(max(0, box.left - _MARGIN_PX), box.right + _MARGIN_PX)
    return labels[:, :, rows, columns]


def without_excluded(labels: NDArray[np.uint8], review: Review, *, ed_phase: int, es_phase: int) -> NDArray[np.uint8]:
    """Give a copy in which the slices that do not count are empty at ED or ES."""
    chosen = labels.copy()
    for index, moment in review.excluded:
        chosen[index, ed_phase if moment is Moment.ED else es_phase] = 0
    return chosen


def _counted(slices: CountedSlices, review: Review) -> CountedSlices:
    """Leave the slices that the reader took out away from those that count."""

    def kept(counted: tuple[int, ...] | None, moment: Moment) -> tuple[int, ...] | None:
        return None if counted is None else tuple(index for index in counted if review.counts(index, moment))

    return CountedSlices(
        lv_ed=kept(slices.lv_ed, Moment.ED),
        lv_es=kept(slices.lv_es, Moment.ES),
        rv_ed=kept(slices.rv_ed, Moment.ED),
        rv_es=kept(slices.rv_es, Moment.ES),
    )


def _phase_choice(told: str, review: Review) -> str:
    """Explain why the volume that chose a phase may differ from the EDV or ESV beside it."""
    by_volume = review.ed_phase is None or review.es_phase is None
    every = "For this choice the slices left out at ED or ES were counted too."
    return " ".join((told, every)) if by_volume else told


def _surface(surface_m2: float | None) -> tuple[Finding, ...]:
    """Warn of a body surface by which no value per m² means anything."""
    if surface_m2 is None or _SURFACE_M2[0] <= surface_m2 <= _SURFACE_M2[1]:
        return ()
    text = f"A body surface of {surface_m2:.2f} m² is unusual: check height and weight before using a value per m²."
    return (Finding("odd_body_surface", Severity.WARNING, text),)


def _choices(review: Review) -> tuple[Finding, ...]:
    findings = []
    for moment in Moment:
        slices = tuple(sorted(index for index, where in review.excluded if where is moment))
        if slices:
            told = listed(slices, "slice")
            text = (
                f"By the reader's choice {told} {'does' if len(slices) == 1 else 'do'} not count at {moment.upper()}."
            )
            findings.append(Finding("reader_choice", Severity.INFO, text, slices=slices, concerns=()))
    if review.dropped:
        slices = tuple(sorted(review.dropped))
        text = f"The reader dropped {listed(slices, 'slice')}: counted at no phase."
        findings.append(Finding("reader_choice", Severity.INFO, text, slices=slices, concerns=()))
    return tuple(findings)
