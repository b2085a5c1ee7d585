"""The main job: one input becomes results on disk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import NothingSegmentable
from cinecor.inference.device.model_session import ModelSession
from cinecor.inference.outline.pipeline import segment
from cinecor.measure.assessment import assess
from cinecor.measure.measurement import measure
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.report.composition import compose_results
from cinecor.report.folder import ResultFolder, write_results
from cinecor.report.results import Results
from cinecor.study import open_input


@dataclass(frozen=True, slots=True)
class StudyRun:
    """What one input gave, and where it lies."""

    results: Results
    folder: ResultFolder


def run_study(
    path: Path,
    *,
    session: Callable[[], ModelSession],
    out_dir: Path,
    name: str,
    series_uid: str | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> StudyRun:
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
            f"{path.name}: no ventricle was recognised in any of {stack.slices} slices × {stack.phases} phases; "
            "check that it is a short-axis cine, or choose another series with --series."
        )
    segmented = time.perf_counter()
    measurements = measure(segmentation.labels, geometry=stack.geometry, heart_rate_bpm=stack.heart_rate_bpm)
    quality = assess(stack, audit=audit, segmentation=segmentation, measurements=measurements)
    results = compose_results(
        stack,
        input_path=path,
        audit=audit,
        segmentation=segmentation,
        measurements=measurements,
        quality=quality,
        seconds={"read": read - started, "segment": segmented - read, "measure": time.perf_counter() - segmented},
    )
    folder = write_results(
        out_dir, name=name, results=results, labels=segmentation.labels, stack=stack, input_path=path
    )
    return StudyRun(results, folder)
