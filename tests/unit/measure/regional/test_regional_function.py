"""Thickness, thickening and motion by segment, against the phantom's closed forms."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import AUTOMATIC, ByMoment
from cinecor.measure.regional.function import RegionalFunction, regional_function
from cinecor.measure.regional.insertion import SetInsertion
from cinecor.study.cine_stack import StackGeometry
from cinecor_phantom import Acquisition, HeartShape, Phantom, Planted, PlantedSegment, make_phantom
from cinecor_phantom.wall_truth import WallTruth, wall_truth

PROTOCOL = Acquisition(phases=4, slices=18, slice_thickness_mm=6.0, slice_gap_mm=0.0)
THIN, STILL = 8, 11
ILL = Planted(segments=(PlantedSegment(THIN, wall=0.5), PlantedSegment(STILL, motion=0.0)), wobble=0.0)
ANTERIOR_DEG = 180.0 + 12.0 + 72.0  # of the phantom's crescent: its middle and half its angle
MOTION_MM, THICKNESS_MM = 0.5, 0.3


def phantom_of(acquisition: Acquisition = PROTOCOL, planted: Planted = ILL, shape: HeartShape | None = None) -> Phantom:
    return make_phantom(shape, acquisition, planted=planted, pictures=False)


def function_of(phantom: Phantom, **changes: object) -> RegionalFunction:
    given: dict[str, object] = {
        "geometry": phantom.geometry,
        "moments": ByMoment(phantom.truth.ed_phase, phantom.truth.es_phase),
        "phase_times_ms": phantom.phase_times_ms,
        "rr_ms": phantom.shape.rr_ms,
    }
    labels = changes.pop("labels", phantom.labels)
    return regional_function(labels, **{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ill() -> Phantom:
    return phantom_of()


@pytest.fixture(scope="module")
def beating() -> Phantom:
    """A healthy heart at 20 phases."""
    return phantom_of(replace(PROTOCOL, phases=20), planted=Planted(wobble=0.0))


@pytest.fixture(scope="module")
def truth(ill: Phantom) -> WallTruth:
    return wall_truth(ill)


@pytest.fixture(scope="module")
def found(ill: Phantom) -> RegionalFunction:
    return function_of(ill)


def numbers(function: RegionalFunction) -> np.ndarray:
    return np.array([(one.ed_mm, one.es_mm, one.motion_mm) for one in function.segments], dtype=float)


def opened(labels: np.ndarray, found: RegionalFunction, *, phases: Sequence[int]) -> np.ndarray:
    """The same labels with the lateral wall open at these phases: segments 5, 11 and 16."""
    rows, columns = np.indices(labels.shape[2:])
    middle = found.walls[8].centre_mm  # type: ignore[union-attr]
    spacing = PROTOCOL.pixel_spacing_mm
    angle = np.degrees(np.arctan2(rows * spacing - middle[1], columns * spacing - middle[0]))
    lateral = np.abs(np.mod(angle - (ANTERIOR_DEG - 210.0) + 180.0, 360.0) - 180.0) < 10.0
    there = np.isin(np.arange(labels.shape[1]), phases)[:, None, None] & lateral
    return np.where(there & (labels == Label.MYO), 0, labels).astype(labels.dtype)


def mirrored(geometry: StackGeometry, columns: int) -> StackGeometry:
    """The same slices, stored from the other side."""
    width = (columns - 1) * geometry.pixel_spacing_mm[1]
    return replace(
        geometry,
        positions_mm=geometry.positions_mm + width * geometry.column_axis,
        column_axis=-geometry.column_axis,
    )


def tilted(geometry: StackGeometry, degrees: float) -> StackGeometry:
    """The same study in a patient who lies otherwise: turned about the body's axis and then about left and right."""
    angle = np.radians(degrees)
    about_z = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    turn = about_x @ about_z
    return replace(
        geometry,
        positions_mm=geometry.positions_mm @ turn.T,
        column_axis=turn @ geometry.column_axis,
        row_axis=turn @ geometry.row_axis,
    )


def test_that_every_segment_is_measured_within_its_limits(found: RegionalFunction, truth: WallTruth) -> None:
    assert [one.segment.number for one in found.segments] == list(range(1, 17))
    for one in found.segments:
        slices = list(one.slices)
        assert len(slices) >= 3
        thickness = truth.mean(truth.thickness_mm, one.segment.number)[slices].mean(axis=0)
        endo = truth.mean(truth.endo_mm, one.segment.number)[slices].mean(axis=0)
        assert one.ed_mm == pytest.approx(thickness[truth.ed_phase], abs=THICKNESS_MM)
        assert one.es_mm == pytest.approx(thickness[truth.es_phase], abs=THICKNESS_MM)
        assert one.motion_mm == pytest.approx(endo[truth.ed_phase] - endo[truth.es_phase], abs=MOTION_MM)


