"""Rules of ED and ES and of what is told of each."""

import pytest

from cinecor.measure.moment import AUTOMATIC, ByMoment, Moment


def test_that_both_moments_are_always_there_ed_first():
    phases = ByMoment(3, 7)
    assert list(phases.items()) == [(Moment.ED, 3), (Moment.ES, 7)]
    assert (phases[Moment.ED], phases[Moment.ES], len(phases)) == (3, 7, 2)
    assert dict(phases) == {Moment.ED: 3, Moment.ES: 7}
    assert list(AUTOMATIC.values()) == [None, None]


def test_that_one_moment_is_replaced_and_the_other_stays():
    assert ByMoment(3, 7).replaced(Moment.ED, 1) == ByMoment(1, 7)
    assert ByMoment(3, 7).replaced(Moment.ES, None) == ByMoment(3, None)


@pytest.mark.parametrize(
    ("phases", "moments"),
    [(ByMoment(3, 7), (Moment.ED,)), (ByMoment(7, 3), (Moment.ES,)), (ByMoment(3, 3), tuple(Moment)), (AUTOMATIC, ())],
)
def test_that_a_phase_is_none_one_or_both_moments(phases, moments):
    assert phases.of_phase(3) == moments


def test_that_nothing_else_is_a_moment():
    with pytest.raises(KeyError):
        ByMoment(3, 7)["mid-systole"]
