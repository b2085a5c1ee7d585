"""Carrying: the change of a border goes where the same fault is, and nowhere else."""

import numpy as np
import pytest
from faults import Fault, dice, plant
from numpy.typing import NDArray
from scipy import ndimage
from unit.review.frames import SHAPE, SPACING_MM, disc, heart

from cinecor.review.borders import Border, broken_rules, region
from cinecor.review.carry import carry_over_phases, carry_over_slices, fill_between
from cinecor.review.carry.carry import FARTHEST_PHASES
from cinecor.review.carry.displacement import Displacement, displacement
from cinecor.review.carry.stop import Stop

PHASES = 10
MIDDLE = 5
UNSURE = np.full((1, PHASES), 0.8, np.float32)


def _beat() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """One slice that contracts and comes back, (slice, phase, row, column), and its image."""
    share = 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(PHASES) / PHASES)
    frames = np.stack([heart(cavity_mm=13.0 + 7.0 * s, wall_mm=9.0 + 2.0 * (1 - s)) for s in share])
    grey = np.array([60.0, 200.0, 90.0, 220.0])[frames]
    texture = ndimage.gaussian_filter(np.random.default_rng(3).normal(0, 30, SHAPE), 2.0)
    pixels = np.stack([ndimage.gaussian_filter(one, 0.8) for one in grey + texture])
    return frames[np.newaxis], pixels[np.newaxis].astype(np.float32)


def test_that_a_displacement_finds_where_the_tissue_went() -> None:
    image = ndimage.gaussian_filter(np.random.default_rng(1).normal(0, 50, (90, 90)), 3.0).astype(np.float32)
    moved = ndimage.shift(image, (2.5, -1.5), mode="nearest").astype(np.float32)
    found = displacement(moved, image).px[:, 15:-15, 15:-15]
    assert np.abs(found[0] + 2.5).mean() < 0.3
    assert np.abs(found[1] - 1.5).mean() < 0.3


def test_that_displacements_follow_each_other() -> None:
    one, other = (Displacement(np.full((2, 20, 20), value)) for value in (1.0, 2.0))
    assert one.then(other).px == pytest.approx(np.full((2, 20, 20), 3.0))
    assert not Displacement.none((4, 5)).px.any()


@pytest.mark.parametrize("fault", [Fault.BULGE, Fault.DENT])
def test_that_a_change_mends_the_phases_with_the_same_fault_and_leaves_good_ones(fault: Fault) -> None:
    truth, pixels = _beat()
    spoiled = truth.copy()
    for phase in range(2, 9):
        spoiled[0, phase] = plant(truth[0, phase], fault, pixel_spacing_mm=SPACING_MM).frame
    before = spoiled[0, MIDDLE].copy()
    spoiled[0, MIDDLE] = truth[0, MIDDLE]
    carried = carry_over_phases(
        spoiled, (0, MIDDLE), before, pixels=pixels, confidence=UNSURE, pixel_spacing_mm=SPACING_MM
    )
    assert (0, MIDDLE) not in carried.frames
    for phase in (3, 4, 6, 7):
        was, now = (dice(one, truth[0, phase]) for one in (spoiled[0, phase], carried.frames[0, phase]))
        assert now > was
        assert now > 0.99
    for place, frame in carried.frames.items():
        assert broken_rules(frame) == ()
        assert dice(frame, truth[place]) > dice(spoiled[place], truth[place]) - 0.01


def test_that_the_change_of_a_lone_fault_leaves_the_other_phases_as_they_are() -> None:
    truth, pixels = _beat()
    before = plant(truth[0, MIDDLE], Fault.BULGE, pixel_spacing_mm=SPACING_MM).frame
    carried = carry_over_phases(
        truth, (0, MIDDLE), before, pixels=pixels, confidence=UNSURE, pixel_spacing_mm=SPACING_MM
    )
    for place, frame in carried.frames.items():
        assert dice(frame, truth[place]) > 0.99


