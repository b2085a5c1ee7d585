"""Frames as a few hundred bytes: the box around what is outlined, row by row, compressed."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message

_HEAD = struct.Struct("<6H")  # rows, columns of the frame; top, left, rows, columns of the box


def encoded(frame: NDArray[np.uint8]) -> bytes:
    """Return a frame (row, column) of labels as bytes; `decoded` gives it again, bit for bit."""
    rows, columns = np.flatnonzero(frame.any(axis=1)), np.flatnonzero(frame.any(axis=0))
    top, left, height, width = 0, 0, 0, 0
    if rows.size:
        top, left = int(rows[0]), int(columns[0])
        height, width = int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left
    box = np.ascontiguousarray(frame[top : top + height, left : left + width])
    return _HEAD.pack(*frame.shape, top, left, height, width) + zlib.compress(box.tobytes(), 6)


def decoded(code: bytes) -> NDArray[np.uint8]:
    """Return the frame, read-only. Raises `InputError` for bytes that are none."""
    try:
        rows, columns, top, left, height, width = _HEAD.unpack_from(code)
        pixels = np.frombuffer(zlib.decompress(code[_HEAD.size :]), dtype=np.uint8).reshape(height, width)
        if top + height > rows or left + width > columns or (pixels.size and pixels.max() > max(Label)):
            raise ValueError
    except (struct.error, zlib.error, ValueError) as error:
        raise InputError(Message("damaged_frame", "A corrected frame is damaged; it cannot be read back.")) from error
    frame = np.zeros((rows, columns), dtype=np.uint8)
    frame[top : top + height, left : left + width] = pixels
    frame.setflags(write=False)
    return frame
