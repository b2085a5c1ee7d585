"""Reading the chosen stack: repeats, phase order, slots, slice axis, pixels; and the audit of all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack, SourceFrame, StackGeometry
from cinecor.study.dicom.header import Frame, Triple
from cinecor.study.series.candidate import Candidate
from cinecor.study.series.index import SeriesIndex
from cinecor.study.series.parallel_planes import reference_points
from cinecor.study.stack.acquisition_audit import note_derived, note_repeats
from cinecor.study.stack.audit_builder import AuditBuilder
from cinecor.study.stack.choice import choose
from cinecor.study.stack.cycle import cycle_of
from cinecor.study.stack.identity import refuse_two_patients
from cinecor.study.stack.phase_order import order_phases
from cinecor.study.stack.phase_slots import phase_slots, stack_phases, usual_phases
from cinecor.study.stack.picture_findings import picture_findings
from cinecor.study.stack.pixel_grid import PixelGrid, common_grid
from cinecor.study.stack.pixel_stack import read_pixels
from cinecor.study.stack.repeated_slice import choose_acquisitions
from cinecor.study.stack.series_audit import note_copies, note_missing_images, note_unread, note_unused_views
from cinecor.study.stack.single_position import refuse_one_position_for_many
from cinecor.study.stack.slice_audit import (
    note_doubled_frames,
    note_lost_slices,
    note_missing_frames,
    note_resampled_slices,
    note_short_slices,
    note_slices_apart,
    note_undecodable_frames,
    note_unequal_slices,
)
from cinecor.study.stack.slice_axis import SliceAxis, slice_axis
from cinecor.study.stack.stored_greys import rescale_warnings, stored_doubts

_MAX_BYTES = 4 * 1024**3


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Which frame goes where, before pixels are read."""

    grids: list[PixelGrid]  # of each slice, all of one matrix and spacing
    slots: list[list[Frame | None]]  # [slice][phase], base to apex
    origins_mm: NDArray[np.float64]  # (slice, 3)
    points_mm: NDArray[np.float64]  # (slice, 3), by which slices are put in order
    axis: SliceAxis
    tag: str | None
    cautions: tuple[Message, ...]  # those of the warnings that must be seen beside the numbers


