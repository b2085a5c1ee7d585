"""What the labels become when a border is moved.

The mask stays the truth. Every tool makes the region within one border, and `with_region` exchanges only what that
border divides: `endo` LV and MYO, `epi` MYO and outside, `rv` RV and outside. So no stroke can leave a hole, and a
border that was not moved keeps its pixels.
"""

from collections.abc import Mapping

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.border import Border, region
from cinecor.review.borders.pieces import Region, beside, largest_pieces, piece_count, without_holes

MOST_RV_PIECES = 2
"""In one slice: a right ventricle that bends out of the plane and back, or its inflow beside its outflow."""


def with_region(
    labels: NDArray[np.uint8],
    border: Border,
    wanted: Region,
    *,
    rv_pieces: int | None = None,
    cavity_yields: bool = False,
) -> NDArray[np.uint8]:
    """Return the frame (row, column) with `border` moved to enclose `wanted`, as far as anatomy lets it.

    The cavity stays within the wall and in one piece; the wall keeps its cavity, or the cavity yields where
    `cavity_yields`; the RV stays outside both and gives way where the wall grows. Where the cavity lies bare, as at the
    annulus, it grows without a wall. `rv_pieces` is how many pieces the RV may have; None: as many as it has.
    """
    box = _box((labels != Label.BACKGROUND) | wanted)
    if box is None:
        return labels.copy()
    old = labels[box]
    cavity, outer, right = (region(old, one) for one in Border)
    if rv_pieces is None:
        rv_pieces = min(MOST_RV_PIECES, max(1, piece_count(right)))
    if border is Border.ENDO:
        new_cavity, new_outer = _moved_endo(cavity, outer, right, wanted[box])
    elif border is Border.EPI:
        new_cavity = largest_pieces(cavity & without_holes(wanted[box]), 1) if cavity_yields else cavity
        new_outer = _moved_epi(new_cavity, wanted[box])
    else:
        new_cavity, new_outer = cavity, outer
    if border is Border.RV:
        right = _moved_rv(wanted[box], new_outer, rv_pieces)
    elif (right & new_outer).any():
        right = _moved_rv(right & ~new_outer, new_outer, rv_pieces)
    new = labels.copy()
    cut = new[box]
    cut[:] = Label.BACKGROUND
    cut[right] = Label.RV
    cut[new_outer] = Label.MYO
    cut[new_cavity] = Label.LV
    return new


def with_regions(labels: NDArray[np.uint8], wanted: Mapping[Border, Region]) -> NDArray[np.uint8]:
    """Return the frame (row, column) with several borders moved at once, so that none stands in another's way."""
    new = labels
    if Border.EPI in wanted:
        if Border.ENDO in wanted:
            new = without(new, Border.EPI)  # else the old cavity would hold on to wall that is to go
        new = with_region(new, Border.EPI, wanted[Border.EPI])
    for border in (Border.ENDO, Border.RV):
        if border in wanted:
            new = with_region(new, border, wanted[border])
    return new


def without(labels: NDArray[np.uint8], border: Border) -> NDArray[np.uint8]:
    """Return the frame without a structure: `endo` leaves solid muscle, `epi` takes the whole left ventricle away."""
    new = labels.copy()
    new[region(labels, border)] = Label.MYO if border is Border.ENDO else Label.BACKGROUND
    return new


def _moved_endo(cavity: Region, outer: Region, right: Region, wanted: Region) -> tuple[Region, Region]:
    wanted = without_holes(largest_pieces(wanted, 1))
    if not (outer & ~cavity).any():  # a cavity without any wall
        bare = without_holes(largest_pieces(wanted & ~right, 1)) & ~right
        return bare, bare
    grown = _parts(wanted & ~outer & ~right, touching=cavity)
    moved = without_holes(largest_pieces((wanted & outer) | grown, 1)) & (outer | grown)
    return moved, without_holes(outer | moved) if (moved & ~outer).any() else outer


def _moved_epi(cavity: Region, wanted: Region) -> Region:
    wanted = without_holes(largest_pieces(wanted, 1))
    return without_holes(largest_pieces(wanted | cavity, 1, holding=cavity))


def _moved_rv(wanted: Region, outer: Region, pieces: int) -> Region:
    kept = largest_pieces(without_holes(wanted) & ~outer, pieces)
    return without_holes(kept) & ~outer


def _parts(region: Region, *, touching: Region) -> Region:
    """Return the parts of a region, joined along sides, that have a side in common with another."""
    part, found = scipy.ndimage.label(region)
    if not found:
        return region
    near = np.zeros(found + 1, dtype=np.bool_)
    near[part[beside(touching) & region]] = True
    near[0] = False
    return np.asarray(near[part])


def _box(used: Region) -> tuple[slice, slice] | None:
    rows = np.flatnonzero(used.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(used.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )
