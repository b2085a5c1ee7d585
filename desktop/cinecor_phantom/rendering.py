"""From the heart's solids to the picture a scanner would have made of them."""

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.beat import HeartMoment
from cinecor_phantom.heart_picture import HeartPicture
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.receiver import banding, received, shading
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.thorax import Thorax
from cinecor_phantom.tissue import signals
from cinecor_phantom.warp import InPlaneWarp


def render(
    planes: list[ImagePlane],
    moments: list[HeartMoment],
    *,
    shape: HeartShape,
    acquisition: Acquisition,
    warp: InPlaneWarp,
    seed: int,
    valves: bool = False,
) -> NDArray[np.uint16]:
    """Return pixels (plane, moment, row, column) of a beat on planes of equal matrix; the seed decides noise."""
    tissue = signals(flip_angle_deg=acquisition.flip_angle_deg, field_strength_t=acquisition.field_strength_t)
    body = np.random.default_rng([seed, 2])
    thorax = Thorax.drawn(body, heart_front_mm=_front_mm(moments[0]))
    heart = HeartPicture.drawn(body, shape=shape, warp=warp, tissue=tissue, valves=valves)
    band_tilt = float(body.uniform(-0.8, 0.8))
    noise = np.random.default_rng([seed, 3])
    pixels = np.empty((len(planes), len(moments), planes[0].rows, planes[0].columns), dtype=np.uint16)
    for index, plane in enumerate(planes):
        gain = shading(plane, strength=acquisition.shading) * banding(plane, tilt=band_tilt)
        background = thorax.signal(plane, tissue)
        for phase, signed in enumerate(heart.frames(plane, background, moments)):
            pixels[index, phase] = received(signed * gain, acquisition=acquisition, generator=noise)
    return pixels


def _front_mm(moment: HeartMoment) -> float:
    """Return how far the heart reaches to the front: to about the RV's free wall at half length."""
    _, y, z = heart_axes()
    half_length = 0.5 * moment.epi.apex_mm
    return float(-(base_centre_mm() + half_length * z - 1.3 * moment.epi.radius_mm * y)[1])
