"""`segmentation_objects`: labels as DICOM SEG, one object a phase (what viewers open) or one for the whole cine."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom.seg import Segmentation, SegmentationTypeValues
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag

from cinecor.errors import InputError
from cinecor.file_format import this_version
from cinecor.measure.conventions import NOTICE
from cinecor.message import Message
from cinecor.report.dicom.segment_codes import segment_descriptions
from cinecor.report.dicom.source_study import SourceStudy, new_uid
from cinecor.report.results import Results
from cinecor.study.cine_stack import SourceFrame

MANUFACTURER: Final = "Cinecor"
_TEMPORAL_POSITION_INDEX: Final = Tag(0x0020, 0x9128)
_FRAME_CONTENT_SEQUENCE: Final = Tag(0x0020, 0x9111)
_MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"
_ONE_SERIES: Final = "2.25.1"


@dataclass(frozen=True, slots=True)
class SegOptions:
    """How labels become objects."""

    final: bool = False  # a person changed or signed the labels: else they are the model's alone
    whole_cine: bool = False  # one object for all phases instead of one a phase
    label_map: bool = False  # SEG of type LABELMAP, which few viewers read yet
    series_number: int = 9001


def segmentation_objects(
    labels: NDArray[np.uint8], *, source: SourceStudy, results: Results, options: SegOptions
) -> list[Dataset]:
    """Return the objects of one new series; labels (slice, phase, row, column) lie on the stack's own grid.

    Every frame names the image that it was drawn on, which alone tells a viewer its phase. Frames whose image is
    missing are left out: a neighbouring phase stood in for them. Raises `InputError` for slices in no common frame of
    reference.
    """
    if source.frame_of_reference_uid is None:
        raise InputError(
            Message(
                "no_common_frame",
                "The slices have no frame of reference in common (FrameOfReferenceUID): a SEG would not say where "
                "they lie; export SR, PDF, CSV or NIfTI.",
            )
        )
    series_uid = new_uid()
    objects: list[Segmentation] = [
        _of_phase(labels[:, phase], phase, source=source, results=results, options=options, series_uid=series_uid)
        for phase in range(labels.shape[1])
        if any(source.frame(index, phase) is not None for index in range(labels.shape[0]))
    ]
    if options.whole_cine:
        return [_whole_cine(objects, source=source, options=options)]
    return list(objects)


def _of_phase(
    labels: NDArray[np.uint8],
    phase: int,
    *,
    source: SourceStudy,
    results: Results,
    options: SegOptions,
    series_uid: str,
) -> Segmentation:
    slices = [index for index in range(labels.shape[0]) if source.frame(index, phase) is not None]
    images = {new_uid(): index for index in slices}
    kind = SegmentationTypeValues.LABELMAP if options.label_map else SegmentationTypeValues.BINARY
    made = Segmentation(
        source_images=[_stand_in(source, index, uid) for uid, index in images.items()],
        pixel_array=np.ascontiguousarray(labels[slices]),
        segmentation_type=kind,
        segment_descriptions=segment_descriptions(
            results.model, final=options.final, papillary_mass=results.choices.papillary == "mass"
        ),
        series_instance_uid=series_uid,
        series_number=options.series_number,
        sop_instance_uid=new_uid(),
        instance_number=phase + 1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=this_version(),
        device_serial_number="0",
        content_label="LV_MYO_RV",
        content_description=f"Phase {phase + 1} of {results.stack.phases}. Research use only."[:64],
        series_description=_description(options),
        omit_empty_frames=False,
    )
    _refer_to_real_images(made, {uid: source.frame(index, phase) for uid, index in images.items()}, source)
    if source.stack.geometry.slice_axes is not None:
        _orient_each_frame(made, slices, source)
    made.update(source.common)
    made.ImageComments = NOTICE
    return made


def _description(options: SegOptions) -> str:
    """Return what the series is called: one name for all its objects, whose phase stands in what describes each."""
    who = "final" if options.final else "AI, not verified"
    where = "whole cine" if options.whole_cine else "one object a phase"
    return f"Cinecor LV/MYO/RV, {who}, {where}"[:64]


def _stand_in(source: SourceStudy, index: int, uid: str) -> Dataset:
    """Return a single-frame image with the stack's own geometry; highdicom takes source images of that kind alone.

    A stack may have been turned to a common grid, and an enhanced file holds all frames in one: neither would fit as
    it is. `_refer_to_real_images` puts the real images into every reference afterwards.
    """
    geometry, header = source.stack.geometry, source.headers[index]
    image = source.common
    image.SOPClassUID, image.SOPInstanceUID = _MR_IMAGE, uid
    image.SeriesInstanceUID = _ONE_SERIES  # several do not go in; the references are put right afterwards
    image.FrameOfReferenceUID = source.frame_of_reference_uid
    image.PositionReferenceIndicator = ""
    image.Modality = "MR"
    image.Rows, image.Columns = source.stack.rows, source.stack.columns
    image.PixelSpacing = [_decimal(value) for value in geometry.pixel_spacing_mm]
    image.SliceThickness = _decimal(_thickness_mm(header, source.stack.geometry.slice_spacing_mm))
    image.SpacingBetweenSlices = _decimal(geometry.slice_spacing_mm)
    image.ImageOrientationPatient = [_decimal(value) for value in (*geometry.column_axis, *geometry.row_axis)]
    image.ImagePositionPatient = [_decimal(value) for value in geometry.positions_mm[index]]
    return image


def _thickness_mm(header: Dataset, spacing_mm: float) -> float:
    """Return what the image says of its thickness; the spacing where it says nothing that a slice can have."""
    groups = header.get("SharedFunctionalGroupsSequence")
    measures = groups[0].get("PixelMeasuresSequence") if groups else None
    told = header.get("SliceThickness") or (measures[0].get("SliceThickness") if measures else None)
    try:
        return float(told) if told is not None and float(told) > 0 else spacing_mm
    except (TypeError, ValueError):
        return spacing_mm


def _decimal(value: float) -> str:
    """Return a number in the 16 characters of a decimal string."""
    for digits in range(16, 3, -1):
        text = f"{float(value):.{digits}g}"
        if len(text) <= 16:
            return text
    raise ValueError(value)


def _reference(frame: SourceFrame) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = frame.sop_class_uid, frame.sop_instance_uid
    return item


def _refer_to_real_images(made: Dataset, frames: dict[str, SourceFrame | None], source: SourceStudy) -> None:
    """Replace the stand-ins in every reference by the images, with the frame's number where a file holds many."""
    for group in made.PerFrameFunctionalGroupsSequence:
        for derivation in group.get("DerivationImageSequence", []):
            for image in derivation.SourceImageSequence:
                frame = frames.get(str(image.ReferencedSOPInstanceUID))
                if frame is None:  # the frames of one plane share their reference: it was replaced already
                    continue
                image.ReferencedSOPClassUID = frame.sop_class_uid
                image.ReferencedSOPInstanceUID = frame.sop_instance_uid
                if frame.number is not None:
                    image.ReferencedFrameNumber = frame.number
    made.ReferencedSeriesSequence = _referenced_series(
        [frame for frame in frames.values() if frame is not None], source
    )
    for name in ("SourceImageSequence", "ReferencedImageSequence"):
        if name in made:
            del made[name]


