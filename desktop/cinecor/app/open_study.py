"""`OpenStudy`: an input becomes a stack, an audit and a list of series; each part is handed over when it is there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.app.found_series import FoundSeries, found_series, found_so_far
from cinecor.app.patient_card import PatientCard, read_patient_card
from cinecor.errors import CinecorError, InputError, UsageError
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent, stop_if
from cinecor.study import CineStack, ImportAudit, SeriesIndex, read_nifti, read_stack
from cinecor.study.dicom.frame_pixels import UndecodableFrame, decode_frames
from cinecor.study.nifti import is_nifti
from cinecor.study.series.scan import scan
from cinecor.study.study_input import refuse_lone_file

_THUMBNAIL_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class OpenedStudy:
    """One open input: its stack, the account of its files, and the index from which another series can be taken."""

    path: Path
    stack: CineStack
    audit: ImportAudit
    found: FoundSeries
    slice_thickness_mm: float | None
    index: SeriesIndex | None = field(default=None, repr=False)  # None for NIfTI
    card: PatientCard = field(default_factory=PatientCard)  # who and what the stack is of, by one of its own images

    def close(self) -> None:
        """Give back what the input holds on disk (an unpacked archive)."""
        if self.index is not None:
            self.index.close()


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnails:
    """One small picture a series, by its UID; (row, column) float32, read-only."""

    frames: Mapping[str, NDArray[np.float32]]


def open_study(
    path: Path,
    *,
    on_series: Callable[[FoundSeries], None],
    series_uid: str | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> OpenedStudy:
    """Scan `path` and read its short-axis stack, or the series asked for; tell the series as soon as they are known.

    Raises what reading raises; nothing stays on disk then.
    """
    with _blamed_on_drive(path):
        return _open(path, on_series=on_series, series_uid=series_uid, progress=progress, cancelled=cancelled)


def _open(
    path: Path,
    *,
    on_series: Callable[[FoundSeries], None],
    series_uid: str | None,
    progress: ProgressListener,
    cancelled: CancelCheck,
) -> OpenedStudy:
    if path.is_file() and is_nifti(path):
        stack, audit = read_nifti(path)
        stop_if(cancelled)
        return OpenedStudy(path, stack, audit, FoundSeries(files_read=1, files_given=1), None)
    index = scan(
        path,
        progress=progress,
        cancelled=cancelled,
        found=lambda told: on_series(found_so_far(told)),
    )
    try:
        refuse_lone_file(path, index)
        found = found_series(index)
        on_series(found)
        return _read(
            path, index, found, series_uid=series_uid, phase_order=None, progress=progress, cancelled=cancelled
        )
    except BaseException:
        index.close()
        raise


def reopen_study(
    study: OpenedStudy,
    *,
    series_uid: str | None = None,
    phase_order: str | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> OpenedStudy:
    """Read another series of an open study, or the same with its phases ordered by another tag.

    Raises `UsageError` for a NIfTI file, which has neither.
    """
    if study.index is None:
        raise UsageError(
            Message(
                "nifti_has_one_series",
                "{name} is a NIfTI file: it has one series, and its own order of phases.",
                name=study.path.name,
            )
        )
    with _blamed_on_drive(study.path):
        return _read(
            study.path,
            study.index,
            study.found,
            series_uid=series_uid,
            phase_order=phase_order,
            progress=progress,
            cancelled=cancelled,
        )


def thumbnails(study: OpenedStudy, *, cancelled: CancelCheck = never) -> Thumbnails:
    """Read one small picture of every series that has pixels; series that cannot be decoded have none."""
    frames: dict[str, NDArray[np.float32]] = {}
    if study.index is None:
        frames[""] = _small(study.stack.pixels[study.stack.slices // 2, 0])
        return Thumbnails(frames)
    views: dict[str, Any] = {}
    for view, _ in study.index.judged:
        for uid in view.series_uids:
            views.setdefault(uid, view)
    for uid, view in views.items():
        stop_if(cancelled)
        frame = view.planes[len(view.planes) // 2].frames[0]
        try:
            pixels = decode_frames(study.index.paths[frame.header.path], [frame.number])[frame.number]
        except (UndecodableFrame, CinecorError, OSError, KeyError, ValueError):
            continue
        frames[uid] = _small(pixels)
    return Thumbnails(frames)


@contextmanager
def _blamed_on_drive(path: Path) -> Iterator[None]:
    """Say that the input is gone where that is why it cannot be read."""
    try:
        yield
    except (InputError, OSError) as error:
        if _is_there(path):
            raise
        raise InputError(
            Message(
                "input_gone",
                "{name}: it is no longer there (drive removed, or connection lost); bring it back and open it again.",
                name=path.name,
            )
        ) from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _read(
    path: Path,
    index: SeriesIndex,
    found: FoundSeries,
    *,
    series_uid: str | None,
    phase_order: str | None,
    progress: ProgressListener,
    cancelled: CancelCheck,
) -> OpenedStudy:
    stack, audit = read_stack(
        index, series_uid=series_uid, phase_order=phase_order, progress=progress, cancelled=cancelled
    )
    return OpenedStudy(path, stack, audit, found, _thickness_mm(index, stack.series_uids), index, _card(index, stack))


def _card(index: SeriesIndex, stack: CineStack) -> PatientCard:
    """Return what an image of the stack itself says of the patient: a series may hold others' images, too."""
    name = next((frame.path for row in stack.frames or () for frame in row if frame is not None), None)
    return PatientCard() if name is None else read_patient_card(index.paths[name])


def _thickness_mm(index: SeriesIndex, series_uids: tuple[str, ...]) -> float | None:
    for view, _ in index.judged:
        if series_uids and series_uids[0] in view.series_uids:
            return view.frames[0].slice_thickness_mm
    return None


def _small(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    step = max(1, -(-max(pixels.shape) // _THUMBNAIL_PX))
    small = np.ascontiguousarray(pixels[::step, ::step])
    small.setflags(write=False)
    return small
