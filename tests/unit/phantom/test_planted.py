"""Planted segments, outflow tracts and valves: what is known of them, and what they leave as it was."""

from dataclasses import replace

import numpy as np
import pytest

from cinecor.errors import UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor_phantom import SMALL, HeartShape, Phantom, Planted, PlantedSegment, make_phantom
from cinecor_phantom.long_axis import long_axis_planes
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.planted_truth import annulus_descent_mm, annulus_mm, outflow_labels, outflow_ml
from cinecor_phantom.wall_truth import wall_truth

PROTOCOL = replace(SMALL, phases=4, slices=13, slice_gap_mm=0.0)
ROUND = Planted(wobble=0.0)


@pytest.fixture(scope="module")
def healthy() -> Phantom:
    return make_phantom(acquisition=PROTOCOL, planted=ROUND, pictures=False)


@pytest.fixture(scope="module")
def ill() -> Phantom:
    segments = (PlantedSegment(8, wall=0.5), PlantedSegment(11, motion=0.0), PlantedSegment(16, wall=0.7, motion=0.3))
    return make_phantom(
        acquisition=PROTOCOL,
        planted=replace(ROUND, segments=segments, rv_outflow_ml=12.0, lv_outflow_ml=5.0, valves=True),
        pictures=False,
    )


def counts(phantom: Phantom) -> list[list[int]]:
    return [(phantom.labels == label).sum(axis=(0, 2, 3)).tolist() for label in (Label.RV, Label.MYO, Label.LV)]


def test_that_planting_changes_no_volume(healthy: Phantom, ill: Phantom) -> None:
    assert counts(ill) == counts(healthy)
    assert ill.truth.as_json() == healthy.truth.as_json()
    assert not np.array_equal(ill.labels, healthy.labels)


def test_that_nothing_planted_leaves_pixels_and_labels_as_they_were() -> None:
    small = replace(SMALL, phases=2)
    plain, explicit = make_phantom(acquisition=small), make_phantom(acquisition=small, planted=Planted())
    np.testing.assert_array_equal(plain.pixels, explicit.pixels)
    np.testing.assert_array_equal(plain.labels, explicit.labels)


def test_that_a_planted_segment_is_thin_or_still_in_its_place_alone(healthy: Phantom, ill: Phantom) -> None:
    before = {one.segment: one for one in wall_truth(healthy).segments()}
    after = {one.segment: one for one in wall_truth(ill).segments()}
    assert after[8].ed_mm < 0.8 * before[8].ed_mm
    assert after[8].motion_mm > 0.9 * before[8].motion_mm
    assert abs(after[11].motion_mm) < 0.5 * before[11].motion_mm
    assert after[11].thickening_mm < 0.5 * before[11].thickening_mm
    assert after[11].ed_mm == pytest.approx(before[11].ed_mm, rel=0.05)
    for segment in (1, 2, 3, 4, 5, 6):  # the basal ring has nothing planted
        assert after[segment].ed_mm == pytest.approx(before[segment].ed_mm, rel=1e-9)
    for segment in (7, 9, 10, 12):
        assert after[segment].ed_mm > before[segment].ed_mm


def test_that_the_core_of_a_planted_segment_has_the_share_that_was_asked_for(healthy: Phantom, ill: Phantom) -> None:
    truth, plain = wall_truth(ill), wall_truth(healthy)
    middle = truth.heights_mm.searchsorted(0.5 * truth.length_mm)
    core = 30  # degrees from the anterior insertion towards the septum: the middle of segment 8
    thin, regular = (one.epi_mm[middle, 0, core] - one.endo_mm[middle, 0, core] for one in (truth, plain))
    assert thin == pytest.approx(0.5 * regular)
    still = 30 + 180  # the middle of segment 11 is opposite
    assert truth.endo_mm[middle, truth.es_phase, still] == pytest.approx(plain.endo_mm[middle, 0, still])


def test_that_labels_show_the_walls_of_the_closed_form(ill: Phantom) -> None:
    truth = wall_truth(ill)
    slice_index = int(truth.heights_mm.searchsorted(0.5 * truth.length_mm))
    for phase in (0, truth.es_phase):
        myocardium = (ill.labels[slice_index, phase] == Label.MYO).sum() * SMALL.pixel_spacing_mm**2
        outer, inner = truth.epi_mm[slice_index, phase], truth.endo_mm[slice_index, phase]
        assert myocardium == pytest.approx(np.pi * (outer**2 - inner**2).mean(), rel=0.02)


