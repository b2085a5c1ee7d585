"""Results as a review again: what was exported comes back, and another's differs frame by frame."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.report.test_verification import pushed
from unit.review.studies import small_review

from cinecor.app.other_reading import Comparison, compared, reading_of_model, reading_of_results
from cinecor.app.result_review import body_of_results, edits_of, segmentation_of
from cinecor.app.save_study import save_study
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.reference.table import Sex
from cinecor.measure.ventricle import Ventricle
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.review import Body, DropSlice, History, Moment, Review, SetPhase, review_result


def exported(review: Review, folder: Path) -> KeptResults:
    return read_results(save_study(review, input_path=Path("study"), out_dir=folder).folder.path)


def compared_with(kept: KeptResults, mine: Review) -> Comparison:
    result = review_result(mine)
    assert result is not None
    return compared(mine, result, reading_of_results(mine, kept))


@pytest.fixture
def decided() -> Review:
    history = History(small_review())
    history.apply(pushed(history.present, 0))
    history.apply(pushed(history.present, 3))
    history.apply(SetPhase(Moment.ES, 1))
    history.apply(DropSlice(1))
    return history.present


def test_that_exported_results_are_the_same_review_again(decided: Review, tmp_path: Path) -> None:
    kept = exported(decided, tmp_path)
    history = History(replace(small_review(), segmentation=segmentation_of(kept)))
    for edit in edits_of(kept):
        history.apply(edit)
    again = history.present
    assert decided.segmentation is not None
    assert again.segmentation is not None
    assert (again.segmentation.labels == decided.segmentation.labels).all()
    assert again.labels is not None
    assert decided.labels is not None
    counted = [index for index in range(len(again.labels)) if index not in decided.dropped]
    assert (again.labels[counted] == decided.labels[counted]).all()
    assert (again.moments, again.dropped) == (decided.moments, decided.dropped)
    one, other = review_result(again), review_result(decided)
    assert one is not None
    assert other is not None
    assert one.measurements.lv == other.measurements.lv
    assert compared_with(kept, decided).frames == ()


OWN = Body(200.0 / 3, 1700.0 / 9.7, 70.12345, Sex.FEMALE, 63)


@pytest.mark.parametrize(
    "decided",
    [
        OWN,  # as the study says it: to the last digit, and not as files round it
        Body(80.0, 180.0, 75.0, Sex.MALE, 40),
        Body(None, None, None, None, None),  # the reader believed none of it
        replace(OWN, weight_kg=None),
    ],
)
def test_that_what_was_typed_of_the_patient_comes_back(decided: Body, tmp_path: Path) -> None:
    study = small_review()
    study = replace(study, stack=replace(study.stack, heart_rate_bpm=OWN.heart_rate_bpm), body=OWN)
    kept = exported(replace(study, body=decided), tmp_path)
    assert body_of_results(kept.results, OWN) == decided


def test_that_results_which_keep_no_body_go_by_the_studys(tmp_path: Path) -> None:
    study = small_review()
    study = replace(study, stack=replace(study.stack, heart_rate_bpm=OWN.heart_rate_bpm), body=OWN)
    older = exported(study, tmp_path).results.model_copy(update={"body": None, "reference": None})
    assert body_of_results(older, OWN) == OWN


def test_that_an_age_beyond_what_files_tell_is_the_studys(tmp_path: Path) -> None:
    old = replace(OWN, age_years=94)
    study = small_review()
    study = replace(study, stack=replace(study.stack, heart_rate_bpm=OWN.heart_rate_bpm), body=old)
    assert body_of_results(exported(study, tmp_path).results, old) == old


def test_that_another_reading_differs_where_it_was_drawn_otherwise(tmp_path: Path) -> None:
    mine = small_review()
    theirs = History(mine)
    theirs.apply(pushed(mine, 0))
    comparison = compared_with(exported(theirs.present, tmp_path), mine)
    (frame,) = comparison.frames
    assert (frame.slice, frame.phase) == next(iter(theirs.present.corrections.frames))
    assert any(value is not None and value < 1 for value in frame.dice.values())
    assert mine.labels is not None
    assert comparison.frames_equal == mine.labels.shape[0] * mine.labels.shape[1] - 1
    ours, others = review_result(mine), review_result(theirs.present)
    assert ours is not None
    assert others is not None
    expected = ours.measurements.lv.edv_ml - others.measurements.lv.edv_ml  # type: ignore[operator]
    if frame.phase == ours.moments.ed == others.moments.ed:
        assert frame.change_ml[Label.LV] == pytest.approx(expected, abs=0.01)
    assert comparison.ef_change[Ventricle.LV] == pytest.approx(
        ours.measurements.lv.ef_percent - others.measurements.lv.ef_percent,  # type: ignore[operator]
        abs=0.01,
    )


def test_that_results_of_another_stack_are_refused(tmp_path: Path) -> None:
    kept = exported(small_review(), tmp_path)
    other = replace(small_review(), stack=replace(small_review().stack, series_uids=("9.9",)))
    with pytest.raises(InputError, match="another stack"):
        reading_of_results(other, kept)


def test_that_the_models_own_reading_knows_nothing_of_what_was_decided(decided: Review) -> None:
    result, model = review_result(decided), reading_of_model(decided)
    untouched = review_result(small_review())
    assert result is not None
    assert model is not None
    assert untouched is not None
    assert (model.labels == small_review().labels).all()
    assert model.ef_percent[Ventricle.LV] == untouched.measurements.lv.ef_percent
    differing = {(one.slice, one.phase) for one in compared(decided, result, model).frames}
    phases = range(decided.stack.phases)
    assert differing == {*decided.corrections.frames, *((1, phase) for phase in phases)}  # redrawn, or dropped