def test_that_planted_segments_are_found_in_their_place(found: RegionalFunction) -> None:
    mid = found.segments[6:12]
    assert min(mid, key=lambda one: one.ed_mm or 99.0).segment.number == THIN
    assert min(mid, key=lambda one: one.motion_mm or 99.0).segment.number == STILL
    assert min(mid, key=lambda one: one.thickening_percent or 999.0).segment.number == STILL


def test_that_thickening_is_told_in_mm_and_as_a_share_of_the_wall(found: RegionalFunction) -> None:
    one = found.segments[0]
    assert one.ed_mm is not None
    assert one.es_mm is not None
    assert one.thickening_mm == pytest.approx(one.es_mm - one.ed_mm)
    assert one.thickening_percent == pytest.approx(100.0 * (one.es_mm / one.ed_mm - 1.0))


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [-100.0, 35.0, 180.0])
def test_that_a_rotated_image_gives_the_same_segments(found: RegionalFunction, degrees: float) -> None:
    turned = function_of(phantom_of(replace(PROTOCOL, in_plane_rotation_deg=degrees)))
    np.testing.assert_allclose(numbers(turned), numbers(found), atol=THICKNESS_MM)


def test_that_a_mirrored_image_gives_the_same_segments(ill: Phantom, found: RegionalFunction) -> None:
    geometry = mirrored(ill.geometry, PROTOCOL.columns)
    other = function_of(ill, labels=ill.labels[..., ::-1], geometry=geometry)
    np.testing.assert_allclose(numbers(other), numbers(found), atol=THICKNESS_MM)


def test_that_slices_from_apex_to_base_give_the_same_segments(ill: Phantom, found: RegionalFunction) -> None:
    geometry = replace(ill.geometry, positions_mm=ill.geometry.positions_mm[::-1])
    other = function_of(ill, labels=ill.labels[::-1], geometry=geometry)
    np.testing.assert_allclose(numbers(other), numbers(found), atol=0.05)


@pytest.mark.parametrize("degrees", [-25.0, 25.0])
def test_that_an_oblique_study_gives_the_same_segments(ill: Phantom, found: RegionalFunction, degrees: float) -> None:
    other = function_of(ill, geometry=tilted(ill.geometry, degrees))
    np.testing.assert_allclose(numbers(other), numbers(found), atol=1e-6)


def test_that_insertion_points_lie_at_the_ends_of_the_crescent(found: RegionalFunction) -> None:
    points = found.insertion
    assert points is not None
    np.testing.assert_allclose(points.anterior_deg, ANTERIOR_DEG, atol=6.0)
    np.testing.assert_allclose(points.inferior_deg, ANTERIOR_DEG - 144.0, atol=6.0)


def test_that_a_wall_is_thickest_at_end_systole(beating: Phantom) -> None:
    function = function_of(beating)
    end_systole_ms = beating.phase_times_ms[beating.truth.es_phase]
    step_ms = beating.shape.rr_ms / 20
    peaks = [one.peak_ms for one in function.segments if one.peak_ms is not None]
    assert len(peaks) == 16
    assert np.abs(np.array(peaks) - end_systole_ms).max() <= 1.5 * step_ms
    assert function.dispersion_ms is not None
    assert function.dispersion_ms < step_ms


def test_that_a_wall_that_thins_has_no_time_of_its_peak() -> None:
    thinning = tuple(PlantedSegment(number, wall=1.6, motion=-0.3) for number in (9, 10))
    function = function_of(phantom_of(planted=Planted(segments=thinning, wobble=0.0)))
    for one in function.segments[8:10]:
        assert one.thickening_mm is not None
        assert one.thickening_mm < -1.0
        assert one.peak_ms is None
        assert one.refused is None
    assert function.segments[11].peak_ms is not None


def test_that_a_wall_that_is_open_at_one_phase_keeps_its_peak_and_has_a_gap_in_its_curve(beating: Phantom) -> None:
    whole = function_of(beating)
    late = (beating.truth.es_phase + 8) % 20
    labels = opened(beating.labels, whole, phases=[late])
    function = function_of(beating, labels=labels)
    for number in (5, 11, 16):
        one, before = function.segments[number - 1], whole.segments[number - 1]
        assert one.refused is None
        assert one.thickness_mm is not None
        assert np.flatnonzero(np.isnan(one.thickness_mm)).tolist() == [late]
        assert one.peak_ms == pytest.approx(before.peak_ms)
    assert function.dispersion_ms == pytest.approx(whole.dispersion_ms)


def test_that_the_orientation_is_unknown_where_the_axes_are_no_directions(
    ill: Phantom, found: RegionalFunction
) -> None:
    function = function_of(ill, geometry=replace(ill.geometry, oriented=False))
    assert function.segments == ()
    assert function.rings == found.rings  # though no walls are measured
    assert [reason.code for reason in function.reasons] == ["regional_no_patient_directions"]


