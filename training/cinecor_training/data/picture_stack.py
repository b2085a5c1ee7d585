"""Slices as PNG files beside an `info.json`: how data sets are passed on whose DICOM files are not.

Neither pixel size nor slice spacing is recorded in them, so both are the data set's usual ones: good enough to learn
from with random scale, not for volumes.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.study.cine_stack import StackGeometry
from cinecor_training.data.case import LabelledFrames
from cinecor_training.data.label_volume import unknown_labels, unreadable


def read_picture_info(folder: Path, *, numbers: str) -> tuple[int, ...]:
    """Return the numbers of the pictures from `folder`/info.json, where they stand under the name `numbers`.

    Raises `InputError` when they are not there or a file is missing.
    """
    try:
        raw: Any = json.loads((folder / "info.json").read_text("utf-8"))
        found = tuple(int(number) for number in raw[numbers])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            Message(
                "picture_info_unreadable",
                "{folder}/info.json does not tell “{numbers}” ({reason}).",
                folder=folder.name,
                numbers=numbers,
                reason=repr(error),
            )
        ) from error
    if not found:
        raise InputError(Message("no_pictures_named", "{folder}/info.json names no pictures.", folder=folder.name))
    return found


def read_pictures(
    files: Sequence[tuple[Path, Path] | None],
    *,
    numbers: Mapping[int, Label],
    known: int,
    pixel_mm: float,
    slice_mm: float,
) -> LabelledFrames:
    """Return one moment's slices, each an image and its labels; None: a slice that is not there, blank and unknown.

    `numbers` says what the labels' values mean, `known` which structures they hold. Raises `InputError` for a file
    that cannot be read, sizes that differ, and values that are no labels.
    """
    planes = [None if pair is None else (_grey(pair[0]), _labels(pair[1], numbers)) for pair in files]
    present = [plane for plane in planes if plane is not None]
    if not present:
        raise InputError(Message("no_picture", "there is no picture."))
    shape = present[0][0].shape
    if any(image.shape != shape or labels.shape != shape for image, labels in present):
        raise InputError(Message("picture_sizes_differ", "the pictures of one stack differ in size."))
    blank = (np.zeros(shape, np.float32), np.zeros(shape, np.uint8))
    pixels = np.stack([(plane or blank)[0] for plane in planes])
    marks = np.stack([(plane or blank)[1] for plane in planes])
    bits = np.array([0 if plane is None else known for plane in planes], dtype=np.uint8)
    return LabelledFrames(pixels, marks, bits, _geometry(len(planes), pixel_mm=pixel_mm, slice_mm=slice_mm))


def _grey(path: Path) -> NDArray[np.float32]:
    return _picture(path).astype(np.float32)


def _labels(path: Path, numbers: Mapping[int, Label]) -> NDArray[np.uint8]:
    values = _picture(path)
    strange = sorted(set(np.unique(values).tolist()) - set(numbers))
    if strange:
        raise unknown_labels(path, str(strange[0]), numbers)
    table = np.zeros(256, dtype=np.uint8)
    for number, label in numbers.items():
        table[number] = label
    return np.asarray(table[values])


def _picture(path: Path) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            values = np.asarray(picture)
    except (OSError, UnidentifiedImageError) as error:
        raise unreadable(path, error) from error
    if values.ndim != 2 or values.dtype != np.uint8:
        raise InputError(Message("picture_not_grey", "{path}: is no 8-bit grey picture.", path=path.name))
    return np.asarray(values, dtype=np.uint8)


def _geometry(slices: int, *, pixel_mm: float, slice_mm: float) -> StackGeometry:
    positions = np.zeros((slices, 3))
    positions[:, 2] = -slice_mm * np.arange(slices)
    return StackGeometry(
        positions,
        np.array([1.0, 0.0, 0.0]),
        np.array([0.0, 1.0, 0.0]),
        (pixel_mm, pixel_mm),
        slice_mm,
        np.full(slices, slice_mm),
        oriented=False,
    )
