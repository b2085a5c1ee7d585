"""`run_study`: the main job: one input becomes results on disk, as a review that nobody edited."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from cinecor.app.patient_card import card_within
from cinecor.app.save_study import ComposedStudy, SavedStudy, compose_study
from cinecor.errors import NothingSegmentable
from cinecor.inference.device.model_session import ModelSession
from cinecor.inference.outline.pipeline import segment
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.review import Body, Review, ReviewResult, review_result
from cinecor.study import CineStack, ImportAudit, open_input


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedStudy:
    """One study with its outlines and numbers, not yet written."""

    review: Review
    result: ReviewResult
    seconds: Mapping[str, float]

    def composed(self, input_path: Path) -> ComposedStudy:
        """Return the files that will hold it."""
        return compose_study(self.review, self.result, input_path=input_path, seconds=self.seconds)


def run_study(
    path: Path,
    *,
    session: Callable[[], ModelSession],
    out_dir: Path,
    name: str,
    series_uid: str | None = None,
    typed: Body | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> SavedStudy:
    """Read `path`, segment it, measure it, and write `out_dir/name/` whole or not at all.

    `typed` is what a person knows of the patient's body; it goes before the headers. `session` gives the model; it is
    asked for once the input has been read, so that both can be opened at once.
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
        body=body_of(stack, path, typed=typed),
        progress=progress,
        cancelled=cancelled,
    )
    return outlined.composed(path).write(out_dir, name=name)


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


def body_of(stack: CineStack, path: Path, *, typed: Body | None = None) -> Body:
    """Return what the header of a stack's first file below `path` says of the patient's body, and what was typed.

    `typed` wins where it says something. A NIfTI file tells nothing, one inside an archive what its header says.
    """
    names = (frame.path for row in stack.frames or () for frame in row if frame is not None)
    name = next(names, None)
    found = Body(stack.heart_rate_bpm) if name is None else card_within(path, name).body(stack.heart_rate_bpm)
    if typed is None:
        return found
    told = {one.name: value for one in fields(Body) if (value := getattr(typed, one.name)) is not None}
    return replace(found, **told)
