"""The planes of valves as results.json holds them: whole, bound, and a review again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.review.studies import small_review

from cinecor.app.result_review import edits_of
from cinecor.app.save_study import save_study
from cinecor.report.binding import bound
from cinecor.report.composition import compose_results
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.report.results import Results
from cinecor.report.verification import verify_results
from cinecor.review import BaseRule, ChooseBase, Review, SetValveLine, review_result
from cinecor.review.valve.line import Valve, ValveLine, ValveView

FRACTIONAL = ChooseBase(BaseRule.FRACTIONAL)
VIEW = ValveView("1.2.4", Valve.MITRAL)
LINE = ValveLine(
    tuple(((0.5, 1.0, -3.0 + phase), (30.0, 1.25, -2.0 + phase)) for phase in (0, 1, 2, 1)), (0, 3), (2,),
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


def test_that_a_fractional_base_comes_back_and_its_volumes_are_verified(tmp_path: Path) -> None:
    """Masks hold whole outlines: what counts of them is told by `fractional_base`, and counted again from there."""
    review = FRACTIONAL.apply(SetValveLine(VIEW, LINE).apply(small_review()))
    folder = save_study(review, input_path=Path("study"), out_dir=tmp_path).folder.path
    assert verify_results(folder).sound
    kept = read_results(folder)
    assert FRACTIONAL in edits_of(kept)
    whole = results_of(SetValveLine(VIEW, LINE).apply(small_review())).volumes_ml
    assert kept.results.volumes_ml.lv != whole.lv
    assert kept.results.volumes_ml.rv == whole.rv
    assert kept.results.ai is not None
    assert kept.results.ai.volumes_ml == whole


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (lambda lv: [[[cut[0] + 0.4, *cut[1:]] for cut in row] for row in lv], "volumes_not_of_masks"),
        (lambda lv: lv[:1], "base_of_other_size"),
        (lambda lv: [row[:-1] for row in lv], "base_of_other_size"),
        (lambda _: None, "volumes_not_of_masks"),
    ],
    ids=["other cuts", "a slice fewer", "a phase fewer", "whole slices"],
)
def test_that_another_fractional_base_than_was_counted_by_is_named(
    tmp_path: Path, changed: Callable[[Any], Any], code: str
) -> None:
    review = FRACTIONAL.apply(SetValveLine(VIEW, LINE).apply(small_review()))
    folder = save_study(review, input_path=Path("study"), out_dir=tmp_path).folder.path
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    document["fractional_base"]["lv"] = changed(document["fractional_base"]["lv"])
    (folder / "results.json").write_text(json.dumps(document), encoding="utf-8")
    assert {"fields_changed", code} <= {fault.code for fault in verify_results(folder).faults}


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
