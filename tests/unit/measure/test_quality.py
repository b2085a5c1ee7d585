"""Rules of the findings: a sound heart raises none, and each defect raises its own."""

import dataclasses

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.findings.finding import Finding, Severity, gravest_first
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message


def found(quality, code):
    """The one finding of that code."""
    matching = [finding for finding in quality.findings if finding.code == code]
    assert len(matching) == 1, [f"{finding.code}: {finding.message}" for finding in quality.findings]
    return matching[0]


def codes(quality):
    return {finding.code for finding in quality.findings}


def without(labels, label, *, slices=slice(None), phases=slice(None)):
    """The labels with one structure wiped from some frames."""
    wiped = labels.copy()
    part = labels[slices, phases]
    wiped[slices, phases] = np.where(part == label, Label.BACKGROUND, part)
    return wiped


def test_that_a_sound_heart_raises_nothing(heart, quality):
    assert quality(heart()).findings == ()
    assert quality(heart()).doubtful == frozenset()


def test_that_the_slices_that_count_are_named_for_both_ventricles_and_moments(heart, quality):
    labels = without(heart(), Label.RV, slices=[6, 7])
    labels = without(labels, Label.LV, slices=1, phases=6)
    counted = quality(labels).counted_slices
    assert counted.lv.ed == (1, 2, 3, 4, 5, 6, 7)
    assert counted.lv.es == (2, 3, 4, 5, 6, 7)
    assert counted.rv.ed == counted.rv.es == (1, 2, 3, 4, 5)


def test_that_slices_cannot_count_where_the_phases_are_unknown(heart, quality):
    assert quality(heart(beat=(20,))).counted_slices.lv.ed is None


def test_that_findings_come_gravest_first(heart, quality):
    labels = without(heart(), Label.LV, slices=4, phases=6)
    severities = [finding.severity for finding in quality(labels, heart_rate_bpm=None, notes=("removed",)).findings]
    assert severities[0] is Severity.DOUBTFUL
    assert severities[-1] is Severity.INFO
    assert severities == sorted(severities, key=["doubtful", "warning", "info"].index)


def at(severity, *frames):
    return Finding(Message(f"about_{frames}", "x"), severity, frames=frames)


def test_that_findings_of_one_severity_come_by_the_ml_at_stake():
    """Of a finding's frames those of the phase count where most is at stake: two slices of 3 mL before one of 5."""
    error_ml = np.array([[5.0, 3.0], [0.0, 3.0], [1.0, 0.0]])
    little, one, two = at(Severity.WARNING, (2, 0)), at(Severity.WARNING, (0, 0)), at(Severity.WARNING, (0, 1), (1, 1))
    nowhere, grave = at(Severity.WARNING), at(Severity.DOUBTFUL, (2, 1))
    given = (little, one, two, nowhere, grave)
    assert gravest_first(given, expected_error_ml=error_ml) == (grave, nowhere, two, one, little)
    assert gravest_first(given) == (grave, little, one, two, nowhere)


def test_that_what_is_about_slices_and_phases_has_the_error_of_all_their_frames():
    error_ml = np.array([[5.0, 3.0], [1.0, 4.0]])
    finding = Finding(Message("odd", "x"), Severity.WARNING, slices=(0, 1), phases=(0, 1))
    assert finding.at_stake_ml(error_ml) == 7.0
    assert finding.at_stake_ml(None) is None
    assert Finding(Message("odd", "x"), Severity.WARNING, slices=(0,)).at_stake_ml(error_ml) is None


def test_that_a_caution_of_the_import_is_a_warning_that_leaves_the_numbers_alone(heart, quality):
    told = quality(heart(), cautions=("Two studies: one is taken.",))
    assert found(told, "import_caution").severity is Severity.WARNING
    assert told.doubtful == frozenset()


