"""`ReviewResult`: the numbers of a review, with what the doctor's choice of slices changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.curves import VolumeCurves, curves_of_counts, volume_curves
from cinecor.measure.ef_interval import EfRange
from cinecor.measure.end_slices import EndSlices, end_slices
from cinecor.measure.findings.assess import assess
from cinecor.measure.findings.deciding_slices import deciding_findings, undecided_together
from cinecor.measure.findings.finding import Finding, Severity, gravest_first
from cinecor.measure.findings.quality import Quality, counted_slices
from cinecor.measure.heart_box import cut_to_heart
from cinecor.measure.measurements import Measurements, measure_curves
from cinecor.measure.moment import ByMoment
from cinecor.measure.quantity import Quantity
from cinecor.measure.rates import Rates, rates
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.review.answers import finding_keys
from cinecor.review.counting import counted_labels
from cinecor.review.ef_ranges import ef_ranges
from cinecor.review.left_out import left_out_findings
from cinecor.review.left_out_holes import left_out_hole_findings
from cinecor.review.review import Review
from cinecor.review.valve.findings import valve_findings
from cinecor.review.valve.fraction import fractional_base
from cinecor.review.valve.numbers import ValveNumbers, valve_numbers

_SURFACE_M2 = (0.7, 3.0)  # a child of six to the heaviest adults; beyond it a slip of the key is likelier
_LEAST_CHANGE = 0.05  # below it a difference is shown as 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ReviewResult:
    """Everything that views, files and reports tell of one review in numbers."""

    measurements: Measurements  # with the slices that count at ED and ES
    whole: Measurements  # with every slice that was not dropped
    every_slice: Measurements  # nothing dropped and nothing left out: what the choice of slices is compared with
    rates: Mapping[Ventricle, Rates | None]
    quality: Quality
    surface_m2: float | None
    valves: ValveNumbers
    end_slices: Mapping[Ventricle, EndSlices | None]
    ef_ranges: Mapping[Ventricle, EfRange | None]  # of the model's own outlines; None once a reader changed what counts
    no_ef_range: Mapping[Ventricle, Message] = field(default_factory=dict)  # why, where an EF has no interval
    fractional: tuple[Ventricle, ...] = ()  # of which parts of slices count at the base

    @property
    def curves(self) -> VolumeCurves:
        """The volumes of every slice that was not dropped, at every phase: what ED and ES are chosen by."""
        return self.whole.curves

    @property
    def moments(self) -> ByMoment[int | None]:
        """The phases of ED and ES; None where they cannot be told."""
        return self.measurements.moments

    @property
    def lone_phase(self) -> bool:
        """Whether there is one phase only: volumes, and nothing that needs two."""
        return len(self.curves.lv_ml) == 1

    def value(self, quantity: Quantity, ventricle: Ventricle) -> float | None:
        """Return a number of a ventricle; None where it cannot be known, or the ventricle has none such."""
        if ventricle not in quantity.codes:
            return None
        holders = (self.measurements.of(ventricle), self.rates[ventricle], self.valves)
        return next((value for holder in holders if (value := quantity.of(holder)) is not None), None)

    def indexed(self, quantity: Quantity, ventricle: Ventricle) -> float | None:
        """Return a number per m² of body surface; None where either is unknown, or it is not told per m²."""
        value = self.value(quantity, ventricle)
        if value is None or self.surface_m2 is None or not quantity.per_m2:
            return None
        return value / self.surface_m2

    def change(self, quantity: Quantity, ventricle: Ventricle) -> float | None:
        """Return what the choice of slices changed; None where nothing can be said or nothing changed."""
        now = quantity.of(self.measurements.of(ventricle))
        before = quantity.of(self.every_slice.of(ventricle))
        if now is None or before is None or abs(now - before) < _LEAST_CHANGE:
            return None
        return now - before

    def doubts(self, quantity: Quantity, ventricle: Ventricle) -> tuple[Finding, ...]:
        """Return the doubtful findings that bear on a number."""
        return self.quality.doubts(quantity, ventricle)


def review_result(review: Review) -> ReviewResult | None:
    """Return the numbers of the final labels; None while there is no segmentation.

    The labels are counted once, and once more by parts where the base is fractional; slices that the doctor took out
    are taken out of the curves. Raises `InputError` for an impossible spacing.
    """
    segmentation, labels = review.segmentation, counted_labels(review)
    if segmentation is None or labels is None:
        return None
    rate_bpm = review.body.heart_rate_bpm
    heart = cut_to_heart(labels)
    outlined = curves = volume_curves(heart, geometry=review.stack.geometry)
    base = fractional_base(review)
    by_parts: tuple[Ventricle, ...] = ()
    if base is not None:
        curves = curves_of_counts(base.counts(labels), geometry=review.stack.geometry)
        by_parts = tuple(base.cuts)
    every = whole = measure_curves(curves, heart_rate_bpm=rate_bpm, chosen=review.moments)
    if review.dropped:
        heart = heart.copy()
        heart[sorted(review.dropped)] = 0
        whole = measure_curves(curves.without(review.dropped), heart_rate_bpm=rate_bpm, chosen=review.moments)
    counted = without_excluded(review, whole)
    quality = assess(
        replace(review.stack, heart_rate_bpm=rate_bpm),
        audit=review.audit,
        segmentation=replace(segmentation, labels=heart),
        # The shape of the curves is judged as a whole: a slice left out at one moment is no jump of the heart.
        measurements=replace(counted, curves=whole.curves),
        settled=review.corrections.settled,
        left_out=_excluded_frames(review, counted.moments),
        outlined=every.curves,
    )
    valves = valve_numbers(review, labels, moments=counted.moments)
    intervals = ef_ranges(review, counted, by_parts=by_parts)
    spacing_mm = review.stack.geometry.slice_spacing_mm
    ends = {
        ventricle: end_slices(ventricle, measurements=counted, outlined=whole.curves, spacing_mm=spacing_mm)
        for ventricle in Ventricle
    }
    findings = gravest_first(
        (
            *_surface(review.body.surface_m2),
            *left_out_findings(review, every, moments=counted.moments),
            *left_out_hole_findings(counted, whole=whole.curves),
            *valve_findings(review, valves, outlined, moments=counted.moments),
            *quality.findings,
            *_deciding(review, ends, quality, moments=counted.moments),
        ),
        expected_error_ml=quality.expected_error_ml,
    )
    return ReviewResult(
        measurements=counted,
        whole=whole,
        every_slice=every,
        rates=ventricle_rates(review, whole),
        quality=replace(quality, findings=_answered(review, findings), counted_slices=counted_slices(counted)),
        surface_m2=review.body.surface_m2,
        valves=valves,
        end_slices=ends,
        ef_ranges={side: one if isinstance(one, EfRange) else None for side, one in intervals.items()},
        no_ef_range={side: one for side, one in intervals.items() if isinstance(one, Message)},
        fractional=by_parts,
    )


def _answered(review: Review, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings with a note on each that a person answered: it was looked at, and its doubt is over."""
    if not review.answers:
        return findings
    return tuple(
        replace(finding, answered=True) if key in review.answers else finding
        for finding, key in zip(findings, finding_keys(findings), strict=True)
    )


