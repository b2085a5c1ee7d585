"""`Phantom`: a synthetic cine with its labels, its geometry and its known volumes; and how one is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.study.cine_stack import StackGeometry
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.beat import Beat, HeartMoment
from cinecor_phantom.labels import draw_labels
from cinecor_phantom.patient import stack_geometry
from cinecor_phantom.plane import ImagePlane, stack_planes
from cinecor_phantom.planted import PLAIN, Planted
from cinecor_phantom.rendering import render
from cinecor_phantom.settling import settled
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.truth import Truth
from cinecor_phantom.volume_curve import contraction, snapped_end_systole
from cinecor_phantom.warp import InPlaneWarp


@dataclass(frozen=True, slots=True, eq=False)
class Beating:
    """The solids behind a phantom at each of its phases: what every truth is taken from."""

    acquisition: Acquisition
    seed: int
    planted: Planted
    beat: Beat
    moments: list[HeartMoment]
    cycle: NDArray[np.float64]  # (phase,) share of the R-R interval
    warp: InPlaneWarp

    @classmethod
    def of(cls, shape: HeartShape, acquisition: Acquisition, *, seed: int, planted: Planted) -> "Beating":
        """Return the beating heart of a shape settled on the slices of an acquisition."""
        beat = settled(shape, acquisition)
        cycle = np.arange(acquisition.phases, dtype=np.float64) / acquisition.phases
        end_systole = snapped_end_systole(shape.systole_ms / shape.rr_ms, phases=acquisition.phases)
        contractions = contraction(cycle, end_systole=end_systole, atrial_kick=shape.atrial_kick)
        moments = [beat.planted(float(value), planted) for value in contractions]
        if moments[0].walls is not None:
            moments[0].walls.refuse_impossible([(moment.endo, moment.epi) for moment in moments])
        warp = InPlaneWarp.drawn(np.random.default_rng([seed, 1]), strength=planted.wobble)
        return cls(acquisition, seed, planted, beat, moments, cycle, warp)

    @classmethod
    def of_phantom(cls, phantom: "Phantom") -> "Beating":
        """Return the solids that a phantom was made of."""
        return cls.of(phantom.shape, phantom.acquisition, seed=phantom.seed, planted=phantom.planted)


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
    planted: Planted = PLAIN

    @property
    def heart_rate_bpm(self) -> float:
        """Heart rate."""
        return self.shape.heart_rate_bpm


def make_phantom(
    shape: HeartShape | None = None,
    acquisition: Acquisition | None = None,
    *,
    seed: int = 0,
    planted: Planted = PLAIN,
    pictures: bool = True,
) -> Phantom:
    """Return the phantom of a heart under an acquisition; the seed decides textures, wobbles and noise.

    What is planted changes no volume that the labels hold: outflow tracts are beside them (`draw_outflow`). Without
    `pictures` all pixels are black, which takes a hundredth of the time: for what needs labels alone.

    Σ label area × slice spacing equals the closed-form EDV, ESV (both ventricles) and LV mass within 1 % whatever the
    slice spacing (see `settling`). Raises `UsageError` when the stack ends before the apex, the image cuts the heart,
    or the heart has no room for what is planted.
    """
    shape = shape or HeartShape()
    acquisition = acquisition or Acquisition()
    beating = Beating.of(shape, acquisition, seed=seed, planted=planted)
    geometry = stack_geometry(beating.beat, acquisition)
    planes = stack_planes(geometry, acquisition)
    labels = draw_labels(beating.beat, beating.moments, planes=planes, warp=beating.warp)
    pixels = _render(planes, beating.moments, beating) if pictures else np.zeros(labels.shape, dtype=np.uint16)
    for array in (labels, pixels):
        array.flags.writeable = False
    return Phantom(
        shape=shape,
        acquisition=acquisition,
        seed=seed,
        pixels=pixels,
        labels=labels,
        geometry=geometry,
        phase_times_ms=tuple(float(share) for share in beating.cycle * shape.rr_ms),
        truth=Truth.of(shape, beating.moments),
        planted=planted,
    )


def render_planes(phantom: Phantom, planes: list[ImagePlane], *, phases: int) -> NDArray[np.uint16]:
    """Return pixels (plane, phase, row, column) of the first phases of a phantom on other planes of equal matrix."""
    beating = Beating.of_phantom(phantom)
    return _render(planes, beating.moments[:phases], beating)


def _render(planes: list[ImagePlane], moments: list[HeartMoment], beating: Beating) -> NDArray[np.uint16]:
    return render(
        planes,
        moments,
        shape=beating.beat.shape,
        acquisition=beating.acquisition,
        warp=beating.warp,
        seed=beating.seed,
        valves=beating.planted.valves,
    )