@pytest.mark.parametrize(("phases", "told"), [((5, 6, 7), False), ((3, 6, 7), True)])
def test_that_a_basal_slice_that_leaves_twice_within_the_cycle_is_a_finding(heart, quality, phases, told):
    judged = quality(without(heart(), Label.LV, slices=1, phases=list(phases)))
    assert ("base_flickers" in codes(judged)) is told
    if told:
        finding = found(judged, "base_flickers")
        assert (finding.slices, finding.phases) == ((1,), phases)
        assert "comes and goes more than once within the cycle" in str(finding.message)


# Where the labels lie


@pytest.mark.parametrize(("label", "concern"), [(Label.LV, "lv"), (Label.RV, "rv")])
def test_that_an_empty_slice_inside_a_ventricle_is_doubtful(heart, quality, label, concern):
    finding = found(quality(without(heart(), label, slices=4, phases=6)), "empty_slice_inside")
    assert finding.severity is Severity.DOUBTFUL
    assert (finding.slices, finding.phases, finding.concerns) == ((4,), (6,), (concern,))
    assert "ES among them" in str(finding.message)


def doubted(quality, ventricle):
    """The numbers of a ventricle that bear a question mark."""
    return {one.field for one in QUANTITIES if ventricle in one.codes and quality.doubts(one, ventricle)}


NEED_BOTH = {"sv_ml", "ef_percent", "co_l_min"}


def test_that_what_is_wrong_at_es_alone_leaves_edv_and_mass_without_a_mark(heart, quality):
    judged = quality(without(heart(), Label.LV, slices=4, phases=6))
    assert found(judged, "empty_slice_inside").moments == (Moment.ES,)
    assert doubted(judged, Ventricle.LV) == {"esv_ml", *NEED_BOTH}
    assert doubted(judged, Ventricle.RV) == set()


def test_that_what_is_wrong_at_ed_alone_leaves_esv_without_a_mark(heart, quality):
    complete = np.ones((9, 16), dtype=bool)
    complete[4, 0] = False
    judged = quality(heart(), complete=complete)
    assert doubted(judged, Ventricle.LV) == {"edv_ml", "mass_g", *NEED_BOTH}
    assert doubted(judged, Ventricle.RV) == {"edv_ml", *NEED_BOTH}


@pytest.mark.parametrize(
    "labels",
    [
        lambda heart: without(heart(), Label.LV, slices=4, phases=slice(None)),  # ED and ES
        lambda heart: heart(taper=(0, 1.0, 0.8, 0)),  # told at ED, and few at ES too
        lambda heart: without(heart(), Label.LV, phases=10),  # may have been ED or ES
    ],
)
def test_that_what_may_be_wrong_at_both_moments_marks_every_number(heart, quality, labels):
    assert doubted(quality(labels(heart)), Ventricle.LV) == {"edv_ml", "esv_ml", "mass_g", *NEED_BOTH}


def test_that_an_rv_that_is_lost_at_es_keeps_its_edv(heart, quality):
    assert doubted(quality(without(heart(), Label.RV, phases=6)), Ventricle.RV) == {"esv_ml", *NEED_BOTH}


def test_that_an_empty_slice_that_moves_ed_to_another_phase_is_told_with_its_phase(heart, quality):
    finding = found(quality(without(heart(), Label.LV, slices=4, phases=0)), "empty_slice_inside")
    assert (finding.severity, finding.phases) == (Severity.WARNING, (0,))


def test_that_an_empty_slice_inside_is_seen_in_a_lone_phase_too(heart, quality):
    finding = found(quality(without(heart(beat=(20,)), Label.LV, slices=4)), "empty_slice_inside")
    assert (finding.slices, finding.phases) == ((4,), (0,))


def test_that_an_lv_that_reaches_one_end_makes_the_volume_a_lower_bound(heart, quality):
    finding = found(quality(heart(taper=(1.0, 1.0, 0.95, 0.9, 0.8, 0.65, 0.4, 0.0))), "reaches_stack_end")
    assert finding.severity is Severity.INFO
    assert finding.slices == (0,)