def _bulge_everywhere() -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8]]:
    truth, pixels = _beat()
    spoiled = np.stack([plant(one, Fault.BULGE, pixel_spacing_mm=SPACING_MM).frame for one in truth[0]])[np.newaxis]
    before = spoiled[0, MIDDLE].copy()
    spoiled[0, MIDDLE] = truth[0, MIDDLE]
    return spoiled, pixels, before


def test_that_carrying_ends_at_frames_that_somebody_settled() -> None:
    spoiled, pixels, before = _bulge_everywhere()
    carried = carry_over_phases(
        spoiled, (0, MIDDLE), before, pixels=pixels, confidence=UNSURE, pixel_spacing_mm=SPACING_MM,
        settled=frozenset({(0, 7)}),
    )  # fmt: skip
    assert (0, 6) in carried.frames
    assert not {(0, 7), (0, 8), (0, 9)} & set(carried.frames)
    assert carried.stops[0, 7] is Stop.SETTLED
    assert set(carried.stops) == {(0, 7)}  # on the other side it came to the end of the stack


def test_that_carrying_ends_where_the_model_is_sure_and_agrees() -> None:
    truth, pixels = _beat()
    spoiled, _, before = _bulge_everywhere()
    spoiled[0, 7] = truth[0, 7]
    sure = np.full((1, PHASES), 0.99, np.float32)
    carried = carry_over_phases(
        spoiled, (0, MIDDLE), before, pixels=pixels, confidence=sure, pixel_spacing_mm=SPACING_MM
    )
    assert (0, 6) in carried.frames  # sure, and wrong
    assert not {(0, 7), (0, 8)} & set(carried.frames)
    assert carried.stops[0, 7] is Stop.SOUND


def test_that_carrying_ends_where_a_change_has_faded_and_says_so() -> None:
    spoiled, pixels, before = _bulge_everywhere()
    reach = FARTHEST_PHASES + 4
    spoiled = np.concatenate([np.repeat(spoiled[:, MIDDLE : MIDDLE + 1], reach, axis=1), spoiled[:, MIDDLE:]], axis=1)
    pixels = np.concatenate([np.repeat(pixels[:, MIDDLE : MIDDLE + 1], reach, axis=1), pixels[:, MIDDLE:]], axis=1)
    spoiled[0, 1:reach] = before
    carried = carry_over_phases(
        spoiled, (0, 0), before, pixels=pixels, confidence=np.full(spoiled.shape[:2], 0.8, np.float32),
        pixel_spacing_mm=SPACING_MM,
    )  # fmt: skip
    assert max(phase for _, phase in carried.frames) <= FARTHEST_PHASES
    assert carried.stops == {(0, FARTHEST_PHASES + 1): Stop.FAR}


def test_that_carrying_goes_forward_alone_or_round_the_cycle_when_asked() -> None:
    spoiled, pixels, before = _bulge_everywhere()
    spoiled, pixels = np.roll(spoiled, 3, axis=1), np.roll(pixels, 3, axis=1)  # the mended frame is phase 8
    phases = {}
    for name, options in (("forward", {"both_ways": False}), ("round", {"round_the_cycle": True})):
        carried = carry_over_phases(
            spoiled, (0, 8), before, pixels=pixels, confidence=UNSURE, pixel_spacing_mm=SPACING_MM, **options
        )
        phases[name] = {phase for _, phase in carried.frames}
    assert phases["forward"] == {9}
    assert {9, 0, 7} <= phases["round"]


