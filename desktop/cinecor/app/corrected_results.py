"""`corrected_results`: results with outlines over them that somebody else drew, as results of their own."""

from pathlib import Path

from cinecor.app.incoming_outlines import as_corrections
from cinecor.app.open_study import OpenedStudy
from cinecor.app.result_review import body_of_results, edits_of, segmentation_of
from cinecor.app.save_study import SavedStudy, write_study
from cinecor.errors import UsageError
from cinecor.measure.moment import ByMoment
from cinecor.message import Message
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.report.kept_results import KeptResults
from cinecor.report.names import unused_name
from cinecor.review import History, Review, review_result
from cinecor.review.edit import SetPhase
from cinecor.review.papillary_choice import PapillaryConvention


def corrected_results(kept: KeptResults, study: OpenedStudy, read: ReadLabels, *, out_dir: Path) -> SavedStudy:
    """Write a new folder in `out_dir`: the results of a study with what was read laid over them as corrections.

    What was decided about them before holds on; nobody answers for the new ones yet. ED and ES stay at phases that were
    drawn: the volume curve, half theirs and half the model's, would move them away. Nothing is written over. Raises
    `UsageError` for signed results, for those that count papillary muscles as mass, and where nothing was read;
    `OutputError` when the folder cannot be written.
    """
    results = kept.results
    if results.status is not None and results.status.state == "signed":
        raise UsageError(
            Message(
                "results_signed",
                "{folder} is signed; open it in the desktop and begin a new version to correct it.",
                folder=kept.folder,
            )
        )
    if results.choices.papillary == PapillaryConvention.MASS.value:
        raise UsageError(
            Message(
                "results_count_mass",
                "{folder} counts papillary muscles as mass; correct it in the desktop, where that is chosen anew.",
                folder=kept.folder,
            )
        )
    body = body_of_results(results, study.card.body(study.stack.heart_rate_bpm))
    history = History(Review(study.stack, study.audit, segmentation_of(kept), body=body))
    for edit in edits_of(kept):
        history.apply(edit)
    before = _moments(history.present)
    history.apply(as_corrections(read, history.present))
    drawn = {phase for _, phase in history.present.corrections.frames}
    for moment, phase in _moments(history.present).items():
        if before[moment] in drawn and phase not in drawn:
            history.apply(SetPhase(moment, before[moment]))
    result = review_result(history.present)
    assert result is not None  # there is a segmentation
    return write_study(
        history.present,
        result,
        input_path=study.path,
        out_dir=out_dir,
        name=unused_name(out_dir, kept.folder.resolve().name),
        input_name=results.input,
    )


def _moments(review: Review) -> ByMoment[int | None]:
    result = review_result(review)
    assert result is not None  # there is a segmentation
    return result.measurements.moments
