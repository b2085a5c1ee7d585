"""A cine that nobody outlined: what can be told is whether the model's answer is plausible."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.findings.assess import assess
from cinecor.measure.measurements import measure
from cinecor.measure.ventricular_function import VentricularFunction
from cinecor.study import open_input
from cinecor.study.cine_stack import CineStack


@dataclass(frozen=True, slots=True)
class UnlabelledStudy:
    """Curves and numbers of one study, and what speaks against them."""

    study: str
    slices: int
    phases: int
    lv_ml: tuple[float, ...]  # one value a phase
    rv_ml: tuple[float, ...]
    myo_ml: tuple[float, ...]
    lv: VentricularFunction
    rv: VentricularFunction
    lv_roughness: float | None  # see `roughness`
    rv_roughness: float | None
    empty_mid_frames: int  # frames of inner slices without LV cavity
    mid_frames: int
    findings: tuple[str, ...]  # what the application itself would say, gravest first


@dataclass(frozen=True, slots=True, eq=False)
class UnlabelledReading:
    """An `UnlabelledStudy` with what is needed to look at it."""

    result: UnlabelledStudy
    stack: CineStack
    labels: NDArray[np.uint8]  # (slice, phase, row, column)


def read_unlabelled_study(folder: Path, model: FrameModel) -> UnlabelledReading:
    """Segment the short-axis cine in `folder` and tell what is plausible about it. Raises what reading raises."""
    stack, audit = open_input(folder)
    segmentation = segment(stack, model)
    measurements = measure(segmentation.labels, geometry=stack.geometry, heart_rate_bpm=stack.heart_rate_bpm)
    quality = assess(stack, audit=audit, segmentation=segmentation, measurements=measurements)
    empty, frames = empty_mid_frames(segmentation.labels, ed_phase=measurements.moments.ed or 0)
    result = UnlabelledStudy(
        study=folder.name,
        slices=stack.slices,
        phases=stack.phases,
        lv_ml=tuple(measurements.curves.lv_ml.tolist()),
        rv_ml=tuple(measurements.curves.rv_ml.tolist()),
        myo_ml=tuple(measurements.curves.myo_ml.tolist()),
        lv=measurements.lv,
        rv=measurements.rv,
        lv_roughness=roughness(measurements.curves.lv_ml),
        rv_roughness=roughness(measurements.curves.rv_ml),
        empty_mid_frames=empty,
        mid_frames=frames,
        findings=tuple(f"{finding.severity}: {finding.message}" for finding in quality.findings),
    )
    return UnlabelledReading(result, stack, segmentation.labels)


def empty_mid_frames(labels: NDArray[np.uint8], *, ed_phase: int) -> tuple[int, int]:
    """Count frames of inner slices without LV cavity, and all frames of inner slices.

    Inner slices lie strictly between the first and the last one with LV cavity at end-diastole. `labels` is
    (slice, phase, row, column). A ventricle that is nowhere at end-diastole has every frame empty.
    """
    cavity = (labels == Label.LV).any(axis=(2, 3))
    seen = np.flatnonzero(cavity[:, ed_phase])
    inner = cavity[seen[0] + 1 : seen[-1]] if seen.size else cavity
    return int(np.count_nonzero(~inner)), int(inner.size)


def roughness(curve_ml: NDArray[np.float64]) -> float | None:
    """Return how far single phases stand out: the largest departure from the median of a phase and its two neighbours.

    As a share of the curve's range, on a closed cycle; 0 for a curve without spikes. None for a flat curve or fewer
    than five phases.
    """
    span = float(np.ptp(curve_ml))
    if len(curve_ml) < 5 or span == 0:
        return None
    around = np.stack([np.roll(curve_ml, 1), curve_ml, np.roll(curve_ml, -1)])
    return float(np.abs(curve_ml - np.median(around, axis=0)).max() / span)
