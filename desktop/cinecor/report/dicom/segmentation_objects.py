"""`segmentation_objects`: labels as DICOM SEG, one object a phase (what viewers open) or one for the whole cine."""

from collections.abc import Callable, Sequence
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
_TEMPORAL_POSITION_INDEX: Final = Tag("TemporalPositionIndex")
_FRAME_CONTENT_SEQUENCE: Final = Tag("FrameContentSequence")
_MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"
_ONE_SERIES: Final = "2.25.1"


@dataclass(frozen=True, slots=True)
class SegOptions:
    """How labels become objects."""

    final: bool = False  # a person changed or signed the labels: else they are the model's alone
    whole_cine: bool = False  # one object for all phases instead of one a phase
    label_map: bool = False  # SEG of type LABELMAP, which few viewers read yet
    series_number: int = 9001


@dataclass(frozen=True, slots=True, eq=False)
class SegObject:
    """One object and the name of its file, without ending."""

    name: str
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class _Part:
    """The slices of one phase that share a frame of reference."""

    phase: int
    slices: tuple[int, ...]
    frame_of_reference_uid: str


def segmentation_objects(
    labels: NDArray[np.uint8],
    *,
    source: SourceStudy,
    results: Results,
    options: SegOptions,
    step: Callable[[int, int], None] | None = None,
) -> list[SegObject]:
    """Return the objects of one new series; labels (slice, phase, row, column) lie on the stack's own grid.

    Every frame names the image that it was drawn on, which alone tells a viewer its phase. Frames whose image is
    missing are left out: a neighbouring phase stood in for them. One object lies in one frame of reference, so images
    that name several get an object for each: to say that they lie in one would be a claim that the scanner did not
    make. `step` is told before each phase's object how many are begun, of how many; what it raises ends the work.
    Raises `InputError` where images name none.
    """
    _require_frames_of_reference(source)
    parts = _parts(source, phases=labels.shape[1])
    common = len({part.frame_of_reference_uid for part in parts}) == 1
    series_uid = new_uid()
    made = []
    for number, part in enumerate(parts, start=1):
        if step is not None:
            step(number, len(parts))
        made.append(
            _of_part(labels, part, number, source=source, results=results, options=options, series_uid=series_uid)
        )
    if not options.whole_cine:
        names = [f"phase-{part.phase + 1:03d}" for part in parts]
        if not common:
            names = [f"{name}-part-{number:04d}" for number, name in enumerate(names, start=1)]
        return [SegObject(name, one) for name, one in zip(names, made, strict=True)]
    together: dict[str, list[tuple[_Part, Segmentation]]] = {}
    for part, one in zip(parts, made, strict=True):
        together.setdefault(part.frame_of_reference_uid, []).append((part, one))
    return [
        SegObject("cine" if common else f"cine-part-{number:04d}", _whole_cine(of_one, number, source, options))
        for number, of_one in enumerate(together.values(), start=1)
    ]


def frames_of_reference(source: SourceStudy) -> int:
    """Return in how many frames of reference the images of a study lie: so many objects a phase tell it at most."""
    return len(set(source.frame_of_reference_of.values()))


def _require_frames_of_reference(source: SourceStudy) -> None:
    if "" in source.frame_of_reference_of.values():
        raise InputError(
            Message(
                "no_frame_of_reference",
                "Images name no frame of reference (FrameOfReferenceUID): a SEG would not say where it lies; export "
                "SR, PDF, CSV or NIfTI.",
            )
        )


def _parts(source: SourceStudy, *, phases: int) -> list[_Part]:
    parts = []
    for phase in range(phases):
        by_reference: dict[str, list[int]] = {}
        for index in range(source.stack.slices):
            frame = source.frame(index, phase)
            if frame is not None:
                by_reference.setdefault(source.frame_of_reference_of[str(frame.sop_instance_uid)], []).append(index)
        parts += [_Part(phase, tuple(slices), uid) for uid, slices in by_reference.items()]
    return parts


