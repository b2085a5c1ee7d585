"""Every clinical limit from both sides: a value just inside raises nothing, one just outside is told."""

import dataclasses

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.confidence import confidence_findings
from cinecor.measure.findings.coverage import (
    border_findings,
    extent_findings,
    hole_findings,
    missing_frame_findings,
    rim_findings,
    rv_base_findings,
    spacing_findings,
)
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.findings.frame_shape import surrounded
from cinecor.measure.findings.plausibility import curve_findings, heart_rate_findings, value_findings
from cinecor.measure.measurements import Measurements, measure_curves
from cinecor.measure.moment import AUTOMATIC, ByMoment, Moment

BEAT = np.array([120.0, 112, 96, 76, 60, 54, 60, 78, 92, 100, 110, 116])  # ED 0, ES 5 of 12: 42 % of the cycle


def slices_of(lv_ml, rv_ml=None, myo_ml=None) -> VolumeCurves:
    """Curves of slices (slice, phase); the RV is the LV and the wall keeps 100 mL where nothing is said."""
    lv = np.atleast_2d(np.asarray(lv_ml, dtype=np.float64))
    rv = lv if rv_ml is None else np.atleast_2d(np.asarray(rv_ml, dtype=np.float64))
    myo = np.full(lv.shape, 100.0 / len(lv)) if myo_ml is None else np.atleast_2d(np.asarray(myo_ml, dtype=np.float64))
    return VolumeCurves(lv, rv, myo)


def numbers(lv_ml, rv_ml=None, myo_ml=None, chosen: ByMoment[int | None] = AUTOMATIC) -> Measurements:
    return measure_curves(slices_of(lv_ml, rv_ml, myo_ml), heart_rate_bpm=60.0, chosen=chosen)


def told(findings) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in findings}


def one(findings, code: str) -> Finding:
    (finding,) = (finding for finding in findings if finding.code == code)
    return finding


# The stack


@pytest.mark.parametrize(("spacing_mm", "wide"), [(12.0, False), (12.01, True)])
def test_that_slices_more_than_12_mm_apart_are_wide(geometry, spacing_mm, wide):
    assert ("wide_slice_spacing" in told(spacing_findings(geometry(5, spacing_mm=spacing_mm)))) is wide


@pytest.mark.parametrize(
    ("share", "uneven"), [(1.0499, False), (1.0501, True), (0.9501, False), (0.9499, True)], ids=str
)
def test_that_a_slice_that_stands_for_5_percent_more_or_less_is_uneven(geometry, share, uneven):
    extents = np.full(7, 8.0)
    extents[3] *= share
    finding = told(spacing_findings(dataclasses.replace(geometry(7), slice_extent_mm=extents)))
    assert ("uneven_slices" in finding) is uneven
    assert ("uneven_grid" in finding) is uneven


@pytest.mark.parametrize(("share", "severity"), [(1.399, Severity.WARNING), (1.401, Severity.DOUBTFUL)])
@pytest.mark.parametrize("index", [1, 5])
def test_that_an_inner_slice_that_stands_for_1_4_spacings_has_a_missing_neighbour(geometry, index, share, severity):
    extents = np.full(7, 8.0)
    extents[index] *= share
    finding = one(spacing_findings(dataclasses.replace(geometry(7), slice_extent_mm=extents)), "uneven_slices")
    assert (finding.severity, finding.slices) == (severity, (index,))
    assert ("a slice seems to be missing" in str(finding.message)) is (severity is Severity.DOUBTFUL)


@pytest.mark.parametrize("index", [0, 6])
def test_that_an_end_slice_has_no_missing_neighbour_however_much_it_stands_for(geometry, index):
    extents = np.full(7, 8.0)
    extents[index] = 16.0
    findings = spacing_findings(dataclasses.replace(geometry(7), slice_extent_mm=extents))
    assert told(findings)["uneven_slices"] is Severity.WARNING


# Where the labels lie


