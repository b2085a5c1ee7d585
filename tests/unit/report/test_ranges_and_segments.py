"""Reference ranges and regional function as results.json, segments.csv and the table tell them."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.measure.reference.shipped import shipped_book
from cinecor.measure.reference.table import Sex
from cinecor.measure.regional.insertion import SetInsertion
from cinecor.message import Message
from cinecor.report.composition import compose_results
from cinecor.report.pdf.range_bar import cautions_of, unusable_tables
from cinecor.report.pdf.words import Words
from cinecor.report.regional_facts import segments_csv
from cinecor.report.results import Results
from cinecor.report.table import result_table
from cinecor.review import Body, Review, SetInsertionPoints, review_result
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack
from cinecor_phantom import Acquisition, Phantom, Planted, PlantedSegment, make_phantom
from cinecor_phantom.wall_truth import wall_truth

PROTOCOL = Acquisition(phases=8, slices=18, slice_thickness_mm=6.0, slice_gap_mm=0.0)
BODY = Body(66.0, 175.0, 74.0, Sex.MALE, 60)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    planted = Planted(segments=(PlantedSegment(9, wall=0.5),), wobble=0.0)
    return make_phantom(acquisition=PROTOCOL, planted=planted, pictures=False)


@pytest.fixture(scope="module")
def review(phantom: Phantom) -> Review:
    shape = phantom.labels.shape[:2]
    stack = CineStack(
        pixels=np.zeros((1, 1, 1, 1), dtype=np.float32),
        geometry=phantom.geometry,
        phase_times_ms=phantom.phase_times_ms,
        heart_rate_bpm=phantom.heart_rate_bpm,
        frames=None,
        series_uids=("1.2",),
    )
    stack = replace(stack, pixels=np.broadcast_to(np.float32(0), phantom.labels.shape))
    audit = ImportAudit(1, 1, (), None, np.ones(shape, dtype=bool), ())
    segmentation = Segmentation(
        phantom.labels,
        np.ones(shape, dtype=np.float32),
        ModelIdentity("m", "1", "ab" * 32, "fp32"),
        Runtime("auto", "CPUExecutionProvider", {}),
        (),
    )
    return Review(stack, audit, segmentation, body=BODY)


def results_of(review: Review) -> Results:
    result = review_result(review)
    assert result is not None
    return compose_results(review, result, input_path=Path("study"))


@pytest.fixture(scope="module")
def results(review: Review) -> Results:
    return results_of(review)


def test_that_segments_are_told_with_their_slices_and_curves(results: Results, phantom: Phantom) -> None:
    regional = json.loads(results.to_json())["regional"]
    assert regional["orientation"] == "patient"
    assert [one["segment"] for one in regional["segments"]] == list(range(1, 17))
    truth = wall_truth(phantom)
    thin = regional["segments"][8]
    thickness = truth.mean(truth.thickness_mm, 9)[thin["slices"], truth.ed_phase].mean()
    assert thin["ed_mm"] == pytest.approx(thickness, abs=0.3)
    assert thin["ed_mm"] == min(one["ed_mm"] for one in regional["segments"][6:12])
    assert len(thin["thickness_mm"]) == PROTOCOL.phases
    assert thin["motion_curve_mm"][truth.ed_phase] == 0.0
    assert {regional["rings"][str(index)] for index in thin["slices"]} == {"mid"}
    assert regional["mid_wall_ed_mm"] == pytest.approx(
        np.mean([one["ed_mm"] for one in regional["segments"][6:12]]), abs=0.01
    )


def test_that_the_csv_has_a_row_a_segment(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(segments_csv(results))))
    assert [int(row["segment"]) for row in rows] == list(range(1, 17))
    assert results.regional is not None
    assert float(rows[8]["ed_mm"]) == results.regional.segments[8].ed_mm
    assert all("Research use only" in row["notice"] for row in rows)


def test_that_values_are_told_beside_their_ranges_with_source_and_cautions(results: Results) -> None:
    assert results.reference is not None
    told = {one.measure: one for one in results.reference.comparisons}
    ef = told["lv.ef_percent"]
    assert (ef.verdict, ef.lower, ef.upper, ef.table) == ("within", 48.0, 68.0, "petersen-2017")
    assert "JCMR" in ef.source or "J Cardiovasc Magn Reson" in ef.source
    assert told["lv.edv_ml"].verdict == "refused"
    assert told["rv.edv_ml.indexed"].cautions == ["reference_outflow_included", "reference_second_hand"]
    assert set(results.reference.cautions) == {"reference_outflow_included", "reference_second_hand"}
    assert told["lv.mid_wall_ed_mm"].value == pytest.approx(results.regional.mid_wall_ed_mm or 0.0)  # type: ignore[union-attr]


def test_that_a_value_in_doubt_has_a_range_and_no_verdict(review: Review) -> None:
    """What the import doubts bears on every outline; the wall's thickness carries no mark of its own."""
    doubt = Message("tagged", "A tagging grid lies over the pictures.")
    doubted = results_of(replace(review, audit=replace(review.audit, warnings=(doubt,), doubts=(doubt,))))
    assert doubted.reference is not None
    told = {one.measure: one for one in doubted.reference.comparisons}
    ef = told["lv.ef_percent"]
    assert (ef.verdict, ef.lower, ef.upper, ef.table) == ("within", 48.0, 68.0, "petersen-2017")  # as before
    assert ef.doubtful
    assert ef.withheld
    assert told["rv.edv_ml.indexed"].withheld
    assert told["lv.edv_ml"].doubtful
    assert not told["lv.edv_ml"].withheld  # refused: there is none
    assert not told["lv.mid_wall_ed_mm"].doubtful
    assert "48-68  in doubt petersen-2017" in result_table(doubted)


