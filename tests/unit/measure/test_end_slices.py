"""The slices at base and apex: what they hold, and what the EF would be, as plain arithmetic."""

import numpy as np
import pytest

from cinecor.measure.curves import VolumeCurves
from cinecor.measure.end_slices import EndPlace, EndSlices, end_slice_message, end_slices
from cinecor.measure.findings.deciding_slices import deciding_findings, undecided_together
from cinecor.measure.findings.finding import Severity
from cinecor.measure.measurements import measure_curves
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Concern, Ventricle

# mL by slice, base first: at ED 100 in five slices, at ES 40 in three.
ED_ML = (0.0, 0.0, 20.0, 30.0, 25.0, 20.0, 5.0)
ES_ML = (0.0, 0.0, 0.0, 16.0, 14.0, 10.0, 0.0)
MOMENTS: ByMoment[int | None] = ByMoment(0, 1)


def curves(ed: tuple[float, ...] = ED_ML, es: tuple[float, ...] = ES_ML) -> VolumeCurves:
    """Two phases; the wall tells which end is the base."""
    lv = np.stack((ed, es), axis=1)
    wall = 1.0 * (lv > 0) * np.linspace(30, 10, len(ed))[:, None]
    return VolumeCurves(lv, np.zeros_like(lv), wall)


def flipped(one: VolumeCurves) -> VolumeCurves:
    return VolumeCurves(*(part[::-1].copy() for part in (one.lv_slices_ml, one.rv_slices_ml, one.myo_slices_ml)))


def found(counted: VolumeCurves, outlined: VolumeCurves | None = None, *, spacing_mm: float = 10.0) -> EndSlices:
    measurements = measure_curves(counted, heart_rate_bpm=None, chosen=MOMENTS)
    made = end_slices(Ventricle.LV, measurements=measurements, outlined=outlined or counted, spacing_mm=spacing_mm)
    assert made is not None
    return made


def told(ends: EndSlices) -> list[tuple[str, str, int, float]]:
    return [(one.moment.value, one.place.value, one.index, one.ml) for one in ends.slices]


def test_that_both_ends_are_told_at_both_moments() -> None:
    expected = [
        ("ed", "above", 1, 20.0),  # as much as the next one
        ("ed", "base", 2, 20.0),
        ("ed", "apex", 6, 5.0),
        ("es", "above", 2, 16.0),
        ("es", "base", 3, 16.0),
        ("es", "apex", 5, 10.0),
    ]
    assert told(found(curves())) == expected
    assert told(found(flipped(curves()))) == [(moment, place, 6 - index, ml) for moment, place, index, ml in expected]


def test_that_without_a_slice_above_the_two_most_basal_ones_are_told() -> None:
    ends = found(curves(ED_ML[2:], (*ES_ML[3:], 0.0)))
    assert told(ends)[:3] == [("ed", "base", 0, 20.0), ("ed", "base", 1, 30.0), ("ed", "apex", 4, 5.0)]


def test_that_the_ejection_fraction_is_what_it_would_be_without_a_slice_or_with_one() -> None:
    other = {(one.moment, one.place): one.ef_percent_otherwise for one in found(curves()).slices}
    assert other == {
        (Moment.ED, EndPlace.ABOVE): pytest.approx(100 * (1 - 40 / 120)),
        (Moment.ED, EndPlace.BASE): pytest.approx(100 * (1 - 40 / 80)),
        (Moment.ED, EndPlace.APEX): pytest.approx(100 * (1 - 40 / 95)),
        (Moment.ES, EndPlace.ABOVE): pytest.approx(100 * (1 - 56 / 100)),
        (Moment.ES, EndPlace.BASE): pytest.approx(100 * (1 - 24 / 100)),
        (Moment.ES, EndPlace.APEX): pytest.approx(100 * (1 - 30 / 100)),
    }


def test_that_a_slice_that_a_reader_left_out_holds_what_is_outlined_in_it() -> None:
    whole = curves()
    ends = found(whole.without(frames=[(2, 0)]), whole)
    assert told(ends)[0] == ("ed", "above", 2, 20.0)
    assert told(ends)[1] == ("ed", "base", 3, 30.0)


def test_that_nothing_is_told_that_would_be_no_ejection() -> None:
    ends = found(curves((0.0, 10.0, 4.0), (0.0, 9.0, 3.0)))
    other = {(one.moment, one.place): one.ef_percent_otherwise for one in ends.slices}
    assert other[Moment.ED, EndPlace.BASE] is None  # 4 mL at ED, 12 at ES
    assert other[Moment.ES, EndPlace.ABOVE] is None
    assert other[Moment.ES, EndPlace.BASE] == pytest.approx(100 * (1 - 3 / 14))


def test_that_a_ventricle_without_an_ejection_fraction_has_no_end_slices() -> None:
    counted = curves(ES_ML, ES_ML)
    measurements = measure_curves(counted, heart_rate_bpm=None, chosen=MOMENTS)
    for ventricle in Ventricle:  # one does not eject, the other is not there
        assert end_slices(ventricle, measurements=measurements, outlined=counted, spacing_mm=8.0) is None


