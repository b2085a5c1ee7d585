"""`random_phantom`: another heart, another scan, for every seed."""

import math

import numpy as np

from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.phantom import Phantom, make_phantom
from cinecor_phantom.shape import HeartShape


def random_shape(generator: np.random.Generator) -> HeartShape:
    """Return a heart drawn from health and disease: ejection fractions of 15 to 75 %, thin, thick, small, dilated."""
    edv = float(np.clip(generator.lognormal(math.log(150.0), 0.32), 65.0, 330.0))
    # Large hearts are the failing ones: the ejection fraction falls with the volume.
    ef = float(np.clip(generator.normal(0.60 - 0.0016 * (edv - 140.0), 0.09), 0.15, 0.75))
    stroke = edv * ef
    rv_ef = float(np.clip(generator.normal(0.55, 0.07), 0.30, 0.72))
    rv_edv = float(np.clip(stroke * generator.uniform(0.95, 1.05) / rv_ef, 70.0, 330.0))
    mass = float(np.clip(edv * generator.lognormal(math.log(0.80), 0.20), 0.58 * edv, 280.0))
    # Length goes with the cube root of the volume; dilated hearts are rounder, so it grows a little less.
    length = float(np.clip(90.0 * (edv / 150.0) ** 0.30 * generator.normal(1.0, 0.05), 68.0, 118.0))
    wall = mass / MYOCARDIAL_DENSITY_G_PER_ML / (0.011 * edv ** (1 / 3) * length * 10.0)
    return HeartShape(
        lv_edv_ml=edv,
        lv_esv_ml=edv - stroke,
        lv_mass_g=mass,
        rv_edv_ml=rv_edv,
        rv_esv_ml=rv_edv * (1.0 - rv_ef),
        heart_rate_bpm=float(np.clip(generator.normal(70.0, 12.0), 45.0, 110.0)),
        lv_length_mm=length,
        base_descent_mm=float(np.clip(22.0 * ef * generator.normal(1.0, 0.12), 3.0, 18.0)),
        rv_base_descent_mm=float(np.clip(34.0 * rv_ef * generator.normal(1.0, 0.12), 5.0, 26.0)),
        base_tilt_deg=float(generator.uniform(2.0, 10.0)),
        apical_wall_mm=float(np.clip(0.7 * wall, 3.5, 10.0)),
        rv_half_angle_deg=float(generator.uniform(64.0, 80.0)),
        rv_direction_deg=float(generator.uniform(-8.0, 28.0)),
        atrial_kick=float(generator.uniform(0.08, 0.28)),
        trabeculation=float(generator.uniform(0.6, 1.4)),
        epicardial_fat_mm=float(generator.uniform(2.0, 8.0)),
    )


def random_acquisition(generator: np.random.Generator, shape: HeartShape, *, phases: int = 25) -> Acquisition:
    """Return a protocol drawn from those in use, with enough slices for the heart."""
    thickness = float(generator.choice([6.0, 8.0, 8.0, 10.0]))
    gap = float(generator.choice([0.0, 0.0, 2.0])) if thickness >= 8.0 else float(generator.choice([2.0, 4.0]))
    above = int(generator.integers(1, 3))
    slices = math.ceil((shape.lv_length_mm + 14.0) / (thickness + gap)) + above
    rows, columns = ((208, 256), (256, 256), (224, 288))[int(generator.integers(3))]
    return Acquisition(
        slices=slices,
        phases=phases,
        rows=rows,
        columns=columns,
        pixel_spacing_mm=float(generator.uniform(1.2, 1.6)),
        slice_thickness_mm=thickness,
        slice_gap_mm=gap,
        slices_above_base=above,
        base_in_slice=float(generator.uniform(0.0, 0.99)),
        in_plane_rotation_deg=float(np.clip(generator.normal(0.0, 35.0), -120.0, 120.0)),
        heart_right_mm=float(np.clip(generator.normal(5.0, 15.0), -30.0, 40.0)),
        heart_down_mm=float(np.clip(generator.normal(-3.0, 12.0), -28.0, 22.0)),
        flip_angle_deg=float(generator.uniform(40.0, 65.0)),
        field_strength_t=float(generator.choice([1.5, 1.5, 3.0])),
        noise=float(generator.uniform(0.008, 0.05)),
        shading=float(generator.uniform(0.3, 1.4)),
        resolution=float(generator.uniform(0.7, 0.95)),
    )


def random_phantom(seed: int, *, phases: int = 25, pictures: bool = True) -> Phantom:
    """Return the phantom of a seed: the same seed gives the same heart, scan, textures and noise.

    `pictures` as `make_phantom` takes it.
    """
    generator = np.random.default_rng([seed, 7])
    shape = random_shape(generator)
    return make_phantom(shape, random_acquisition(generator, shape, phases=phases), seed=seed, pictures=pictures)
