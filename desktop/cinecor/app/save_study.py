"""`save_study`: the results of a review on disk, exactly as `cinecor segment` writes them."""

from dataclasses import replace
from pathlib import Path

from cinecor.app.measures import final_labels, measures
from cinecor.errors import UsageError
from cinecor.report.composition import compose_results
from cinecor.report.folder import ResultFolder, write_results
from cinecor.report.names import result_names
from cinecor.report.results import ChoiceFacts, SlicesLeftOut
from cinecor.review import Moment, Review


def save_study(review: Review, *, input_path: Path, out_dir: Path) -> ResultFolder:
    """Write `out_dir/<name>/` with labels, results and volumes of the review; earlier results of it are replaced.

    Results of another study get a name of their own beside them, also when both studies lie in one input.

    Raises `UsageError` while there is no segmentation, `OutputError` when the folder cannot be written.
    """
    found = measures(review)
    if found is None or review.segmentation is None:
        raise UsageError("There is nothing to save yet: wait until the outlines are there.")
    stack = replace(review.stack, heart_rate_bpm=review.body.heart_rate_bpm)
    labels = final_labels(review, found.measurements)
    results = compose_results(
        stack,
        input_path=input_path,
        audit=review.audit,
        segmentation=replace(review.segmentation, labels=labels),
        measurements=found.measurements,
        quality=found.quality,
        choices=choice_facts(review),
        input_name=input_path.name,  # nobody typed where it lies, and that may name a patient
    )
    series_uids = stack.series_uids
    name = result_names([input_path], out_dir=out_dir, series_uids=series_uids)[0]
    return write_results(
        out_dir,
        name=name,
        results=results,
        labels=labels,
        stack=stack,
        input_path=input_path,
        series_uids=series_uids,
    )


def choice_facts(review: Review) -> ChoiceFacts:
    """Say of everything that the numbers rest on whether the reader chose it."""

    def left_out(moment: Moment) -> list[int]:
        return sorted(index for index, where in review.excluded if where is moment)

    own_rate = review.body.heart_rate_bpm == review.stack.heart_rate_bpm
    return ChoiceFacts(
        ed_phase="automatic" if review.ed_phase is None else "reader",
        es_phase="automatic" if review.es_phase is None else "reader",
        heart_rate="automatic" if own_rate else "reader",
        slices_left_out=SlicesLeftOut(ed=left_out(Moment.ED), es=left_out(Moment.ES), all=sorted(review.dropped)),
        frames_redrawn=sorted(review.corrections.frames),
    )
