"""What the elements of one DICOM file say, as its `FileHeader` and its `Frame`s."""

from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.header import (
    FileHeader,
    Frame,
    Triple,
    axes_of,
    calendar_seconds,
    moment_seconds,
    patient_identity,
    pixel_spacing,
    positive,
)
from cinecor.study.dicom.stored_frame import frame_rescales
from cinecor.study.dicom.tag import Tag


def file_header(elements: Elements, meta: Elements, name: str) -> FileHeader:
    """Return what a file says of all its frames: `elements` of its dataset, `meta` of what stands before it.

    `name` is how the file is called in the audit.
    """
    frame_count = elements.integer(Tag.NumberOfFrames) or 1
    groups = (
        sum(1 for _ in elements.items(Tag.PerFrameFunctionalGroupsSequence))
        if frame_count > 1 or Tag.PerFrameFunctionalGroupsSequence in elements
        else 0
    )
    sop_class_uid = elements.text(Tag.SOPClassUID) or meta.text(Tag.MediaStorageSOPClassUID)
    shared = elements.item(Tag.SharedFunctionalGroupsSequence)
    return FileHeader(
        path=name,
        sop_class_uid=sop_class_uid,
        sop_instance_uid=elements.text(Tag.SOPInstanceUID) or meta.text(Tag.MediaStorageSOPInstanceUID),
        transfer_syntax_uid=meta.text(Tag.TransferSyntaxUID),
        study_uid=elements.text(Tag.StudyInstanceUID),
        study_date=_day(elements.text(Tag.StudyDate)),
        patient=patient_identity(
            id=elements.text(Tag.PatientID),
            name=elements.text(Tag.PatientName),
            birth_date=elements.text(Tag.PatientBirthDate),
            sex=elements.text(Tag.PatientSex),
        ),
        series_uid=elements.text(Tag.SeriesInstanceUID) or "",
        series_number=elements.integer(Tag.SeriesNumber),
        series_description=elements.text(Tag.SeriesDescription),
        series_time_s=calendar_seconds(elements.text(Tag.SeriesDate), elements.text(Tag.SeriesTime)),
        frame_of_reference_uid=elements.text(Tag.FrameOfReferenceUID),
        modality=(elements.text(Tag.Modality) or "").upper() or None,
        manufacturer=elements.text(Tag.Manufacturer),
        sequence_name=elements.text(Tag.SequenceName),
        scanning_sequence=elements.texts(Tag.ScanningSequence),
        acquisition_number=elements.integer(Tag.AcquisitionNumber),
        rows=elements.integer(Tag.Rows, "US") or 0,
        columns=elements.integer(Tag.Columns, "US") or 0,
        samples_per_pixel=elements.integer(Tag.SamplesPerPixel, "US") or 1,
        photometric_interpretation=elements.text(Tag.PhotometricInterpretation),
        frame_count=max(1, frame_count),
        cardiac_images=elements.integer(Tag.CardiacNumberOfImages),
        acquisition_images=elements.integer(Tag.ImagesInAcquisition),
        repetition_time_ms=positive(elements.number(Tag.RepetitionTime)),
        flip_angle_degrees=positive(elements.number(Tag.FlipAngle)),
        contrast_agent=elements.text(Tag.ContrastBolusAgent) is not None,
        tagged=(elements.text(Tag.Tagging) or "NONE").upper() in ("GRID", "LINE"),
        # A stray empty group sequence in a single-frame file does not make it a multi-frame image.
        has_functional_groups=groups == frame_count and (shared is not None or _places_frames(elements)),
    )


def _day(date: str | None) -> str | None:
    """Write a DICOM date as 2026-01-31; None for what is none."""
    digits = (date or "").strip()
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else None


def _places_frames(elements: Elements) -> bool:
    first = elements.item(Tag.PerFrameFunctionalGroupsSequence)
    return first is not None and first.item(Tag.PlanePositionSequence) is not None


def _single_frame(elements: Elements, header: FileHeader) -> Frame:
    axes = axes_of(elements.numbers(Tag.ImageOrientationPatient))
    return Frame(
        header=header,
        position_mm=_triple(elements.numbers(Tag.ImagePositionPatient)),
        column_axis=axes[0] if axes else None,
        row_axis=axes[1] if axes else None,
        pixel_spacing_mm=pixel_spacing(elements.numbers(Tag.PixelSpacing)),
        slice_thickness_mm=positive(elements.number(Tag.SliceThickness)),
        spacing_between_slices_mm=positive(elements.number(Tag.SpacingBetweenSlices)),
        trigger_time_ms=elements.number(Tag.TriggerTime),
        nominal_delay_ms=elements.number(Tag.NominalCardiacTriggerDelayTime, "FD"),
        temporal_index=elements.integer(Tag.TemporalPositionIndex, "UL"),
        temporal_identifier=elements.integer(Tag.TemporalPositionIdentifier),
        acquisition_s=calendar_seconds(elements.text(Tag.AcquisitionDate), elements.text(Tag.AcquisitionTime))
        or moment_seconds(elements.text(Tag.AcquisitionDateTime)),
        content_s=calendar_seconds(elements.text(Tag.ContentDate), elements.text(Tag.ContentTime)),
        instance_number=elements.integer(Tag.InstanceNumber),
        rr_interval_ms=positive(elements.number(Tag.NominalInterval)),
        heart_rate_bpm=positive(elements.number(Tag.HeartRate)),
        inversion_time_ms=positive(elements.number(Tag.InversionTime)),
        echo_time_ms=positive(elements.number(Tag.EchoTime)),
        b_value=elements.number(Tag.DiffusionBValue, "FD"),
        image_type=tuple(part.upper() for part in elements.texts(Tag.ImageType)),
        slice_location_mm=elements.number(Tag.SliceLocation),
        rescale=frame_rescales(elements, (0,))[0],
        complex_component=_complex_component(elements, header),
        velocity_encoded=_velocity_encoded(elements, header),
    )


def _complex_component(elements: Elements, header: FileHeader) -> str | None:
    standard = elements.text(Tag.ComplexImageComponent)
    if standard:
        return standard.upper()
    if (header.manufacturer or "").upper().startswith("GE"):  # RawDataType: GE's own element
        return {0: "MAGNITUDE", 1: "PHASE", 2: "REAL", 3: "IMAGINARY"}.get(
            elements.integer(Tag.GERawDataType, "SS") or 0
        )
    return None


def _velocity_encoded(elements: Elements, header: FileHeader) -> bool:
    if (elements.text(Tag.PhaseContrast) or "").upper() == "YES" or any(
        True for _ in elements.items(Tag.MRVelocityEncodingSequence)
    ):
        return True
    is_ge = (header.manufacturer or "").upper().startswith("GE")
    return is_ge and bool(elements.integer(Tag.GEVelocityEncoding, "SS"))  # VENC of a flow measurement, 0 otherwise


def plain_frames(elements: Elements, header: FileHeader) -> tuple[Frame, ...]:
    """Return the frames of a file without functional groups: one, or one plane through time in file order."""
    if header.frame_count == 1:
        return (_single_frame(elements, header),)
    frames = []
    for number in range(header.frame_count):
        frame = _single_frame(elements, header)
        frame.number = number
        frame.instance_number = number + 1
        frame.trigger_time_ms = frame.nominal_delay_ms = None  # one value for all frames orders nothing
        frames.append(frame)
    return tuple(frames)


def _triple(values: tuple[float, ...] | None) -> Triple | None:
    return (values[0], values[1], values[2]) if values is not None and len(values) == 3 else None