def test_that_a_drawn_outline_is_carried_to_where_there_is_none_and_a_deletion_is_not() -> None:
    truth, pixels = _beat()
    empty = truth.copy()
    empty[0, 4:8] = 0
    empty[0, MIDDLE] = truth[0, MIDDLE]
    nothing = np.zeros(SHAPE, np.uint8)
    options = {"pixels": pixels, "confidence": UNSURE, "pixel_spacing_mm": SPACING_MM}
    carried = carry_over_phases(empty, (0, MIDDLE), nothing, **options)
    assert {(0, 4), (0, 6), (0, 7)} == set(carried.frames)
    assert all(dice(frame, truth[place]) > 0.9 for place, frame in carried.frames.items())
    gone = truth.copy()
    gone[0, MIDDLE] = 0
    assert not carry_over_phases(gone, (0, MIDDLE), truth[0, MIDDLE], **options).frames
    assert not carry_over_phases(truth, (0, MIDDLE), truth[0, MIDDLE], **options).frames


def test_that_only_the_borders_the_reader_meant_are_carried() -> None:
    spoiled, pixels, before = _bulge_everywhere()
    options = {"pixels": pixels, "confidence": UNSURE, "pixel_spacing_mm": SPACING_MM}
    assert not carry_over_phases(spoiled, (0, MIDDLE), before, borders=(Border.RV,), **options).frames
    meant = carry_over_phases(spoiled, (0, MIDDLE), before, borders=(Border.EPI,), **options).frames
    assert len(meant) > 3
    for place, frame in meant.items():
        assert (region(frame, Border.ENDO) == region(spoiled[place], Border.ENDO)).all()


def test_that_a_change_goes_to_neighbouring_slices_by_the_hearts_size() -> None:
    truth = np.stack([heart(cavity_mm=size, centre=(46.0 + step, 36.0)) for step, size in enumerate((20, 18, 16))])
    truth = truth[:, np.newaxis]
    spoiled = np.stack([plant(one[0], Fault.BULGE, pixel_spacing_mm=SPACING_MM).frame for one in truth])[:, np.newaxis]
    before = spoiled[1, 0].copy()
    spoiled[1, 0] = truth[1, 0]
    carried = carry_over_slices(
        spoiled, (1, 0), before, confidence=np.full((3, 1), 0.8, np.float32), pixel_spacing_mm=SPACING_MM
    )
    assert set(carried.frames) == {(0, 0), (2, 0)}
    for place, frame in carried.frames.items():
        assert dice(frame, truth[place]) > dice(spoiled[place], truth[place])


@pytest.mark.parametrize("along", ["phases", "slices"])
def test_that_filling_between_two_discs_gives_the_discs_between(along: str) -> None:
    radii = (20.0, 18.0, 16.0, 14.0)
    frames = np.stack([heart(cavity_mm=radius) for radius in radii])
    hollow = np.zeros_like(frames)
    hollow[[0, 3]] = frames[[0, 3]]
    hollow[1] = frames[0]
    shaped = hollow[np.newaxis] if along == "phases" else hollow[:, np.newaxis]
    ends = ((0, 3), (0, 0)) if along == "phases" else ((0, 0), (3, 0))
    filled = fill_between(shaped, *ends, pixel_spacing_mm=SPACING_MM)
    assert len(filled) == 2
    for place, frame in filled.items():
        step = max(place)
        assert dice(frame, frames[step]) > 0.97
        assert broken_rules(frame) == ()
    (kept,) = fill_between(shaped, *ends, pixel_spacing_mm=SPACING_MM, settled=frozenset({max(filled)}))
    assert kept == min(filled)


def test_that_filling_leaves_what_one_end_lacks_and_refuses_ends_that_share_nothing() -> None:
    frames = np.stack([heart()] * 3)[np.newaxis]
    frames[0, 2][region(frames[0, 2], Border.RV)] = 0
    frames[0, 1] = np.where(disc((46.0, 36.0), 10.0), 3, 0)
    (filled,) = fill_between(frames, (0, 0), (0, 2), pixel_spacing_mm=SPACING_MM).values()
    assert not region(filled, Border.RV).any()
    assert dice(np.where(filled > 1, filled, 0), np.where(heart() > 1, heart(), 0)) == 1.0
    with pytest.raises(ValueError, match="neither in one slice nor in one phase"):
        fill_between(frames, (0, 0), (1, 1), pixel_spacing_mm=SPACING_MM)
