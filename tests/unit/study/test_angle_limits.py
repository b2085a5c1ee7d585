"""Angles that decide whether a study is short axis at all, and distances that part a stack: each from both sides."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from dicom_builder import cine, write

from cinecor.study import SeriesKind, open_input, scan
from cinecor.study.series.series_kind import BASE_TO_APEX
from cinecor.study.stack.slice_axis import SliceAxis, slice_axis

AXIS = np.array(BASE_TO_APEX) / np.linalg.norm(BASE_TO_APEX)
ASIDE = np.cross(AXIS, (0.0, 0.0, 1.0))
ASIDE /= np.linalg.norm(ASIDE)


def axes_off(degrees: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Column and row axis of a plane whose normal stands so far off the usual long axis."""
    turn = np.radians(degrees)
    normal = np.cos(turn) * AXIS + np.sin(turn) * ASIDE
    column = np.cross(AXIS, ASIDE)
    return tuple(column), tuple(np.cross(normal, column))


@pytest.mark.parametrize(
    ("slices", "degrees", "kind"),
    [
        (1, 39.7, SeriesKind.SAX_CINE),
        (1, 40.3, SeriesKind.LONG_AXIS_CINE),
        (2, 39.7, SeriesKind.SAX_CINE),
        (2, 40.3, SeriesKind.LONG_AXIS_CINE),
        (3, 44.7, SeriesKind.SAX_CINE),  # a stack is itself a sign
        (3, 45.3, SeriesKind.OTHER_CINE),
        (3, 61.7, SeriesKind.OTHER_CINE),
        (3, 62.3, SeriesKind.LONG_AXIS_CINE),
    ],
)
def test_that_a_cine_is_short_axis_up_to_40_degrees_a_stack_up_to_45_and_long_axis_beyond_62(
    tmp_path: Path, slices: int, degrees: float, kind: SeriesKind
) -> None:
    (series,) = scan(write(tmp_path, cine(slices=slices, axes=axes_off(degrees)))).series
    assert series.kind is kind
    assert series.why.values["degrees"] == pytest.approx(degrees, abs=0.05)


@pytest.mark.parametrize(("degrees", "uncertain"), [(72.3, False), (72.8, True)])
def test_that_base_and_apex_are_uncertain_across_the_long_axis(tmp_path: Path, degrees: float, uncertain: bool) -> None:
    """The cosine is 0.3 at 72.5 degrees."""
    folder = write(tmp_path, cine(axes=axes_off(degrees)))
    _, audit = open_input(folder, series_uid=scan(folder).series[0].uid)
    assert ("base_uncertain" in {warning.code for warning in audit.warnings}) is uncertain


def _along(*at_mm: float, thickness_mm: float | None = 10.0, tag_mm: float | None = None) -> SliceAxis:
    frame = SimpleNamespace(slice_thickness_mm=thickness_mm, spacing_between_slices_mm=tag_mm)
    positions = np.array(at_mm)[:, np.newaxis] * AXIS
    return slice_axis(positions, AXIS, [frame] * len(at_mm))  # type: ignore[list-item]


def _codes(axis: SliceAxis) -> set[str]:
    return {warning.code for warning in axis.warnings}


@pytest.mark.parametrize(("last_mm", "apart"), [(64.9, ()), (65.1, (4,))])
def test_that_a_plane_beyond_three_and_a_half_steps_belongs_to_something_else(
    last_mm: float, apart: tuple[int, ...]
) -> None:
    axis = _along(0.0, 10.0, 20.0, 30.0, last_mm)
    assert axis.apart == apart
    assert len(axis.order) + len(axis.apart) == 5


@pytest.mark.parametrize(("step_mm", "missing"), [(14.9, False), (15.1, True)])
def test_that_a_slice_is_missing_from_one_and_a_half_steps_on(step_mm: float, missing: bool) -> None:
    axis = _along(0.0, 10.0, 20.0, 20.0 + step_mm, 30.0 + step_mm)
    assert ("slices_missing" in _codes(axis)) is missing
    assert ("slices_uneven" in _codes(axis)) is not missing


@pytest.mark.parametrize(("step_mm", "uneven"), [(10.45, False), (10.55, True)])
def test_that_gaps_are_uneven_from_a_twentieth_of_a_step_on(step_mm: float, uneven: bool) -> None:
    assert ("slices_uneven" in _codes(_along(0.0, 10.0, 20.0, 20.0 + step_mm))) is uneven


@pytest.mark.parametrize(("tag_mm", "told"), [(10.19, False), (10.21, True), (9.81, False), (9.79, True)])
def test_that_a_spacing_tag_may_differ_from_the_positions_by_a_fiftieth(tag_mm: float, told: bool) -> None:
    assert ("spacing_tag_disagrees" in _codes(_along(0.0, 10.0, 20.0, tag_mm=tag_mm))) is told
