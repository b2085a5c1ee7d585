"""Findings about where the labels lie: what the stack may not cover, and where slices break off."""

from collections.abc import Collection, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.conventions import LARGEST_SLICE_SPACING_MM
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.ventricle import EVERY_OUTLINE, MYO, Concern, Ventricle
from cinecor.message import Beyond, Frames, Message, Phases, Slices
from cinecor.study.cine_stack import StackGeometry

FEWEST_SLICES = 6
"""Fewest slices with an LV at ED in the 79 ACDC training patients; with fewer, one slice decides the volume."""

UNEVEN_FRACTION = 0.05
"""A slice that stands for 5 % more or less than the others; rounding in positions stays far below."""

MISSING_SLICE_FRACTION = 1.4
"""A neighbour of a missing slice stands for 1.5 spacings; what was planned by hand stays below."""

APEX_FRACTION = 0.5
"""LV area in the smaller end slice over the largest area at ED: at most 0.42 in 79 ACDC training patients."""

LEAST_RIM = 0.5
"""A basal slice counts as LV when myocardium surrounds at least half of the circumference (SCMR, Schulz-Menger 2020);
in the expert labels of ACDC it is at least 0.8."""

MOST_RV_BELOW_MM: Final = ByMoment(5.0, 15.0)
"""How far the RV may begin below the LV's base at ED and at ES, at least, by the slices that hold them. Experts, all 99
patients of ACDC: 0 mm at ED (the same slice, or the next), 10 mm at ES. In 14 of 321 competition patients the model's
RV begins farther below: its stroke volume is off the LV's true one by 87 % in the median, that of the others by
27 %."""

LONGEST_BASAL_DESCENT_MM = 30.0
"""LV slices that are lost from ED to ES, as a length: 15 to 20 mm is the usual shortening, and 79 ACDC training
patients lose at most 3 slices."""


def spacing_findings(geometry: StackGeometry) -> Iterator[Finding]:
    """Yield slices that lie too far apart, or unevenly."""
    if geometry.slice_spacing_mm > LARGEST_SLICE_SPACING_MM:
        yield Finding(
            Message(
                "wide_slice_spacing",
                "Slices lie {spacing_mm:.1f} mm apart ({usual_mm:.0f} mm at most is usual): what lies between them is "
                "guessed.",
                spacing_mm=Beyond(geometry.slice_spacing_mm, LARGEST_SLICE_SPACING_MM),
                usual_mm=LARGEST_SLICE_SPACING_MM,
            ),
            Severity.WARNING,
            concerns=EVERY_OUTLINE,
        )
    extents = geometry.slice_extent_mm
    usual_mm = float(np.median(extents))
    uneven = indices(np.flatnonzero(np.abs(extents / usual_mm - 1.0) > UNEVEN_FRACTION))
    if not uneven:
        return
    missing = bool((extents[1:-1] > MISSING_SLICE_FRACTION * geometry.slice_spacing_mm).any())
    yield Finding(
        _uneven(extents, uneven, usual_mm=usual_mm, missing=missing),
        Severity.DOUBTFUL if missing else Severity.WARNING,
        slices=uneven,
        concerns=EVERY_OUTLINE,
    )
    yield Finding(
        Message(
            "uneven_grid",
            "Slices are unevenly spaced: segmentation.nii.gz places them evenly, so take volumes from results.json, "
            "not from counting its voxels.",
        ),
        Severity.WARNING,
    )


def _uneven(extents: NDArray[np.float64], uneven: tuple[int, ...], *, usual_mm: float, missing: bool) -> Message:
    values = {
        "slices": Slices(uneven),
        "extents_mm": tuple(round(float(extents[index]), 1) for index in uneven),
        "usual_mm": usual_mm,
    }
    if missing:
        return Message.counted(
            "uneven_slices",
            "Slices are unevenly spaced: {slices} stands for {extents_mm} mm instead of {usual_mm:.1f} mm; a slice "
            "seems to be missing, and its neighbours stand for it.",
            "Slices are unevenly spaced: {slices} stand for {extents_mm} mm instead of {usual_mm:.1f} mm; a slice "
            "seems to be missing, and its neighbours stand for it.",
            n=len(uneven),
            **values,
        )
    return Message.counted(
        "uneven_slices",
        "Slices are unevenly spaced: {slices} stands for {extents_mm} mm instead of {usual_mm:.1f} mm.",
        "Slices are unevenly spaced: {slices} stand for {extents_mm} mm instead of {usual_mm:.1f} mm.",
        n=len(uneven),
        **values,
    )