def _of_part(
    labels: NDArray[np.uint8],
    part: _Part,
    number: int,
    *,
    source: SourceStudy,
    results: Results,
    options: SegOptions,
    series_uid: str,
) -> Segmentation:
    images = {new_uid(): index for index in part.slices}
    kind = SegmentationTypeValues.LABELMAP if options.label_map else SegmentationTypeValues.BINARY
    made = Segmentation(
        source_images=[_stand_in(source, index, uid, part.frame_of_reference_uid) for uid, index in images.items()],
        pixel_array=np.ascontiguousarray(labels[list(part.slices), part.phase]),
        segmentation_type=kind,
        segment_descriptions=segment_descriptions(
            results.model, final=options.final, papillary_mass=results.choices.papillary == "mass"
        ),
        series_instance_uid=series_uid,
        series_number=options.series_number,
        sop_instance_uid=new_uid(),
        instance_number=number,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=this_version(),
        device_serial_number="0",
        content_label="LV_MYO_RV",
        content_description=f"Phase {part.phase + 1} of {results.stack.phases}. Research use only."[:64],
        series_description=_description(options),
        omit_empty_frames=False,
    )
    frames = {uid: source.frame(index, part.phase) for uid, index in images.items()}
    _refer_to_real_images(made, frames, source)
    if source.stack.geometry.slice_axes is not None:
        _orient_each_frame(made, part.slices, source)
    made.update(source.common)
    made.ImageComments = NOTICE
    made.ContentCreatorName = ""  # of type 2, which highdicom leaves out
    return made


def _description(options: SegOptions) -> str:
    """Return what the series is called: one name for all its objects, whose phase stands in what describes each."""
    who = "final" if options.final else "AI, not verified"
    where = "whole cine" if options.whole_cine else "one object a phase"
    return f"Cinecor LV/MYO/RV, {who}, {where}"[:64]


def _stand_in(source: SourceStudy, index: int, uid: str, frame_of_reference_uid: str) -> Dataset:
    """Return a single-frame image with the stack's own geometry; highdicom takes source images of that kind alone.

    A stack may have been turned to a common grid, and an enhanced file holds all frames in one: neither would fit as
    it is. `_refer_to_real_images` puts the real images into every reference afterwards.
    """
    geometry, header = source.stack.geometry, source.headers[index]
    image = source.common
    image.SOPClassUID, image.SOPInstanceUID = _MR_IMAGE, uid
    image.SeriesInstanceUID = _ONE_SERIES  # several do not go in; the references are put right afterwards
    image.FrameOfReferenceUID = frame_of_reference_uid
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


def _whole_cine(
    phases: Sequence[tuple[_Part, Segmentation]], number: int, source: SourceStudy, options: SegOptions
) -> Dataset:
    """Return one object of all phases: the phase is a dimension, because positions alone no longer tell frames apart.

    highdicom refuses to make it in one go ("Plane positions must not contain duplicates").
    """
    merged = deepcopy(phases[0][1])
    organization = str(merged.DimensionIndexSequence[0].DimensionOrganizationUID)
    merged.DimensionIndexSequence.append(_temporal_dimension(organization))
    if merged.get("DimensionOrganizationType") is not None:
        del merged.DimensionOrganizationType
    groups, planes = [], []
    for part, one in phases:
        for group in one.PerFrameFunctionalGroupsSequence:
            copied = deepcopy(group)
            content = copied.FrameContentSequence[0]
            content.TemporalPositionIndex = part.phase + 1
            content.DimensionIndexValues = [*np.atleast_1d(content.DimensionIndexValues).tolist(), part.phase + 1]
            groups.append(copied)
        planes.append(_stored(one, label_map=options.label_map))
    merged.PerFrameFunctionalGroupsSequence = groups
    merged.NumberOfFrames = len(groups)
    frames = np.concatenate(planes)
    merged.PixelData = frames.tobytes() if options.label_map else pack_bits(frames)
    if len(merged.PixelData) % 2:
        merged.PixelData += b"\0"
    every = [source.frame(index, part.phase) for part, _ in phases for index in part.slices]
    merged.ReferencedSeriesSequence = _referenced_series([frame for frame in every if frame is not None], source)
    merged.InstanceNumber = number
    merged.ContentDescription = f"{len(phases)} phases. Research use only."
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