def test_that_an_lv_that_is_wide_at_both_ends_is_cut_by_the_stack(heart, quality):
    judged = quality(heart(taper=(1.0, 1.0, 1.0, 0.95, 0.9, 0.85, 0.8)))
    assert found(judged, "stack_cuts_ventricle").severity is Severity.DOUBTFUL
    assert judged.doubtful == {"lv", "rv", "mass"}


@pytest.mark.parametrize(
    ("taper", "severity"),
    [((0, 1.0, 0.9, 0.7, 0.4, 0), Severity.WARNING), ((0, 1.0, 0.8, 0), Severity.DOUBTFUL)],
)
def test_that_few_slices_are_told(heart, quality, taper, severity):
    assert found(quality(heart(taper=taper)), "few_slices").severity is severity


def test_that_many_slices_lost_from_ed_to_es_are_told(heart, quality):
    finding = found(quality(without(heart(), Label.LV, slices=[1, 2, 6, 7], phases=6)), "slices_lost_at_es")
    assert finding.slices == (1, 2, 6, 7)
    assert "4 slices (32 mm)" in str(finding.message)


def test_that_wide_gaps_are_told(heart, quality, geometry):
    finding = found(quality(heart(), geometry=geometry(9, spacing_mm=17.7)), "wide_slice_spacing")
    assert "17.7 mm" in str(finding.message)


def test_that_uneven_slices_are_named_with_what_they_stand_for(heart, quality, geometry):
    extents_mm = np.full(9, 8.0)
    extents_mm[[3, 4]] = 12.0
    finding = found(
        quality(heart(), geometry=dataclasses.replace(geometry(9), slice_extent_mm=extents_mm)), "uneven_slices"
    )
    assert finding.slices == (3, 4)
    assert "12.0 and 12.0 mm instead of 8.0 mm" in str(finding.message)


@pytest.mark.parametrize(
    ("extents_mm", "doubtful"),
    [
        ({3: 12.0, 4: 12.0}, {"lv", "rv", "mass"}),
        ({3: 11.0, 4: 11.0}, set()),  # planned by hand
        ({0: 12.0}, set()),  # an end slice: no slice is missing inside
    ],
)
def test_that_a_missing_inner_slice_puts_volumes_and_mass_in_doubt(heart, quality, geometry, extents_mm, doubtful):
    extents = np.full(9, 8.0)
    extents[list(extents_mm)] = list(extents_mm.values())
    judged = quality(heart(), geometry=dataclasses.replace(geometry(9), slice_extent_mm=extents))
    assert judged.doubtful == doubtful


def test_that_uneven_slices_warn_of_counting_voxels_in_the_even_grid(heart, quality, geometry):
    extents = np.full(9, 8.0)
    extents[4] = 10.0
    judged = quality(heart(), geometry=dataclasses.replace(geometry(9), slice_extent_mm=extents))
    finding = found(judged, "uneven_grid")
    assert finding.severity is Severity.WARNING
    assert "take volumes from results.json, not from counting its voxels" in str(finding.message)
    assert "uneven_grid" not in codes(quality(heart()))
    assert "slice 5 stands for 10.0 mm" in str(found(judged, "uneven_slices").message)


@pytest.mark.parametrize(("phase", "severity"), [(0, Severity.DOUBTFUL), (3, Severity.WARNING)])
def test_that_a_missing_frame_is_doubtful_where_it_decides_a_number(heart, quality, phase, severity):
    complete = np.ones((9, 16), dtype=bool)
    complete[4, phase] = False
    finding = found(quality(heart(), complete=complete), "missing_frames")
    assert (finding.severity, finding.slices, finding.phases) == (severity, (4,), (phase,))
    assert str(finding.message).startswith("1 frame is missing")


def test_that_a_missing_frame_outside_the_heart_decides_nothing(heart, quality):
    complete = np.ones((9, 16), dtype=bool)
    complete[0, 0] = False
    assert found(quality(heart(), complete=complete), "missing_frames").severity is Severity.WARNING


