"""`ValvePlane`: where a valve stands in the patient, what of a slice lies below it, and how far it moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ONE_VIEW_DEGREES: Final = 20.0
"""Views that differ by less count as one: the ends of a 30 mm line lie within 10 mm across, too near for a plane."""


@dataclass(frozen=True, slots=True, eq=False)
class ValvePlane:
    """The plane of a valve in one phase: a point on it and its unit normal, towards the apex; patient space, mm."""

    point_mm: NDArray[np.float64]  # (3,)
    normal: NDArray[np.float64]  # (3,)

    def depth_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far points (n, 3) lie on the apex's side of the plane: (n,), negative on the atrium's."""
        return np.asarray((points_mm - self.point_mm) @ self.normal)


def valve_plane(
    lines_mm: Sequence[NDArray[np.float64]],
    view_normals: Sequence[NDArray[np.float64]],
    *,
    to_apex: NDArray[np.float64],
) -> ValvePlane:
    """Return the plane through the ends (2, 3) of a valve's line in one or more long-axis views at one moment.

    `view_normals` are those of the views: of lines in one view, or in views that lie alike (a cine that was taken
    twice), nothing is known across it, so the plane is taken to stand upright on the view. `to_apex` is any vector from
    base to apex.
    """
    points = np.concatenate(list(lines_mm))
    middle = points.mean(axis=0)
    views = _one_way(np.stack(list(view_normals)))
    if np.all(views @ views[0] > np.cos(np.radians(_ONE_VIEW_DEGREES))):
        along = _one_way(np.stack([end - start for start, end in lines_mm])).sum(axis=0)
        normal = np.cross(along, views.sum(axis=0))
    else:
        normal = np.linalg.svd(points - middle)[2][2]
    normal = normal / np.linalg.norm(normal)
    return ValvePlane(middle, normal if normal @ to_apex > 0 else -normal)


def _one_way(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return directions (n, 3) turned so that all look the way of the first one."""
    return np.where(directions @ directions[0] < 0, -1.0, 1.0)[:, None] * directions


def share_below(
    plane: ValvePlane, place_mm: NDArray[np.float64], *, normal: NDArray[np.float64], extent_mm: float
) -> float:
    """Return which share of a slab lies on the apex's side of a valve's plane, at one place of the slab: 0 to 1.

    `place_mm` (3,) is the ventricle's centre in the slice, `normal` (3,) the slice's unit normal and `extent_mm` what
    the slice stands for along it.
    """
    tilt = abs(float(plane.normal @ normal))
    depth = float(plane.depth_mm(place_mm[None])[0])
    return float(np.clip(0.5 + depth / max(tilt, 1e-6) / extent_mm, 0.0, 1.0))


def excursion_mm(
    line_mm: NDArray[np.float64], *, to_apex: NDArray[np.float64], rest: int, contracted: int
) -> NDArray[np.float64]:
    """Return how far each end of a valve's line (phase, 2, 3) moves towards the apex from `rest` to `contracted`: (2,).

    Of the mitral valve their mean is MAPSE; of the tricuspid valve that of the free wall is TAPSE. `to_apex` is a
    vector from base to apex.
    """
    axis = to_apex / np.linalg.norm(to_apex)
    return np.asarray((line_mm[contracted] - line_mm[rest]) @ axis)
