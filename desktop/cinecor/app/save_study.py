"""`save_study`: the results of a review on disk, exactly as `cinecor segment` writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cinecor.app.reference import reference_book
from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor.report.composition import compose_results
from cinecor.report.folder import ResultFolder, result_files, write_files
from cinecor.report.names import result_names
from cinecor.report.results import Results
from cinecor.report.volumes import volumes_csv
from cinecor.review import Review, ReviewResult, review_result
from cinecor.review.result import final_labels
from cinecor.review.standing import Standing

NOTHING_TO_SAVE: Final = Message("nothing_to_save", "There is nothing to save yet: wait until all outlines are there.")


@dataclass(frozen=True, slots=True)
class SavedStudy:
    """What one review gave, and where it lies."""

    results: Results
    folder: ResultFolder


def save_study(review: Review, *, input_path: Path, out_dir: Path, standing: Standing | None = None) -> SavedStudy:
    """Write `out_dir/<name>/` with labels, results and volumes of the review; earlier results of it are replaced.

    What somebody else corrected or signed is not: then these get a name of their own beside it.

    Results of another study get a name of their own beside them, also when both studies lie in one input. `standing`
    tells who answers for them: the ledger is written too.

    Raises `UsageError` while there is no segmentation, `OutputError` when the folder cannot be written.
    """
    result = _measured(review)
    series_uids, standing = review.stack.series_uids, standing or Standing()
    return write_study(
        review,
        result,
        input_path=input_path,
        out_dir=out_dir,
        name=result_names([input_path], out_dir=out_dir, series_uids=series_uids, standing=standing)[0],
        input_name=input_path.name,  # nobody typed where it lies, and that may name a patient
        series_uids=series_uids,
        standing=standing,
    )


def volume_table(review: Review, *, input_path: Path, standing: Standing | None = None) -> bytes:
    """Return the volume curves of a review as `save_study` writes them: a CSV, a row a phase.

    Raises `UsageError` while there is no segmentation.
    """
    results = compose_results(
        review,
        _measured(review),
        input_path=input_path,
        input_name=input_path.name,
        standing=standing,
        book=reference_book(),
    )
    return volumes_csv(results).encode()


def write_study(
    review: Review,
    result: ReviewResult,
    *,
    input_path: Path,
    out_dir: Path,
    name: str,
    input_name: str | None = None,
    series_uids: tuple[str, ...] | None = None,
    standing: Standing | None = None,
) -> SavedStudy:
    """Write `out_dir/name/` with a review and its numbers, whole or not at all.

    The rest as `compose_study` takes it. Raises `OutputError` when the folder cannot be written.
    """
    composed = compose_study(
        review, result, input_path=input_path, input_name=input_name, series_uids=series_uids, standing=standing
    )
    return composed.write(out_dir, name=name)


@dataclass(frozen=True, slots=True, eq=False)
class ComposedStudy:
    """The results of one review as the files that will hold them: nothing is left but to wait for the disk."""

    results: Results
    files: Mapping[str, bytes]
    input_path: Path
    series_uids: tuple[str, ...] | None  # of which alone earlier results are replaced
    standing: Standing | None  # by which alone what somebody corrected or signed is replaced

    def write(self, out_dir: Path, *, name: str) -> SavedStudy:
        """Write `out_dir/name/`, whole or not at all. Raises `OutputError` when the folder cannot be written."""
        folder = write_files(
            out_dir,
            name=name,
            files=self.files,
            input_path=self.input_path,
            series_uids=self.series_uids,
            standing=self.standing,
        )
        return SavedStudy(self.results, folder)


def compose_study(
    review: Review,
    result: ReviewResult,
    *,
    input_path: Path,
    seconds: Mapping[str, float] | None = None,
    input_name: str | None = None,
    series_uids: tuple[str, ...] | None = None,
    standing: Standing | None = None,
) -> ComposedStudy:
    """Return a review and its numbers as the files that will hold them.

    `seconds` and `input_name` as `compose_results` takes them; with `series_uids` only earlier results that share a
    series will be replaced. `standing` is that of the review that is saved: only with it are results replaced that
    somebody corrected or signed, and only those of the same reading.
    """
    results = compose_results(
        review,
        result,
        input_path=input_path,
        seconds=seconds,
        input_name=input_name,
        standing=standing,
        book=reference_book(),
    )
    files = result_files(
        results,
        labels=final_labels(review, moments=result.whole.moments),
        stack=replace(review.stack, heart_rate_bpm=review.body.heart_rate_bpm),
        ai_labels=None if review.segmentation is None else review.segmentation.labels,
        standing=standing,
    )
    return ComposedStudy(results, files, input_path, series_uids, standing)


def _measured(review: Review) -> ReviewResult:
    result = review_result(review)
    if result is None:
        raise UsageError(NOTHING_TO_SAVE)
    return result
