"""Outlines that no heart shows, on masks whose shape is plain arithmetic: each limit from both sides."""

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.findings.continuity import continuity_findings, flickering
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.findings.frame_shape import surrounded
from cinecor.measure.findings.heart_shapes import heart_shapes
from cinecor.measure.findings.shape import shape_findings
from cinecor.measure.findings.smooth_fit import smooth_residuals
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern
from cinecor_phantom import Acquisition, make_phantom

UNTOLD = ByMoment(None, None)


def marks(labels, geometry, moments=UNTOLD) -> dict[str, Finding]:
    shapes = heart_shapes(labels, geometry=geometry(len(labels)))
    findings = (*shape_findings(shapes, moments=moments), *continuity_findings(shapes, moments=moments))
    return {finding.code: finding for finding in findings}


def box(label: Label, rows: tuple[int, int], columns: tuple[int, int], *, notch: tuple[int, int] = (0, 0)):
    """A rectangle of a label with a notch (depth, width) in its upper side: solidity 1 - notch / rectangle."""
    image = np.zeros((60, 80), dtype=np.uint8)
    image[slice(*rows), slice(*columns)] = label
    depth, width = notch
    image[rows[0] : rows[0] + depth, columns[0] + 2 : columns[0] + 2 + width] = 0
    return image


@pytest.mark.parametrize(
    ("label", "notch", "code", "odd"),
    [
        (Label.LV, (5, 14), "lv_odd_shape", False),  # 1 - 70 / 400 = 0.825
        (Label.LV, (6, 13), "lv_odd_shape", True),  # 0.805
        (Label.MYO, (5, 14), "lv_odd_shape", False),  # of the ventricle with its wall
        (Label.MYO, (6, 13), "lv_odd_shape", True),
        (Label.RV, (41, 51), "rv_odd_shape", False),  # 1 - 2091 / 2700 = 0.226
        (Label.RV, (41, 53), "rv_odd_shape", True),  # 0.195
    ],
)
def test_that_a_notched_outline_is_told_by_its_solidity(geometry, label, notch, code, odd):
    image = box(label, *(((10, 55), (10, 70)) if label is Label.RV else ((10, 30), (10, 30))), notch=notch)
    if label is Label.LV:  # the wall fills the notch, so that only the cavity is notched
        image[10:30, 10:30][image[10:30, 10:30] == 0] = Label.MYO
    if label is Label.MYO:
        image[16:30, 10:30] = Label.LV  # a frame without a cavity holds nothing that a number rests on
    assert (code in marks(image[None, None], geometry)) is odd


def test_that_a_small_outline_is_not_judged_by_its_shape(geometry):
    notched = box(Label.LV, (10, 28), (10, 28), notch=(9, 9))  # 243 mm² in 8 mm: 1.94 mL, with a solidity of 0.75
    larger = box(Label.LV, (10, 28), (10, 28), notch=(8, 9))  # 2.02 mL with 0.78
    assert "lv_odd_shape" not in marks(notched[None, None], geometry)
    assert "lv_odd_shape" in marks(larger[None, None], geometry)


@pytest.mark.parametrize(("side", "pieces"), [(2, 1), (3, 2)])
def test_that_a_second_piece_counts_from_2_percent_of_the_area_on(geometry, side, pieces):
    image = box(Label.RV, (10, 30), (10, 30))  # 400 pixels
    image[40 : 40 + side, 40 : 40 + side] = Label.RV
    assert heart_shapes(image[None, None], geometry=geometry(1)).rv.pieces.tolist() == [[pieces]]


@pytest.mark.parametrize("name", ["LV", "RV", "MYO"])
def test_that_a_structure_in_two_pieces_is_told(geometry, name):
    image = box(Label[name], (10, 30), (10, 30))
    image[14:26, 32:58] = Label.LV if name == "MYO" else Label.BACKGROUND  # a frame is judged by the cavity it holds
    code = f"{name.lower()}_in_pieces"
    assert code not in marks(image[None, None], geometry)
    image[40:50, 40:50] = Label[name]
    assert code in marks(image[None, None], geometry)


def ringed(gap: int) -> np.ndarray:
    """A cavity of 20 × 20 with 80 pixels around it, `gap` of which are no myocardium."""
    image = np.zeros((60, 80), dtype=np.uint8)
    image[8:32, 8:32] = Label.MYO
    image[10:30, 10:30] = Label.LV
    image[30:32, 10 : 10 + min(gap, 20)] = 0
    image[10 : 10 + max(gap - 20, 0), 30:32] = 0
    return image


