"""Findings about where the labels lie: what the stack may not cover, and where slices break off."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.quality import Finding, Severity, counted, listed
from cinecor.study.cine_stack import StackGeometry

FEWEST_SLICES = 6
"""Fewest slices with an LV at ED in the 79 ACDC training patients; with fewer, one slice decides the volume."""

LARGEST_SLICE_SPACING_MM = 12.0
"""SCMR asks for 6 to 8 mm slices with gaps of 2 to 4 mm, 10 mm from centre to centre (Kramer 2020); ACDC has 5 to
10 mm. 12 mm leaves room for what was planned by hand."""

UNEVEN_FRACTION = 0.05
"""A slice that stands for 5 % more or less than the others; rounding in positions stays far below."""

MISSING_SLICE_FRACTION = 1.4
"""A neighbour of a missing slice stands for 1.5 spacings; what was planned by hand stays below."""

APEX_FRACTION = 0.5
"""LV area in the smaller end slice over the largest area at ED: at most 0.42 in 79 ACDC training patients."""

LEAST_RIM = 0.5
"""A basal slice counts as LV when myocardium surrounds at least half of the circumference (SCMR, Schulz-Menger 2020);
in the expert labels of ACDC it is at least 0.8."""

LONGEST_BASAL_DESCENT_MM = 30.0
"""LV slices that are lost from ED to ES, as a length: 15 to 20 mm is the usual shortening, and 79 ACDC training
patients lose at most 3 slices."""


def spacing_findings(geometry: StackGeometry) -> Iterator[Finding]:
    """Slices that lie too far apart, or unevenly."""
    if geometry.slice_spacing_mm > LARGEST_SLICE_SPACING_MM:
        yield Finding(
            "wide_slice_spacing",
            Severity.WARNING,
            f"Slices lie {geometry.slice_spacing_mm:.1f} mm apart "
            f"({LARGEST_SLICE_SPACING_MM:.0f} mm at most is usual): what lies between them is guessed.",
            concerns=("lv", "rv", "mass"),
        )
    extents = geometry.slice_extent_mm
    uneven = np.flatnonzero(np.abs(extents / np.quantile(extents, 0.5) - 1.0) > UNEVEN_FRACTION)
    if not uneven.size:
        return
    missing = bool((extents[1:-1] > MISSING_SLICE_FRACTION * geometry.slice_spacing_mm).any())
    yield Finding(
        "uneven_slices",
        Severity.DOUBTFUL if missing else Severity.WARNING,
        f"Slices are unevenly spaced: {listed(uneven, 'slice')} {'stands' if uneven.size == 1 else 'stand'} for "
        f"{', '.join(f'{extents[index]:.1f}' for index in uneven)} mm instead of {np.quantile(extents, 0.5):.1f} mm"
        + ("; a slice seems to be missing, and its neighbours stand for it." if missing else "."),
        slices=_indices(uneven),
        concerns=("lv", "rv", "mass"),
    )
    yield Finding(
        "uneven_grid",
        Severity.WARNING,
        "Slices are unevenly spaced: segmentation.nii.gz places them evenly, so take volumes from results.json, "
        "not from counting its voxels.",
    )


def missing_frame_findings(
    complete: NDArray[np.bool_], *, curves: VolumeCurves, ed_phase: int | None, es_phase: int | None
) -> Iterator[Finding]:
    """Frames that are missing from the input, with a neighbour standing in; `complete` is (slice, phase)."""
    slices, phases = np.nonzero(~complete)
    if not slices.size:
        return
    heart = (curves.lv_slices_ml + curves.rv_slices_ml + curves.myo_slices_ml) > 0
    deciding = {phase for phase in (ed_phase, es_phase) if phase is not None}
    decides = any(phase in deciding and heart[where, phase] for where, phase in zip(slices, phases, strict=True))
    yield Finding(
        "missing_frames",
        Severity.DOUBTFUL if decides else Severity.WARNING,
        f"{counted(slices.size, 'frame')} {'is' if slices.size == 1 else 'are'} missing "
        "and a neighbouring phase stands in"
        + (", at ED or ES among others." if decides else "; none of them decides ED or ES."),
        slices=_indices(np.unique(slices)),
        phases=_indices(np.unique(phases)),
        concerns=("lv", "rv", "mass"),
    )


def hole_findings(curves: VolumeCurves, *, ed_phase: int | None, es_phase: int | None) -> Iterator[Finding]:
    """Slices without a ventricle between slices that have it, in any phase.

    Any phase, because a hole at the true ED makes another phase the largest.
    """
    deciding = {"ED": ed_phase, "ES": es_phase}
    for name, slices_ml in (("LV", curves.lv_slices_ml), ("RV", curves.rv_slices_ml)):
        slices, phases = np.nonzero(_holes(slices_ml > 0))
        if not slices.size:
            continue
        moments = [moment for moment, phase in deciding.items() if phase in phases]
        yield Finding(
            "empty_slice_inside",
            Severity.DOUBTFUL if moments or slices_ml.shape[1] == 1 else Severity.WARNING,
            f"The {name} is missing in {listed(np.unique(slices), 'slice')}, between slices that have it, "
            f"in {listed(np.unique(phases), 'phase')}"
            + (f" ({' and '.join(moments)} among them)." if moments else "."),
            slices=_indices(np.unique(slices)),
            phases=_indices(np.unique(phases)),
            concerns=(name.lower(),),
        )


def extent_findings(curves: VolumeCurves, *, spacing_mm: float, ed_phase: int, es_phase: int) -> Iterator[Finding]:
    """LV slices that are too few, cut off at an end of the stack, or lost between ED and ES."""
    lv_at_ed = curves.lv_slices_ml[:, ed_phase]
    seen = np.flatnonzero(lv_at_ed)
    if 0 < seen.size < FEWEST_SLICES:
        yield Finding(
            "few_slices",
            Severity.DOUBTFUL if seen.size < FEWEST_SLICES // 2 else Severity.WARNING,
            f"The LV is seen in {counted(seen.size, 'slice')} at ED (at least {FEWEST_SLICES} are usual): "
            "each of them decides much of the volume.",
            slices=_indices(seen),
            phases=(ed_phase,),
            concerns=("lv", "rv", "mass"),
        )
    yield from _stack_ends(lv_at_ed, ed_phase=ed_phase)
    lost = seen.size - int(np.count_nonzero(curves.lv_slices_ml[:, es_phase]))
    if lost * spacing_mm > LONGEST_BASAL_DESCENT_MM:
        yield Finding(
            "slices_lost_at_es",
            Severity.WARNING,
            f"{counted(lost, 'slice')} ({lost * spacing_mm:.0f} mm) with an LV at ED "
            f"{'has' if lost == 1 else 'have'} none at ES; look at base and apex.",
            slices=_indices(np.flatnonzero((lv_at_ed > 0) & (curves.lv_slices_ml[:, es_phase] == 0))),
            phases=(es_phase,),
            concerns=("lv",),
        )


def border_findings(labels: NDArray[np.uint8]) -> Iterator[Finding]:
    """Structures that touch the border of the image; `labels` is (slice, phase, row, column)."""
    edges = (labels[:, :, 0, :], labels[:, :, -1, :], labels[:, :, :, 0], labels[:, :, :, -1])
    for label, concern in ((Label.LV, "lv"), (Label.RV, "rv"), (Label.MYO, "mass")):
        touching = np.logical_or.reduce([(edge == label).any(axis=-1) for edge in edges])
        if touching.any():
            slices, phases = np.nonzero(touching)
            yield Finding(
                "touches_border",
                Severity.WARNING,
                f"{label.name} touches the border of the image in {listed(np.unique(slices), 'slice')}: "
                "a part of it may lie outside.",
                slices=_indices(np.unique(slices)),
                phases=_indices(np.unique(phases)),
                concerns=(concern,),
            )


def rim_findings(labels: NDArray[np.uint8], *, phase: int, moment: str) -> Iterator[Finding]:
    """Slices that count as LV with myocardium around less than half of it; `moment` is what the phase is called."""
    open_slices = [
        index
        for index, image in enumerate(labels[:, phase])
        if (rim := _rim_fraction(image)) is not None and rim < LEAST_RIM
    ]
    if open_slices:
        yield Finding(
            "open_rim",
            Severity.WARNING,
            f"At {moment} myocardium surrounds less than half of the LV in {listed(open_slices, 'slice')}: "
            "by the usual rule such a slice does not count as LV.",
            slices=tuple(open_slices),
            phases=(phase,),
            concerns=("lv", "mass"),
        )


def _holes(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where (slice, phase) is empty though a slice before it and a slice after it are not."""
    before = np.logical_or.accumulate(found, axis=0)
    after = np.logical_or.accumulate(found[::-1], axis=0)[::-1]
    return np.asarray(~found & before & after, dtype=np.bool_)


