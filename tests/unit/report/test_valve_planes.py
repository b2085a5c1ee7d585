"""The planes of valves as results.json holds them: whole, bound, and a review again."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.review.studies import small_review

from cinecor.app.result_review import edits_of
from cinecor.report.binding import bound
from cinecor.report.composition import compose_results
from cinecor.report.kept_results import KeptResults
from cinecor.report.results import Results
from cinecor.review import Review, SetValveLine, review_result
from cinecor.review.valve.line import Valve, ValveLine, ValveView

VIEW = ValveView("1.2.4", Valve.MITRAL)
LINE = ValveLine(
    tuple(((0.5, 1.0, -3.0 + phase), (30.0, 1.25, -2.0 + phase)) for phase in (0, 1, 2, 1)), (0,), (3,),
    (0.0, 1.0, 0.0), 4,
)  # fmt: skip


def results_of(review: Review) -> Results:
    result = review_result(review)
    assert result is not None
    return compose_results(review, result, input_path=Path("study"))


def test_that_lines_come_back_from_results_as_they_were_drawn() -> None:
    review = SetValveLine(VIEW, LINE).apply(small_review())
    results = Results.model_validate_json(results_of(review).to_json())
    assert review.labels is not None
    kept = KeptResults(Path("study"), results, review.labels, review.labels)
    assert SetValveLine(VIEW, LINE) in edits_of(kept)
    assert results.valve_planes is not None
    assert {one.moment for one in results.valve_planes.bases} == {"ed", "es"}
    assert results.valve_planes.mapse_mm is not None


def test_that_a_moved_line_is_noticed_by_the_digest_of_its_field() -> None:
    plain = small_review()
    results = results_of(SetValveLine(VIEW, LINE).apply(plain))
    assert plain.labels is not None
    assert results.valve_planes is not None
    moved = results.valve_planes.model_copy(update={"mapse_mm": 1.0})
    there = bound(results, plain.labels).fields
    elsewhere = bound(results.model_copy(update={"valve_planes": moved}), plain.labels).fields
    assert {name for name, one in there.items() if one != elsewhere[name]} == {"valve_planes"}


def test_that_results_without_a_line_hold_none() -> None:
    assert results_of(small_review()).valve_planes is None


def test_that_a_view_whose_name_tells_no_chambers_may_show_tapse() -> None:
    line = replace(LINE, chambers=None, drawn=(0, 3), unsure=())
    results = results_of(SetValveLine(ValveView("1.2.5", Valve.TRICUSPID), line).apply(small_review()))
    assert results.valve_planes is not None
    assert results.valve_planes.tapse_mm == pytest.approx(-1.0)  # phase 3 is ES: a millimetre away from the apex
    assert results.valve_planes.mapse_mm is None
