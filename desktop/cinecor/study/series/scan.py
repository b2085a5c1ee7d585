"""The header-only scan: files in, `SeriesIndex` out, without reading a pixel."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.header import Frame
from cinecor.study.dicom.header_reader import ReadHeader, read_header
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom
from cinecor.study.files.input_files import InputFile, input_files
from cinecor.study.series.index import SeriesEntry, SeriesIndex, series_index, series_so_far

_BATCH = 64
_TELL_EVERY_S = 0.4  # what was found so far; judging it takes no more than a tenth of the time


@dataclass(frozen=True, slots=True)
class FoundSoFar:
    """What a scan that still goes on has found; a series' kind may change with the frames that follow."""

    files_read: int
    files_given: int
    series: tuple[SeriesEntry, ...]


def _not_told(_: FoundSoFar) -> None:
    """Listen to nothing: the default listener."""


def scan(
    path: Path,
    *,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
    found: Callable[[FoundSoFar], None] = _not_told,
) -> SeriesIndex:
    """Return what lies in a folder, DICOMDIR, zip archive or DICOM file, from headers alone.

    A scan that takes longer tells `found` now and then what there is so far.

    Raises `UsageError` when `path` does not exist, `InputError` when it cannot be read, `Cancelled` on request.
    Files that hold no image are rows in `left_out`, whatever is wrong with them.
    """
    given = input_files(path, cancelled=cancelled)
    frames: list[Frame] = []
    left_out = list(given.rejected)
    paths: dict[str, FileSource] = {}
    done = 0
    tell_at = time.monotonic() + _TELL_EVERY_S
    try:
        with quiet_pydicom():
            for batch in _read_all(given.files, cancelled):
                for read, file in batch:
                    if read.rejected is not None:
                        left_out.append(read.rejected)
                        continue
                    paths[file.name] = file.source
                    frames.extend(read.frames)
                done += len(batch)
                progress(Progress(Message("reading_headers", "Reading headers"), done, len(given.files)))
                if found is not _not_told and time.monotonic() >= tell_at:
                    began = time.monotonic()
                    found(FoundSoFar(done, len(given.files), series_so_far(frames)))
                    tell_at = time.monotonic() + max(_TELL_EVERY_S, 9.0 * (time.monotonic() - began))
    except BaseException:
        if given.archive is not None:
            given.archive.close()
        raise
    return series_index(
        root=given.root,
        frames=frames,
        paths=paths,
        left_out=left_out,
        files_given=len(given.files) + len(given.rejected),
        archive=given.archive,
    )


def _read_all(files: tuple[InputFile, ...], cancelled: CancelCheck) -> Iterator[list[tuple[ReadHeader, InputFile]]]:
    """Yield headers in file order, a batch at a time; never more than a few batches are in flight."""

    def read(batch: tuple[InputFile, ...]) -> list[tuple[ReadHeader, InputFile]]:
        return [(read_header(file.source, name=file.name), file) for file in batch]

    workers = min(8, max(2, os.cpu_count() or 2))
    batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="cinecor-scan") as pool:
        pending = []
        for batch in batches:
            stop_if(cancelled)
            pending.append(pool.submit(read, batch))
            if len(pending) >= 2 * workers:
                yield pending.pop(0).result()
        for future in pending:
            stop_if(cancelled)
            yield future.result()
