"""Copies: the same image in two files. Only the image itself tells: exporters renew, remove and repeat UIDs."""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from cinecor.message import Message
from cinecor.study.audit import LeftOut
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.frame_pixels import UndecodableFrame, decode_frames
from cinecor.study.dicom.header import Frame

_CHUNK: Final = 1024**2


def without_repeated_files(
    frames: Sequence[Frame], sources: Mapping[str, FileSource]
) -> tuple[list[Frame], list[LeftOut]]:
    """Return the frames without those of files that are copies of another, and these files with the reason.

    A copy has the place, the moment and the pixels of an earlier file, whatever its numbers and its compression;
    pixels are read only of files of which all the rest is alike.
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
            one_syntax = len({frame.header.transfer_syntax_uid for frame in members}) == 1
            for frame in members:
                path, at = frame.header.path, frame.header.pixels_at
                if at is None or not one_syntax:
                    digest = _digest_of_values(frame, sources[path])
                else:
                    digest = _digest(sources[path], at)
                if digest is not None and seen.setdefault(digest, path) != path:
                    copies[path] = seen[digest]
    if not copies:
        return list(frames), []
    left_out = [
        LeftOut(path, _reason(twin, one_uid=_uid(first[path]) is not None and _uid(first[path]) == _uid(first[twin])))
        for path, twin in copies.items()
    ]
    return [frame for frame in frames if frame.header.path not in copies], left_out


def _uid(frame: Frame) -> str | None:
    return frame.header.sop_instance_uid


def _reason(twin: str, *, one_uid: bool) -> Message:
    if one_uid:
        return Message("duplicate_file", "duplicate: the same image as {path} (SOPInstanceUID)", path=twin)
    return Message(
        "copied_file",
        "copy: the same place, time and pixels as {path}, under another SOPInstanceUID",
        path=twin,
    )


def _description(frame: Frame) -> Hashable:
    header = frame.header
    return (
        header.rows,
        header.columns,
        header.frame_count,
        header.patient,
        frame.position_mm,
        frame.column_axis,
        frame.row_axis,
        frame.pixel_spacing_mm,
        *_moment(frame),
        frame.acquisition_s,
        frame.image_type,
    )


def _moment(frame: Frame) -> tuple[float | None, ...]:
    """Return what tells when in the cycle a frame was taken; only where nothing does its number and time of writing."""
    moment = frame.trigger_time_ms, frame.nominal_delay_ms, frame.temporal_index, frame.temporal_identifier
    return moment if any(one is not None for one in moment) else (frame.instance_number, frame.content_s)


def _digest_of_values(frame: Frame, source: FileSource) -> str | None:
    """Return what tells the grey values of a file from others; None where they cannot be decoded."""
    try:
        pictures = decode_frames(source, range(frame.header.frame_count))
    except UndecodableFrame:
        return None
    digest = hashlib.sha256(usedforsecurity=False)
    for picture in pictures.values():
        digest.update(picture.tobytes())
    return digest.hexdigest()


def _digest(source: FileSource, at: int) -> str | None:
    """Return what tells the pixel data of a file, which begin `at`, from others; None where they cannot be read."""
    digest = hashlib.sha256(usedforsecurity=False)
    try:
        with source.open("rb") as file:
            file.seek(at)
            while block := file.read(_CHUNK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()