@pytest.mark.parametrize(("spacing_mm", "usual"), [(10.0, (0, 2)), (8.0, (0, 3)), (3.0, (1, 7)), (20.0, (0, 1))])
def test_that_how_many_slices_leave_goes_by_their_spacing(spacing_mm: float, usual: tuple[int, int]) -> None:
    ends = found(curves(), spacing_mm=spacing_mm)
    assert ends.leaving == 1
    assert ends.usual_leaving == usual


def told_of(ends: EndSlices, ventricle: Ventricle = Ventricle.LV, *, doubted=(), settled=(), spacing_mm: float = 10.0):
    return tuple(
        deciding_findings(
            ventricle,
            ends,
            doubted=frozenset(doubted),
            settled=frozenset(settled),
            spacing_mm=spacing_mm,
        )
    )


def findings(ends: EndSlices, *, spacing_mm: float = 10.0):
    return {one.code: one for one in told_of(ends, spacing_mm=spacing_mm)}


def test_that_the_slice_that_moves_the_ejection_fraction_most_is_told_as_a_remark() -> None:
    one = findings(found(curves()))["deciding_slice"]
    assert (one.severity, one.slices, one.phases) == (Severity.INFO, (2,), (1,))  # 60 to 44 %, above the base at ES
    assert str(one.message) == (
        "Of the slices at base and apex slice 3 at ES, which does not count, decides most: with about 16 mL there the "
        "LV EF would be 44 %."
    )
    counts = findings(found(curves(ED_ML[2:], (*ES_ML[3:], 0.0))))["deciding_slice"]
    assert counts.slices == (1,)
    assert "without its 30 mL the LV EF would be 43 %" in str(counts.message)


@pytest.mark.parametrize(("top_ml", "heard"), [(5.9, False), (6.2, True)])
def test_that_a_slice_that_moves_it_by_less_than_readers_differ_is_not_told(top_ml: float, heard: bool) -> None:
    """Without 5.9 of 102.9 mL the EF would fall from 51.4 to 48.5 %, without 6.2 by 3.01 points."""
    ends = found(curves((0.0, top_ml, 48.0, 48.0, 1.0), (0.0, 1.0, 24.0, 24.0, 1.0)))
    assert ("deciding_slice" in findings(ends)) is heard


@pytest.mark.parametrize(
    ("top_at_es", "spacing_mm", "severity"),
    [(1, 10.0, Severity.WARNING), (2, 10.0, Severity.INFO), (4, 10.0, Severity.INFO), (5, 10.0, Severity.WARNING)],
)
def test_that_a_base_that_comes_up_or_down_too_far_is_worth_a_look(
    top_at_es: int, spacing_mm: float, severity: Severity
) -> None:
    es = tuple(0.0 if index < top_at_es else 6.0 for index in range(7))
    one = findings(found(curves(es=es), spacing_mm=spacing_mm), spacing_mm=spacing_mm)["basal_slices_leave"]
    assert one.severity is severity
    assert bool(one.slices) is (severity is Severity.WARNING)
    if top_at_es == 4:
        assert str(one.message).startswith("From ED to ES 2 basal slices leave the LV (20 mm).")
    if top_at_es == 2:
        assert str(one.message).startswith("No basal slice leaves the LV from ED to ES.")
    if top_at_es == 1:
        assert str(one.message).startswith("At ES the LV holds 1 basal slice more than at ED")


def test_that_every_slice_at_an_end_says_what_it_decides() -> None:
    ends = found(curves())
    said = [str(end_slice_message(Ventricle.LV, ends, one)) for one in ends.slices]
    assert said[0] == ("ED, slice 2 does not count: with about 20 mL there the LV EF would be 67 % (+6.7 points).")
    assert said[4] == "ES, slice 4 counts with 16 mL: without it the LV EF would be 76 % (+16.0 points)."
    no_ejection = found(curves((0.0, 10.0, 4.0), (0.0, 9.0, 3.0)))
    assert "would not eject" in str(end_slice_message(Ventricle.LV, no_ejection, no_ejection.slices[1]))


ABOVE_AT_ES = (2, 1)  # adds 16 mL: the EF of 60 % would be 44 %
BASE_AT_ED = (2, 0)  # takes 20 mL: 50 %
BASE_AT_ES = (3, 1)  # takes 16 mL: 76 %
APEX_AT_ES = (5, 1)  # takes 10 mL: 70 %
APEX_AT_ED = (6, 0)  # takes 5 mL: 58 %