def test_that_a_heart_that_lies_on_its_head_is_not_believed(ill: Phantom) -> None:
    half_turn = replace(
        ill.geometry,
        positions_mm=ill.geometry.positions_mm * [-1, -1, 1],
        column_axis=ill.geometry.column_axis * [-1, -1, 1],
        row_axis=ill.geometry.row_axis * [-1, -1, 1],
    )
    function = function_of(ill, geometry=half_turn)
    assert [reason.code for reason in function.reasons] == ["regional_unusual_orientation"]


def test_that_points_set_by_hand_name_the_segments_all_the_same(ill: Phantom, found: RegionalFunction) -> None:
    by_hand = {8: SetInsertion(ANTERIOR_DEG, ANTERIOR_DEG - 144.0)}
    function = function_of(ill, geometry=replace(ill.geometry, oriented=False), by_reader=by_hand)
    np.testing.assert_allclose(numbers(function), numbers(found), atol=THICKNESS_MM)
    assert function.insertion is not None
    assert function.insertion.by_reader == {8}


def test_that_a_moved_point_turns_the_segments(ill: Phantom) -> None:
    every = range(PROTOCOL.slices)
    by_hand = dict.fromkeys(every, SetInsertion(ANTERIOR_DEG + 60.0, ANTERIOR_DEG - 84.0))
    turned = function_of(ill, by_reader=by_hand)
    assert min(turned.segments[6:12], key=lambda one: one.ed_mm or 99.0).segment.number == THIN + 1


def test_that_an_open_wall_refuses_its_segment_alone(ill: Phantom, found: RegionalFunction) -> None:
    labels = opened(ill.labels, found, phases=range(PROTOCOL.phases))
    function = function_of(ill, labels=labels)
    refused = {one.segment.number: one.refused.code for one in function.segments if one.refused is not None}
    assert refused == {5: "regional_open", 11: "regional_open", 16: "regional_open"}
    assert function.segments[6].ed_mm == pytest.approx(found.segments[6].ed_mm, abs=0.05)


def test_that_a_stack_oblique_to_the_heart_is_refused(ill: Phantom) -> None:
    along = np.arange(PROTOCOL.slices)[:, None]
    sheared = replace(
        ill.geometry, positions_mm=ill.geometry.positions_mm + along * 6.0 * 0.45 * ill.geometry.column_axis
    )
    function = function_of(ill, geometry=sheared)
    assert {one.refused.code for one in function.segments if one.refused is not None} == {"regional_oblique"}
    straight = replace(
        ill.geometry, positions_mm=ill.geometry.positions_mm + along * 6.0 * 0.25 * ill.geometry.column_axis
    )
    assert function_of(ill, geometry=straight).segments[8].es_mm is not None


def test_that_one_phase_gives_thickness_and_no_motion(ill: Phantom) -> None:
    function = function_of(ill, labels=ill.labels[:, :1], moments=AUTOMATIC, phase_times_ms=None)
    assert [reason.code for reason in function.reasons] == ["regional_no_moments"]
    assert all(one.ed_mm is not None for one in function.segments)
    assert all(one.es_mm is None and one.motion_mm is None and one.peak_ms is None for one in function.segments)


@pytest.mark.parametrize("left", [(), (8,), (8, 9)])
def test_that_too_few_slices_give_no_segments(ill: Phantom, left: tuple[int, ...]) -> None:
    labels = np.zeros_like(ill.labels)
    labels[list(left)] = ill.labels[list(left)]
    function = function_of(ill, labels=labels)
    assert function.segments == ()


def test_that_without_a_right_ventricle_nothing_is_named(ill: Phantom) -> None:
    function = function_of(ill, labels=np.where(ill.labels == Label.RV, 0, ill.labels))
    assert [reason.code for reason in function.reasons] == ["regional_no_rv"]


def test_that_pixels_need_not_be_square(ill: Phantom, found: RegionalFunction) -> None:
    labels = np.repeat(ill.labels, 2, axis=3)
    spacing = ill.geometry.pixel_spacing_mm
    halved = replace(ill.geometry, pixel_spacing_mm=(spacing[0], spacing[1] / 2))
    function = function_of(ill, labels=labels, geometry=halved)
    np.testing.assert_allclose(numbers(function), numbers(found), atol=0.35)


def test_that_the_mean_of_the_mid_ring_needs_all_of_it(found: RegionalFunction) -> None:
    assert found.mid_ed_mm == pytest.approx(np.mean([one.ed_mm for one in found.segments[6:12]]))
    broken = replace(found, segments=(*found.segments[:6], replace(found.segments[6], ed_mm=None), *found.segments[7:]))
    assert broken.mid_ed_mm is None
