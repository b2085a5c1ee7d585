"""Faults that the model's outlines have, planted into good frames: where they lie is known, so a hand can mend them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.review.borders import Border, region, with_region, with_regions, without

Frame = NDArray[np.uint8]


class Fault(StrEnum):
    """The kinds that the model is known for."""

    BULGE = "bulge"
    DENT = "dent"
    NO_BASE = "missing basal outline"
    OUTFLOW = "outflow included"
    RV_CUT = "RV in two pieces"
    APEX = "shifted apex"


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """A frame with its fault, and the frame as it was."""

    fault: Fault
    truth: Frame
    frame: Frame
    centre: tuple[float, float]  # x, y of the fault's middle in pixels
    size_mm: float


def plant(truth: Frame, fault: Fault, *, pixel_spacing_mm: tuple[float, float], turn: float = 0.6) -> Planted:
    """Return a frame (row, column) with a fault at an angle (radians from the x axis) as seen from the LV's middle."""
    spacing = np.array(pixel_spacing_mm[::-1])
    cavity, outer = region(truth, Border.ENDO), region(truth, Border.EPI)
    inside = cavity if cavity.any() else outer
    middle = np.argwhere(inside).mean(axis=0)[::-1] + 0.5
    if fault is Fault.NO_BASE:
        return Planted(fault, truth, np.zeros_like(truth), tuple(middle), 0.0)
    if fault is Fault.RV_CUT:
        right = region(truth, Border.RV)
        centre = np.argwhere(right).mean(axis=0)[::-1] + 0.5
        row, column = np.indices(truth.shape) + 0.5
        along = centre - middle
        across = np.array([-along[1], along[0]]) / np.hypot(*along)
        apart_mm = np.abs((column - centre[0]) * across[0] * spacing[0] + (row - centre[1]) * across[1] * spacing[1])
        frame = with_region(truth, Border.RV, right & (apart_mm > 4.0), rv_pieces=2)
        return Planted(fault, truth, frame, tuple(centre), 8.0)
    if fault is Fault.APEX:
        right = np.argwhere(region(truth, Border.RV))
        away = (middle - (right.mean(axis=0)[::-1] + 0.5 if right.size else 0.0)) * spacing  # from the RV, which stays
        columns, rows = (round(float(step)) for step in 6.0 * away / np.hypot(*away) / spacing)
        moved = {
            border: ndimage.shift(region(truth, border).astype(np.uint8), (rows, columns), order=0).astype(np.bool_)
            for border in (Border.EPI, Border.ENDO)
        }
        return Planted(fault, truth, with_regions(without(truth, Border.EPI), moved), tuple(middle), 5.0)
    direction = np.array([np.cos(turn), np.sin(turn)])
    edge = _edge(inside, middle, direction)
    if fault is Fault.OUTFLOW:
        outer_edge = _edge(outer, middle, direction)
        cavity = (
            cavity
            | _disc(truth.shape, outer_edge, 9.0, pixel_spacing_mm)
            | _disc(truth.shape, edge, 9.0, pixel_spacing_mm)
        )
        outer = outer | _disc(truth.shape, outer_edge, 11.0, pixel_spacing_mm)
        frame = with_regions(truth, {Border.EPI: outer, Border.ENDO: cavity})
        return Planted(fault, truth, frame, tuple(outer_edge), 11.0)
    size_mm = min(7.0, 0.6 * float(np.sqrt(inside.sum() * spacing.prod() / np.pi)))
    disc = _disc(truth.shape, edge, size_mm, pixel_spacing_mm)
    if fault is Fault.BULGE:
        frame = with_regions(
            truth, {Border.EPI: outer | _disc(truth.shape, _edge(outer, middle, direction), size_mm, pixel_spacing_mm)}
        )
        return Planted(fault, truth, frame, tuple(_edge(outer, middle, direction)), size_mm)
    return Planted(fault, truth, with_region(truth, Border.ENDO, inside & ~disc), tuple(edge), size_mm)


def dice(one: Frame, other: Frame) -> float:
    """Return the mean Dice of the structures that either frame holds; 1 for two empty ones."""
    scores = []
    for label in (1, 2, 3):
        a, b = one == label, other == label
        if a.any() or b.any():
            scores.append(2.0 * int((a & b).sum()) / (int(a.sum()) + int(b.sum())))
    return float(np.mean(scores)) if scores else 1.0


def _edge(
    within: NDArray[np.bool_], middle: NDArray[np.float64], direction: NDArray[np.float64]
) -> NDArray[np.float64]:
    steps = np.arange(0.0, max(within.shape), 0.25)
    at = middle + steps[:, np.newaxis] * direction
    x, y = at[:, 0].astype(int), at[:, 1].astype(int)
    held = (x >= 0) & (y >= 0) & (x < within.shape[1]) & (y < within.shape[0])
    held[held] &= within[y[held], x[held]]
    return np.asarray(at[np.flatnonzero(held)[-1]])


def _disc(
    shape: tuple[int, ...], centre: NDArray[np.float64], radius_mm: float, pixel_spacing_mm: tuple[float, float]
) -> NDArray[np.bool_]:
    row, column = np.indices(shape) + 0.5
    return np.asarray(
        np.hypot((column - centre[0]) * pixel_spacing_mm[1], (row - centre[1]) * pixel_spacing_mm[0]) < radius_mm
    )