@pytest.mark.parametrize(("gap", "told"), [(24, False), (25, True)])
def test_that_the_wall_must_be_closed_to_seven_tenths(geometry, gap, told):
    image = ringed(gap)[None, None]
    assert surrounded(image)[0, 0] == pytest.approx(1 - gap / 80)
    found = marks(image, geometry)
    assert ("gap_in_wall" in found) is told
    if told:
        assert set(found["gap_in_wall"].concerns) == {Concern.LV, Concern.MASS}


def test_that_an_lv_at_the_edge_of_the_image_has_an_open_wall_there():
    image = np.zeros((1, 1, 20, 20), dtype=np.uint8)
    image[..., :10, 5:15] = Label.LV
    image[..., 10, 5:15] = Label.MYO
    assert surrounded(image)[0, 0] == pytest.approx(10 / 40)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize(("emptied", "told"), [((6, 7), ()), ((5, 6, 7), (7,)), ((1,), (1,)), ((3,), (3,))])
def test_that_a_wall_without_a_cavity_is_told_but_at_the_tip(heart, geometry, emptied, told, flipped):
    labels = heart(beat=(24,))
    for index in emptied:
        labels[index][labels[index] == Label.LV] = Label.MYO
    if flipped:
        labels, told = labels[::-1].copy(), tuple(len(labels) - 1 - index for index in told)
    found = marks(labels, geometry)
    assert (found["lone_wall"].slices if "lone_wall" in found else ()) == told


@pytest.mark.parametrize(("degrees", "told"), [(48, False), (51, True)])  # 43.6 and 46.4 from their mean
def test_that_an_rv_turned_by_more_than_45_degrees_is_told(geometry, degrees, told):
    # Nine slices point left, the tenth is turned: the mean direction follows it by up to a tenth.
    labels = np.zeros((10, 1, 120, 120), dtype=np.uint8)
    for index in range(10):
        turn = np.radians(180 + (degrees if index == 4 else 0))
        row, column = round(60 + 40 * np.sin(turn)), round(60 + 40 * np.cos(turn))
        labels[index, 0, 50:71, 50:71] = Label.MYO
        labels[index, 0, row - 8 : row + 9, column - 8 : column + 9] = Label.RV
    found = marks(labels, geometry)
    assert ("rv_out_of_place" in found) is told
    if told:
        assert found["rv_out_of_place"].frames == ((4, 0),)


def test_that_a_healthy_heart_has_no_mark(heart, geometry):
    assert marks(heart(), geometry, ByMoment(0, 6)) == {}
    assert marks(heart(beat=(24,)), geometry) == {}


@pytest.mark.slow
@pytest.mark.parametrize("phases", [10, 25])
def test_that_a_phantoms_truth_has_no_mark(phases):
    phantom = make_phantom(acquisition=Acquisition(phases=phases), pictures=False)
    truth = phantom.truth
    shapes = heart_shapes(phantom.labels, geometry=phantom.geometry)
    moments = ByMoment(truth.ed_phase, truth.es_phase)
    assert list(shape_findings(shapes, moments=moments)) == []
    assert list(continuity_findings(shapes, moments=moments)) == []


@pytest.mark.parametrize(("phase", "told"), [(6, False), (7, False), (9, True)])
def test_that_a_slice_is_not_judged_while_the_base_passes_it(heart, geometry, phase, told):
    """Ten phases: the base is away at 4 and 5, so that 2 to 7 are judged by nothing."""
    labels = heart(beat=[20.0] * 10)
    labels[1, 4:6] = 0
    labels[1, phase][45:, 60:] = 0  # what is left is open below
    assert ("gap_in_wall" in marks(labels, geometry, ByMoment(0, 5))) is told


def test_that_an_open_wall_is_judged_wherever_the_base_does_not_pass(heart, geometry):
    labels = heart(beat=[20.0] * 10)
    labels[4, 5:7] = 0
    labels[5, 7][45:, 60:] = 0
    assert "gap_in_wall" in marks(labels, geometry, ByMoment(0, 5))


@pytest.mark.parametrize(("index", "told"), [(1, False), (3, True), (7, False)])
def test_that_a_ventricle_may_end_abruptly_and_not_break_off_inside(heart, geometry, index, told):
    """One slice of a still heart of one phase too few to jump is cut to a speck of wall and cavity."""
    labels = heart(beat=[20.0] * 4)
    for phase in range(2):
        frame = labels[index, phase]
        frame[:30][frame[:30] != Label.RV] = 0
        frame[50:][frame[50:] != Label.RV] = 0
    assert ("lv_area_off" in marks(labels, geometry, ByMoment(0, 2))) is told