def test_that_the_mass_convention_is_compared_with_its_own_ranges(review: Review) -> None:
    mass = replace(review, papillaries=PapillaryChoice(PapillaryConvention.MASS))
    reference = results_of(mass).reference
    assert reference is not None
    told = {one.measure: one for one in reference.comparisons}
    assert told["lv.edv_ml"].table == "kawel-boehm-2015"
    assert told["lv.edv_ml"].verdict == "within"


def test_that_an_age_of_ninety_and_more_is_told_as_ninety(review: Review) -> None:
    reference = results_of(replace(review, body=replace(BODY, age_years=97))).reference
    assert reference is not None
    assert reference.age_years == 90


def test_that_points_of_a_reader_are_told_as_such(review: Review) -> None:
    edit = SetInsertionPoints(8, SetInsertion(260.0, 118.0))
    regional = results_of(edit.apply(review)).regional
    assert regional is not None
    assert regional.orientation == "reader"
    assert [one.slice for one in regional.insertion if one.by_reader] == [8]
    given_back = SetInsertionPoints(8, None).apply(edit.apply(review))
    assert results_of(given_back).regional == results_of(review).regional


def test_that_an_unknown_orientation_gives_no_segments_and_no_file(review: Review) -> None:
    blind = replace(review, stack=replace(review.stack, geometry=replace(review.stack.geometry, oriented=False)))
    results = results_of(blind)
    assert results.regional is not None
    assert results.regional.orientation == "unknown"
    assert results.regional.segments == []
    assert "orientation is unknown" in results.regional.reasons[0]
    assert segments_csv(results).count("\n") == 1


def test_that_the_table_says_what_is_within_and_what_is_not_compared(results: Results, review: Review) -> None:
    told = result_table(results)
    assert "48-68" in told
    assert "within   petersen-2017" in told
    assert "not compared" in told
    assert "outflow tract" in " ".join(told.split())
    assert "scmr-2025: The range was read where others quote it" in " ".join(told.split())
    unknown = result_table(results_of(replace(review, body=Body(66.0, age_years=60))))
    assert "51-68" in unknown


def test_that_the_table_names_the_options_that_tell_what_a_verdict_depends_on(review: Review) -> None:
    def told(body: Body) -> str:
        return " ".join(result_table(results_of(replace(review, body=body))).split())

    assert "Depends on age, which is not known. If it is known, give --age." in told(Body(66.0, sex=Sex.MALE))
    assert "If it is known, give --sex, --age." in told(Body(66.0))
    assert "If it is known" not in told(BODY)


