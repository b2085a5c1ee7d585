"""Counting: numbers follow a drag by its frames alone, and papillary muscles count where the reader says."""

from dataclasses import replace

import numpy as np
import pytest
from unit.review.frames import SPACING_MM, disc
from unit.review.studies import PHASES, small_review

from cinecor.measure.conventions import conventions
from cinecor.measure.moment import ByMoment, Moment
from cinecor.review import Gesture, History, Review, redraw_one, review_result
from cinecor.review.counting import counted_labels
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.review.result import final_labels
from cinecor.review.tools.push import push

MASS = PapillaryChoice(PapillaryConvention.MASS)


def with_muscles() -> Review:
    """The small review with two papillary muscles in every frame."""
    review = small_review()
    pixels = review.stack.pixels.copy()
    muscles = disc((43.0, 31.0), 4.0) | disc((49.0, 41.0), 4.0)
    pixels[:, :, muscles] = np.random.default_rng(8).normal(85.0, 5.0, (*pixels.shape[:2], int(muscles.sum())))
    return replace(review, stack=replace(review.stack, pixels=pixels))


@pytest.mark.parametrize("papillaries", [PapillaryChoice(), MASS], ids=["cavity", "mass"])
def test_that_live_numbers_are_those_of_the_result(papillaries: PapillaryChoice) -> None:
    review = replace(
        with_muscles(), papillaries=papillaries, dropped=frozenset({1}), excluded=frozenset({(0, Moment.ES)}),
        moments=ByMoment(0, None),
    )  # fmt: skip
    live = LiveNumbers.of(review)
    assert live is not None
    history = History(review)
    for phase in (0, PHASES - 1):
        frame = push(history.present.labels[0, phase], [(46.0, 36.0), (58.0, 36.0)], radius_mm=9.0,  # type: ignore[index]
                     pixel_spacing_mm=SPACING_MM)  # fmt: skip
        live = live.with_frames({(0, phase): frame})
        history.apply(redraw_one(Gesture.PUSH, (0, phase), frame))
    result = review_result(history.present)
    assert result is not None
    for now, then in ((live.measurements, result.measurements), (live.whole, result.whole)):
        assert now.moments == then.moments
        assert now.curves.lv_ml == pytest.approx(then.curves.lv_ml)
        assert now.curves.myo_ml == pytest.approx(then.curves.myo_ml)
        assert now.lv.edv_ml == pytest.approx(then.lv.edv_ml)
        assert now.rv.esv_ml == then.rv.esv_ml


def test_that_papillary_muscles_move_from_cavity_to_mass_and_outlines_stay() -> None:
    review = with_muscles()
    mass = replace(review, papillaries=MASS)
    as_cavity, as_mass = counted_labels(review), counted_labels(mass)
    assert as_cavity is review.labels
    assert as_mass is not None
    assert as_cavity is not None
    moved = (as_cavity == 3) & (as_mass == 2)
    assert (as_cavity != as_mass).sum() == moved.sum() > 0
    assert (mass.labels == review.labels).all()  # type: ignore[union-attr]
    expected = disc((43.0, 31.0), 4.0) | disc((49.0, 41.0), 4.0)
    assert 2 * (moved[0, 0] & expected).sum() / (moved[0, 0].sum() + expected.sum()) > 0.95
    before, after = review_result(review), review_result(mass)
    assert before is not None
    assert after is not None
    assert after.measurements.lv.edv_ml < before.measurements.lv.edv_ml  # type: ignore[operator]
    assert after.measurements.lv.mass_g > before.measurements.lv.mass_g  # type: ignore[operator]
    assert (final_labels(mass, moments=after.whole.moments) == as_mass).all()


def test_that_a_slice_follows_its_own_moved_threshold() -> None:
    review = with_muscles()
    little = replace(review, papillaries=PapillaryChoice(PapillaryConvention.MASS, ((0, -1.0),)))
    usual, moved = counted_labels(replace(review, papillaries=MASS)), counted_labels(little)
    assert usual is not None
    assert moved is not None
    assert (moved[0] == 2).sum() < (usual[0] == 2).sum()
    assert (moved[1] == usual[1]).all()


def test_that_the_words_of_the_conventions_follow_the_choice() -> None:
    cavity, mass = (conventions(papillary_mass=which) for which in (False, True))
    assert set(cavity) == set(mass)
    assert {name for name in cavity if cavity[name] != mass[name]} == {"mass", "papillary"}
    assert "included" in str(mass["mass"])
    assert "cavity" in str(cavity["papillary"])


def test_that_nothing_is_counted_before_there_is_a_result() -> None:
    bare = replace(small_review(), segmentation=None)
    assert LiveNumbers.of(bare) is None
    assert counted_labels(bare) is None