def extent(lv_at_ed, lv_at_es=None, *, spacing_mm: float = 8.0) -> list[Finding]:
    lv = np.stack([lv_at_ed, lv_at_ed if lv_at_es is None else lv_at_es], axis=1)
    return list(extent_findings(slices_of(lv), spacing_mm=spacing_mm, ed_phase=0, es_phase=1))


@pytest.mark.parametrize(
    ("seen", "severity"), [(6, None), (5, Severity.WARNING), (3, Severity.WARNING), (2, Severity.DOUBTFUL)]
)
def test_that_fewer_than_6_slices_are_few_and_fewer_than_3_doubtful(seen, severity):
    lv = [0.0, *[10.0] * seen, 0.0]
    assert told(extent(lv)).get("few_slices") is severity


def test_that_no_slice_with_an_lv_is_not_called_few():
    assert extent([0.0, 0.0, 0.0]) == []


@pytest.mark.parametrize(("narrow", "code"), [(4.99, "reaches_stack_end"), (5.01, "stack_cuts_ventricle")])
@pytest.mark.parametrize("flipped", [False, True])
def test_that_a_stack_cuts_the_ventricle_when_both_ends_are_wider_than_half(narrow, code, flipped):
    lv = [10.0, 9.0, 9.0, 8.0, 7.0, 6.0, narrow]
    finding = one(extent(lv[::-1] if flipped else lv), code)
    assert (finding.slices, finding.phases) == ((0, 6), (0,))
    assert len({"reaches_stack_end", "stack_cuts_ventricle"} & set(told(extent(lv)))) == 1


def test_that_a_wide_base_alone_makes_the_volume_a_lower_bound():
    finding = one(extent([10.0, 9.0, 9.0, 8.0, 7.0, 6.0, 0.0]), "reaches_stack_end")
    assert (finding.severity, finding.slices) == (Severity.INFO, (0,))


def test_that_a_single_slice_reaches_the_end_and_is_not_cut_at_both():
    assert set(told(extent([10.0]))) == {"few_slices", "reaches_stack_end"}


@pytest.mark.parametrize(("spacing_mm", "lost"), [(10.0, False), (10.01, True)])
def test_that_more_than_30_mm_of_slices_lost_from_ed_to_es_are_told(spacing_mm, lost):
    at_ed, at_es = [0.0, *[9.0] * 8, 0.0], [0.0, 0.0, 0.0, 0.0, *[4.0] * 5, 0.0]
    findings = extent(at_ed, at_es, spacing_mm=spacing_mm)
    assert ("slices_lost_at_es" in told(findings)) is lost
    if lost:
        finding = one(findings, "slices_lost_at_es")
        assert (finding.slices, finding.phases) == ((1, 2, 3), (1,))


SIDES = {
    "above": (slice(2, 3), slice(3, 5)),
    "below": (slice(5, 6), slice(3, 5)),
    "left": (slice(3, 5), slice(2, 3)),
    "right": (slice(3, 5), slice(5, 6)),
}


def square_lv(*walls: str) -> np.ndarray:
    """A cavity of 2 × 2 pixels with myocardium on some of its four sides, each two pixels of the eight around."""
    image = np.zeros((8, 8), dtype=np.uint8)
    image[3:5, 3:5] = Label.LV
    for wall in walls:
        image[SIDES[wall]] = Label.MYO
    return image


@pytest.mark.parametrize("walls", [("above", "below"), ("left", "right"), ("above", "left"), ("below", "right")])
def test_that_myocardium_around_half_of_the_cavity_is_enough(walls):
    labels = square_lv(*walls)[None, None]
    assert list(rim_findings(surrounded(labels), moments=ByMoment(None, None))) == []


@pytest.mark.parametrize("open_side", SIDES)
def test_that_myocardium_around_less_than_half_of_the_cavity_is_told(open_side):
    others = [side for side in SIDES if side != open_side]
    image = square_lv(*others[:2])
    image[SIDES[others[1]]][0, 0] = Label.BACKGROUND  # three of eight
    (finding,) = rim_findings(surrounded(image[None, None]), moments=ByMoment(None, None))
    assert (finding.code, finding.slices, finding.phases) == ("open_rim", (0,), (0,))