def test_that_a_chosen_table_which_is_gone_is_told_in_the_results_and_below_the_ranges(review: Review) -> None:
    result = review_result(review)
    assert result is not None
    book = replace(shipped_book(), choices={"lv.ef_percent": "ours"}, damaged={"choices.json": Message("x", "Torn.")})
    results = compose_results(review, result, input_path=Path("study"), book=book)
    assert results.reference is not None
    ef = next(one for one in results.reference.comparisons if one.measure == "lv.ef_percent")
    assert (ef.verdict, ef.table, ef.source, ef.lower, ef.upper) == ("refused", "ours", "", None, None)
    gone = "The table “ours” was chosen, but is not there any more."
    assert ef.why == f"The chosen table is not used: not compared. {gone}"
    assert ef.why_fact is not None
    assert ef.why_fact.code == "reference_choice_unusable"
    assert results.reference.cautions["unusable:ours.csv"] == gone
    assert results.reference.cautions["unusable:choices.json"] == "Torn."
    read = Results.model_validate_json(results.to_json())
    told = " ".join(result_table(read).split())
    assert f"LV EF %: {ef.why}" in told
    assert "Torn." in told
    assert read.reference is not None
    assert read.reference.of_files == ("unusable:ours.csv", "unusable:choices.json")
    assert read.reference.caution_facts["unusable:ours.csv"].code == "reference_chosen_missing"
    assert read.reference.caution_facts["unusable:ours.csv"].values == {"table": "ours"}
    assert unusable_tables(read, words=Words("en")) == (gone, "Torn.")
    assert unusable_tables(read, words=Words("fr")) == (
        "La table «\N{NO-BREAK SPACE}ours\N{NO-BREAK SPACE}» a été choisie, mais n'est plus là.",
        "Torn.",
    )


def test_that_every_caution_is_there_for_programs_and_in_every_language(results: Results) -> None:
    facts = results.reference
    assert facts is not None
    assert set(facts.cautions) >= {"reference_outflow_included"}
    assert {key: fact.code for key, fact in facts.caution_facts.items()} == {key: key for key in facts.cautions}
    english, french = (cautions_of(results, facts.comparisons, words=Words(code)) for code in ("en", "fr"))
    assert english == tuple(facts.cautions.values())
    assert not set(english) & set(french)


def test_that_cautions_of_older_results_are_told_as_they_were_kept(results: Results) -> None:
    assert results.reference is not None
    torn = {**results.reference.cautions, "unusable:ours.csv": "Torn.", "another_code": "Mind the gap."}
    barred = [results.reference.comparisons[0].model_copy(update={"cautions": ["another_code"]})]
    older = results.reference.model_copy(
        update={"caution_facts": {}, "cautions": torn, "comparisons": [*results.reference.comparisons, *barred]}
    )
    read = Results.model_validate_json(results.model_copy(update={"reference": older}).to_json())
    assert unusable_tables(read, words=Words("fr")) == ("Torn.",)
    assert cautions_of(read, barred, words=Words("fr")) == ("Mind the gap.",)
    known = cautions_of(read, results.reference.comparisons, words=Words("fr"))
    assert known == cautions_of(results, results.reference.comparisons, words=Words("fr"))


def test_that_a_segment_without_numbers_says_why_in_words_and_for_programs(review: Review) -> None:
    assert review.segmentation is not None
    labels = review.segmentation.labels.copy()
    rows, _ = np.nonzero((labels == Label.LV).any(axis=(0, 1)))
    upper = labels[:, :, : int(rows.mean())]
    upper[upper == Label.MYO] = Label.BACKGROUND
    torn = replace(review, segmentation=replace(review.segmentation, labels=labels))
    regional = results_of(torn).regional
    assert regional is not None
    refused = [one for one in regional.segments if one.refused is not None]
    assert refused
    assert all(one.refused_fact is not None and one.refused_fact.code for one in refused)
