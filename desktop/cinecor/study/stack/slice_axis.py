"""The slice axis: order from base to apex, spacing and extents, from ImagePositionPatient alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message, Slices
from cinecor.study.dicom.header import Frame
from cinecor.study.series.series_kind import BASE_TO_APEX

_HOLE = 1.5  # times the usual step: a slice is missing
_UNCERTAIN = 0.3  # cosine between the normal and the usual long axis: below, either end may be the base
_APART = 3.5  # times the usual step: what lies beyond belongs to something else


@dataclass(frozen=True, slots=True, eq=False)
class SliceAxis:
    """How planes follow one another from base to apex."""

    order: tuple[int, ...]  # index of the given plane that is slice 0, 1, …
    apart: tuple[int, ...]  # planes too far off to belong to the stack
    spacing_mm: float  # median step along the normal
    extent_mm: NDArray[np.float64]  # (slice,) what each slice stands for
    warnings: tuple[Message, ...]


def slice_axis(
    positions_mm: NDArray[np.float64],
    normal: NDArray[np.float64],
    frames: Sequence[Frame],
    *,
    keep_all: bool = False,
) -> SliceAxis:
    """Return order, spacing and extents of planes at `positions_mm` (plane, 3) along the unit `normal`.

    `frames` holds one frame of each plane; its thickness and spacing tags are compared with the positions, which
    alone count. Extents are half the distance to each neighbour, and half the usual step beyond the ends. Planes far
    beyond the end of the stack are set `apart`, unless all are to be kept.
    """
    along = float(normal @ np.asarray(BASE_TO_APEX))
    if along < 0.0:
        normal = -normal
    offsets = positions_mm @ normal
    order = [int(index) for index in np.argsort(offsets, kind="stable")]
    if len(order) == 1:
        spacing, why = _single_slice_spacing(frames[0])
        return SliceAxis((0,), (), spacing, _frozen([spacing]), (why,))
    order, apart = (order, []) if keep_all else _without_outliers(order, offsets)
    steps = np.diff(offsets[order])
    spacing = float(np.quantile(steps, 0.5)) if len(steps) else _single_slice_spacing(frames[order[0]])[0]
    warnings = [*_holes(steps, spacing), *_tag_disagreements(spacing, frames[order[0]])]
    warnings += _sideways(positions_mm[order], offsets[order])
    if abs(along) < _UNCERTAIN:
        warnings.append(
            Message(
                "base_uncertain",
                "The order from base to apex is not certain: the slices follow one another across the usual long axis "
                "of the heart ({degrees:.0f}° off); see whether {first} is the base.",
                degrees=float(np.degrees(np.arccos(abs(along)))),
                first=Slices((0,)),
            )
        )
    half = np.concatenate([[spacing / 2.0], steps / 2.0, [spacing / 2.0]])
    extent = half[:-1] + half[1:]
    return SliceAxis(tuple(order), tuple(apart), spacing, _frozen(extent), tuple(warnings))


def _single_slice_spacing(frame: Frame) -> tuple[float, Message]:
    if frame.spacing_between_slices_mm:
        return frame.spacing_between_slices_mm, _one_slice("SpacingBetweenSlices")
    if frame.slice_thickness_mm:
        return frame.slice_thickness_mm, _one_slice("SliceThickness")
    return 1.0, Message(
        "one_slice_no_extent", "One slice only, without SliceThickness: volumes are those of a slice of 1 mm."
    )


def _one_slice(tag: str) -> Message:
    return Message("one_slice", "One slice only: its extent is {tag}, not measured.", tag=tag)


def _without_outliers(order: list[int], offsets: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Cut off single planes that lie far beyond the end of the stack (a valve plane, a localising cine)."""
    apart: list[int] = []
    while len(order) > 3:
        steps = np.diff(offsets[order])
        limit = _APART * float(np.quantile(steps, 0.5))
        if steps[0] > limit:
            apart.append(order.pop(0))
        elif steps[-1] > limit:
            apart.append(order.pop())
        else:
            break
    return order, apart


