"""Findings about frames that the model outlined wrongly in others like them, and about slices it may have missed."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.inference.package.reliability import Reliability
from cinecor.measure.conventions import LARGEST_SLICE_SPACING_MM
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.findings.frame_doubt import FrameDoubt, frame_doubt, frame_features
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Frames, Message, Phases, Slices
from cinecor.study.cine_stack import StackGeometry

DOUBTED_SHARE: Final = 0.1
"""Of a volume at ED or ES: by how much its marked frames together are expected to be off for it to be doubtful. By the
readers' outlines of ACDC's 99 patients the RV's ESV is then off by more than 20 % in 3 of 4, of the others in 6 %; of
160 patients of the competition the LV's EDV in 5 of 13 (of the others in none), its ESV in 10 of 27 (16 %)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Frames (slice, phase) of one ventricle that the checks of shape and continuity marked."""

    shape: NDArray[np.bool_]
    area: NDArray[np.bool_]

    @property
    def any(self) -> NDArray[np.bool_]:
        """Either."""
        return np.asarray(self.shape | self.area)


def marked_by(findings: Iterable[Finding], ventricle: Ventricle, *, shape: tuple[int, int]) -> Marks:
    """Return the frames that findings about single frames mark, of those that bear on a ventricle."""
    odd_shape, odd_area = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for finding in findings:
        if finding.frames and ventricle.concern in finding.concerns:
            marked = odd_area if finding.about_area else odd_shape
            marked[tuple(zip(*finding.frames, strict=True))] = True
    return Marks(odd_shape, odd_area)


def doubt_of(
    ventricle: Ventricle,
    *,
    segmentation: Segmentation,
    curves: VolumeCurves,
    geometry: StackGeometry,
    marks: Marks,
    base_first: bool,
) -> FrameDoubt | None:
    """Return the doubt of a ventricle's frames; None where the model tells nothing of its errors on it."""
    reliability, uncertain_px = segmentation.reliability, segmentation.uncertain_px
    if reliability is None or uncertain_px is None or ventricle.value not in reliability.frames:
        return None
    features = frame_features(
        ventricle,
        slices_ml=curves.slices_ml(ventricle),
        confidence=segmentation.confidence,
        uncertain_ml=uncertain_px * geometry.pixel_ml[:, None, None],
        odd_shape=marks.shape,
        odd_area=marks.area,
        base_first=base_first,
    )
    return frame_doubt(features, ventricle, reliability)


def unsure_findings(
    doubt: FrameDoubt,
    ventricle: Ventricle,
    *,
    reliability: Reliability,
    moments: ByMoment[int | None],
    slices_ml: NDArray[np.float64],
    spacing_mm: float,
    left_out: Collection[tuple[int, int]] = (),
) -> Iterator[Finding]:
    """Yield the outlined frames that are likely wrong, and the empty ones in which the ventricle may go on.

    Empty ones at ED and ES alone, as far as these are known: there they bear on a number, and there it was measured
    how often the ventricle goes on; not where the most that a frame may lack rounds to 0 mL. A volume that all of them
    together may put off by `DOUBTED_SHARE` is doubtful, by those that may do most to it. Not where slices lie farther
    apart than is usual: nobody measured it there, and what lies between them is one doubt of its own. `slices_ml` is
    (slice, phase); the frames `left_out` add nothing to a volume.
    """
    limits = reliability.limits[ventricle.value]
    unsure = doubt.marked(limits)
    deciding = [phase for phase in moments.values() if phase is not None] or list(range(unsure.shape[1]))
    told = np.isin(np.arange(unsure.shape[1]), deciding)
    outlined, empty = unsure & ~doubt.empty, unsure & doubt.empty & told
    counting = np.ones(unsure.shape, dtype=np.bool_)
    for frame in left_out:
        counting[frame] = False
    stakes = _stakes(
        doubt, (outlined & counting, empty & counting), slices_ml=np.where(counting, slices_ml, 0), moments=moments
    )
    if spacing_mm > LARGEST_SLICE_SPACING_MM:
        stakes = ((), ())
    percent = 100 * limits.outlined
    if places := _places(outlined):
        yield _finding(_may_be_wrong(ventricle, places, stakes[0], percent=percent), places, ventricle, stakes[0])
    if places := _places(empty):
        ml = max(float(doubt.error_ml[place]) for place in places)
        if round(ml) == 0:  # said in whole mL, it would be about nothing
            return
        finding = _finding(_may_go_on(ventricle, places, stakes[1], ml=ml), places, ventricle, stakes[1])
        yield finding if stakes[1] else replace(finding, told_ml=ml)


