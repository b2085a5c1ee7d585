"""Findings about frames that the model outlined wrongly in others like them, and about slices it may have missed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.inference.package.reliability import Reliability
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.findings.frame_doubt import FrameDoubt, frame_doubt, frame_features
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Frames, Message, Phases, Slices
from cinecor.study.cine_stack import StackGeometry


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
    doubt: FrameDoubt, ventricle: Ventricle, *, reliability: Reliability, moments: ByMoment[int | None]
) -> Iterator[Finding]:
    """Yield the outlined frames that are likely wrong, and the empty ones in which the ventricle may go on.

    Empty ones at ED and ES alone, as far as these are known: there they bear on a number, and there it was measured
    how often the ventricle goes on; not where the most that a frame may lack rounds to 0 mL.
    """
    limits = reliability.limits[ventricle.value]
    unsure = doubt.marked(limits)
    if outlined := _places(unsure & ~doubt.empty):
        message = Message(
            "may_be_wrong",
            "The outline of the {ventricle} may be wrong in {frames}: in similar frames {percent:.0f} percent or more "
            "of the outlines were wrong.",
            ventricle=ventricle.message,
            percent=100 * limits.outlined,
            **_where(outlined),
        )
        yield _finding(message, outlined, ventricle)
    deciding = [phase for phase in moments.values() if phase is not None] or list(range(unsure.shape[1]))
    told = np.isin(np.arange(unsure.shape[1]), deciding)
    if empty := _places(unsure & doubt.empty & told):
        ml = max(float(doubt.error_ml[place]) for place in empty)
        if round(ml) == 0:  # said in whole mL, it would be about nothing
            return
        message = Message(
            "may_go_on",
            "The {ventricle} may go on in {frames}, where nothing of it is outlined (about {ml:.0f} mL in one frame "
            "at most).",
            ventricle=ventricle.message,
            ml=ml,
            **_where(empty),
        )
        yield replace(_finding(message, empty, ventricle), told_ml=ml)


def _places(mask: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    return tuple((where, phase) for where, phase in np.argwhere(mask).tolist())


def _where(places: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    return {
        "slices": Slices(indices(where for where, _ in places)),
        "phases": Phases(indices(phase for _, phase in places)),
        "frames": Frames(places),
    }


def _finding(message: Message, places: tuple[tuple[int, int], ...], ventricle: Ventricle) -> Finding:
    return Finding(
        message,
        Severity.WARNING,
        slices=indices(where for where, _ in places),
        phases=indices(phase for _, phase in places),
        concerns=(Concern.LV, Concern.MASS) if ventricle is Ventricle.LV else (Concern.RV,),
        frames=places,
    )