def _deciding(
    review: Review, ends: Mapping[Ventricle, EndSlices | None], quality: Quality, *, moments: ByMoment[int | None]
) -> Iterator[Finding]:
    """Yield what rests on the slices at base and apex; a person's word on a slice ends its doubt."""
    settled = frozenset(
        (
            *review.corrections.settled,
            *_excluded_frames(review, moments),
            *((index, phase) for index in review.dropped for phase in moments.values() if phase is not None),
        )
    )
    spacing_mm = review.stack.geometry.slice_spacing_mm
    yield from undecided_together(ends, settled=settled, spacing_mm=spacing_mm)
    for ventricle in Ventricle:
        doubted = {
            frame
            for finding in quality.findings
            if finding.severity is not Severity.INFO and ventricle.concern in finding.concerns
            for frame in finding.frames
        }
        yield from deciding_findings(
            ventricle, ends[ventricle], doubted=doubted, settled=settled, spacing_mm=spacing_mm
        )


def ventricle_rates(review: Review, whole: Measurements) -> Mapping[Ventricle, Rates | None]:
    """Return the peak rates of both ventricles, from the slices that count.

    What was left out at ED and at ES counts at no phase here. None where a slice with the ventricle was left out at one
    of them alone: no curve is of the slices of EDV and of ESV, and the rate of another would not belong to them.
    """
    frames = _excluded_frames(review, whole.moments)
    both = {index for index, _ in frames if all((index, phase) in frames for phase in whole.moments.values())}
    alone = [frame for frame in frames if frame[0] not in both]
    curves = whole.curves.without(both)

    def of(ventricle: Ventricle) -> Rates | None:
        if any(curves.slices_ml(ventricle)[frame] > 0 for frame in alone):
            return None
        return rates(curves.cavity_ml(ventricle), review.stack.phase_times_ms)

    return {ventricle: of(ventricle) for ventricle in Ventricle}


def final_labels(review: Review, *, moments: ByMoment[int | None]) -> NDArray[np.uint8]:
    """Return the labels on which the numbers rest: dropped and excluded slices are empty where they do not count.

    Papillary muscles are myocardium where they count as that.

    Raises `ValueError` while there is no segmentation.
    """
    labels = counted_labels(review)
    if labels is None:
        raise ValueError("the study has not been segmented")
    excluded = _excluded_frames(review, moments)
    if review.dropped or excluded:
        labels = labels.copy()
        labels[sorted(review.dropped)] = 0
        for frame in excluded:
            labels[frame] = 0
    return labels


def without_excluded(review: Review, whole: Measurements) -> Measurements:
    """Return the numbers without the slices that do not count at ED or ES; `whole` itself where all of them do."""
    frames = _excluded_frames(review, whole.moments)
    if not frames:
        return whole
    counted = measure_curves(
        whole.curves.without(frames=frames), heart_rate_bpm=review.body.heart_rate_bpm, chosen=whole.moments
    )
    told = whole.phase_choice
    if None in review.moments.values():  # else the volumes beside the choice are not those that made it
        told = (
            *told,
            Message(
                "choice_by_all_slices",
                "For this choice and its volumes the slices left out at ED or ES were counted too; EDV and ESV leave "
                "them out.",
            ),
        )
    return replace(counted, phase_choice=told)


def _excluded_frames(review: Review, moments: ByMoment[int | None]) -> frozenset[tuple[int, int]]:
    """Return the frames (slice, phase) that the doctor took out of ED or ES; none unless both are known."""
    if None in moments.values():
        return frozenset()
    return frozenset((index, phase) for index, moment in review.excluded if (phase := moments[moment]) is not None)


def _surface(surface_m2: float | None) -> tuple[Finding, ...]:
    """Return a warning of a body surface by which no value per m² means anything."""
    if surface_m2 is None or _SURFACE_M2[0] <= surface_m2 <= _SURFACE_M2[1]:
        return ()
    message = Message(
        "odd_body_surface",
        "A body surface of {surface_m2:.2f} m² is unusual: check height and weight before using a value per m².",
        surface_m2=surface_m2,
    )
    return (Finding(message, Severity.WARNING),)
