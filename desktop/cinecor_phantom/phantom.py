"""`Phantom`: a synthetic cine with its labels, its geometry and its known volumes; and how one is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.study.cine_stack import StackGeometry
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.beat import Beat, HeartMoment
from cinecor_phantom.labels import draw_labels
from cinecor_phantom.patient import stack_geometry
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.rendering import render
from cinecor_phantom.settling import settled
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.truth import Truth
from cinecor_phantom.volume_curve import contraction, snapped_end_systole
from cinecor_phantom.warp import InPlaneWarp


@dataclass(frozen=True, slots=True, eq=False)
class Phantom:
    """A synthetic short-axis cine, base to apex, phase 0 at the R wave (end-diastole); arrays are read-only."""

    shape: HeartShape
    acquisition: Acquisition
    seed: int
    pixels: NDArray[np.uint16]  # (slice, phase, row, column), 12 bits, MONOCHROME2 sense
    labels: NDArray[np.uint8]  # (slice, phase, row, column), values of `Label`
    geometry: StackGeometry
    phase_times_ms: tuple[float, ...]  # after the R wave
    truth: Truth

    @property
    def heart_rate_bpm(self) -> float:
        """Heart rate."""
        return self.shape.heart_rate_bpm


def make_phantom(shape: HeartShape | None = None, acquisition: Acquisition | None = None, *, seed: int = 0) -> Phantom:
    """Return the phantom of a heart under an acquisition; the seed decides textures, wobbles and noise.

    Σ label area × slice spacing equals the closed-form EDV, ESV (both ventricles) and LV mass within 1 % whatever the
    slice spacing (see `settling`). Raises `UsageError` when the stack ends before the apex or the image cuts the heart.
    """
    shape = shape or HeartShape()
    acquisition = acquisition or Acquisition()
    beat, moments, cycle = _beat(shape, acquisition)
    warp = _warp(seed)
    geometry = stack_geometry(beat, acquisition)
    planes = [
        ImagePlane(
            corner_mm=position,
            column_axis=geometry.column_axis,
            row_axis=geometry.row_axis,
            rows=acquisition.rows,
            columns=acquisition.columns,
            spacing_mm=acquisition.pixel_spacing_mm,
            thickness_mm=acquisition.slice_thickness_mm,
        )
        for position in geometry.positions_mm
    ]
    labels = draw_labels(beat, moments, planes=planes, warp=warp)
    pixels = render(planes, moments, shape=shape, acquisition=acquisition, warp=warp, seed=seed)
    for array in (labels, pixels):
        array.flags.writeable = False
    return Phantom(
        shape=shape,
        acquisition=acquisition,
        seed=seed,
        pixels=pixels,
        labels=labels,
        geometry=geometry,
        phase_times_ms=tuple(float(share) for share in cycle * shape.rr_ms),
        truth=Truth.of(shape, moments),
    )


def render_planes(phantom: Phantom, planes: list[ImagePlane], *, phases: int) -> NDArray[np.uint16]:
    """Pixels (plane, phase, row, column) of the first phases of a phantom on other planes of equal matrix."""
    _, moments, _ = _beat(phantom.shape, phantom.acquisition)
    return render(
        planes,
        moments[:phases],
        shape=phantom.shape,
        acquisition=phantom.acquisition,
        warp=_warp(phantom.seed),
        seed=phantom.seed,
    )


def _beat(shape: HeartShape, acquisition: Acquisition) -> tuple[Beat, list[HeartMoment], NDArray[np.float64]]:
    beat = settled(shape, acquisition)
    cycle = np.arange(acquisition.phases, dtype=np.float64) / acquisition.phases
    end_systole = snapped_end_systole(shape.systole_ms / shape.rr_ms, phases=acquisition.phases)
    contractions = contraction(cycle, end_systole=end_systole, atrial_kick=shape.atrial_kick)
    return beat, [beat.at(float(value)) for value in contractions], cycle


def _warp(seed: int) -> InPlaneWarp:
    return InPlaneWarp.drawn(np.random.default_rng([seed, 1]))