def test_that_the_rim_is_judged_at_ed_and_es_and_nowhere_else():
    closed, bare = square_lv(*SIDES), square_lv()
    labels = np.stack([closed, bare, bare, closed])[None]
    assert [f.phases for f in rim_findings(surrounded(labels), moments=ByMoment(1, 3))] == [(1,)]
    assert [f.phases for f in rim_findings(surrounded(labels), moments=ByMoment(0, 2))] == [(2,)]
    assert list(rim_findings(surrounded(labels), moments=ByMoment(None, None))) == []


@pytest.mark.parametrize("place", [(0, 4), (7, 4), (4, 0), (4, 7)])
@pytest.mark.parametrize("label", [Label.LV, Label.RV, Label.MYO])
def test_that_a_structure_at_any_border_is_told_and_one_pixel_off_is_not(place, label):
    labels = np.zeros((1, 1, 8, 8), dtype=np.uint8)
    labels[0, 0][place] = label
    (finding,) = border_findings(labels)
    concern, named = {Label.LV: ("lv", "LV"), Label.RV: ("rv", "RV"), Label.MYO: ("mass", "MYO")}[label]
    assert finding.concerns == (concern,)
    assert str(finding.message).startswith(f"{named} touches the border")
    assert list(border_findings(np.pad(labels, ((0, 0), (0, 0), (1, 1), (1, 1))))) == []


def test_that_a_hole_needs_the_ventricle_on_both_sides():
    lv = np.array([[0.0, 5.0], [5.0, 0.0], [5.0, 5.0], [0.0, 0.0], [5.0, 5.0], [0.0, 5.0]])
    finding = one(
        hole_findings(slices_of(lv, np.full(lv.shape, 5.0)), moments=ByMoment(None, None)), "empty_slice_inside"
    )
    assert (finding.slices, finding.phases, finding.severity) == ((1, 3), (0, 1), Severity.WARNING)


@pytest.mark.parametrize(
    ("moments", "severity", "words"),
    [
        (ByMoment(1, 0), Severity.DOUBTFUL, "(ED among them)"),
        (ByMoment(0, 1), Severity.DOUBTFUL, "(ES among them)"),
        (ByMoment(0, 2), Severity.WARNING, "in slice 2, phase 2,"),
    ],
)
def test_that_a_hole_is_doubtful_at_ed_and_at_es(moments, severity, words):
    lv = np.full((3, 3), 5.0)
    lv[1, 1] = 0.0
    finding = one(hole_findings(slices_of(lv, np.full(lv.shape, 5.0)), moments=moments), "empty_slice_inside")
    assert finding.severity is severity
    assert words in str(finding.message)


def from_slice(first: int, *, slices: int = 8) -> list[float]:
    """A ventricle from a slice on to the apex."""
    return [0.0 if index < first else 5.0 for index in range(slices)]


def begins(rv: ByMoment[int], *, flipped: bool = False) -> VolumeCurves:
    """An LV from slice 1 on at ED and ES, and an RV from others; the first slices are the basal ones."""
    lv, right = (np.array([from_slice(first) for first in both]).T for both in ((1, 1), rv.values()))
    wall = np.repeat(np.linspace(30.0, 10.0, 8)[:, None], 2, axis=1)
    parts = (lv, right, wall)
    return VolumeCurves(*(part[::-1].copy() for part in parts)) if flipped else VolumeCurves(*parts)


