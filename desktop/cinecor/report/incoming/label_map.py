"""`read_label_map`: a label map in NIfTI or NRRD, as ITK-SNAP and 3D Slicer write it, on the frames of a stack."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError, UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message, Slices
from cinecor.report.incoming.nrrd_file import read_nrrd
from cinecor.report.incoming.read_labels import LabelsBeingRead, ReadLabels
from cinecor.report.nifti import stack_affine
from cinecor.study.cine_stack import CineStack

_LV: Final = r"(lv|left ventric(le|ular))"
_CAVITY: Final = r"( ?(cavity|blood ?pool|endo(cardium)?))?"
_NAMES: Final = {
    Label.RV: re.compile(rf"(rv|right ventric(le|ular)){_CAVITY}"),
    Label.MYO: re.compile(rf"lvm|({_LV} ?)?(myo(cardium)?|wall)"),
    Label.LV: re.compile(rf"lvc|{_LV}{_CAVITY}"),
}
"""Whole names only: an RV's wall, an LV's scar or its outer border are no structure of ours."""
_BESIDE_NAME: Final = re.compile(r"\(.*?\)|[\s_.-]+")
_OFF_GRID_PX: Final = 0.1
_SAME_MM: Final = 0.001
_OURS: Final = b"Cinecor"


class LabelMapUnsaid(UsageError):
    """A label map does not say which value is which structure, or of which moment it is: somebody must tell."""

    def __init__(self, message: Message, *, values: tuple[int, ...], needs_phase: bool) -> None:
        """Carry what must be told: the structures of these values (none where they are known), and the phase."""
        super().__init__(message)
        self.values, self.needs_phase = values, needs_phase


@dataclass(frozen=True, slots=True, eq=False)
class _LabelFile:
    values: NDArray[np.generic]  # (x, y, z, other)
    affine: NDArray[np.float64]
    segments: tuple[tuple[str, int, int], ...]  # name, value, layer
    ours: bool = False


def read_label_map(
    path: Path, stack: CineStack, *, table: Mapping[int, Label] | None = None, phase: int | None = None
) -> ReadLabels:
    """Return the structures of a label map that lies on the stack's own grid.

    Which value is which structure is said by `table`, else by the names in the file, or in an ITK-SNAP description
    beside it (`NAME.label`, `NAME.txt`). A file with as many times as the stack has phases draws all of them; one
    without time draws `phase` (from 0). Raises `LabelMapUnsaid` where the table or the phase must be told, `UsageError`
    for a phase that there is none of, `InputError` for another grid.
    """
    file = _file(path)
    meaning = _meaning(path, file, table, needs_phase=phase is None and file.values.shape[3] == 1 < stack.phases)
    layers = {layer for _, layer in meaning}
    times = 1 if max(layers, default=0) > 0 else file.values.shape[3]
    phases = _phases(path, times, stack, phase)
    reading = LabelsBeingRead(stack.pixels.shape)
    where, inside = _voxels(path, file, stack)
    for time, at in enumerate(phases):
        for index in range(stack.slices):
            if not inside[index]:
                continue
            for label in dict.fromkeys(meaning.values()):
                region = np.zeros((stack.rows, stack.columns), dtype=bool)
                for value, layer in (key for key, said in meaning.items() if said is label):
                    region |= file.values[(*where[index], layer if max(layers) > 0 else time)] == value
                reading.add((index, at), label, region)
    left = tuple(index for index in range(stack.slices) if not inside[index])
    if left:
        reading.left_out.append(
            Message("label_map_ends", "{name} does not reach {slices}.", name=path.name, slices=Slices(left))
        )
    unknown = sorted(set(_values(file)) - {value for value, _ in meaning})
    if unknown:
        reading.left_out.append(
            Message(
                "label_map_values_unused",
                "{name}: the values {values} are no structure of ours.",
                name=path.name,
                values=tuple(map(str, unknown)),
            )
        )
    return reading.done()


def _file(path: Path) -> _LabelFile:
    if path.name.lower().endswith((".nrrd", ".nhdr")):
        nrrd = read_nrrd(path)
        return _LabelFile(nrrd.values, nrrd.affine, nrrd.segments)
    import nibabel

    try:
        image: Any = nibabel.load(path)
        values = np.asanyarray(image.dataobj)
    except Exception as error:  # nibabel raises anything on damaged bytes
        raise InputError(
            Message("map_unreadable", "{name} is no label map that can be read.", name=path.name)
        ) from error
    values = values.reshape(*values.shape, *([1] * max(0, 4 - values.ndim)))
    if values.ndim != 4 or not np.issubdtype(values.dtype, np.number) or (values != np.rint(values)).any():
        raise InputError(Message("map_unreadable", "{name} is no label map that can be read.", name=path.name))
    ours = bytes(image.header["descrip"].tobytes()).startswith(_OURS)
    return _LabelFile(values, np.asarray(image.affine, dtype=np.float64), (), ours)


def _values(file: _LabelFile) -> tuple[int, ...]:
    return tuple(int(value) for value in np.unique(file.values) if value != 0)


def _meaning(
    path: Path, file: _LabelFile, table: Mapping[int, Label] | None, *, needs_phase: bool
) -> dict[tuple[int, int], Label]:
    """Return which structure each (value, layer) is."""
    if table:
        return {(value, 0): label for value, label in table.items()}
    if file.ours:
        return {(int(label), 0): label for label in (Label.RV, Label.MYO, Label.LV)}
    named = file.segments or _itk_snap_names(path)
    found: dict[tuple[int, int], Label] = {}
    for name, value, layer in named:
        plain = _BESIDE_NAME.sub(" ", name).strip().lower()
        label = next((label for label, pattern in _NAMES.items() if pattern.fullmatch(plain)), None)
        if label is not None and label not in found.values():
            found[value, layer] = label
    if not found:
        raise LabelMapUnsaid(
            Message(
                "label_table_needed",
                "{name} does not say which value is which structure; it holds {values}: tell it by --labels 1=rv 2=myo "
                "3=lv.",
                name=path.name,
                values=tuple(map(str, _values(file))),
            ),
            values=_values(file),
            needs_phase=needs_phase,
        )
    return found


def _itk_snap_names(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what an ITK-SNAP label description beside the file says: lines of index, colours, and a name in quotes."""
    stem = path.name.split(".")[0]
    for ending in (".label", ".txt"):
        beside = path.with_name(f"{stem}{ending}")
        if beside.is_file():
            lines = beside.read_text(encoding="utf-8", errors="replace").splitlines()
            rows = (re.match(r'\s*(\d+)\s.*"(.*)"\s*$', line) for line in lines if not line.startswith("#"))
            return tuple((row[2], int(row[1]), 0) for row in rows if row is not None and int(row[1]))
    return ()


