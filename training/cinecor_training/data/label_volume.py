"""Label volumes in NIfTI files, with any data set's numbers brought to `Label`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.failure import first_line
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message

OWN_LABELS: Final[Mapping[int, Label]] = {0: Label.BACKGROUND, 1: Label.RV, 2: Label.MYO, 3: Label.LV}
"""ACDC's numbers, which are ours."""

MNMS_LABELS: Final[Mapping[int, Label]] = {0: Label.BACKGROUND, 1: Label.LV, 2: Label.MYO, 3: Label.RV}
"""Numbers of M&Ms and M&Ms-2: the ventricles are the other way round."""

_INTEGER_TOLERANCE = 1e-3  # label files are often stored as scaled floats


def read_label_volume(
    path: Path, *, numbers: Mapping[int, Label] = OWN_LABELS, phase: int | None = None
) -> NDArray[np.uint8]:
    """Read a label file as (slice, row, column) uint8 of `Label`; `phase` picks one of a 4D file.

    Raises `InputError` for a file that cannot be read, a phase that is not there, and values that are no labels.
    """
    values = read_values(path, phase=phase)
    if not np.isfinite(values).all():
        raise InputError(Message("labels_not_finite", "{path}: some labels are not finite (NaN).", path=path.name))
    rounded = np.rint(values)
    found = np.unique(rounded)
    strange = [float(value) for value in found if int(value) not in numbers]
    if strange or np.abs(values - rounded).max(initial=0.0) > _INTEGER_TOLERANCE:
        shown = ", ".join(f"{value:g}" for value in (strange or np.unique(values[values != rounded])[:3]))
        raise unknown_labels(path, shown, numbers)
    table = np.zeros(max(numbers) + 1, dtype=np.uint8)
    for number, label in numbers.items():
        table[number] = label
    return np.ascontiguousarray(table[rounded.astype(np.intp)].transpose(2, 1, 0))


def read_values(path: Path, *, phase: int | None = None) -> NDArray[Any]:
    """Read the numbers of a NIfTI file as they stand in it, (x, y, slice); raises `InputError`."""
    import nibabel as nib

    try:
        image: Any = nib.load(path)
        proxy = image.dataobj
        shape = tuple(proxy.shape)
        if len(shape) == 4:
            index = 0 if phase is None else phase
            if not 0 <= index < shape[3] or (phase is None and shape[3] != 1):
                raise InputError(
                    Message(
                        "labels_phase_missing",
                        "{path}: phase {phase} is not among the {phases} phases of the file.",
                        path=path.name,
                        phase=phase,
                        phases=shape[3],
                    )
                )
            return np.asarray(proxy[..., index])
        if len(shape) != 3:
            raise InputError(
                Message(
                    "labels_no_volume",
                    "{path}: expected a volume of slices, got the shape {shape}.",
                    path=path.name,
                    shape=str(shape),
                )
            )
        return np.asarray(proxy)
    except (OSError, EOFError, ValueError, nib.filebasedimages.ImageFileError) as error:
        raise unreadable(path, error) from error


def unknown_labels(path: Path, found: str, numbers: Mapping[int, Label]) -> InputError:
    """Return the refusal of a file that holds other labels than the `numbers`."""
    return InputError(
        Message(
            "label_values_unknown",
            "{path}: unknown label values ({values}); expected {expected}.",
            path=path.name,
            values=found,
            expected=", ".join(map(str, numbers)),
        )
    )


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the refusal of a file that its reader could not read."""
    return InputError(
        Message(
            "file_unreadable_for_training",
            "{path}: cannot be read ({reason}).",
            path=path.name,
            reason=first_line(error),
        )
    )