@pytest.mark.parametrize("segments", [(1, 9, 14), (5, 12, 16)])
def test_that_a_segment_of_every_third_can_be_planted_at_once(segments: tuple[int, ...]) -> None:
    small = replace(PROTOCOL, phases=2, rows=80, columns=80)
    thin = tuple(PlantedSegment(segment, wall=0.6) for segment in segments)
    truth = wall_truth(
        make_phantom(acquisition=small, planted=replace(ROUND, segments=thin), pictures=False)
    ).segments()
    for third in (truth[:6], truth[6:12], truth[12:]):
        assert min(third, key=lambda one: one.ed_mm).segment in segments


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (lambda: PlantedSegment(17), "none of the sixteen"),
        (lambda: PlantedSegment(3, wall=0.1), "wall = 0.1"),
        (lambda: PlantedSegment(3, motion=2.0), "motion = 2"),
        (lambda: Planted(segments=(PlantedSegment(3), PlantedSegment(3)), wobble=0.0), "twice"),
        (lambda: Planted(segments=(PlantedSegment(3),)), "wobble = 0"),
        (lambda: Planted(rv_outflow_ml=50.0), "rv_outflow_ml = 50"),
    ],
)
def test_that_what_cannot_be_planted_is_refused(plant: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plant()  # type: ignore[operator]


def test_that_a_heart_without_room_for_the_rest_of_its_wall_is_refused() -> None:
    strong = HeartShape(lv_edv_ml=150.0, lv_esv_ml=30.0, rv_edv_ml=190.0, rv_esv_ml=70.0)
    still = tuple(PlantedSegment(segment, motion=0.0) for segment in (7, 8, 9, 10))
    with pytest.raises(UsageError, match="no room"):
        make_phantom(strong, PROTOCOL, planted=replace(ROUND, segments=still), pictures=False)


def test_that_the_wall_of_a_wobbling_phantom_is_not_claimed_to_be_known(phantom: Phantom) -> None:
    with pytest.raises(UsageError, match="wobble = 0"):
        wall_truth(phantom)


def test_that_outflow_tracts_have_their_volumes_and_lie_beside_the_labels(ill: Phantom) -> None:
    volumes, drawn = outflow_ml(ill), outflow_labels(ill)
    assert volumes["lv"] == pytest.approx(np.full(PROTOCOL.phases, 5.0))
    assert volumes["rv"][0] == pytest.approx(12.0)
    assert volumes["rv"][ill.truth.es_phase] < 10.0
    assert not (drawn[ill.labels > 0]).any()
    pixel_mm2 = SMALL.pixel_spacing_mm**2
    for label, radius in ((Label.RV, 13.0), (Label.LV, 11.0)):
        areas = (drawn == label).sum(axis=(2, 3)) * pixel_mm2
        assert areas.max() == pytest.approx(np.pi * radius**2, rel=0.06)
    assert set(np.unique(drawn)) == {0, Label.RV, Label.LV}


def test_that_the_rings_descend_as_far_as_the_base_does(ill: Phantom) -> None:
    descent, points = annulus_descent_mm(ill), annulus_mm(ill)
    long_axis = heart_axes()[2]
    es = ill.truth.es_phase
    for valve, views in points.items():
        for view in views.values():
            along = (view - base_centre_mm()) @ long_axis  # (phase, 2)
            fallen = (along[es] - along[0]).mean()
            assert fallen == pytest.approx(descent[valve][es], abs=0.6)  # the ring's radius, and so its lean, shrinks
    assert descent["mitral"][es] > 5.0


def test_that_the_points_of_the_rings_lie_in_their_views_even_where_the_heart_wobbles(phantom: Phantom) -> None:
    planes = long_axis_planes(phantom.acquisition)
    points = annulus_mm(phantom)
    assert set(points["mitral"]) == {"2CH", "3CH", "4CH"}
    assert "4CH" in points["tricuspid"]
    for views in points.values():
        for name, view in views.items():
            plane = planes[name]
            off = (view - plane.corner_mm) @ np.cross(plane.column_axis, plane.row_axis)
            assert np.abs(off).max() < 0.01
            across = (view - plane.corner_mm) @ plane.column_axis
            assert (across[:, 1] - across[:, 0] > 15.0).all()


def test_that_valves_darken_the_pictures_at_their_rings() -> None:
    small = replace(SMALL, phases=2)
    plain = make_phantom(acquisition=small)
    shown = make_phantom(acquisition=small, planted=Planted(valves=True))
    np.testing.assert_array_equal(plain.labels, shown.labels)
    changed = plain.pixels.astype(int) - shown.pixels
    assert np.abs(changed[:3]).max() > 60  # where the bases pass
    assert np.abs(changed[-2]).max() == 0  # nothing near the apex
