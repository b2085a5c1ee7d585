"""Copies: the same image in two files of which an exporter renewed or removed the UIDs: only the image itself tells."""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from cinecor.message import Message
from cinecor.study.audit import LeftOut
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.header import Frame

_CHUNK: Final = 1024**2


def without_repeated_files(
    frames: Sequence[Frame], sources: Mapping[str, FileSource]
) -> tuple[list[Frame], list[LeftOut]]:
    """Return the frames without those of files that are copies of another, and these files with the reason.

    A copy has the place, the time, the numbers and the pixels of an earlier file; pixels are read only of files of
    which all the rest is alike.
    """
    first: dict[str, Frame] = {}
    for frame in frames:
        first.setdefault(frame.header.path, frame)
    groups: dict[Hashable, list[Frame]] = defaultdict(list)
    for frame in first.values():
        groups[_description(frame)].append(frame)
    copies: dict[str, str] = {}
    for members in groups.values():
        if len(members) > 1:
            seen: dict[str, str] = {}
            for frame in members:
                path = frame.header.path
                digest = _digest(frame, sources[path])
                if digest is not None and seen.setdefault(digest, path) != path:
                    copies[path] = seen[digest]
    if not copies:
        return list(frames), []
    left_out = [
        LeftOut(
            path,
            Message(
                "copied_file",
                "copy: the same place, time and pixels as {path}, under another SOPInstanceUID",
                path=twin,
            ),
        )
        for path, twin in copies.items()
    ]
    return [frame for frame in frames if frame.header.path not in copies], left_out


def _description(frame: Frame) -> Hashable:
    header = frame.header
    return (
        header.rows,
        header.columns,
        header.frame_count,
        header.transfer_syntax_uid,
        header.series_number,
        header.acquisition_number,
        header.patient,
        frame.position_mm,
        frame.column_axis,
        frame.row_axis,
        frame.instance_number,
        frame.trigger_time_ms,
        frame.temporal_identifier,
        frame.acquisition_s,
        frame.content_s,
        frame.image_type,
    )


def _digest(frame: Frame, source: FileSource) -> str | None:
    """Return what tells the pixel data of a file from others; None where they cannot be read as they stand."""
    if frame.header.pixels_at is None:
        return None
    digest = hashlib.sha256(usedforsecurity=False)
    try:
        with source.open("rb") as file:
            file.seek(frame.header.pixels_at)
            while block := file.read(_CHUNK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()
