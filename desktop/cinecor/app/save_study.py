"""`save_study`: the results of a review on disk, exactly as `cinecor segment` writes them."""

from dataclasses import replace
from pathlib import Path

from cinecor.app.measures import final_labels, measures
from cinecor.errors import UsageError
from cinecor.report.composition import compose_results
from cinecor.report.folder import ResultFolder, write_results
from cinecor.report.names import result_names
from cinecor.review import Review


def save_study(review: Review, *, input_path: Path, out_dir: Path) -> ResultFolder:
    """Write `out_dir/<name>/` with labels, results and volumes of the review; earlier results of it are replaced.

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
    )
    name = result_names([input_path], out_dir=out_dir)[0]
    return write_results(out_dir, name=name, results=results, labels=labels, stack=stack, input_path=input_path)