def spoilt(labels: np.ndarray, place: tuple[int, int], *, factor: float) -> np.ndarray:
    """The heart with the RV of one frame cut to a part of its rows."""
    frame = labels[place]
    rows = np.flatnonzero((frame == Label.RV).any(axis=1))
    frame[rows[round(len(rows) * factor) :]][frame[rows[round(len(rows) * factor) :]] == Label.RV] = 0
    keep = frame[: rows[round(len(rows) * factor)]].copy()
    frame[frame == Label.RV] = 0
    frame[: len(keep)][keep == Label.RV] = Label.RV
    return labels


@pytest.mark.parametrize(("factor", "told"), [(0.8, False), (0.5, True)])
def test_that_half_an_rv_missing_in_one_frame_is_told_where_it_is(heart, geometry, factor, told):
    labels = spoilt(heart(), (3, 6), factor=factor)
    found = marks(labels, geometry, ByMoment(0, 6))
    assert ("rv_area_off" in found) is told
    if told:
        assert found["rv_area_off"].frames == ((3, 6),)
        assert found["rv_area_off"].severity is Severity.DOUBTFUL
        assert found["rv_area_off"].concerns == (Concern.RV,)


@pytest.mark.parametrize(("pixel_mm", "told"), [(0.98, False), (1.02, True)])
def test_that_an_rv_whose_centre_lies_more_than_25_mm_off_its_line_is_told(heart, geometry, pixel_mm, told):
    labels = np.pad(heart(), ((0, 0), (0, 0), (30, 30), (0, 0)))
    frame = labels[4, 7]
    moved = np.roll(frame == Label.RV, 25, axis=0)
    frame[frame == Label.RV] = 0
    frame[moved] = Label.RV
    stack = geometry(len(labels), pixel_mm=(pixel_mm, 1.0))  # rows are as far apart as that: 24.5 and 25.5 mm
    found = marks(labels, lambda _: stack, ByMoment(0, 6))
    assert ("rv_centre_off" in found) is told
    if told:
        assert found["rv_centre_off"].frames == ((4, 7),)


@pytest.mark.parametrize(("share", "told"), [(0.72, False), (0.68, True)])
def test_that_an_area_that_jumps_against_its_neighbours_in_phase_is_told(heart, geometry, share, told):
    beat = [20.0] * 10
    beat[4] = 20.0 * np.sqrt(share)
    found = marks(heart(beat=beat), geometry, ByMoment(0, 6))
    assert ("rv_area_off" in found) is told
    assert "rv_area_off" not in marks(heart(beat=beat[:4] + beat[4:5] * 5), geometry, ByMoment(0, 6))


def test_that_a_mark_away_from_ed_and_es_leaves_the_numbers_alone(heart, geometry):
    labels = spoilt(heart(), (3, 3), factor=0.5)
    assert marks(labels, geometry, ByMoment(0, 6))["rv_area_off"].severity is Severity.WARNING


def test_that_a_marked_speck_leaves_the_number_alone(geometry, heart):
    labels = heart()
    labels[7, 0, 5:10, 5:10] = Label.LV  # a second piece of 25 pixels at the apex
    found = marks(labels, geometry, ByMoment(0, 6))
    assert found["lv_in_pieces"].severity is Severity.WARNING
    labels = heart()
    labels[2, 0, 5:15, 5:15] = Label.LV
    assert marks(labels, geometry, ByMoment(0, 6))["lv_in_pieces"].severity is Severity.DOUBTFUL


@pytest.mark.parametrize(("aside_px", "told"), [(19, False), (21, True)])
def test_that_a_centre_far_from_the_line_is_told(heart, geometry, aside_px, told):
    labels = np.pad(heart(), ((0, 0), (0, 0), (0, 30), (0, 0)))
    labels[3, 0] = np.roll(labels[3, 0], aside_px, axis=0)
    found = marks(labels, geometry, ByMoment(0, 6))
    assert ("lv_centre_off" in found) is told
    if told:
        assert (3, 0) in found["lv_centre_off"].frames


@pytest.mark.parametrize(("at_es", "told"), [(21.9, False), (22.2, True)])
def test_that_a_basal_cavity_that_grows_in_systole_is_like_an_atrium(heart, geometry, at_es, told):
    labels = heart(beat=(24, 15))
    rows, columns = np.mgrid[:80, :116]
    for phase, radius in ((0, 21.0), (1, at_es)):  # areas by radius²: 1.088 and 1.118 times
        labels[0, phase][np.hypot(rows - 40, columns - 82) < radius] = Label.LV
    found = marks(labels, geometry, ByMoment(0, 1))
    assert ("atrium_like_base" in found) is told
    if told:
        assert found["atrium_like_base"].slices == (0,)


