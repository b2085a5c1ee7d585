"""One NIfTI file, 3D or 4D, as a `CineStack`."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError, UsageError
from cinecor.message import Message
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import LARGEST_GREY, CineStack, NiftiGrid
from cinecor.study.nifti.axes import broken_rows, slice_axis_of, unlike_in_time
from cinecor.study.nifti.geometry import nifti_geometry, voxel_mm
from cinecor.study.nifti.nifti_file import NiftiFile, read_nifti_file
from cinecor.study.stack.cycle import several_beats
from cinecor.study.stack.picture_findings import picture_findings

_MS_PER_UNIT: Final = {8: 1000.0, 16: 1.0, 24: 0.001}  # second, millisecond, microsecond
_TIME_UNIT: Final = 0x38
_STEP_MS: Final = (5.0, 200.0)  # between two phases of a cine
_FEWEST_PHASES: Final = 8  # of a cine from which a heart rate can be told
_CYCLE_MS: Final = (250.0, 2500.0)
_FEWEST_GREYS: Final = 8  # a picture has hundreds; a map of labels has one a structure
_LEAST_PX: Final = 16


def read_nifti(path: Path) -> tuple[CineStack, ImportAudit]:
    """Return the stack of a NIfTI file: array (x, y, z, t) as pixels (slice z, phase t, row y, column x).

    Slices stay in the order of the file, because the header does not tell base from apex; where sizes and numbers say
    that they lie along x or y, they are taken from there. Phase times come from pixdim[4] where its unit makes them
    believable. Raises `UsageError` when `path` does not exist, `InputError` for anything that is no 3D or 4D image of
    real numbers with valid spacing.
    """
    if not path.exists():
        raise UsageError(
            Message("no_such_input_file", "{path}: there is no such file; check the path.", path=str(path))
        )
    file = read_nifti_file(path)
    zooms = voxel_mm(file.raw, name=path.name)
    slice_axis = slice_axis_of(file.values.shape, zooms, name=path.name)
    column_axis, row_axis = (axis for axis in range(3) if axis != slice_axis)
    axes = (column_axis, row_axis, slice_axis)
    _refuse_small(file, axes, name=path.name)
    pixels, warnings, doubts = _pixels(file, axes, name=path.name)
    geometry = nifti_geometry(file.header, file.raw, zooms, shape=file.values.shape, axes=axes, name=path.name)
    warnings += geometry.warnings
    doubts += geometry.doubts
    found = [
        *_label_map(pixels),
        *broken_rows(pixels, geometry.stack.pixel_spacing_mm),
        *unlike_in_time(pixels, name=path.name),
        *_spare(file),
    ]
    pictures = picture_findings(pixels, pixel_spacing_mm=geometry.stack.pixel_spacing_mm)
    found += pictures.doubts
    doubts += found
    warnings[:0] = [*found, *pictures.cautions]
    if slice_axis != 2:
        warnings.append(
            Message(
                "nifti_axes_exchanged",
                "The slices lie along the file's {axis} axis: read from there.",
                axis=Message("axis_first", "first") if slice_axis == 0 else Message("axis_second", "second"),
            )
        )
    times, rate, told = _timing(file.raw, pixels.shape[1], beats=pictures.beats)
    several = several_beats(pictures.beats)
    warnings += [*told, *several]
    complete = np.ones(pixels.shape[:2], dtype=np.bool_)
    complete.setflags(write=False)
    stack = CineStack(
        pixels=pixels,
        geometry=geometry.stack,
        phase_times_ms=times,
        heart_rate_bpm=rate,
        frames=None,
        series_uids=(),
        nifti=NiftiGrid(file.content, axes),
    )
    return stack, ImportAudit(
        1,
        1,
        (),
        None,
        complete,
        tuple(warnings),
        doubts=tuple(doubts),
        cautions=(*geometry.cautions, *pictures.cautions, *several),
    )


def _refuse_small(file: NiftiFile, axes: tuple[int, int, int], *, name: str) -> None:
    columns, rows = (file.values.shape[axis] for axis in axes[:2])
    if min(columns, rows) < _LEAST_PX:
        raise InputError(
            Message(
                "nifti_too_small",
                "{name}: images of {columns} x {rows} pixels are too small to be a heart.",
                name=name,
                columns=columns,
                rows=rows,
            )
        )


def _pixels(
    file: NiftiFile, axes: tuple[int, int, int], *, name: str
) -> tuple[NDArray[np.float32], list[Message], list[Message]]:
    """Return (slice, phase, row, column) in the unit of the header's scale, with warnings and doubts; read-only."""
    column_axis, row_axis, slice_axis = axes
    stored = file.values.transpose(slice_axis, 3, row_axis, column_axis)
    slope, intercept = _scale(file, name=name)
    pixels = np.empty(stored.shape, dtype=np.float32)
    not_finite = 0
    for phase in range(stored.shape[1]):  # one at a time, so that no second whole cine lies in memory
        with np.errstate(over="ignore", invalid="ignore"):
            values = stored[:, phase].astype(np.float32)
            if (slope, intercept) != (1.0, 0.0):
                values = values * np.float32(slope) + np.float32(intercept)
        pixels[:, phase] = values
        finite = np.abs(values) <= LARGEST_GREY
        if not finite.all():
            _refuse_overflow(stored[:, phase], finite, slope, intercept, name=name)
            not_finite += int(values.size - np.count_nonzero(finite))
    warnings, doubts = [], []
    if not_finite:
        if not_finite == pixels.size:
            raise InputError(
                Message("nifti_nothing_finite", "{name}: holds no finite value; export it again.", name=name)
            )
        np.nan_to_num(pixels, copy=False, nan=np.nan, posinf=np.nan, neginf=np.nan)
        np.nan_to_num(pixels, copy=False, nan=float(np.nanmin(pixels)))
        warnings.append(
            Message.counted(
                "nifti_not_finite",
                "{n} value is not finite (NaN or infinite): it counts as the darkest value.",
                "{n} values are not finite (NaN or infinite): they count as the darkest value.",
                n=not_finite,
            )
        )
    if pixels.min() == pixels.max():
        raise InputError(
            Message("nifti_all_equal", "{name}: all values are equal; there is no image in it.", name=name)
        )
    if slope < 0.0:
        doubts.append(
            Message(
                "nifti_negative",
                "The header's scale is negative (scl_slope {slope}), so that dark and bright are exchanged; export the "
                "images without it.",
                slope=f"{slope:g}",
            )
        )
        warnings += doubts
    pixels.setflags(write=False)
    return pixels, warnings, doubts


