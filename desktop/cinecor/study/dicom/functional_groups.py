"""Frames of an Enhanced multi-frame image, read from its shared and per-frame functional groups.

The dimension index is not used: scanners write index values that contradict the groups they index.
"""

from collections.abc import Sequence

from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.header import FileHeader, Frame, axes_of, calendar_seconds, moment_seconds

_SHARED, _PER_FRAME = 0x52009229, 0x52009230


def functional_group_frames(dataset: Elements, header: FileHeader) -> tuple[Frame, ...]:
    """Return one `Frame` for each item of the per-frame groups, in file order."""
    shared = dataset.item(_SHARED)
    # The shared groups are looked at once; a per-frame item mostly has to answer for two or three groups only.
    return tuple(
        _frame(dataset, (item,) if shared is None else (item, shared), header, number)
        for number, item in enumerate(dataset.items(_PER_FRAME))
    )


def _frame(dataset: Elements, groups: Sequence[Elements], header: FileHeader, number: int) -> Frame:
    content = _group(groups, 0x00209111)
    position = _group(groups, 0x00209113)
    orientation = _group(groups, 0x00209116)
    measures = _group(groups, 0x00289110)
    cardiac = _group(groups, 0x00189118)
    converted = _group(groups, 0x00209171)  # what a legacy converter found no group for
    frame_type = _group(groups, 0x00189226)
    echo = _group(groups, 0x00189114)
    modifier = _group(groups, 0x00189115)
    diffusion = _group(groups, 0x00189117)
    velocity = _group(groups, 0x00189197)

    axes = axes_of(orientation.numbers(0x00200037) if orientation else None)
    where = position.numbers(0x00200032) if position else None
    spacing = measures.numbers(0x00280030) if measures else None
    acquired = content.text(0x00189074) or content.text(0x00189151) if content else None
    inversion = (
        modifier.number(0x00189079, "FD")
        if modifier is not None and (modifier.text(0x00189009) or "").upper() == "YES"
        else None
    )
    image_type = (frame_type.texts(0x00080008) or frame_type.texts(0x00089007)) if frame_type else ()
    component = frame_type.text(0x00089208) if frame_type else None
    venc = velocity.numbers(0x00189217, "FD") if velocity else None
    return Frame(
        header=header,
        number=number,
        position_mm=(where[0], where[1], where[2]) if where is not None and len(where) == 3 else None,
        column_axis=axes[0] if axes else None,
        row_axis=axes[1] if axes else None,
        pixel_spacing_mm=(spacing[0], spacing[1]) if spacing and len(spacing) == 2 and min(spacing) > 0 else None,
        slice_thickness_mm=_positive(measures.number(0x00180050)) if measures else None,
        spacing_between_slices_mm=_positive(measures.number(0x00180088)) if measures else None,
        trigger_time_ms=next(
            (time for one in (cardiac, converted) if one is not None and (time := one.number(0x00181060)) is not None),
            None,
        ),
        nominal_delay_ms=cardiac.number(0x00209153, "FD") if cardiac else None,
        temporal_index=content.integer(0x00209128, "UL") if content else None,
        acquisition_s=moment_seconds(acquired),
        content_s=calendar_seconds(dataset.text(0x00080023), dataset.text(0x00080033)),
        instance_number=number + 1,
        rr_interval_ms=_positive(cardiac.number(0x00209251, "FD")) if cardiac else None,
        heart_rate_bpm=None,
        inversion_time_ms=_positive(inversion),
        echo_time_ms=_positive(echo.number(0x00189082, "FD")) if echo else None,
        b_value=diffusion.number(0x00189087, "FD") if diffusion else None,
        image_type=tuple(part.upper() for part in image_type or dataset.texts(0x00080008)),
        complex_component=(component or dataset.text(0x00089208) or "").upper() or None,
        velocity_encoded=bool(venc and any(abs(value) > 0.0 for value in venc))
        or (dataset.text(0x00189014) or "").upper() == "YES",
    )


def _group(groups: Sequence[Elements], tag: int) -> Elements | None:
    for group in groups:
        item = group.item(tag)
        if item is not None:
            return item
    return None


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0.0 else None