def _holes(steps: NDArray[np.float64], spacing: float) -> list[Message]:
    warnings = []
    holes = [index for index, step in enumerate(steps) if step > _HOLE * spacing]
    for index in holes:
        missing = max(1, round(float(steps[index]) / spacing) - 1)
        warnings.append(
            Message.counted(
                "slices_missing",
                "A slice is missing between {between}: they are {apart_mm:.1f} mm apart, {usual_mm:.1f} mm is usual; "
                "the neighbours stand for the gap.",
                "{n} slices are missing between {between}: they are {apart_mm:.1f} mm apart, {usual_mm:.1f} mm is "
                "usual; the neighbours stand for the gap.",
                n=missing,
                between=Slices((index, index + 1)),
                apart_mm=float(steps[index]),
                usual_mm=spacing,
            )
        )
    rest = [float(step) for index, step in enumerate(steps) if index not in holes]
    if rest and max(rest) - min(rest) > max(0.2, 0.05 * spacing):
        warnings.append(
            Message(
                "slices_uneven",
                "Slice gaps are uneven ({least_mm:.1f} to {most_mm:.1f} mm between centres): each slice counts with "
                "its own extent.",
                least_mm=min(rest),
                most_mm=max(rest),
            )
        )
    return warnings


def _tag_disagreements(spacing: float, frame: Frame) -> list[Message]:
    warnings = []
    thickness, tag = frame.slice_thickness_mm, frame.spacing_between_slices_mm
    if tag is not None and abs(tag - spacing) > max(0.1, 0.02 * spacing):
        if thickness is not None and abs(thickness + tag - spacing) <= max(0.1, 0.02 * spacing):
            warnings.append(
                Message(
                    "spacing_tag_holds_gap",
                    "SpacingBetweenSlices says {tag_mm:g} mm, the positions are {spacing_mm:.1f} mm apart: it holds "
                    "the gap, thickness {thickness_mm:g} mm + gap {tag_mm:g} mm = {spacing_mm:.1f} mm.",
                    tag_mm=tag,
                    thickness_mm=thickness,
                    spacing_mm=spacing,
                )
            )
        else:
            warnings.append(
                Message(
                    "spacing_tag_disagrees",
                    "SpacingBetweenSlices says {tag_mm:g} mm, the positions are {spacing_mm:.1f} mm apart: positions "
                    "count.",
                    tag_mm=tag,
                    spacing_mm=spacing,
                )
            )
    if thickness is None:
        warnings.append(
            Message(
                "no_thickness",
                "SliceThickness is absent or 0; the positions are {spacing_mm:.1f} mm apart.",
                spacing_mm=spacing,
            )
        )
    elif thickness < spacing - max(0.1, 0.02 * spacing):
        warnings.append(
            Message(
                "slices_have_gaps",
                "Slices have gaps: thickness {thickness_mm:g} mm + gap {gap_mm:.1f} mm = {spacing_mm:.1f} mm, which is "
                "what volumes use.",
                thickness_mm=thickness,
                gap_mm=spacing - thickness,
                spacing_mm=spacing,
            )
        )
    elif thickness > spacing + max(0.1, 0.02 * spacing):
        warnings.append(
            Message(
                "slices_overlap",
                "Slices overlap: thickness {thickness_mm:g} mm, {spacing_mm:.1f} mm from centre to centre; volumes use "
                "the latter.",
                thickness_mm=thickness,
                spacing_mm=spacing,
            )
        )
    return warnings


def _sideways(positions_mm: NDArray[np.float64], offsets: NDArray[np.float64]) -> list[Message]:
    """Report slices whose origin jumps sideways: they stay where they are, but no straight grid holds the stack."""
    if len(offsets) < 3:
        return []
    fit = np.stack([np.polyval(np.polyfit(offsets, positions_mm[:, axis], 1), offsets) for axis in range(3)], axis=1)
    away = np.linalg.norm(positions_mm - fit, axis=1)
    if away.max() <= 2.0:
        return []
    worst = int(away.argmax())
    return [
        Message(
            "slices_shifted",
            "Slice origins are shifted in the plane, {worst} by {away_mm:.1f} mm: each slice keeps its own position, "
            "but one affine for the whole stack cannot say so.",
            worst=Slices((worst,)),
            away_mm=float(away.max()),
        )
    ]


def _frozen(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