def test_that_a_structure_at_the_border_of_the_image_is_told(heart, quality):
    labels = heart()
    labels[3, 5, 40, 0] = Label.RV
    finding = found(quality(labels), "touches_border")
    assert (finding.slices, finding.phases, finding.concerns) == ((3,), (5,), ("rv",))


def test_that_an_lv_with_less_than_half_a_wall_is_told(heart, quality):
    labels = heart()
    wall = labels[1, 0, :, :83]
    wall[wall == Label.MYO] = Label.BACKGROUND
    upper = labels[1, 0, :42]
    upper[upper == Label.MYO] = Label.BACKGROUND
    finding = found(quality(labels), "open_rim")
    assert (finding.slices, finding.phases) == ((1,), (0,))


# The curve


def test_that_a_phase_without_an_lv_is_doubtful_and_not_end_systole(heart, quality):
    finding = found(quality(without(heart(), Label.LV, phases=10)), "missing_in_phases")
    assert (finding.severity, finding.phases, finding.concerns) == (Severity.DOUBTFUL, (10,), ("lv",))


@pytest.mark.parametrize(("label", "name"), [(Label.LV, "lv"), (Label.RV, "rv")])
@pytest.mark.parametrize("phases", [1, 16])
def test_that_a_ventricle_in_no_phase_is_doubtful_and_never_a_plain_zero(heart, quality, label, name, phases):
    labels = heart(beat=tuple(np.linspace(24, 15, phases)))
    finding = found(quality(without(labels, label, phases=slice(None))), "not_found")
    assert (finding.severity, finding.concerns) == (Severity.DOUBTFUL, (name,))


@pytest.mark.parametrize(("phase", "radius", "severity"), [(10, 12.0, Severity.DOUBTFUL), (12, 18.0, Severity.WARNING)])
def test_that_a_single_phase_that_jumps_is_told(heart, quality, phase, radius, severity):
    beat = [24, 23.5, 22, 20, 18, 16, 15, 16, 18.5, 20.5, 21.5, 22, 22.5, 23, 23.5, 23.8]
    beat[phase] = radius
    finding = found(quality(heart(beat=tuple(beat))), "volume_jump")
    assert phase in finding.phases
    assert finding.severity is severity


def test_that_the_shape_of_a_curve_with_few_phases_is_not_judged(heart, quality):
    assert codes(quality(heart(beat=(24, 15)))) == {"few_phases"}


@pytest.mark.parametrize("beat", [(24, 15), (24, 20, 15, 18, 22), (24, 22, 18, 15, 18, 21, 23)])
def test_that_fewer_than_eight_phases_put_both_ventricles_in_doubt(heart, quality, beat):
    judged = quality(heart(beat=beat))
    assert found(judged, "few_phases").severity is Severity.DOUBTFUL
    assert judged.doubtful == {"lv", "rv"}


@pytest.mark.parametrize("beat", [(20,), (24, 22, 18, 15, 18, 21, 23, 23.5)])
def test_that_one_phase_and_eight_are_not_called_few(heart, quality, beat):
    assert "few_phases" not in codes(quality(heart(beat=beat)))


def test_that_es_right_beside_ed_is_doubtful(heart, quality):
    beat = (24, 15, 15.5, 16, 17, 18, 19, 20, 21, 22, 22.5, 23)
    finding = found(quality(heart(beat=beat)), "odd_systole")
    assert finding.severity is Severity.DOUBTFUL
    assert finding.phases == (0, 1)


def test_that_a_cycle_that_starts_in_mid_systole_raises_nothing(heart, quality):
    assert quality(np.roll(heart(), -4, axis=1)).findings == ()


# The numbers


def test_that_an_impossible_ejection_fraction_is_doubtful(heart, quality):
    judged = quality(heart(beat=(24, 8)))
    assert {f.concerns for f in judged.findings if f.code == "odd_ef"} == {("lv",), ("rv",)}
    assert judged.doubtful == {"lv", "rv"}