def test_that_an_end_slice_in_doubt_that_decides_the_ejection_fraction_puts_it_in_doubt() -> None:
    one, *others = told_of(found(curves()), doubted={ABOVE_AT_ES, APEX_AT_ED})
    assert (one.code, one.severity) == ("undecided_end_slice", Severity.DOUBTFUL)
    assert (one.slices, one.phases, one.frames) == ((2,), (1,), (ABOVE_AT_ES,))
    assert one.told_ml == 16.0  # as in its sentence
    assert [q.field for q in QUANTITIES if q.rests_on(one, Ventricle.LV)] == [
        "esv_ml",
        "sv_ml",
        "ef_percent",
        "co_l_min",
    ]
    assert str(one.message) == (
        "With slice 3 at ES (about 16 mL) the LV EF would be 44, not 60 %: whether it belongs is in doubt."
    )
    assert [other.code for other in others] == ["basal_slices_leave"]  # what decides most is not told twice


def test_that_the_most_deciding_slice_comes_first_and_each_bears_on_its_moments_numbers() -> None:
    first, second, _ = told_of(found(curves()), doubted={BASE_AT_ED, ABOVE_AT_ES})
    assert (first.frames, second.frames) == ((ABOVE_AT_ES,), (BASE_AT_ED,))
    assert [
        q.field for q in QUANTITIES if q.rests_on(second, Ventricle.LV) and not q.rests_on(first, Ventricle.LV)
    ] == [
        "edv_ml",
        "mass_g",
    ]
    assert str(second.message).startswith("Without slice 3 at ED (20 mL) the LV EF would be 50, not 60 %")
    (of_rv,) = told_of(found(curves()), Ventricle.RV, doubted={BASE_AT_ED})
    assert of_rv.concerns == (Concern.RV,)


@pytest.mark.parametrize(("top_ml", "doubtful"), [(17.7, False), (17.9, True)])
def test_that_a_slice_in_doubt_decides_from_10_points_on(top_ml: float, doubtful: bool) -> None:
    """ES holds 44 mL. Without 17.7 of 97.7 mL at ED the EF would fall by 9.97 points, without 17.9 by 10.06."""
    ends = found(curves((top_ml, 40.0, 39.0, 1.0), (0.0, 22.0, 21.0, 1.0)))
    assert (ends.ef_change(ends.slices[0]) >= 10.0) is doubtful
    codes = [one.code for one in told_of(ends, doubted={(0, 0)})]
    assert ("undecided_end_slice" in codes) is doubtful
    assert ("deciding_slice" in codes) is not doubtful


def test_that_a_persons_word_on_a_slice_ends_its_doubt() -> None:
    codes = {one.code for one in told_of(found(curves()), doubted={ABOVE_AT_ES}, settled={ABOVE_AT_ES})}
    assert "undecided_end_slice" not in codes


def told_together(ends: EndSlices, *, rv: EndSlices | None = None, settled=(), spacing_mm: float = 12.1):
    return tuple(
        undecided_together({Ventricle.LV: ends, Ventricle.RV: rv}, settled=frozenset(settled), spacing_mm=spacing_mm)
    )


@pytest.mark.parametrize(("spacing_mm", "told"), [(12.0, 0), (12.1, 1)])
def test_that_between_slices_too_far_apart_every_deciding_one_is_in_doubt_for_one_reason(
    spacing_mm: float, told: int
) -> None:
    ends = found(curves(), spacing_mm=spacing_mm)
    together = told_together(ends, spacing_mm=spacing_mm)
    assert len(together) == told
    assert not [one for one in told_of(ends, spacing_mm=spacing_mm) if one.code == "undecided_end_slice"]
    for one in together:
        assert one.severity is Severity.DOUBTFUL
        assert set(one.frames) == {ABOVE_AT_ES, BASE_AT_ES, BASE_AT_ED, APEX_AT_ES}
        assert one.concerns == (Concern.LV, Concern.MASS)
        assert str(one.message) == (
            "LV EF 44 to 76 instead of 60 %, were one of slices 3, 4 and 6 (ED and ES) decided otherwise: slices lie "
            "12.1 mm apart, and where a ventricle ends between them nobody can tell."
        )


def test_that_both_ventricles_share_the_doubt_of_slices_too_far_apart() -> None:
    (both,) = told_together(found(curves()), rv=found(curves()))
    assert set(both.concerns) == {Concern.LV, Concern.RV, Concern.MASS}
    assert "LV EF 44 to 76 instead of 60 % and RV EF 44 to 76 instead of 60 %, were" in str(both.message)


def test_that_what_a_person_decided_is_not_in_doubt_between_slices_too_far_apart() -> None:
    decided = (ABOVE_AT_ES, BASE_AT_ES, APEX_AT_ES)
    (left,) = told_together(found(curves()), settled=decided)
    assert (left.frames, left.moments) == ((BASE_AT_ED,), (Moment.ED,))
    assert str(left.message).startswith("LV EF 50 instead of 60 %, were slice 3 (ED) decided otherwise")
    assert not told_together(found(curves()), settled=(*decided, BASE_AT_ED))
    (at_es,) = told_together(found(curves()), settled=(BASE_AT_ED,))
    assert at_es.concerns == (Concern.LV,)  # the mass is measured at ED