def missing_frame_findings(
    complete: NDArray[np.bool_], *, curves: VolumeCurves, moments: ByMoment[int | None]
) -> Iterator[Finding]:
    """Yield frames that are missing from the input, with a neighbour standing in; `complete` is (slice, phase)."""
    slices, phases = np.nonzero(~complete)
    if not slices.size:
        return
    needed = {int(phase) for where, phase in zip(slices, phases, strict=True) if curves.heart[where, phase]}
    decides = tuple(moment for moment, phase in moments.items() if phase in needed)
    if decides:
        message = Message.counted(
            "missing_frames",
            "{n} frame is missing, at ED or ES, and a neighbouring phase stands in.",
            "{n} frames are missing, at ED or ES among others, and a neighbouring phase stands in.",
            n=int(slices.size),
        )
    else:
        message = Message.counted(
            "missing_frames",
            "{n} frame is missing and a neighbouring phase stands in; it does not decide ED or ES.",
            "{n} frames are missing and a neighbouring phase stands in; none of them decides ED or ES.",
            n=int(slices.size),
        )
    yield Finding(
        message,
        Severity.DOUBTFUL if decides else Severity.WARNING,
        slices=indices(slices),
        phases=indices(phases),
        concerns=EVERY_OUTLINE,
        moments=decides,
    )