@pytest.mark.parametrize("pixel_mm", [0.2, 3.0])
def test_that_an_impossible_volume_is_doubtful(heart, quality, geometry, pixel_mm):
    judged = quality(heart(), geometry=geometry(9, pixel_mm=(pixel_mm, pixel_mm)))
    assert {f.concerns for f in judged.findings if f.code == "odd_edv"} == {("lv", "mass"), ("rv", "mass")}


def test_that_a_wrong_scale_puts_the_mass_in_doubt_too(heart, quality, geometry):
    assert quality(heart(), geometry=geometry(9, pixel_mm=(0.2, 0.2))).doubtful == {"lv", "rv", "mass"}


def test_that_unequal_stroke_volumes_are_information_and_gross_ones_a_doubt_of_the_rv(heart, quality):
    assert found(quality(without(heart(), Label.RV, slices=[1, 7])), "stroke_volume_mismatch").severity is Severity.INFO
    gross = quality(without(heart(), Label.RV, slices=[1, 2, 3, 7]))
    assert found(gross, "stroke_volume_mismatch").severity is Severity.DOUBTFUL
    assert gross.doubtful == {"rv"}


def test_that_a_ventricle_that_does_not_eject_is_doubtful(heart, quality):
    labels = heart(beat=(24, 15))
    ed_and_es_swapped = labels[:, ::-1]
    rv = np.where(ed_and_es_swapped == Label.RV, ed_and_es_swapped, 0)
    labels = np.where(labels == Label.RV, 0, labels)
    labels = np.where(labels == 0, rv, labels).astype(np.uint8)
    assert found(quality(labels), "no_ejection").concerns == ("rv",)


@pytest.mark.parametrize(("slices", "severity"), [([2, 3], Severity.INFO), ([2, 3, 4, 5], Severity.DOUBTFUL)])
def test_that_myocardium_that_changes_its_volume_is_told(heart, quality, slices, severity):
    finding = found(quality(without(heart(), Label.MYO, slices=slices, phases=6)), "myocardium_changes")
    assert (finding.severity, finding.concerns) == (severity, ("mass",))


@pytest.mark.parametrize("rate", [10.0, 500.0])
def test_that_an_impossible_heart_rate_puts_the_cardiac_output_in_doubt(heart, quality, rate):
    assert quality(heart(), heart_rate_bpm=rate).doubtful == {"co"}


def test_that_a_missing_heart_rate_is_information(heart, quality):
    assert found(quality(heart(), heart_rate_bpm=None), "no_heart_rate").severity is Severity.INFO


def test_that_a_single_phase_is_information(heart, quality):
    assert codes(quality(heart(beat=(20,)))) == {"single_phase"}


def test_that_a_heart_that_was_not_found_is_doubtful(heart, quality):
    judged = quality(np.zeros_like(heart()))
    assert found(judged, "no_function").severity is Severity.DOUBTFUL
    assert judged.doubtful == {"lv", "rv", "mass"}


# The model


def test_that_unsure_frames_are_named_by_slice(heart, quality):
    confidence = np.full((9, 16), 0.95, dtype=np.float32)
    confidence[2, :2] = 0.5
    confidence[0] = 0.1  # nothing was found there
    finding = found(quality(heart(), confidence=confidence), "low_confidence")
    assert (finding.slices, finding.phases) == ((2,), (0, 1))
    assert "2 of 112 frames" in str(finding.message)


def test_that_frames_without_a_confidence_raise_nothing(heart, quality):
    confidence = np.full((9, 16), 0.95, dtype=np.float32)
    confidence[0] = np.nan
    assert quality(heart(), confidence=confidence).findings == ()


def test_that_every_note_of_the_segmentation_is_passed_on(heart, quality):
    judged = quality(heart(), notes=("A second LV was removed.",))
    assert str(found(judged, "segmentation_note").message) == "A second LV was removed."
