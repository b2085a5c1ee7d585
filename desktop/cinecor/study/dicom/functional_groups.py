"""Frames of an Enhanced multi-frame image, read from its shared and per-frame functional groups.

The dimension index is not used: scanners write index values that contradict the groups they index.
"""

from collections.abc import Sequence

from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.header import (
    FileHeader,
    Frame,
    axes_of,
    calendar_seconds,
    moment_seconds,
    pixel_spacing,
    positive,
)
from cinecor.study.dicom.stored_frame import rescale_of
from cinecor.study.dicom.tag import Tag


def functional_group_frames(dataset: Elements, header: FileHeader) -> tuple[Frame, ...]:
    """Return one `Frame` for each item of the per-frame groups, in file order."""
    shared = dataset.item(Tag.SharedFunctionalGroupsSequence)
    # The shared groups are looked at once; a per-frame item mostly has to answer for two or three groups only.
    return tuple(
        _frame(dataset, (item,) if shared is None else (item, shared), header, number)
        for number, item in enumerate(dataset.items(Tag.PerFrameFunctionalGroupsSequence))
    )


def _frame(dataset: Elements, groups: Sequence[Elements], header: FileHeader, number: int) -> Frame:
    content = _group(groups, Tag.FrameContentSequence)
    position = _group(groups, Tag.PlanePositionSequence)
    orientation = _group(groups, Tag.PlaneOrientationSequence)
    measures = _group(groups, Tag.PixelMeasuresSequence)
    cardiac = _group(groups, Tag.CardiacSynchronizationSequence)
    converted = _group(
        groups, Tag.UnassignedPerFrameConvertedAttributesSequence
    )  # what a legacy converter found no group for
    frame_type = _group(groups, Tag.MRImageFrameTypeSequence)
    echo = _group(groups, Tag.MREchoSequence)
    modifier = _group(groups, Tag.MRModifierSequence)
    diffusion = _group(groups, Tag.MRDiffusionSequence)
    velocity = _group(groups, Tag.MRVelocityEncodingSequence)

    axes = axes_of(orientation.numbers(Tag.ImageOrientationPatient) if orientation else None)
    where = position.numbers(Tag.ImagePositionPatient) if position else None
    spacing = measures.numbers(Tag.PixelSpacing) if measures else None
    acquired = (
        content.text(Tag.FrameAcquisitionDateTime) or content.text(Tag.FrameReferenceDateTime) if content else None
    )
    inversion = (
        modifier.number(Tag.InversionTimes, "FD")
        if modifier is not None and (modifier.text(Tag.InversionRecovery) or "").upper() == "YES"
        else None
    )
    image_type = (frame_type.texts(Tag.ImageType) or frame_type.texts(Tag.FrameType)) if frame_type else ()
    component = frame_type.text(Tag.ComplexImageComponent) if frame_type else None
    venc = velocity.numbers(Tag.VelocityEncodingMaximumValue, "FD") if velocity else None
    return Frame(
        header=header,
        number=number,
        position_mm=(where[0], where[1], where[2]) if where is not None and len(where) == 3 else None,
        column_axis=axes[0] if axes else None,
        row_axis=axes[1] if axes else None,
        pixel_spacing_mm=pixel_spacing(spacing),
        slice_thickness_mm=positive(measures.number(Tag.SliceThickness)) if measures else None,
        spacing_between_slices_mm=positive(measures.number(Tag.SpacingBetweenSlices)) if measures else None,
        trigger_time_ms=next(
            (
                time
                for one in (cardiac, converted)
                if one is not None and (time := one.number(Tag.TriggerTime)) is not None
            ),
            None,
        ),
        nominal_delay_ms=cardiac.number(Tag.NominalCardiacTriggerDelayTime, "FD") if cardiac else None,
        temporal_index=content.integer(Tag.TemporalPositionIndex, "UL") if content else None,
        acquisition_s=moment_seconds(acquired),
        content_s=calendar_seconds(dataset.text(Tag.ContentDate), dataset.text(Tag.ContentTime)),
        instance_number=number + 1 if header.frame_count > 1 else dataset.integer(Tag.InstanceNumber),
        rr_interval_ms=positive(cardiac.number(Tag.RRIntervalTimeNominal, "FD")) if cardiac else None,
        heart_rate_bpm=None,
        inversion_time_ms=positive(inversion),
        echo_time_ms=positive(echo.number(Tag.EffectiveEchoTime, "FD")) if echo else None,
        b_value=diffusion.number(Tag.DiffusionBValue, "FD") if diffusion else None,
        image_type=tuple(part.upper() for part in image_type or dataset.texts(Tag.ImageType)),
        rescale=rescale_of(_group(groups, Tag.PixelValueTransformationSequence) or dataset),
        complex_component=(component or dataset.text(Tag.ComplexImageComponent) or "").upper() or None,
        velocity_encoded=bool(venc and any(abs(value) > 0.0 for value in venc))
        or (dataset.text(Tag.PhaseContrast) or "").upper() == "YES",
    )


def _group(groups: Sequence[Elements], tag: int) -> Elements | None:
    for group in groups:
        item = group.item(tag)
        if item is not None:
            return item
    return None
