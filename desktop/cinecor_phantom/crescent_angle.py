"""Angles around the long axis, in the sense of the image (y down): the septum lies towards heart −x."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def rv_direction_rad(rv_direction_deg: float) -> float:
    """Return the angle of the crescent's middle: image left before rotation, turned by `rv_direction_deg`."""
    return math.pi + math.radians(rv_direction_deg)


def crescent_coordinate(
    angle_rad: NDArray[np.floating[Any]], *, direction_rad: float, half_angle_rad: float
) -> NDArray[np.floating[Any]]:
    """Return the crescent's t of each angle: 0 in its middle, −1 and 1 at the insertions, positive towards anterior."""
    turned = np.mod(angle_rad - direction_rad + math.pi, 2.0 * math.pi) - math.pi
    return np.asarray(turned / half_angle_rad)