def _stack_ends(lv_at_ed: NDArray[np.float64], *, ed_phase: int) -> Iterator[Finding]:
    last = len(lv_at_ed) - 1
    reached = [index for index in sorted({0, last}) if lv_at_ed[index] > 0]
    if not reached:
        return
    if len(reached) == 2 and min(lv_at_ed[0], lv_at_ed[last]) > APEX_FRACTION * lv_at_ed.max():
        yield Finding(
            "stack_cuts_ventricle",
            Severity.DOUBTFUL,
            "The LV is still wide in both end slices at ED: the stack does not cover the ventricle, "
            "and the volumes are too small.",
            slices=_indices(reached),
            phases=(ed_phase,),
            concerns=("lv", "rv", "mass"),
        )
        return
    yield Finding(
        "reaches_stack_end",
        Severity.INFO,
        f"At ED the LV reaches the end of the stack ({listed(reached, 'slice')}): "
        "if it goes on beyond, the volume is a lower bound.",
        slices=_indices(reached),
        phases=(ed_phase,),
        concerns=("lv",),
    )


def _rim_fraction(image: NDArray[np.uint8]) -> float | None:
    """Part of the pixels just outside the LV cavity (4-neighbours) that are myocardium; None without an LV."""
    padded = np.pad(image, 1)
    cavity = padded == Label.LV
    if not cavity.any():
        return None
    outside = np.zeros_like(cavity)
    outside[1:, :] |= cavity[:-1, :]
    outside[:-1, :] |= cavity[1:, :]
    outside[:, 1:] |= cavity[:, :-1]
    outside[:, :-1] |= cavity[:, 1:]
    outside &= ~cavity
    return float(np.mean(padded[outside] == Label.MYO))


def _indices(values: NDArray[np.int_] | list[int]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)
