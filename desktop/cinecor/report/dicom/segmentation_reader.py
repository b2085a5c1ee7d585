"""`read_segmentations`: labels out of SEG objects, ours or others', onto the frames of a stack. Nothing is guessed."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.report.incoming.read_labels import LabelsBeingRead, ReadLabels
from cinecor.review.correction import Place
from cinecor.study.cine_stack import CineStack

SEGMENTATION_CLASSES: Final = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_STRUCTURES: Final = {"53085002": Label.RV, "49848007": Label.MYO, "87878005": Label.LV}
_OTHER_CODES: Final = {"T-32500": Label.RV, "T-32600": Label.LV}  # SNOMED RT of the ventricles, as older objects say
_PLACE_MM: Final = 0.1


def read_segmentations(objects: Iterable[tuple[str, Dataset]], stack: CineStack) -> ReadLabels:
    """Return the labels of SEG objects by their references to the stack's images.

    A frame is used where it names an image of the stack, has the stack's matrix and lies where that image lies, and
    its segment is one of the three structures by its code. Everything else is listed.
    """
    reading = LabelsBeingRead(stack.pixels.shape)
    places = _places(stack)
    for name, seg in objects:
        segments = _segments(name, seg, reading.left_out)
        if not segments:
            continue
        if (int(seg.Rows), int(seg.Columns)) != (stack.rows, stack.columns):
            reading.left_out.append(
                Message(
                    "seg_other_matrix",
                    "{name}: its frames have {rows} × {columns} pixels, and the images {own_rows} × {own_columns}.",
                    name=name,
                    rows=int(seg.Rows),
                    columns=int(seg.Columns),
                    own_rows=stack.rows,
                    own_columns=stack.columns,
                )
            )
            continue
        _read_object(name, seg, segments, reading, places=places, stack=stack)
    return reading.done()


def _read_object(
    name: str,
    seg: Dataset,
    segments: dict[int, Label],
    reading: LabelsBeingRead,
    *,
    places: dict[tuple[str, int | None], Place],
    stack: CineStack,
) -> None:
    unmatched = moved = 0
    for number, plane in enumerate(_planes(seg)):
        group = seg.PerFrameFunctionalGroupsSequence[number]
        place = next((places[key] for key in _references(group) if key in places), None)
        if place is None:
            unmatched += 1
        elif not _lies_there(group, place[0], stack):
            moved += 1
        else:
            for region, label in _regions(plane, group, segments):
                reading.add(place, label, region)
    if unmatched:
        reading.left_out.append(
            Message.counted(
                "seg_frames_elsewhere",
                "{name}: {n} frame refers to no image of this stack.",
                "{name}: {n} frames refer to no image of this stack.",
                n=unmatched,
                name=name,
            )
        )
    if moved:
        reading.left_out.append(
            Message.counted(
                "seg_frames_moved",
                "{name}: {n} frame does not lie where its image lies.",
                "{name}: {n} frames do not lie where their images lie.",
                n=moved,
                name=name,
            )
        )


def _places(stack: CineStack) -> dict[tuple[str, int | None], Place]:
    return {
        (str(frame.sop_instance_uid), frame.number): (index, phase)
        for index, row in enumerate(stack.frames or ())
        for phase, frame in enumerate(row)
        if frame is not None and frame.sop_instance_uid is not None
    }


def _segments(name: str, seg: Dataset, left_out: list[Message]) -> dict[int, Label]:
    """Return which structure each segment number is; others are listed."""
    segments: dict[int, Label] = {}
    unknown = []
    for item in seg.get("SegmentSequence", []):
        number = int(item.SegmentNumber)
        codes = item.get("SegmentedPropertyTypeCodeSequence") or [Dataset()]
        code = str(codes[0].get("CodeValue", ""))
        label = _STRUCTURES.get(code) or _OTHER_CODES.get(code)
        if label is not None:
            segments[number] = label
        elif number:  # 0 is the background of a label map
            unknown.append(str(item.get("SegmentLabel", number)))
    if unknown:
        left_out.append(
            Message(
                "seg_segments_unknown", "{name}: no structure of ours: {segments}.", name=name, segments=tuple(unknown)
            )
        )
    if len(set(segments.values())) != len(segments):
        left_out.append(
            Message(
                "seg_segments_twice",
                "{name}: one structure has several segments; which counts cannot be told.",
                name=name,
            )
        )
        return {}
    return segments


def _planes(seg: Dataset) -> NDArray[np.integer[Any]]:
    """Return the stored frames (frame, row, column): 0 and 1 of a binary object, segment numbers of a label map."""
    pixels = seg.pixel_array
    frames = pixels[np.newaxis] if pixels.ndim == 2 else pixels
    if str(seg.get("SegmentationType", "")) == "FRACTIONAL":
        return np.asarray(2 * frames.astype(np.int32) >= int(seg.get("MaximumFractionalValue", 255)), dtype=np.uint8)
    return np.asarray(frames)  # of 8 or of 16 bit: a label map may have more than 255 segments


def _regions(
    plane: NDArray[np.integer[Any]], group: Dataset, segments: dict[int, Label]
) -> Iterable[tuple[NDArray[np.bool_], Label]]:
    named = group.get("SegmentIdentificationSequence")
    if named:
        label = segments.get(int(named[0].ReferencedSegmentNumber))
        return [(plane != 0, label)] if label is not None else []
    return [(plane == number, label) for number, label in segments.items()]


def _references(group: Dataset) -> Sequence[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = []
    for derivation in group.get("DerivationImageSequence", []):
        for image in derivation.get("SourceImageSequence", []):
            numbers: Any = image.get("ReferencedFrameNumber")
            uid = str(image.ReferencedSOPInstanceUID)
            if numbers is None:
                found.append((uid, None))
            else:
                found += [(uid, int(one)) for one in (numbers if hasattr(numbers, "__iter__") else [numbers])]
    return found


def _lies_there(group: Dataset, index: int, stack: CineStack) -> bool:
    positions = group.get("PlanePositionSequence")
    if not positions:
        return True  # what it was drawn on is named
    told = np.array([float(value) for value in positions[0].ImagePositionPatient])
    return bool(np.linalg.norm(told - stack.geometry.positions_mm[index]) <= _PLACE_MM)