@pytest.mark.parametrize(("pattern", "told"), [("1111001111", False), ("1101001111", True), ("0000000000", False)])
def test_that_a_slice_may_leave_the_ventricle_once_a_cycle(pattern, told):
    found = np.array([[digit == "1" for digit in pattern]])
    assert flickering(found).any() == told
    assert flickering(np.roll(found, 3, axis=1)).any() == told  # the cycle has no first phase


def test_that_flickering_names_the_rarer_frames():
    found = np.array([[digit == "1" for digit in "1101001111"]])
    assert np.flatnonzero(flickering(found)[0]).tolist() == [2, 4, 5]


def test_that_a_smooth_surface_leaves_only_what_is_off():
    slices, phases = np.mgrid[:10, :20]
    values = 5.0 - 0.1 * (slices - 4) ** 2 + (1 + 0.1 * slices) * np.cos(2 * np.pi * phases / 20)
    values[4, 7] += 3.0
    off = smooth_residuals(values)
    assert off[4, 7] == pytest.approx(3.0, abs=1e-6)
    off[4, 7] = 0.0
    assert np.abs(off).max() < 1e-6


def smooth_functions(slices: int, phases: int) -> np.ndarray:
    """Parabolas along the slices times two harmonics of the cycle, (frame, function)."""
    z = np.repeat(np.linspace(-1, 1, slices), phases)
    t = np.tile(2 * np.pi * np.arange(phases) / phases, slices)
    cycle = (np.ones_like(t), np.cos(t), np.sin(t), np.cos(2 * t), np.sin(2 * t))
    return np.stack([z**power * part for power in range(3) for part in cycle], axis=1)


def textbook_bisquare(values: np.ndarray) -> np.ndarray:
    """Residuals of Tukey's bisquare by its definition, refitted eleven times, each a problem of least squares."""
    functions = smooth_functions(*values.shape)
    wanted, weights = values.ravel(), np.ones(values.size)
    for _ in range(12):
        root = np.sqrt(weights)
        coefficients = np.linalg.lstsq(functions * root[:, None], wanted * root, rcond=None)[0]
        off = wanted - functions @ coefficients
        far = off / (4.685 * np.median(np.abs(off)) / 0.6745)
        weights = np.where(np.abs(far) < 1, (1 - far**2) ** 2, 0.0)
    return off.reshape(values.shape)


@pytest.mark.parametrize("seed", range(3))
def test_that_the_smooth_surface_is_that_of_tukeys_bisquare(seed):
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(9, 14)) + np.linspace(0, 20, 9)[:, None]
    values[chance.integers(9, size=6), chance.integers(14, size=6)] += chance.normal(scale=8.0, size=6)
    np.testing.assert_allclose(smooth_residuals(values), textbook_bisquare(values), atol=1e-8)


def test_that_a_surface_which_two_slices_do_not_hold_is_fitted_once_by_least_squares():
    """Forty values are enough for fifteen functions, and no parabola along the slices is told by two of them."""
    values = np.full((9, 20), np.nan)
    values[3:5] = np.random.default_rng(5).normal(size=(2, 20))
    values[3, 7] += 9.0
    known = np.isfinite(values).ravel()
    functions, wanted = smooth_functions(9, 20)[known], values.ravel()[known]
    expected = wanted - functions @ np.linalg.lstsq(functions, wanted, rcond=None)[0]
    np.testing.assert_allclose(smooth_residuals(values).ravel()[known], expected, atol=1e-8)


def test_that_frames_without_a_value_are_not_judged_and_too_few_not_at_all():
    values = np.full((6, 1), np.nan)
    values[:3, 0] = 1.0, 2.0, 3.0
    assert np.isnan(smooth_residuals(values)).all()
    values[:5, 0] = 1.0, 2.0, 3.0, 4.0, 5.0
    off = smooth_residuals(values)
    assert np.isnan(off[5, 0])
    assert np.abs(off[:5]).max() < 1e-9


def test_that_a_long_cine_has_the_shapes_of_its_slices(geometry):
    labels = np.zeros((4, 40, 200, 200), dtype=np.uint8)  # more than is taken at once
    for number, phase in np.ndindex(*labels.shape[:2]):
        labels[number, phase, 20 : 40 + number, 30 : 60 + phase] = Label.LV
        labels[number, phase, 18:20, 30 : 60 + phase] = Label.MYO
        labels[number, phase, 100 : 110 + phase, 30 : 50 + number] = Label.RV
    whole = heart_shapes(labels, geometry=geometry(4))
    for structure in ("lv", "rv", "myo", "whole"):
        alone = [getattr(heart_shapes(labels[[number]], geometry=geometry(1)), structure) for number in range(4)]
        for found, *parts in zip(getattr(whole, structure).arrays(), *(one.arrays() for one in alone), strict=True):
            np.testing.assert_array_equal(found, np.concatenate(parts))
