"""Where the voxels of a NIfTI file lie: size, spacing and directions, and which of them are made up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.study.cine_stack import StackGeometry
from cinecor.study.series.parallel_planes import angle_degrees
from cinecor.study.series.series_kind import BASE_TO_APEX, STACK_DEGREES

_RAS_TO_LPS: Final = np.diag([-1.0, -1.0, 1.0])
_MM_PER_UNIT: Final = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # unknown, metre, millimetre, micron
_SPATIAL_UNIT: Final = 0x07
_LAST_CODE: Final = 5  # of qform and sform
_LARGEST_ZOOM_MM: Final = 500.0
_PICTURE_MM: Final = (20.0, 1000.0)  # a side of an image that shows a heart
_WIDEST_STEP_MM: Final = 40.0  # no ventricle is outlined in slices farther apart
_SEVERAL_SLICES: Final = 5  # that lie within this length show a part of the ventricle only
_SHORTEST_MM: Final = 25.0
_LEAST_UPRIGHT: Final = 0.2
_SHEARED: Final = 1e-3
_ROUNDING: Final = 2e-4  # of a voxel size that is written twice
_CONTRADICTION: Final = 0.01
_FORMS_APART_DEGREES: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class NiftiGeometry:
    """Where a stack lies, and what has to be told of it."""

    stack: StackGeometry
    warnings: tuple[Message, ...] = ()
    doubts: tuple[Message, ...] = ()
    cautions: tuple[Message, ...] = ()


def voxel_mm(raw: Any, *, name: str) -> tuple[float, float, float]:
    """Return pixdim 1 to 3 in mm; raises `InputError` where they are no sizes."""
    zooms = np.asarray(raw["pixdim"], dtype=np.float64)[1:4] * _unit_mm(raw)
    if not np.all(np.isfinite(zooms)) or np.any(zooms <= 0.0) or np.any(zooms > _LARGEST_ZOOM_MM):
        raise InputError(
            Message(
                "nifti_voxel_size",
                "{name}: pixdim {zooms} is no voxel size in mm; correct the header.",
                name=name,
                zooms=_mm(zooms),
            )
        )
    return float(zooms[0]), float(zooms[1]), float(zooms[2])


def nifti_geometry(
    header: Any,
    raw: Any,
    zooms: tuple[float, float, float],
    *,
    shape: Sequence[int],
    axes: tuple[int, int, int],
    name: str,
) -> NiftiGeometry:
    """Return patient geometry (LPS, mm) of the axes that are column, row and slice.

    Sizes are those of pixdim, but for a pixdim of 1 x 1 x 1 beside an affine of other sizes, which nobody measured.
    Where the affine cannot be that of a short-axis stack, `oriented` is False and a caution says why.
    """
    affine = _affine(header, raw)
    affine[:3] *= _unit_mm(raw)
    finite = bool(np.all(np.isfinite(affine)))
    lps = _RAS_TO_LPS @ np.where(np.isfinite(affine), affine, 0.0)[:3, :3]
    lengths = np.linalg.norm(lps, axis=0)
    if not finite or np.any(lengths <= 0.0):
        raise InputError(
            Message(
                "nifti_affine",
                "{name}: the affine is not valid (no direction for an axis); correct the header.",
                name=name,
            )
        )
    warnings, doubts = _units_and_codes(raw), []
    apart = float(np.max(np.abs(lengths - zooms) / np.asarray(zooms)))
    sizes = np.asarray(zooms)
    if apart > _ROUNDING:
        of_affine = bool(np.all(sizes == 1.0))
        sizes = lengths if of_affine else sizes
        warnings.append(_sizes_differ(lengths, zooms, of_affine=of_affine))
        if apart > _CONTRADICTION and not of_affine and not np.allclose(lengths, 1.0, atol=_CONTRADICTION):
            doubts.append(warnings[-1])
    directions = (lps / lengths)[:, axes]
    column_mm, row_mm, step_mm = (float(size) for size in sizes[list(axes)])
    upright = abs(float(np.linalg.det(directions)))  # 1 for a box, less for a sheared one: its share of the volume
    if upright < _LEAST_UPRIGHT:
        raise InputError(
            Message("nifti_flat", "{name}: the affine's axes lie almost in one plane; correct the header.", name=name)
        )
    spacing_mm = step_mm * upright
    if upright < 1.0 - _SHEARED:
        warnings.append(
            Message(
                "nifti_sheared",
                "The affine is sheared: a slice stands for {spacing_mm:.2f} mm, not for the {step_mm:.2f} mm of "
                "pixdim.",
                spacing_mm=spacing_mm,
                step_mm=step_mm,
            )
        )
    columns, rows, slices = (int(shape[axis]) for axis in axes)
    doubts += _made_up(sizes)
    doubts += _improbable(columns * column_mm, rows * row_mm, spacing_mm, slices=slices)
    warnings += [doubt for doubt in doubts if doubt not in warnings]
    cautions = _unoriented(raw, header, directions, contradicted=apart > _CONTRADICTION)
    geometry = _stack_geometry(
        _RAS_TO_LPS @ affine[:3, 3],
        directions,
        pixel_spacing_mm=(row_mm, column_mm),
        step_mm=step_mm,
        spacing_mm=spacing_mm,
        slices=slices,
    )
    if cautions:
        geometry = replace(geometry, oriented=False)
    return NiftiGeometry(geometry, (*warnings, *cautions), tuple(doubts), cautions)


def _affine(header: Any, raw: Any) -> NDArray[np.float64]:
    """Return the affine of sform or qform; voxel sizes alone where both are unset (method 1 of NIfTI turns no axis)."""
    if _forms_unset(raw):
        return np.diag([*np.asarray(raw["pixdim"], dtype=np.float64)[1:4], 1.0])
    return np.array(header.get_best_affine(), dtype=np.float64)


def _forms_unset(raw: Any) -> bool:
    return int(raw["qform_code"]) <= 0 and int(raw["sform_code"]) <= 0


def _stack_geometry(
    origin_mm: NDArray[np.float64],
    directions: NDArray[np.float64],
    *,
    pixel_spacing_mm: tuple[float, float],
    step_mm: float,
    spacing_mm: float,
    slices: int,
) -> StackGeometry:
    positions = origin_mm + np.arange(slices)[:, np.newaxis] * directions[:, 2] * step_mm
    extent = np.full(slices, spacing_mm)
    column_axis, row_axis = directions[:, 0].copy(), directions[:, 1].copy()
    for array in (positions, extent, column_axis, row_axis):
        array.setflags(write=False)
    return StackGeometry(
        positions_mm=positions,
        column_axis=column_axis,
        row_axis=row_axis,
        pixel_spacing_mm=pixel_spacing_mm,
        slice_spacing_mm=spacing_mm,
        slice_extent_mm=extent,
    )


def _unit_mm(raw: Any) -> float:
    return _MM_PER_UNIT.get(int(raw["xyzt_units"]) & _SPATIAL_UNIT, 1.0)


def _units_and_codes(raw: Any) -> list[Message]:
    """Return what is said of numbers in the header that NIfTI knows no meaning of."""
    told = []
    unit = int(raw["xyzt_units"]) & _SPATIAL_UNIT
    if unit not in _MM_PER_UNIT:
        told.append(
            Message("nifti_unit_unknown", "The header's unit of length ({unit}) is unknown: taken as mm.", unit=unit)
        )
    codes = {form: int(raw[form]) for form in ("qform_code", "sform_code")}
    return told + [
        Message(
            "nifti_code_unknown",
            "{form} {code} means nothing: what it stands for is not used.",
            form=form,
            code=code,
        )
        for form, code in codes.items()
        if not 0 <= code <= _LAST_CODE
    ]


def _sizes_differ(lengths: NDArray[np.float64], zooms: Sequence[float], *, of_affine: bool) -> Message:
    if of_affine:
        return Message(
            "nifti_affine_counts",
            "The voxel size of pixdim ({pixdim}) is made up: that of the affine ({affine}) counts for volumes.",
            pixdim=_mm(zooms),
            affine=_mm(lengths),
        )
    return Message(
        "nifti_pixdim_counts",
        "The affine's voxel size ({affine}) is not that of pixdim ({pixdim}): pixdim counts for volumes.",
        affine=_mm(lengths),
        pixdim=_mm(zooms),
    )


def _made_up(sizes_mm: NDArray[np.float64]) -> list[Message]:
    """Doubt voxels of exactly 1 mm each way: no cine is acquired so, and programs write it that know no sizes."""
    if not np.all(sizes_mm == 1.0):
        return []
    return [
        Message(
            "nifti_sizes_made_up",
            "A voxel of 1 x 1 x 1 mm is what programs write that know no sizes: every volume is wrong by as much as it "
            "was made up; correct the voxel sizes.",
        )
    ]


def _improbable(width_mm: float, height_mm: float, step_mm: float, *, slices: int) -> list[Message]:
    """Doubt sizes that no image of a heart has."""
    small, large = _PICTURE_MM
    if (
        min(width_mm, height_mm) >= small
        and max(width_mm, height_mm) <= large
        and (slices == 1 or step_mm <= _WIDEST_STEP_MM)
        and (slices < _SEVERAL_SLICES or slices * step_mm >= _SHORTEST_MM)
    ):
        return []
    return [
        Message(
            "nifti_size_improbable",
            "By the header an image is {width_mm:.0f} x {height_mm:.0f} mm large and slices lie {step_mm:.1f} mm "
            "apart: no image of a heart is like that; correct the voxel sizes.",
            width_mm=width_mm,
            height_mm=height_mm,
            step_mm=step_mm,
        )
    ]


def _unoriented(raw: Any, header: Any, directions: NDArray[np.float64], *, contradicted: bool) -> tuple[Message, ...]:
    """Say why the axes are no directions in the patient; nothing where they may be."""
    normal = np.cross(directions[:, 0], directions[:, 1])
    normal /= np.linalg.norm(normal)
    off = angle_degrees((float(normal[0]), float(normal[1]), float(normal[2])), BASE_TO_APEX)
    if _forms_unset(raw):
        why = Message("nifti_forms_unset", "the header gives no orientation (qform and sform are unset)")
    elif contradicted:
        why = Message("nifti_affine_of_other_grid", "the affine contradicts pixdim")
    elif off > STACK_DEGREES:
        why = Message(
            "nifti_no_short_axis",
            "by the affine the slices stand {off:.0f}° off the usual long axis of the heart, so they are no short axis",
            off=off,
        )
    elif _forms_apart(header) > _FORMS_APART_DEGREES:
        why = Message("nifti_forms_differ", "qform and sform give different orientations")
    else:
        return ()
    return (
        Message(
            "unoriented",
            "Which side of the patient is where is not known: {why}. How the heart lies is found in the picture, and "
            "the images carry no orientation letters.",
            why=why,
        ),
    )


def _forms_apart(header: Any) -> float:
    """Return by how many degrees the axes of qform and sform differ at most; 0 unless there are both."""
    if int(header["qform_code"]) <= 0 or int(header["sform_code"]) <= 0:
        return 0.0
    forms = [np.asarray(form, dtype=np.float64)[:3, :3] for form in (header.get_qform(), header.get_sform())]
    one, other = (form / np.linalg.norm(form, axis=0) for form in forms)
    return float(np.degrees(np.arccos(np.clip((one * other).sum(axis=0), -1.0, 1.0)).max()))


def _mm(values: Any) -> str:
    return " x ".join(f"{float(value):.3g}" for value in values) + " mm"