@pytest.mark.parametrize(
    ("rv", "spacing_mm", "doubted"),
    [
        (ByMoment(2, 3), 10.0, set()),  # as experts: the next slice at ED, 10 mm farther at ES
        (ByMoment(3, 3), 5.0, set()),  # at least 5 mm at ED
        (ByMoment(3, 3), 5.1, {"ed"}),
        (ByMoment(2, 3), 15.0, set()),  # wide slices: a slice apart may be nothing at all
        (ByMoment(2, 3), 15.1, {"es"}),  # at least 15.1 mm at ES
        (ByMoment(3, 4), 10.0, {"ed", "es"}),
        (ByMoment(0, 1), 10.0, set()),  # above the LV
    ],
)
@pytest.mark.parametrize("flipped", [False, True])
def test_that_an_rv_that_begins_far_below_the_lvs_base_is_missing_there(rv, spacing_mm, doubted, flipped):
    curves = begins(rv, flipped=flipped)
    found = list(rv_base_findings(curves, moments=ByMoment(0, 1), spacing_mm=spacing_mm))
    assert {moment for finding in found for moment in finding.moments} == doubted
    assert all((f.code, f.severity, f.concerns) == ("rv_base_missing", Severity.DOUBTFUL, ("rv",)) for f in found)
    if "ed" in doubted:
        missing = set(range(1, rv.ed))
        assert set(found[0].slices) == ({7 - index for index in missing} if flipped else missing)


def test_that_slices_which_a_person_settled_are_no_missing_rv():
    curves = begins(ByMoment(3, 3))
    for settled, told_of in (((1, 0),), 1), (((1, 0), (2, 0)), 0), (((1, 1), (2, 1)), 1):
        found = list(rv_base_findings(curves, moments=ByMoment(0, 1), spacing_mm=10.0, settled=settled))
        assert len(found) == told_of


def test_that_a_ventricle_that_is_nowhere_at_a_moment_has_no_base():
    curves = begins(ByMoment(3, 8))
    (finding,) = rv_base_findings(curves, moments=ByMoment(0, 1), spacing_mm=10.0)
    assert finding.moments == ("ed",)
    assert list(rv_base_findings(curves, moments=ByMoment(None, None), spacing_mm=10.0)) == []


def test_that_a_missing_frame_decides_a_number_in_the_heart_at_ed_or_es_alone():
    curves = slices_of([[5.0] * 4, [0.0] * 4], myo_ml=[[5.0] * 4, [0.0] * 4])
    for place, severity in {(0, 1): "doubtful", (0, 3): "doubtful", (0, 2): "warning", (1, 1): "warning"}.items():
        complete = np.ones((2, 4), dtype=bool)
        complete[place] = False
        (finding,) = missing_frame_findings(complete, curves=curves, moments=ByMoment(1, 3))
        assert (finding.severity, finding.slices, finding.phases) == (severity, place[:1], place[1:])
        assert ("at ED or ES" in str(finding.message)) is (severity == "doubtful")


@pytest.mark.parametrize(("confidence", "unsure"), [(0.85, False), (0.8499, True)])
def test_that_a_confidence_below_the_least_is_unsure(confidence, unsure):
    curves = slices_of([[5.0, 5.0]])
    found = list(confidence_findings(np.array([[0.9, confidence]], dtype=np.float32), curves=curves))
    assert [finding.phases for finding in found] == ([(1,)] if unsure else [])


# The numbers


def two(edv: float, esv: float, **other) -> Measurements:
    return numbers([edv, esv], **other)


@pytest.mark.parametrize(
    ("esv", "odd"), [(94.9, False), (95.1, True), (15.1, False), (14.9, True)], ids=["5.1", "4.9", "84.9", "85.1"]
)
def test_that_an_ejection_fraction_outside_5_to_85_percent_is_odd(esv, odd):
    findings = [f for f in value_findings(two(100.0, esv)) if f.code == "odd_ef"]
    assert [f.concerns for f in findings] == ([("lv",), ("rv",)] if odd else [])


@pytest.mark.parametrize(("edv", "odd"), [(15.0, False), (14.99, True), (600.0, False), (600.01, True)])
def test_that_an_end_diastolic_volume_outside_15_to_600_ml_is_odd(edv, odd):
    findings = [f for f in value_findings(two(edv, edv / 2)) if f.code == "odd_edv"]
    assert [f.concerns for f in findings] == ([("lv", "mass"), ("rv", "mass")] if odd else [])