def read_stack(
    index: SeriesIndex,
    *,
    series_uid: str | None = None,
    phase_order: str | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> tuple[CineStack, ImportAudit]:
    """Return the short-axis stack of a study and the builder of all its files.

    `series_uid` names a series of the stack to take instead of the best; `phase_order` names the DICOM keyword that
    orders the phases. Pixels of the chosen frames are read on several threads. Raises `NothingSegmentable` when there
    is no stack, `InputError` when a number would be wrong, `UsageError` for a series or tag that is not there.
    """
    choice = choose(index, series_uid=series_uid)
    refuse_two_patients(choice.candidate)
    builder = AuditBuilder(index, choice.warnings)
    note_copies(builder, index)
    note_unread(builder, index)
    note_unused_views(builder, index, choice.candidate)
    layout = _layout(choice.candidate, builder, series_uid=series_uid, phase_order=phase_order)
    wanted_bytes = len(layout.slots) * len(layout.slots[0]) * layout.grids[0].rows * layout.grids[0].columns * 4
    if wanted_bytes > _MAX_BYTES:
        raise InputError(
            Message(
                "stack_too_large",
                "{stack}: the stack would take {gib:.1f} GiB of memory; choose a smaller series with --series.",
                stack=choice.candidate.label,
                gib=wanted_bytes / 1024**3,
            )
        )
    read = read_pixels(
        layout.slots,
        grids=layout.grids,
        origins_mm=layout.origins_mm,
        paths=index.paths,
        progress=progress,
        cancelled=cancelled,
    )
    note_undecodable_frames(builder, read.undecodable)
    pixels, slots, axis, origins, grids = read.pixels, layout.slots, layout.axis, layout.origins_mm, layout.grids
    resampled = set(read.resampled)
    if read.lost_slices:
        keep = [number for number in range(len(slots)) if number not in read.lost_slices]
        note_lost_slices(builder, slots, read.lost_slices)
        resampled = {keep.index(number) for number in resampled if number in keep}
        pixels, slots, origins = pixels[keep], [slots[number] for number in keep], origins[keep]
        grids = [grids[number] for number in keep]
        axis = slice_axis(layout.points_mm[keep], _normal(grids), [_any(row) for row in slots], keep_all=True)
        builder.warn(axis.warnings)
    pixels.setflags(write=False)
    complete = np.array([[frame is not None for frame in row] for row in slots], dtype=np.bool_)
    complete.setflags(write=False)
    note_resampled_slices(builder, resampled, slots)
    note_missing_frames(builder, complete)
    note_missing_images(builder, index, choice.candidate)
    pictures = picture_findings(pixels, pixel_spacing_mm=grids[0].pixel_spacing_mm)
    stored = stored_doubts(slots)
    builder.warn((*pictures.doubts, *stored, *pictures.cautions, *rescale_warnings(slots, pixels)))
    cycle = cycle_of(slots, beats=pictures.beats)
    builder.warn(cycle.warnings)
    stack = CineStack(
        pixels=pixels,
        geometry=_geometry(grids, origins, axis),
        phase_times_ms=cycle.phase_times_ms,
        heart_rate_bpm=cycle.heart_rate_bpm,
        frames=tuple(tuple(None if frame is None else _source(frame) for frame in row) for row in slots),
        series_uids=tuple(
            dict.fromkeys(frame.header.series_uid for row in slots for frame in row if frame is not None)
        ),
    )
    return stack, builder.audit(
        stack,
        complete=complete,
        tag=layout.tag,
        doubts=(*choice.doubts, *pictures.doubts, *stored),
        cautions=(*choice.cautions, *pictures.cautions, *cycle.cautions, *layout.cautions),
    )


def _source(frame: Frame) -> SourceFrame:
    header = frame.header
    return SourceFrame(
        path=header.path,
        sop_class_uid=header.sop_class_uid,
        sop_instance_uid=header.sop_instance_uid,
        number=frame.number + 1 if header.frame_count > 1 else None,
    )


def _layout(candidate: Candidate, builder: AuditBuilder, *, series_uid: str | None, phase_order: str | None) -> _Layout:
    chosen = choose_acquisitions(candidate.planes, preferred_series=series_uid)
    refuse_one_position_for_many(candidate.planes, chosen, preferred_series=series_uid)
    for one in chosen:
        builder.leave_out(
            one.copies,
            Message("derived_copy", "derived copy: the original images of this slice position are used"),
        )
    repeated = note_repeats(builder, chosen)
    note_derived(builder, chosen)
    usual = usual_phases([one.frames for one in chosen])
    enough = [one.frames for one in chosen if 2 * len(one.frames) > usual]
    note_short_slices(builder, [one.frames for one in chosen if 2 * len(one.frames) <= usual], usual)
    order = order_phases(enough, wanted=phase_order)
    builder.leave_out(
        order.untagged,
        Message(
            "phase_unknown",
            "its phase is unknown: {tag} is missing, and no other tag orders all frames",
            tag=order.tag,
        ),
    )
    note_doubled_frames(builder, order.doubled, order.tag)
    builder.warn(order.warnings)
    phases = stack_phases(order.planes, tag=order.tag)
    placed = phase_slots(order.planes, phases=phases, tag=order.tag)
    slots = [list(one.frames) for one in placed]

    grid = common_grid(frame for row in slots for frame in row if frame is not None)
    grids = [grid.turned_to(_any(row)) for row in slots]
    origins = _origins(slots, grids)
    normal = _normal(grids)
    tilted = any(one is not grid for one in grids)
    points = np.array(_points(slots, normal)) if tilted else origins
    axis = slice_axis(points, normal, [_any(row) for row in slots])
    cautions = note_slices_apart(builder, [order.planes[number] for number in axis.apart])
    builder.warn(axis.warnings)
    note_unequal_slices(builder, [(number, placed[plane]) for number, plane in enumerate(axis.order)], phases)
    return _Layout(
        grids=[grids[plane] for plane in axis.order],
        slots=[slots[plane] for plane in axis.order],
        origins_mm=origins[list(axis.order)],
        points_mm=points[list(axis.order)],
        axis=axis,
        tag=order.tag,
        cautions=(*repeated, *cautions),
    )


def _points(slots: Sequence[Sequence[Frame | None]], normal: NDArray[np.float64]) -> list[Triple]:
    x, y, z = (float(value) for value in normal)
    return reference_points([_any(row) for row in slots], normal=(x, y, z))


def _origins(slots: Sequence[Sequence[Frame | None]], grids: Sequence[PixelGrid]) -> NDArray[np.float64]:
    """Return where pixel (0, 0) of each slice lies; a slice of another grid gets its place from its neighbours."""
    normal = _normal(grids)
    own: dict[int, NDArray[np.float64]] = {}
    offsets: dict[int, float] = {}
    for number, row in enumerate(slots):
        frames = [frame for frame in row if frame is not None]
        model = next((frame for frame in frames if grids[number].holds(frame)), None)
        any_position = np.asarray(frames[0].position_mm or (0.0, 0.0, 0.0))
        offsets[number] = float(any_position @ normal)
        if model is not None:
            own[number] = np.asarray(model.position_mm or (0.0, 0.0, 0.0))
    fitted = _fitted_line([offsets[number] for number in own], list(own.values()), normal)
    return np.stack([own[number] if number in own else fitted(offsets[number]) for number in range(len(slots))])


def _fitted_line(  # type: ignore[no-untyped-def]
    offsets: Sequence[float], positions: Sequence[NDArray[np.float64]], normal: NDArray[np.float64]
):
    """Return the straight line of slice origins as a function of the offset along the normal."""
    if len(offsets) < 2:
        return lambda offset: positions[0] + (offset - offsets[0]) * normal
    lines = [np.polyfit(offsets, [position[axis] for position in positions], 1) for axis in range(3)]
    return lambda offset: np.array([np.polyval(line, offset) for line in lines])


def _geometry(grids: Sequence[PixelGrid], origins_mm: NDArray[np.float64], axis: SliceAxis) -> StackGeometry:
    slice_axes = np.array([[grid.column_axis, grid.row_axis] for grid in grids])
    column_axis, row_axis = _mean_axes(slice_axes)
    positions = origins_mm.copy()
    for array in (positions, column_axis, row_axis, slice_axes):
        array.setflags(write=False)
    return StackGeometry(
        positions_mm=positions,
        column_axis=column_axis,
        row_axis=row_axis,
        pixel_spacing_mm=grids[0].pixel_spacing_mm,
        slice_spacing_mm=axis.spacing_mm,
        slice_extent_mm=axis.extent_mm,
        slice_axes=slice_axes if np.ptp(slice_axes, axis=0).any() else None,
    )


def _mean_axes(slice_axes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean column and row axis of slices, of unit length and perpendicular; (slice, 2, 3) → (3,) each."""
    column_axis, row_axis = slice_axes[0]
    if np.ptp(slice_axes, axis=0).any():
        column_axis, row_axis = slice_axes.mean(axis=0)
        column_axis = column_axis / np.linalg.norm(column_axis)
        row_axis = row_axis - (row_axis @ column_axis) * column_axis
        row_axis = row_axis / np.linalg.norm(row_axis)
    return column_axis.copy(), row_axis.copy()


def _normal(grids: Sequence[PixelGrid]) -> NDArray[np.float64]:
    normal = np.cross(*_mean_axes(np.array([[grid.column_axis, grid.row_axis] for grid in grids])))
    unit: NDArray[np.float64] = normal / np.linalg.norm(normal)
    return unit


def _any(row: Sequence[Frame | None]) -> Frame:
    return next(frame for frame in row if frame is not None)