def _scale(file: NiftiFile, *, name: str) -> tuple[float, float]:
    """Return slope and intercept; a slope of zero or NaN means none."""
    slope, intercept = float(file.raw["scl_slope"]), float(file.raw["scl_inter"])
    if slope == 0.0 or np.isnan(slope):
        return 1.0, 0.0
    if not np.isfinite(slope) or not np.isfinite(intercept):
        raise InputError(
            Message(
                "nifti_scale",
                "{name}: the header's scale (scl_slope {slope}, scl_inter {intercept}) is not finite; export it again.",
                name=name,
                slope=f"{slope:g}",
                intercept=f"{intercept:g}",
            )
        )
    return slope, intercept


def _refuse_overflow(
    stored: NDArray[Any], finite: NDArray[np.bool_], slope: float, intercept: float, *, name: str
) -> None:
    """Raise where numbers that are finite in the file are too large for a picture."""
    lost = ~finite & np.isfinite(stored)
    if not lost.any():
        return
    largest = float(np.abs(stored[lost].astype(np.float64) * slope + intercept).max())
    raise InputError(
        Message(
            "nifti_overflow",
            "{name}: values reach {largest}, more than a picture can hold; export grey values of ordinary size.",
            name=name,
            largest=f"{largest:.0e}",
        )
    )


def _label_map(pixels: NDArray[np.float32]) -> list[Message]:
    """Doubt an image of a few grey values: outlines on a drawing of outlines would look as plausible as any."""
    if np.unique(pixels[tuple(slice(None, None, 3) for _ in pixels.shape)]).size > _FEWEST_GREYS:
        return []  # a part of the values is enough to clear nearly every image, and takes a twentieth of the time
    greys = np.unique(pixels).size
    if greys > _FEWEST_GREYS:
        return []
    return [
        Message(
            "few_grey_values",
            "The image has only {greys} grey values, as a label map has: outlines of a heart, not its picture; "
            "open the cine images themselves.",
            greys=greys,
        )
    ]


def _spare(file: NiftiFile) -> list[Message]:
    """Doubt an image that bytes follow: it may be shifted by as many."""
    if not file.spare_bytes:
        return []
    return [
        Message.counted(
            "nifti_spare_bytes",
            "{n} byte follows the image that the header tells of: size or beginning may be wrong; look at the images.",
            "{n} bytes follow the image that the header tells of: size or beginning may be wrong; look at the images.",
            n=file.spare_bytes,
        )
    ]


def _timing(raw: Any, phases: int, *, beats: int) -> tuple[tuple[float, ...] | None, float | None, list[Message]]:
    if phases < 2:
        return None, None, []
    step, unit = float(raw["pixdim"][4]), int(raw["xyzt_units"]) & _TIME_UNIT
    step_ms = step * _MS_PER_UNIT.get(unit, 0.0)
    if not _STEP_MS[0] <= step_ms <= _STEP_MS[1]:
        return (
            None,
            None,
            [
                Message(
                    "nifti_phase_times_unknown",
                    "Phase times are unknown: pixdim[4] = {step} with the unit of code {unit} is no time between "
                    "phases of a cycle.",
                    step=f"{step:g}",
                    unit=unit,
                )
            ],
        )
    times = tuple(step_ms * phase for phase in range(phases))
    cycle_ms = step_ms * phases / beats
    if phases < _FEWEST_PHASES or not _CYCLE_MS[0] <= cycle_ms <= _CYCLE_MS[1]:
        return times, None, []
    rate = 60_000.0 / cycle_ms
    return (
        times,
        rate,
        [
            Message(
                "rate_from_phase_times",
                "Heart rate {rate:.0f}/min is taken from the phase times, as if they covered the whole cycle.",
                rate=rate,
            )
        ],
    )