def _referenced_series(frames: Sequence[SourceFrame], source: SourceStudy) -> list[Dataset]:
    by_series: dict[str, dict[str, SourceFrame]] = {}
    for frame in frames:
        uid = str(frame.sop_instance_uid)
        by_series.setdefault(source.series_of[uid], {})[uid] = frame
    items = []
    for series, instances in by_series.items():
        item = Dataset()
        item.SeriesInstanceUID = series
        item.ReferencedInstanceSequence = Items([_reference(frame) for frame in instances.values()])
        items.append(item)
    return items


def _orient_each_frame(made: Dataset, slices: Sequence[int], source: SourceStudy) -> None:
    """Say the orientation frame by frame, where slices are tilted against each other."""
    axes = source.stack.geometry.slice_axes
    assert axes is not None
    shared = made.SharedFunctionalGroupsSequence[0]
    if "PlaneOrientationSequence" in shared:
        del shared.PlaneOrientationSequence
    for group in made.PerFrameFunctionalGroupsSequence:
        position = np.array([float(value) for value in group.PlanePositionSequence[0].ImagePositionPatient])
        distances = np.linalg.norm(source.stack.geometry.positions_mm[list(slices)] - position, axis=1)
        own = axes[slices[int(np.argmin(distances))]]
        item = Dataset()
        item.ImageOrientationPatient = [_decimal(value) for value in own.ravel()]
        group.PlaneOrientationSequence = Items([item])


def _whole_cine(objects: Sequence[Segmentation], *, source: SourceStudy, options: SegOptions) -> Dataset:
    """Return one object of all phases: the phase is a dimension, because positions alone no longer tell frames apart.

    highdicom refuses to make it in one go ("Plane positions must not contain duplicates").
    """
    merged = deepcopy(objects[0])
    organization = str(merged.DimensionIndexSequence[0].DimensionOrganizationUID)
    merged.DimensionIndexSequence.append(_temporal_dimension(organization))
    if merged.get("DimensionOrganizationType") is not None:
        del merged.DimensionOrganizationType
    groups, planes = [], []
    for one in objects:
        for group in one.PerFrameFunctionalGroupsSequence:
            copied = deepcopy(group)
            content = copied.FrameContentSequence[0]
            phase = int(one.InstanceNumber)
            content.TemporalPositionIndex = phase
            content.DimensionIndexValues = [*np.atleast_1d(content.DimensionIndexValues).tolist(), phase]
            groups.append(copied)
        planes.append(_stored(one, label_map=options.label_map))
    merged.PerFrameFunctionalGroupsSequence = groups
    merged.NumberOfFrames = len(groups)
    frames = np.concatenate(planes)
    merged.PixelData = frames.tobytes() if options.label_map else pack_bits(frames)
    if len(merged.PixelData) % 2:
        merged.PixelData += b"\0"
    every = [frame for row in source.stack.frames or () for frame in row if frame is not None]
    merged.ReferencedSeriesSequence = _referenced_series(every, source)
    merged.InstanceNumber = 1
    merged.ContentDescription = f"All {len(objects)} phases. Research use only."
    return merged


def _stored(one: Segmentation, *, label_map: bool) -> NDArray[np.uint8]:
    rows, columns, count = int(one.Rows), int(one.Columns), int(one.NumberOfFrames)
    if label_map:
        content = np.frombuffer(one.PixelData, dtype=np.uint8)
    else:
        content = np.unpackbits(np.frombuffer(one.PixelData, dtype=np.uint8), bitorder="little")
    return content[: count * rows * columns].reshape(count, rows, columns)


def _temporal_dimension(organization: str) -> Dataset:
    item = Dataset()
    item.DimensionOrganizationUID = organization
    item.DimensionIndexPointer = _TEMPORAL_POSITION_INDEX
    item.FunctionalGroupPointer = _FRAME_CONTENT_SEQUENCE
    item.DimensionDescriptionLabel = "Temporal Position Index"
    return item
