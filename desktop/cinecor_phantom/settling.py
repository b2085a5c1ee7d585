"""Settling: the heart is moved by millimetres so that slices sample it without the luck of the draw.

A stack of slices measures a volume as Σ area × spacing, the midpoint rule. Where a solid ends inside a slice (base,
apex) the rule is off by as much as half a slice of the basal area: 8 mL for a spacing of 10 mm, whatever reads the
areas. Averaged over the place of the base within its slice, that error is zero; so there are places where it vanishes.
Settling finds the one nearest to what was asked for, with one free length for each volume:

    LV EDV   place of the stack along the long axis
    LV mass  thickness of the apex, and if that does not do, the length of the ventricle by up to 6 %
    RV EDV   height of the tricuspid base
    LV ESV   excursion of the mitral base
    RV ESV   excursion of the tricuspid base

The closed forms stay the truth; what is chosen is the heart that this stack can measure.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.beat import Beat
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.ventricles import Crescent, TruncatedEllipsoid

TOLERANCE = 0.002  # of each volume: a fifth of what the labels promise
LENGTH_CHANGES = (0.0, -0.01, 0.01, -0.02, 0.02, -0.03, 0.03, -0.04, 0.04, -0.05, 0.05, -0.06, 0.06)


@dataclass(frozen=True, slots=True)
class _Step:
    """One volume and the length that is free to make its midpoint sum right."""

    place: Callable[[Beat, float], Beat]
    wanted_mm: float
    lowest_mm: float
    highest_mm: float
    solid: Callable[[Beat], TruncatedEllipsoid | Crescent]
    tolerance_ml: float


@lru_cache(maxsize=16)  # every truth of a phantom, and its files, ask for its solids again
def settled(shape: HeartShape, acquisition: Acquisition) -> Beat:
    """Return the heart of `shape` placed in the stack of `acquisition` so that midpoint sums equal its volumes.

    Raises `UsageError` when the stack is too short to cover the heart from base to apex.
    """
    _refuse_short_stack(_as_wanted(shape, acquisition, length_mm=shape.lv_length_mm))
    best, least = None, math.inf
    for change in LENGTH_CHANGES:
        beat = _as_wanted(shape, acquisition, length_mm=shape.lv_length_mm * (1.0 + change))
        for step in _steps(beat):
            beat = _settle(beat, step)
        worst = max(abs(_error_ml(beat, step)) / step.tolerance_ml for step in _steps(beat))
        if worst < least:
            best, least = beat, worst
        if worst <= 1.0:
            break
    assert best is not None
    return best


def _as_wanted(shape: HeartShape, acquisition: Acquisition, *, length_mm: float) -> Beat:
    spacing = acquisition.slice_spacing_mm
    return Beat(
        shape=shape,
        first_slice_mm=(0.5 - acquisition.slices_above_base - acquisition.base_in_slice) * spacing,
        slice_spacing_mm=spacing,
        slices=acquisition.slices,
        length_mm=length_mm,
        apical_wall_mm=shape.apical_wall_mm,
        base_descent_mm=min(shape.base_descent_mm, 0.2 * length_mm),
        rv_base_mm=0.0,
        rv_base_descent_mm=min(shape.rv_base_descent_mm, 0.3 * length_mm),
    )


def _steps(beat: Beat) -> tuple[_Step, ...]:
    """Return what is settled, in this order: each step leaves right what the steps before it made right."""
    shape, half = beat.shape, 0.5 * beat.slice_spacing_mm
    return (
        _Step(
            place=lambda beat, value: replace(beat, first_slice_mm=value),
            wanted_mm=beat.first_slice_mm,
            lowest_mm=beat.first_slice_mm - half,
            highest_mm=beat.first_slice_mm + half,
            solid=lambda beat: beat.at(0.0).endo,
            tolerance_ml=TOLERANCE * shape.lv_edv_ml,
        ),
        _Step(
            place=lambda beat, value: replace(beat, apical_wall_mm=value),
            wanted_mm=beat.apical_wall_mm,
            lowest_mm=max(1.5, 0.6 * beat.apical_wall_mm),
            highest_mm=1.6 * beat.apical_wall_mm,
            solid=lambda beat: beat.at(0.0).epi,
            tolerance_ml=TOLERANCE * shape.myocardium_ml,
        ),
        _Step(
            place=lambda beat, value: replace(beat, rv_base_mm=value),
            wanted_mm=beat.rv_base_mm,
            lowest_mm=-half,
            highest_mm=half,
            solid=lambda beat: beat.at(0.0).rv,
            tolerance_ml=TOLERANCE * shape.rv_edv_ml,
        ),
        _Step(
            place=lambda beat, value: replace(beat, base_descent_mm=value),
            wanted_mm=beat.base_descent_mm,
            lowest_mm=max(1.0, beat.base_descent_mm - half),
            highest_mm=beat.base_descent_mm + half,
            solid=lambda beat: beat.at(1.0).endo,
            tolerance_ml=TOLERANCE * shape.lv_esv_ml,
        ),
        _Step(
            place=lambda beat, value: replace(beat, rv_base_descent_mm=value),
            wanted_mm=beat.rv_base_descent_mm,
            lowest_mm=max(1.0, beat.rv_base_descent_mm - half),
            highest_mm=beat.rv_base_descent_mm + half,
            solid=lambda beat: beat.at(1.0).rv,
            tolerance_ml=TOLERANCE * shape.rv_esv_ml,
        ),
    )


def _settle(beat: Beat, step: _Step) -> Beat:
    value = _nearest_zero(
        lambda value: _error_ml(step.place(beat, value), step),
        wanted=step.wanted_mm,
        low=step.lowest_mm,
        high=step.highest_mm,
        tolerance_ml=step.tolerance_ml,
    )
    return step.place(beat, value)


def _error_ml(beat: Beat, step: _Step) -> float:
    """Return the midpoint sum of a solid over the slices, less its closed-form volume."""
    solid = step.solid(beat)
    return float(solid.area_mm2(beat.slice_centres_mm).sum()) * beat.slice_spacing_mm / 1000.0 - solid.volume_ml()


def _nearest_zero(
    error_ml: Callable[[float], float], *, wanted: float, low: float, high: float, tolerance_ml: float
) -> float:
    """Return the value in [low, high] nearest to `wanted` with an error within tolerance, else that of least error."""
    grid = [float(value) for value in np.linspace(low, high, 61)]
    errors = [error_ml(value) for value in grid]
    candidates = list(zip(grid, errors, strict=True))
    for left, right, at_left, at_right in zip(grid[:-1], grid[1:], errors[:-1], errors[1:], strict=True):
        if at_left * at_right < 0.0:
            # A jump (the base plane passing a slice centre) changes sign without a zero: its error rules it out below.
            zero = _bisected(error_ml, left, right)
            candidates.append((zero, error_ml(zero)))
    good = [value for value, error in candidates if abs(error) <= tolerance_ml]
    if good:
        return min(good, key=lambda value: abs(value - wanted))
    return min(candidates, key=lambda candidate: abs(candidate[1]))[0]


def _bisected(error: Callable[[float], float], left: float, right: float) -> float:
    sign_left = math.copysign(1.0, error(left))
    for _ in range(30):
        middle = 0.5 * (left + right)
        if math.copysign(1.0, error(middle)) == sign_left:
            left = middle
        else:
            right = middle
    return 0.5 * (left + right)


def _refuse_short_stack(beat: Beat) -> None:
    last_edge = beat.slice_centres_mm[-1] + 0.5 * beat.slice_spacing_mm
    if last_edge < beat.apex_mm - 0.5 * beat.slice_spacing_mm:
        needed = math.ceil((beat.apex_mm - beat.first_slice_mm) / beat.slice_spacing_mm)
        raise UsageError(
            Message(
                "phantom_stack_too_short",
                "{slices} slices every {spacing_mm:g} mm end {short_mm:.0f} mm short of the phantom's apex; use at "
                "least {needed} slices or a larger gap.",
                slices=beat.slices,
                spacing_mm=beat.slice_spacing_mm,
                short_mm=beat.apex_mm - last_edge,
                needed=needed,
            )
        )
