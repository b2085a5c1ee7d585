"""The images behind a SEG object: stand-ins that it is made from, and the real ones that it refers to afterwards."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from cinecor.report.dicom.source_study import SourceStudy
from cinecor.study.cine_stack import SourceFrame

_MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"


_ONE_SERIES: Final = "2.25.1"


def stand_in(source: SourceStudy, index: int, uid: str, frame_of_reference_uid: str) -> Dataset:
    """Return a single-frame image with the stack's own geometry; highdicom takes source images of that kind alone.

    A stack may have been turned to a common grid, and an enhanced file holds all frames in one: neither would fit as
    it is. `refer_to_real_images` puts the real images into every reference afterwards.
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


def refer_to_real_images(made: Dataset, frames: dict[str, SourceFrame | None], source: SourceStudy) -> None:
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
    made.ReferencedSeriesSequence = referenced_series([frame for frame in frames.values() if frame is not None], source)
    for name in ("SourceImageSequence", "ReferencedImageSequence"):
        if name in made:
            del made[name]


def referenced_series(frames: Sequence[SourceFrame], source: SourceStudy) -> list[Dataset]:
    """Return the items that name every image by its series."""
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


def orient_each_frame(made: Dataset, slices: Sequence[int], source: SourceStudy) -> None:
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