@pytest.mark.parametrize(
    ("lv_sv", "rv_sv", "severity"),
    [
        (100.0, 77.8, None),  # 24.97 % of their mean
        (100.0, 77.7, Severity.INFO),
        (77.7, 100.0, Severity.INFO),
        (100.0, 60.1, Severity.INFO),  # 49.8 %
        (100.0, 59.9, Severity.WARNING),  # 50.2 %, 40 mL
        (46.0, 25.9, Severity.WARNING),  # 20.1 mL
        (46.0, 26.1, Severity.INFO),  # a small heart: 55 %, and 19.9 mL
        (100.0, 53.9, Severity.WARNING),  # 59.9 %
        (100.0, 53.8, Severity.DOUBTFUL),  # 60.1 %
        (53.8, 100.0, Severity.DOUBTFUL),
        (40.0, 20.1, Severity.INFO),  # 66 %, and 19.9 mL
    ],
)
def test_that_stroke_volumes_that_differ_beyond_half_and_20_ml_are_told_and_beyond_three_fifths_doubt_the_rv(
    lv_sv, rv_sv, severity
):
    found = list(value_findings(two(200.0, 200.0 - lv_sv, rv_ml=[200.0, 200.0 - rv_sv])))
    assert told(found).get("stroke_volume_mismatch") is severity
    if severity is not None:
        told_of = one(found, "stroke_volume_mismatch")
        assert ("RV’s numbers are marked" in str(told_of.message)) is (severity is Severity.DOUBTFUL)
        assert told_of.concerns == (("rv",) if severity is Severity.DOUBTFUL else ("lv", "rv"))


@pytest.mark.parametrize(
    ("at_es", "severity"),
    [
        (119.9, None), (120.1, Severity.INFO), (80.1, None), (79.9, Severity.INFO),
        (139.9, Severity.INFO), (140.1, Severity.DOUBTFUL), (60.1, Severity.INFO), (59.9, Severity.DOUBTFUL),
    ],
)  # fmt: skip
def test_that_myocardium_that_changes_by_a_fifth_is_told_and_by_two_fifths_doubtful(at_es, severity):
    assert told(value_findings(two(150.0, 60.0, myo_ml=[100.0, at_es]))).get("myocardium_changes") is severity


def test_that_myocardium_that_is_not_there_at_ed_has_no_change():
    assert "myocardium_changes" not in told(value_findings(two(150.0, 60.0, myo_ml=[0.0, 90.0])))


@pytest.mark.parametrize(("bpm", "odd"), [(25.0, False), (24.9, True), (220.0, False), (220.1, True)])
def test_that_a_heart_rate_outside_25_to_220_is_odd(bpm, odd):
    assert set(told(heart_rate_findings(bpm))) == ({"odd_heart_rate"} if odd else set())


# The curve


def test_that_a_beating_curve_raises_nothing():
    assert list(curve_findings(numbers(BEAT))) == []


@pytest.mark.parametrize(("above", "jumps"), [(13.19, False), (13.21, True)])  # 20 % of the curve's 66 mL
@pytest.mark.parametrize("phase", [0, 3, 11])
def test_that_a_phase_a_fifth_of_the_range_off_its_neighbours_jumps_wherever_the_cycle_begins(phase, above, jumps):
    curve = np.roll(np.array([100.0, 100, 100, 100, 100, 60, 54, 80, 100, 110, 120, 100]), phase - 2)
    curve[phase] = 100.0 + above
    assert ("volume_jump" in told(curve_findings(numbers(curve)))) is jumps


@pytest.mark.parametrize(("above", "jumps"), [(4.99, False), (5.01, True)])
def test_that_a_jump_below_5_ml_moves_no_number(above, jumps):
    curve = np.array([60.0, 60, 60, 60, 60, 55, 52, 50, 52, 55, 60, 60])
    curve[2] += above
    assert ("volume_jump" in told(curve_findings(numbers(curve)))) is jumps