@dataclass(frozen=True, slots=True)
class _Stake:
    """By how many mL the volume at a moment may be off because of the frames of a finding."""

    moment: Moment
    phase: int
    ml: float
    whole_ml: float


def _stakes(
    doubt: FrameDoubt,
    marked: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    *,
    slices_ml: NDArray[np.float64],
    moments: ByMoment[int | None],
) -> tuple[tuple[_Stake, ...], tuple[_Stake, ...]]:
    """Return the moments whose volume is doubtful because of either kind of frames, the one that may be most off first.

    Both kinds count together, and the doubt is told of the kind that has more at stake.
    """
    found: tuple[list[_Stake], list[_Stake]] = ([], [])
    for moment, phase in moments.items():
        if phase is None or slices_ml.shape[1] == 1:
            continue
        whole_ml = float(slices_ml[:, phase].sum())
        parts_ml = [float(doubt.error_ml[mask[:, phase], phase].sum()) for mask in marked]
        if whole_ml > 0 and sum(parts_ml) >= DOUBTED_SHARE * whole_ml:
            kind = int(np.argmax(parts_ml))
            found[kind].append(_Stake(moment, phase, parts_ml[kind], whole_ml))
    first, second = (tuple(sorted(of, key=lambda one: -one.ml / one.whole_ml)) for of in found)
    return first, second


def _may_be_wrong(
    ventricle: Ventricle, places: tuple[tuple[int, int], ...], stakes: tuple[_Stake, ...], *, percent: float
) -> Message:
    values = {"ventricle": ventricle.message, "percent": percent, **_where(places)}
    if not stakes:
        return Message(
            "may_be_wrong",
            "The outline of the {ventricle} may be wrong in {frames}: in similar frames {percent:.0f} percent or more "
            "of the outlines were wrong.",
            **values,
        )
    return Message(
        "may_be_wrong",
        "The outline of the {ventricle} may be wrong in {frames}: at {moment} by about {ml:.0f} of {whole_ml:.0f} mL. "
        "In similar frames {percent:.0f} percent or more of the outlines were wrong.",
        **_of(stakes[0]),
        **values,
    )


def _may_go_on(
    ventricle: Ventricle, places: tuple[tuple[int, int], ...], stakes: tuple[_Stake, ...], *, ml: float
) -> Message:
    values = {"ventricle": ventricle.message, **_where(places)}
    if not stakes:
        return Message(
            "may_go_on",
            "The {ventricle} may go on in {frames}, where nothing of it is outlined (about {ml:.0f} mL in one frame "
            "at most).",
            ml=ml,
            **values,
        )
    return Message(
        "may_go_on",
        "The {ventricle} may go on in {frames}, where nothing of it is outlined: its {whole_ml:.0f} mL at {moment} may "
        "lack about {ml:.0f} mL.",
        **_of(stakes[0]),
        **values,
    )


def _of(stake: _Stake) -> dict[str, Any]:
    return {"moment": stake.moment.message, "ml": stake.ml, "whole_ml": stake.whole_ml}


def _places(mask: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    return tuple((where, phase) for where, phase in np.argwhere(mask).tolist())


def _where(places: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    return {
        "slices": Slices(indices(where for where, _ in places)),
        "phases": Phases(indices(phase for _, phase in places)),
        "frames": Frames(places),
    }


def _finding(
    message: Message, places: tuple[tuple[int, int], ...], ventricle: Ventricle, stakes: tuple[_Stake, ...]
) -> Finding:
    """Return what is told of frames: doubtful where volumes are, and then the frames of these come first."""
    deciding = {stake.phase for stake in stakes}
    return Finding(
        message,
        Severity.DOUBTFUL if stakes else Severity.WARNING,
        slices=indices(where for where, _ in places),
        phases=indices(phase for _, phase in places),
        concerns=(Concern.LV, Concern.MASS) if ventricle is Ventricle.LV else (Concern.RV,),
        frames=tuple(sorted(places, key=lambda place: place[1] not in deciding)),
        moments=tuple(moment for moment in Moment if any(stake.moment is moment for stake in stakes)),
        told_ml=stakes[0].ml if stakes else None,
    )
