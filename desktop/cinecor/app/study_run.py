"""`run_study`: the main job: one input becomes results on disk, as a review that nobody edited."""

import time
from collections.abc import Callable
from pathlib import Path

from cinecor.app.save_study import SavedStudy, write_study
from cinecor.errors import NothingSegmentable
from cinecor.inference.device.model_session import ModelSession
from cinecor.inference.outline.pipeline import segment
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.review import Body, Review, review_result
from cinecor.study import open_input


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
    read = time.perf_counter()
    segmentation = segment(stack, session(), progress=progress, cancelled=cancelled)
    if not segmentation.labels.any():
        raise NothingSegmentable(
            Message(
                "no_ventricle",
                "{input}: no ventricle was recognised in any of {slices} slices × {phases} phases; "
                "check that it is a short-axis cine, or choose another series with --series.",
                input=path.name,
                slices=stack.slices,
                phases=stack.phases,
            )
        )
    segmented = time.perf_counter()
    review = Review(stack, audit, segmentation, body=Body(stack.heart_rate_bpm))
    result = review_result(review)
    assert result is not None  # there is a segmentation
    return write_study(
        review,
        result,
        input_path=path,
        out_dir=out_dir,
        name=name,
        seconds={"read": read - started, "segment": segmented - read, "measure": time.perf_counter() - segmented},
    )
