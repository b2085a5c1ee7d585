"""What lines along the phantom's own rings tell of base and excursion, against the phantom's closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from unit.review.valve.rings import BOTH, MITRAL, drawn

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.quantity import QUANTITIES, quantity
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.review import BaseRule, ChooseBase, DropSlice, Review, SetValveLine, review_result
from cinecor.review.valve.line import Valve, ValveLine
from cinecor_phantom import Phantom
from cinecor_phantom.planted_truth import annulus_descent_mm, annulus_mm


def test_mapse_is_how_far_the_phantoms_ring_comes_down(plain: Review, phantom: Phantom) -> None:
    result = review_result(drawn(plain, phantom, *MITRAL))
    assert result is not None
    assert result.moments.es is not None
    expected = annulus_descent_mm(phantom)["mitral"][result.moments.es]
    assert result.value(quantity("mapse_mm"), Ventricle.LV) == pytest.approx(expected, abs=1.0)
    assert result.value(quantity("tapse_mm"), Ventricle.RV) is None
    assert result.value(quantity("mapse_mm"), Ventricle.RV) is None


def test_tapse_is_the_way_of_the_free_walls_end_in_the_four_chamber_view_alone(plain: Review, phantom: Phantom) -> None:
    result = review_result(drawn(plain, phantom, *BOTH))
    assert result is not None
    assert result.moments.es is not None
    z = phantom.geometry.positions_mm[-1] - phantom.geometry.positions_mm[0]
    ways = (annulus_mm(phantom)["tricuspid"]["4CH"] @ (z / np.linalg.norm(z)))[[0, result.moments.es]]
    free = int(np.argmin(annulus_mm(phantom)["tricuspid"]["4CH"][0] @ _to_left_ventricle(phantom)))
    assert result.value(quantity("tapse_mm"), Ventricle.RV) == pytest.approx(ways[1, free] - ways[0, free], abs=0.01)
    other = review_result(drawn(plain, phantom, ("3CH", Valve.TRICUSPID)))
    assert other is not None
    assert other.value(quantity("tapse_mm"), Ventricle.RV) is None


@pytest.mark.parametrize("phases", [(0,), (0, 2), (0, 3)])
def test_that_excursions_want_their_lines_drawn_at_es_too(
    plain: Review, phantom: Phantom, phases: tuple[int, ...]
) -> None:
    once = 3 not in phases
    result = review_result(drawn(plain, phantom, *BOTH, phases=phases))
    assert result is not None
    assert (result.value(quantity("tapse_mm"), Ventricle.RV) is None) == once
    assert (result.value(quantity("mapse_mm"), Ventricle.LV) is None) == once
    told = [one.message.values["excursion"] for one in result.quality.findings if one.code == "valve_drawn_once"]
    assert told == (["MAPSE", "TAPSE"] if once else [])


def test_that_mapse_is_of_the_views_in_which_the_line_was_drawn_at_both_moments(
    plain: Review, phantom: Phantom
) -> None:
    both = drawn(plain, phantom, ("4CH", Valve.MITRAL))
    lost = drawn(both, phantom, ("2CH", Valve.MITRAL), phases=(0,))
    alone, mixed = review_result(both), review_result(lost)
    assert alone is not None
    assert mixed is not None
    assert mixed.valves.mapse_mm == pytest.approx(alone.valves.mapse_mm)
    assert [one.severity for one in mixed.quality.findings if one.code == "valve_drawn_once"] == [Severity.WARNING]


def test_that_a_fractional_base_by_a_line_that_was_drawn_once_is_in_doubt(plain: Review, phantom: Phantom) -> None:
    once = drawn(plain, phantom, ("4CH", Valve.MITRAL), phases=(0,))
    result = review_result(ChooseBase(BaseRule.FRACTIONAL).apply(once))
    assert result is not None
    (finding,) = (one for one in result.quality.findings if one.code == "valve_drawn_once")
    assert finding.severity is Severity.DOUBTFUL
    assert Concern.LV in result.quality.doubtful
    assert Concern.RV not in finding.concerns


def _to_left_ventricle(phantom: Phantom) -> np.ndarray:
    right, left = (np.argwhere(phantom.labels[8, 0] == label).mean(axis=0) for label in (Label.RV, Label.LV))
    return (left - right)[1] * phantom.geometry.column_axis + (left - right)[0] * phantom.geometry.row_axis


def test_slices_that_hold_the_phantoms_cavity_lie_below_its_ring(plain: Review, phantom: Phantom) -> None:
    result = review_result(drawn(plain, phantom, *BOTH))
    assert result is not None
    for valve, label in ((Valve.MITRAL, Label.LV), (Valve.TRICUSPID, Label.RV)):
        for moment in Moment:
            base, phase = result.valves.bases[valve][moment], result.moments[moment]
            assert base is not None
            assert base.shares is not None
            held = (phantom.labels[:, phase] == label).any(axis=(1, 2))
            first = int(np.argmax(held))
            assert (base.shares[first + 2 :] == 1.0).all()
            assert base.shares[max(0, first - 2)] < 0.5
            assert (np.diff(base.shares) >= -1e-9).all()
    assert not [one for one in result.quality.findings if one.code.startswith("slice_")]


def _above(review: Review, phantom: Phantom) -> int:
    """The slice next above the plane at ED, of a review whose mitral valve was drawn."""
    result = review_result(review)
    assert result is not None
    base = result.valves.bases[Valve.MITRAL].ed
    assert base is not None
    assert base.shares is not None
    return int(np.flatnonzero(base.shares == 0.0)[-1])


def _with_lv(review: Review, phantom: Phantom, index: int, pixels: int) -> Review:
    """The review with so many pixels of LV in one slice at ED."""
    assert review.segmentation is not None
    labels = phantom.labels.copy()
    where = np.argwhere(labels[index + 3, 0] == Label.LV)[:pixels]
    labels[index, 0][tuple(where.T)] = Label.LV
    return replace(review, segmentation=replace(review.segmentation, labels=labels))


@pytest.mark.parametrize(("more", "severity"), [(-2, Severity.WARNING), (2, Severity.DOUBTFUL)])
def test_that_a_cavity_above_the_readers_own_line_is_in_doubt_from_5_percent_of_the_volume_on(
    plain: Review, phantom: Phantom, more: int, severity: Severity
) -> None:
    """Of the whole with it: k of (n + k) pixels are 5 % where k is n / 19."""
    review = drawn(plain, phantom, *MITRAL)
    index = _above(review, phantom)
    labels = phantom.labels[:, 0].copy()
    labels[index] = 0
    pixels = round(np.count_nonzero(labels == Label.LV) / 19) + more
    (finding,) = _findings(_with_lv(review, phantom, index, pixels), "slice_above_valve")
    assert (finding.severity, finding.slices, finding.moments) == (severity, (index,), (Moment.ED,))


def test_a_cavity_above_the_plane_is_asked_about_until_its_slice_is_left_out(plain: Review, phantom: Phantom) -> None:
    review = drawn(plain, phantom, *MITRAL)
    assert review.segmentation is not None
    before = review_result(review)
    assert before is not None
    base = before.valves.bases[Valve.MITRAL].ed
    assert base is not None
    assert base.shares is not None
    above = int(np.flatnonzero(base.shares == 0.0)[-1])
    labels = phantom.labels.copy()
    labels[above] = labels[above + 3]
    wrong = replace(review, segmentation=replace(review.segmentation, labels=labels))
    assert _told(wrong, "slice_above_valve") == {(above,)}
    assert _told(DropSlice(above).apply(wrong), "slice_above_valve") == set()


def test_an_empty_slice_below_the_plane_is_asked_about(plain: Review, phantom: Phantom) -> None:
    review = drawn(plain, phantom, *MITRAL)
    assert review.segmentation is not None
    ed = (phantom.labels[:, 0] == Label.LV).any(axis=(1, 2))
    labels = phantom.labels.copy()
    empty = int(np.argmax(ed)) + 2
    labels[: empty + 1] = 0
    wrong = replace(review, segmentation=replace(review.segmentation, labels=labels))
    assert any(empty in slices for slices in _told(wrong, "slice_below_valve"))


@pytest.mark.parametrize(("phases", "doubted"), [((0, 3), True), ((3,), False)])
def test_that_a_slice_which_the_readers_own_line_shows_to_be_missing_doubts_the_numbers_of_its_moment(
    plain: Review, phantom: Phantom, phases: tuple[int, ...], doubted: bool
) -> None:
    """Emptied at ED; a line that was only followed there may be wrong itself."""
    review = drawn(plain, phantom, *BOTH, phases=phases)
    assert review.segmentation is not None
    labels = phantom.labels.copy()
    base = int(np.argmax((labels[:, 0] == Label.LV).any(axis=(1, 2))))
    labels[: base + 3, 0][labels[: base + 3, 0] != Label.RV] = 0
    review = replace(review, moments=ByMoment(0, 3))  # else ED would go where nothing is missing
    wrong = replace(review, segmentation=replace(review.segmentation, labels=labels))
    (finding,) = _findings(wrong, "slice_below_valve")
    assert (finding.severity is Severity.DOUBTFUL) is doubted
    assert finding.moments == (Moment.ED,)
    result = review_result(wrong)
    assert result is not None
    marked = {
        (side, one.field) for side in Ventricle for one in QUANTITIES
        if side in one.codes and finding in result.doubts(one, side)
    }  # fmt: skip
    of_lv = {(Ventricle.LV, field) for field in ("edv_ml", "sv_ml", "ef_percent", "co_l_min", "mass_g")}
    assert marked == (of_lv if doubted else set())


def _findings(review: Review, code: str) -> tuple[Finding, ...]:
    result = review_result(review)
    assert result is not None
    return tuple(one for one in result.quality.findings if one.code == code)


def _told(review: Review, code: str) -> set[tuple[int, ...]]:
    return {one.slices for one in _findings(review, code)}


def test_a_line_that_was_lost_somewhere_is_told(plain: Review, phantom: Phantom) -> None:
    review = drawn(plain, phantom, ("2CH", Valve.MITRAL))
    view, line = next(iter(review.valves.items()))
    lost = SetValveLine(view, replace(line, unsure=(2, 3))).apply(review)
    result = review_result(lost)
    assert result is not None
    (finding,) = (one for one in result.quality.findings if one.code == "valve_unsure")
    assert finding.message.values["n"] == 2
    assert SetValveLine(view, None).apply(review).valves == {}


@pytest.mark.parametrize(("drawn_in", "unsure"), [((), ()), ((8,), ()), ((0,), (8,))])
def test_a_line_of_phases_that_are_not_there_is_refused(drawn_in: tuple[int, ...], unsure: tuple[int, ...]) -> None:
    ends = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="phases"):
        ValveLine((ends,) * 8, drawn_in, unsure, (0.0, 0.0, 1.0), None)