def hole_findings(curves: VolumeCurves, *, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield slices without a ventricle between slices that have it, in any phase.

    Any phase, because a hole at the true ED makes another phase the largest.
    """
    for ventricle in Ventricle:
        slices, phases = np.nonzero(holes(curves.slices_ml(ventricle) > 0))
        if not slices.size:
            continue
        frames = tuple(zip(slices.tolist(), phases.tolist(), strict=True))
        among = tuple(moment for moment, phase in moments.items() if phase in set(phases.tolist()))
        lone_phase = curves.heart.shape[1] == 1
        values = {
            "ventricle": ventricle.message,
            "slices": Slices(indices(slices)),
            "phases": Phases(indices(phases)),
            "frames": Frames(frames),
        }
        if among:
            message = Message(
                "empty_slice_inside",
                "The {ventricle} is missing in {frames}, between slices that have it ({moments} among them).",
                moments=tuple(moment.message for moment in among),
                **values,
            )
        else:
            message = Message(
                "empty_slice_inside",
                "The {ventricle} is missing in {frames}, between slices that have it.",
                **values,
            )
        yield Finding(
            message,
            Severity.DOUBTFUL if among or lone_phase else Severity.WARNING,
            slices=indices(slices),
            phases=indices(phases),
            concerns=(ventricle.concern, *_lacking_wall(curves, slices, phases, ventricle=ventricle, ed=moments.ed)),
            frames=frames,
            moments=among,
        )


def holes(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where (slice, phase) is empty though a slice before it and a slice after it are not."""
    before = np.logical_or.accumulate(found, axis=0)
    after = np.logical_or.accumulate(found[::-1], axis=0)[::-1]
    return np.asarray(~found & before & after, dtype=np.bool_)


def _lacking_wall(
    curves: VolumeCurves,
    slices: NDArray[np.intp],
    phases: NDArray[np.intp],
    *,
    ventricle: Ventricle,
    ed: int | None,
) -> tuple[Concern, ...]:
    """Return the mass where an LV slice is missing with its wall at ED, or in the one phase; else nothing."""
    deciding = np.ones(len(phases), np.bool_) if curves.heart.shape[1] == 1 else phases == ed
    lacks = ventricle is Ventricle.LV and bool((curves.myo_slices_ml[slices[deciding], phases[deciding]] == 0).any())
    return (Concern.MASS,) if lacks else ()


def rv_base_findings(
    curves: VolumeCurves,
    *,
    moments: ByMoment[int | None],
    spacing_mm: float,
    settled: Collection[tuple[int, int]] = (),
    counted: VolumeCurves | None = None,
) -> Iterator[Finding]:
    """Yield an RV that begins farther below the LV's base than in any heart: basal slices of it are missing.

    The curves are of every slice outlined, so that leaving one out does not move the LV's base; `counted` are those of
    the slices that count, None where all do, and of others nothing is told. Slices that a person settled at the
    moment, drawn or empty, are no question any more. The LV is not blamed: in the 14 competition patients its EF is off
    by 6.2 points (others 5.9), and its EDV is 9 % too small in the median (others 7 %), not too large.
    """
    gone = np.zeros(curves.heart.shape, np.bool_) if counted is None else curves.heart & ~counted.heart
    order = slice(None) if curves.base_first else slice(None, None, -1)
    places = np.arange(len(curves.lv_slices_ml))[order]
    for moment, phase in moments.items():
        if phase is None:
            continue
        lv, rv = (np.flatnonzero(curves.slices_ml(side)[order][:, phase]) for side in Ventricle)
        if not lv.size or not rv.size:
            continue
        # Two slices whose bases are n slices apart may stand anywhere between n - 1 and n + 1 spacings apart.
        least_mm = (rv[0] - lv[0] - 1) * spacing_mm
        missing = indices(index for index in places[lv[0] : rv[0]] if not gone[index, phase])
        if least_mm <= MOST_RV_BELOW_MM[moment] or all((index, phase) in settled for index in missing):
            continue
        yield Finding(
            Message(
                "rv_base_missing",
                "At {moment} the RV begins {mm:.0f} mm or more below the LV's base, farther than in any heart that "
                "readers outlined: in {slices} it is missing. The LV has outlines of its own there, and in such hearts "
                "its numbers were hardly worse than in others.",
                moment=moment.message,
                mm=float(least_mm),
                slices=Slices(missing),
            ),
            Severity.DOUBTFUL,
            slices=missing,
            phases=(phase,),
            concerns=(Concern.RV,),
            frames=tuple((index, phase) for index in missing),
            moments=(moment,),
        )


def extent_findings(curves: VolumeCurves, *, spacing_mm: float, ed_phase: int, es_phase: int) -> Iterator[Finding]:
    """Yield LV slices that are too few, cut off at an end of the stack, or lost between ED and ES."""
    lv_at_ed, lv_at_es = curves.lv_slices_ml[:, ed_phase], curves.lv_slices_ml[:, es_phase]
    seen = indices(np.flatnonzero(lv_at_ed))
    if 0 < len(seen) < FEWEST_SLICES:
        yield Finding(
            Message.counted(
                "few_slices",
                "The LV is seen in {n} slice at ED (at least {usual} are usual): it decides the volume alone.",
                "The LV is seen in {n} slices at ED (at least {usual} are usual): each of them decides much of the "
                "volume.",
                n=len(seen),
                usual=FEWEST_SLICES,
            ),
            Severity.DOUBTFUL if len(seen) < FEWEST_SLICES // 2 else Severity.WARNING,
            slices=seen,
            phases=(ed_phase,),
            concerns=EVERY_OUTLINE,
        )
    yield from _stack_ends(lv_at_ed, ed_phase=ed_phase)
    lost = len(seen) - int(np.count_nonzero(lv_at_es))
    if lost * spacing_mm > LONGEST_BASAL_DESCENT_MM:
        yield Finding(
            Message.counted(
                "slices_lost_at_es",
                "{n} slice ({length_mm:.0f} mm) with an LV at ED has none at ES; look at base and apex.",
                "{n} slices ({length_mm:.0f} mm) with an LV at ED have none at ES; look at base and apex.",
                n=lost,
                length_mm=float(lost * spacing_mm),
            ),
            Severity.WARNING,
            slices=indices(np.flatnonzero((lv_at_ed > 0) & (lv_at_es == 0))),
            phases=(es_phase,),
            concerns=(Concern.LV,),
        )


def border_findings(labels: NDArray[np.uint8]) -> Iterator[Finding]:
    """Yield structures that touch the border of the image; `labels` is (slice, phase, row, column)."""
    edges = (labels[:, :, 0, :], labels[:, :, -1, :], labels[:, :, :, 0], labels[:, :, :, -1])
    if not any(edge.any() for edge in edges):
        return
    for label, concern, name in (
        (Label.LV, Concern.LV, Ventricle.LV.message),
        (Label.RV, Concern.RV, Ventricle.RV.message),
        (Label.MYO, Concern.MASS, MYO),
    ):
        touching = np.logical_or.reduce([(edge == label).any(axis=-1) for edge in edges])
        if touching.any():
            slices, phases = np.nonzero(touching)
            yield Finding(
                Message(
                    "touches_border",
                    "{structure} touches the border of the image in {slices}: a part of it may lie outside.",
                    structure=name,
                    slices=Slices(indices(slices)),
                ),
                Severity.WARNING,
                slices=indices(slices),
                phases=indices(phases),
                concerns=(concern,),
            )


def rim_findings(surrounded: NDArray[np.float64], *, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield slices that count as LV with myocardium around less than half of it, at ED and ES or in the one phase.

    `surrounded` is (slice, phase), see `frame_shape.surrounded`.
    """
    open_rim = surrounded < LEAST_RIM
    if surrounded.shape[1] == 1:
        open_slices = indices(np.flatnonzero(open_rim[:, 0]))
        if open_slices:
            message = Message(
                "open_rim",
                "Myocardium surrounds less than half of the LV in {slices}: by the usual rule such a slice does not "
                "count as LV.",
                slices=Slices(open_slices),
            )
            yield _open_rim(message, open_slices, phase=0)
        return
    for moment, phase in moments.items():
        open_slices = () if phase is None else indices(np.flatnonzero(open_rim[:, phase]))
        if open_slices and phase is not None:
            yield _open_rim(_open_rim_at(moment, open_slices), open_slices, phase=phase)


def _open_rim_at(moment: Moment, open_slices: tuple[int, ...]) -> Message:
    return Message(
        "open_rim",
        "At {moment} myocardium surrounds less than half of the LV in {slices}: by the usual rule such a slice does "
        "not count as LV.",
        moment=moment.message,
        slices=Slices(open_slices),
    )


def _open_rim(message: Message, open_slices: tuple[int, ...], *, phase: int) -> Finding:
    return Finding(message, Severity.WARNING, slices=open_slices, phases=(phase,), concerns=(Concern.LV, Concern.MASS))


def _stack_ends(lv_at_ed: NDArray[np.float64], *, ed_phase: int) -> Iterator[Finding]:
    last = len(lv_at_ed) - 1
    reached = tuple(index for index in sorted({0, last}) if lv_at_ed[index] > 0)
    if not reached:
        return
    # Beside a narrow end (an apex) the wide one is the base: that is told as a lower bound, not as a cut ventricle.
    if len(reached) == 2 and min(lv_at_ed[0], lv_at_ed[last]) > APEX_FRACTION * lv_at_ed.max():
        yield Finding(
            Message(
                "stack_cuts_ventricle",
                "The LV is still wide in both end slices at ED: the stack does not cover the ventricle, "
                "and the volumes are too small.",
            ),
            Severity.DOUBTFUL,
            slices=reached,
            phases=(ed_phase,),
            concerns=EVERY_OUTLINE,
        )
        return
    yield Finding(
        Message(
            "reaches_stack_end",
            "At ED the LV reaches the end of the stack ({slices}): if it goes on beyond, the volume is a lower bound.",
            slices=Slices(reached),
        ),
        Severity.INFO,
        slices=reached,
        phases=(ed_phase,),
        concerns=(Concern.LV,),
    )