def test_that_a_jump_at_ed_or_es_is_doubtful_and_says_so():
    beat = BEAT.copy()
    beat[3] = 110.0
    aside = one(curve_findings(numbers(beat)), "volume_jump")
    assert aside.severity is Severity.WARNING
    assert "taken for ED or ES" not in str(aside.message)
    deciding = one(curve_findings(numbers(beat, chosen=ByMoment(3, None))), "volume_jump")
    assert deciding.severity is Severity.DOUBTFUL
    assert "taken for ED or ES" in str(deciding.message)


@pytest.mark.parametrize(("largest_ml", "limit_ml"), [(200.0, 10.0), (80.0, 5.0)])  # 5 % of it, and 5 mL at least
@pytest.mark.parametrize(("beyond_ml", "doubted"), [(-0.01, False), (0.01, True)])
@pytest.mark.parametrize("moment", list(Moment))
def test_that_ed_or_es_set_off_the_extreme_of_the_lv_is_doubtful(moment, largest_ml, limit_ml, beyond_ml, doubted):
    curve = np.linspace(largest_ml, largest_ml / 2, 12)
    off_ml = limit_ml + beyond_ml
    curve[4] = largest_ml - off_ml if moment is Moment.ED else largest_ml / 2 + off_ml
    findings = list(curve_findings(numbers(curve, chosen=AUTOMATIC.replaced(moment, 4))))
    assert ("moment_not_extreme" in told(findings)) is doubted
    if doubted:
        finding = one(findings, "moment_not_extreme")
        assert (finding.severity, finding.phases, finding.moments) == (Severity.DOUBTFUL, (4,), (moment,))
        assert {"lv", "rv"} <= set(finding.concerns)


def test_that_the_sentence_of_a_moved_es_tells_both_volumes_and_an_empty_phase_is_not_the_least():
    curve = BEAT.copy()
    curve[8] = 0.0
    assert "moment_not_extreme" not in told(curve_findings(numbers(curve)))
    found = one(curve_findings(numbers(curve, chosen=ByMoment(None, 2))), "moment_not_extreme")
    assert str(found.message) == "ES was set to phase 3, where the LV holds 96 mL; the least is 54 mL in phase 6."
    found = one(curve_findings(numbers(curve, chosen=ByMoment(9, None))), "moment_not_extreme")
    assert str(found.message) == "ED was set to phase 10, where the LV holds 100 mL; the most is 120 mL in phase 1."


def test_that_a_phase_without_an_lv_is_no_jump_too():
    curve = BEAT.copy()
    curve[8] = 0.0
    finding = told(curve_findings(numbers(curve)))
    assert "missing_in_phases" in finding
    assert "volume_jump" not in finding


@pytest.mark.parametrize(("phases", "judged"), [(9, False), (10, True)])
def test_that_a_curve_of_fewer_than_10_phases_is_not_judged_by_its_shape(phases, judged):
    curve = np.linspace(100.0, 60.0, phases)
    curve[-2] = 110.0  # a jump, and an end-diastole right before end-systole
    assert ({"volume_jump", "odd_systole"} <= set(told(curve_findings(numbers(curve))))) is judged


@pytest.mark.parametrize(("phases", "few"), [(1, False), (2, True), (7, True), (8, False)])
def test_that_2_to_7_phases_are_few(phases, few):
    assert ("few_phases" in told(curve_findings(numbers(np.linspace(100.0, 50.0, phases))))) is few


@pytest.mark.parametrize(
    ("es", "severity"),
    [
        (4, None),
        (3, Severity.WARNING),
        (14, None),
        (15, Severity.WARNING),
        (1, Severity.DOUBTFUL),
        (19, Severity.DOUBTFUL),
    ],
)
def test_that_end_systole_lies_a_fifth_to_seven_tenths_of_the_cycle_after_end_diastole(es, severity):
    curve = np.full(20, 90.0)
    found = numbers(curve, chosen=ByMoment(0, es))
    assert told(curve_findings(found)).get("odd_systole") is severity
    turned = numbers(curve, chosen=ByMoment(15, (15 + es) % 20))
    assert told(curve_findings(turned)).get("odd_systole") is severity
