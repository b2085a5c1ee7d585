"""Filling the stack with pixels: every file decoded once, on several threads, into one array."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, stop_if
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.frame_pixels import UndecodableFrame, decode_frames, read_stored_frame
from cinecor.study.dicom.header import Frame
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom
from cinecor.study.stack.pixel_grid import PixelGrid, resampled, same_place

_MAX_UNDECODABLE_SHARE: Final = 0.25
_BATCH: Final = 8  # files that a thread reads before it tells


@dataclass(frozen=True, slots=True, eq=False)
class PixelStack:
    """Pixels and what went wrong while reading them. The caller's slots have been set to None where a frame failed."""

    pixels: NDArray[np.float32]  # (slice, phase, row, column)
    undecodable: tuple[tuple[Frame, Message], ...]
    resampled: frozenset[int]  # slices of which frames were brought onto the common grid
    lost_slices: frozenset[int]  # slices of which half of the frames or more could not be decoded


def read_pixels(
    slots: list[list[Frame | None]],
    *,
    grids: Sequence[PixelGrid],
    origins_mm: NDArray[np.float64],
    paths: Mapping[str, FileSource],
    progress: ProgressListener,
    cancelled: CancelCheck,
) -> PixelStack:
    """Decode the frames of `slots` ([slice][phase]), each onto the grid of its slice.

    A missing frame gets its nearest neighbour's pixels.

    Raises `InputError` when more than a quarter of the frames cannot be decoded, `Cancelled` on request.
    """
    places: dict[str, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for slice_number, row in enumerate(slots):
        for phase, frame in enumerate(row):
            if frame is not None:
                places[frame.header.path][frame.number].append((slice_number, phase))
    pixels = np.zeros((len(slots), len(slots[0]), grids[0].rows, grids[0].columns), dtype=np.float32)
    undecodable: list[tuple[Frame, Message]] = []
    moved: set[int] = set()

    def in_place(frame: Frame, slice_number: int) -> bool:
        return grids[slice_number].holds(frame) and same_place(frame, origins_mm[slice_number])

    def fill(path: str) -> None:
        wanted = {number: places[path][number] for number in sorted(places[path])}
        first = next(iter(wanted.values()))[0]
        frame = _at(slots, first)
        stored = frame.header.stored
        filled = None
        try:
            if stored is None:
                decoded = decode_frames(paths[path], list(wanted))
            else:
                filled = first if in_place(frame, first[0]) else None
                into = None if filled is None else pixels[filled]
                decoded = {frame.number: read_stored_frame(paths[path], stored, into=into)}
        except UndecodableFrame as error:
            undecodable.extend((_at(slots, everywhere[0]), error.reason) for everywhere in wanted.values())
            return
        for number, everywhere in wanted.items():
            for place in everywhere:
                if place == filled:
                    continue
                frame, slice_number = _at(slots, place), place[0]
                values = decoded[number]
                if not in_place(frame, slice_number):
                    values = resampled(values, frame, grid=grids[slice_number], origin_mm=origins_mm[slice_number])
                    moved.add(slice_number)
                pixels[place] = values

    def fill_all(batch: Sequence[str]) -> int:
        for path in batch:
            fill(path)
        return len(batch)

    files = list(places)
    batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    workers = min(8, max(2, os.cpu_count() or 2))
    with quiet_pydicom(), ThreadPoolExecutor(max_workers=workers, thread_name_prefix="cinecor-decode") as pool:
        pending = [pool.submit(fill_all, batch) for batch in batches]
        done = 0
        try:
            for future in as_completed(pending):
                stop_if(cancelled)
                done += future.result()
                progress(Progress(Message("reading_pixels", "Reading pixels"), done, len(files)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    undecodable += _blank(pixels, slots, {id(frame) for frame, _ in undecodable})
    lost = _remove(slots, undecodable)
    _stand_in(pixels, slots, lost)
    return PixelStack(pixels, tuple(undecodable), frozenset(moved), frozenset(lost))


def _at(slots: Sequence[Sequence[Frame | None]], place: tuple[int, int]) -> Frame:
    frame = slots[place[0]][place[1]]
    assert frame is not None
    return frame


def _blank(
    pixels: NDArray[np.float32], slots: Sequence[Sequence[Frame | None]], failed: set[int]
) -> list[tuple[Frame, Message]]:
    """Return the frames that show nothing: all their pixels are one value."""
    some = pixels[:, :, ::8, ::8]
    blank = []
    for number, phase in np.argwhere((some == some[:, :, :1, :1]).all(axis=(2, 3))):
        frame = slots[number][phase]
        picture = pixels[number, phase]
        if frame is not None and id(frame) not in failed and (picture == picture[0, 0]).all():
            blank.append((frame, Message("blank_frame", "no picture: all its pixels are equal")))
    return blank


def _remove(slots: list[list[Frame | None]], undecodable: Sequence[tuple[Frame, Message]]) -> set[int]:
    """Empty the slots of undecodable frames; return the slices that are lost by it."""
    total = sum(1 for row in slots for frame in row if frame is not None)
    if len(undecodable) > _MAX_UNDECODABLE_SHARE * total:
        frame, reason = undecodable[0]
        raise InputError(
            Message(
                "frames_unreadable",
                "{n} of {total} frames of {series} cannot be read, first {path}: {reason}; check the drive, or copy "
                "the study again.",
                n=len(undecodable),
                total=total,
                series=frame.header.label,
                path=frame.header.path,
                reason=reason,
            )
        )
    failed = {id(frame) for frame, _ in undecodable}
    lost = set()
    for number, row in enumerate(slots):
        gone = [phase for phase, frame in enumerate(row) if frame is not None and id(frame) in failed]
        if gone and sum(1 for frame in row if frame is not None) - len(gone) < len(row) / 2:
            lost.add(number)
            continue
        for phase in gone:
            row[phase] = None
    return lost


def _stand_in(pixels: NDArray[np.float32], slots: Sequence[Sequence[Frame | None]], lost: set[int]) -> None:
    """Give every missing frame the pixels of the nearest phase of its slice, around the cycle."""
    phases = pixels.shape[1]
    for number, row in enumerate(slots):
        present = [phase for phase, frame in enumerate(row) if frame is not None]
        if number in lost or len(present) == phases:
            continue
        for phase in set(range(phases)) - set(present):
            nearest = min(present, key=lambda one: min(abs(one - phase), phases - abs(one - phase)))
            pixels[number, phase] = pixels[number, nearest]