def _phases(path: Path, times: int, stack: CineStack, phase: int | None) -> range:
    if times == stack.phases and (times > 1 or phase in (None, 0)):
        return range(times)
    if times != 1:
        raise InputError(
            Message(
                "label_map_other_phases",
                "{name} holds {times} times, and the stack {phases} phases.",
                name=path.name,
                times=times,
                phases=stack.phases,
            )
        )
    if phase is None:
        raise LabelMapUnsaid(
            Message(
                "label_map_phase_needed",
                "{name} holds one moment of the cycle; tell which: --phase N, from 1.",
                name=path.name,
            ),
            values=(),
            needs_phase=True,
        )
    if not 0 <= phase < stack.phases:
        raise UsageError(
            Message(
                "phase_not_there",
                "There is no phase {phase}; the stack has {phases}.",
                phase=phase + 1,
                phases=stack.phases,
            )
        )
    return range(phase, phase + 1)


def _voxels(
    path: Path, file: _LabelFile, stack: CineStack
) -> tuple[list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]], list[bool]]:
    """Return for each slice the voxels at its pixels, (row, column) each, and whether the file reaches it.

    Every pixel's middle must lie at a voxel's middle: nothing is resampled, because that would move borders.
    """
    geometry = stack.geometry
    whole = (stack.columns, stack.rows, stack.slices)
    if file.values.shape[:3] == whole and np.allclose(file.affine, stack_affine(geometry), atol=_SAME_MM):
        # Our own file, also of an uneven or tilted stack, whose one matrix cannot say where each slice lies.
        down, right = np.mgrid[: stack.rows, : stack.columns]
        return [(right, down, np.full_like(down, index)) for index in range(stack.slices)], [True] * stack.slices
    back = np.linalg.inv(file.affine)
    lps_to_ras = np.array([-1.0, -1.0, 1.0])
    down, right = np.mgrid[: stack.rows, : stack.columns]
    found, inside = [], []
    for index, position in enumerate(geometry.positions_mm):
        columns, rows = (
            (geometry.column_axis, geometry.row_axis) if geometry.slice_axes is None else geometry.slice_axes[index]
        )
        place = (
            position
            + right[..., np.newaxis] * geometry.pixel_spacing_mm[1] * columns
            + down[..., np.newaxis] * geometry.pixel_spacing_mm[0] * rows
        )
        exact = (place * lps_to_ras) @ back[:3, :3].T + back[:3, 3]
        voxel = np.rint(exact)
        reached = bool(((voxel >= 0) & (voxel < np.array(file.values.shape[:3]))).all())
        inside.append(reached)
        if reached and np.abs(exact - voxel).max() > _OFF_GRID_PX:
            raise InputError(
                Message(
                    "label_map_other_grid",
                    "{name} does not lie on the grid of the images: its voxels are up to {px:.1f} off. Draw on the "
                    "images themselves, or export them anew.",
                    name=path.name,
                    px=float(np.abs(exact - voxel).max()),
                )
            )
        whole = voxel.astype(np.intp)
        found.append((whole[..., 0], whole[..., 1], whole[..., 2]))
    if not any(inside):
        raise InputError(Message("label_map_elsewhere", "{name} does not lie where the images lie.", name=path.name))
    return found, inside
