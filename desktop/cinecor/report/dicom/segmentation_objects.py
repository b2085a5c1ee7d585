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
from pydicom.tag import Tag

from cinecor.errors import InputError
from cinecor.file_format import this_version
from cinecor.measure.conventions import NOTICE
from cinecor.message import Message
from cinecor.report.dicom.seg_images import orient_each_frame, refer_to_real_images, referenced_series, stand_in
from cinecor.report.dicom.segment_codes import segment_descriptions
from cinecor.report.dicom.source_study import SourceStudy, new_uid
from cinecor.report.results import Results

MANUFACTURER: Final = "Cinecor"
_TEMPORAL_POSITION_INDEX: Final = Tag("TemporalPositionIndex")
_FRAME_CONTENT_SEQUENCE: Final = Tag("FrameContentSequence")


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
        source_images=[stand_in(source, index, uid, part.frame_of_reference_uid) for uid, index in images.items()],
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
    refer_to_real_images(made, frames, source)
    if source.stack.geometry.slice_axes is not None:
        orient_each_frame(made, part.slices, source)
    made.update(source.common)
    made.ImageComments = NOTICE
    made.ContentCreatorName = ""  # of type 2, which highdicom leaves out
    return made


def _description(options: SegOptions) -> str:
    """Return what the series is called: one name for all its objects, whose phase stands in what describes each."""
    who = "final" if options.final else "AI, not verified"
    where = "whole cine" if options.whole_cine else "one object a phase"
    return f"Cinecor LV/MYO/RV, {who}, {where}"[:64]


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
    merged.ReferencedSeriesSequence = referenced_series([frame for frame in every if frame is not None], source)
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
