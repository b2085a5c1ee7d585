"""`run_study`: the main job: one input becomes results on disk, as a review that nobody edited."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cinecor.app.patient_card import read_patient_card
from cinecor.app.save_study import SavedStudy, write_study
from cinecor.errors import NothingSegmentable
from cinecor.inference.device.model_session import ModelSession
from cinecor.inference.outline.pipeline import segment
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.review import Body, Review, ReviewResult, review_result
from cinecor.study import CineStack, ImportAudit, open_input
from cinecor.study.files.archive import is_zip


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedStudy:
    """One study with its outlines and numbers, not yet written."""

    review: Review
    result: ReviewResult
    seconds: Mapping[str, float]

    def write(self, out_dir: Path, *, input_path: Path, name: str, several: bool = False) -> SavedStudy:
        """Write `out_dir/name/`, whole or not at all; `several` studies of one input never replace each other."""
        return write_study(
            self.review,
            self.result,
            input_path=input_path,
            out_dir=out_dir,
            name=name,
            seconds=self.seconds,
            series_uids=self.review.stack.series_uids if several else None,
        )


def run_study(
    path: Path,
    *,
    session: Callable[[], ModelSession],
    out_dir: Path,
    name: str,
    series_uid: str | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> SavedStudy:
    """Read `path`, segment it, measure it, and write `out_dir/name/` whole or not at all.

    `session` gives the model; it is asked for once the input has been read, so that both can be opened at once.
    Raises `NothingSegmentable` when no heart is seen in any frame, and what reading and writing raise.
    """
    started = time.perf_counter()
    stack, audit = open_input(path, series_uid=series_uid, progress=progress, cancelled=cancelled)
    read_s = time.perf_counter() - started
    outlined = outline_study(
        stack,
        audit,
        session=session(),
        input_name=path.name,
        read_s=read_s,
        body=body_of(stack, path),
        progress=progress,
        cancelled=cancelled,
    )
    return outlined.write(out_dir, input_path=path, name=name)


def outline_study(
    stack: CineStack,
    audit: ImportAudit,
    *,
    session: ModelSession,
    input_name: str,
    read_s: float,
    body: Body | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> OutlinedStudy:
    """Return the outlines and numbers of a stack that took `read_s` to read; `body` is what is known of its patient.

    Raises `NothingSegmentable` when no heart is seen in any frame.
    """
    started = time.perf_counter()
    segmentation = segment(stack, session, progress=progress, cancelled=cancelled)
    if not segmentation.labels.any():
        raise NothingSegmentable(
            Message(
                "no_ventricle",
                "{input}: no ventricle was recognised in any of {slices} slices × {phases} phases; "
                "check that it is a short-axis cine, or choose another series with --series.",
                input=input_name,
                slices=stack.slices,
                phases=stack.phases,
            )
        )
    segmented = time.perf_counter()
    review = Review(stack, audit, segmentation, body=body or Body(stack.heart_rate_bpm))
    result = review_result(review)
    assert result is not None  # there is a segmentation
    seconds = {"read": read_s, "segment": segmented - started, "measure": time.perf_counter() - segmented}
    return OutlinedStudy(review, result, seconds)


def body_of(stack: CineStack, path: Path) -> Body:
    """Return what the header of a stack's first file below `path` says of the patient's body.

    Nothing but the heart rate for an archive or a NIfTI file.
    """
    names = (frame.path for row in stack.frames or () for frame in row if frame is not None)
    name = next(names, None)
    source = path / name if name is not None and path.is_dir() else path
    if name is None or not source.is_file() or is_zip(source):
        return Body(stack.heart_rate_bpm)
    return read_patient_card(source).body(stack.heart_rate_bpm)
