"""`outlines_within`: outlines that lie in a study's own folder as DICOM SEG, as a review that can be gone on with."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.app.incoming_outlines import seg_unreadable
from cinecor.app.open_study import OpenedStudy
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.measure.quantity import OF_OUTLINES
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.progress import CancelCheck, never, stop_if
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.review import Edit, Gesture, Redraw, Review, ReviewResult, review_result
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_SEG: Final = "SEG"
_SR: Final = "SR"
_NO_RUN: Final = Runtime("", "", {})
_SAME: Final = {"ef_percent": 0.05}  # files are rounded
_SAME_ELSE: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class OutlinesWithin:
    """A review out of a study's own objects: what an algorithm drew, and what a person made of it."""

    series: str  # as the series of the final outlines calls itself
    segmentation: Segmentation
    edits: tuple[Edit, ...]
    cautions: tuple[Message, ...] = ()  # what could not be used, and measurement reports that say other numbers
    told: tuple[Message, ...] = ()  # measurement reports that say the same numbers

    def over(self, review: Review) -> Review:
        """Return a review of the same stack with these outlines."""
        now = replace(review, segmentation=self.segmentation)
        for edit in self.edits:
            now = edit.apply(now)
        return now


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """One series of SEG objects, read."""

    name: str
    labels: NDArray[np.uint8]  # (slice, phase, row, column)
    left_out: tuple[Message, ...]
    identity: ModelIdentity
    automatic: bool
    made: str  # date and time: the last one counts
    empty: int  # frames that are in no object


def outlines_within(study: OpenedStudy, review: Review, *, cancelled: CancelCheck = never) -> OutlinesWithin | None:
    """Return what the SEG objects of a study draw on all phases of its stack; None where none does.

    The last series of an algorithm lies under the last one that a person changed, drew or signed. `review` is the
    stack's, with what is known of the patient. Objects that draw on some phases only, or whose wall holds papillary
    muscles that were counted as mass, make no review; they can be taken over as corrections, or compared with.
    Raises `InputError`, with why, where there are SEG objects of the stack and none of them makes a review.
    """
    cautions: list[Message] = []
    series: list[_Series] = []
    with quiet_pydicom():
        for sources in _objects(study):
            stop_if(cancelled)
            one = _series(sources, study, cautions)
            if one is not None:
                series.append(one)
    series.sort(key=lambda one: one.made)
    automatic, by_people = ([one for one in series if one.automatic is drawn] for drawn in (True, False))
    if not series:
        if cautions:
            raise InputError(cautions[0])
        return None
    base, last = (automatic or by_people)[-1], (by_people or automatic)[-1]
    changed = np.argwhere((base.labels != last.labels).any(axis=(2, 3))).tolist()
    frames = {(index, phase): last.labels[index, phase] for index, phase in changed}
    found = OutlinesWithin(last.name, _segmentation(base), (Redraw(Gesture.IMPORT, frames),) if frames else ())
    result = review_result(found.over(review))
    agreeing, differing = ([], []) if result is None else _against_reports(study, result, by_person=bool(by_people))
    cautions += [reason for one in dict.fromkeys((base, last)) for reason in one.left_out]
    return replace(found, cautions=tuple(dict.fromkeys((*cautions, *differing))), told=tuple(agreeing))


def _objects(study: OpenedStudy) -> list[list[tuple[str, FileSource]]]:
    """Return the files of each series of SEG, by name."""
    found: dict[str, dict[str, FileSource]] = {}
    index = study.index
    for view, _ in () if index is None else index.judged:
        header = view.frames[0].header
        if header.modality == _SEG and index is not None:
            files = found.setdefault(header.series_uid, {})
            files |= {frame.header.path: index.paths[frame.header.path] for frame in view.frames}
    return [sorted(files.items()) for files in found.values()]


def _series(sources: Sequence[tuple[str, FileSource]], study: OpenedStudy, told: list[Message]) -> _Series | None:
    """Return what a series draws; None, with the reason told, where it makes no review."""
    from cinecor.report.dicom.segment_author import counts_papillaries_as_wall, identity_in, is_automatic
    from cinecor.report.dicom.segmentation_reader import read_segmentations

    try:
        objects = [(name, dataset_in(source)) for name, source in sources]
        read = read_segmentations(objects, study.stack)
        first = objects[0][1]
        name = str(first.get("SeriesDescription") or first.get("Manufacturer") or _SEG)
        if counts_papillaries_as_wall(first):
            told.append(
                Message(
                    "seg_holds_counted_masks",
                    "{series}: papillary muscles are counted as mass in these masks; what was drawn cannot be told.",
                    series=name,
                )
            )
            return None
        missing = set(range(study.stack.phases)) - {phase for _, phase in read.drawn}
        if missing:
            if read.drawn:
                told.append(
                    Message.counted(
                        "seg_lacks_phases",
                        "{series}: {n} phase has no outlines; take them over as corrections instead.",
                        "{series}: {n} phases have no outlines; take them over as corrections instead.",
                        n=len(missing),
                        series=name,
                    )
                )
            return None
        labels, empty = _stood_in(read, study)
        made = f"{first.get('ContentDate', '')}{first.get('ContentTime', '')}"
        return _Series(name, labels, read.left_out, identity_in(first), is_automatic(first), made, empty)
    except Exception as error:  # noqa: BLE001  pydicom raises anything on damaged bytes: the study opens all the same
        told.append(seg_unreadable(error))
        return None


def _stood_in(read: ReadLabels, study: OpenedStudy) -> tuple[NDArray[np.uint8], int]:
    """Return the labels, those of a neighbour where its image stands in for a missing one, and how many are in none."""
    labels, pixels, complete = read.labels.copy(), study.stack.pixels, study.audit.complete
    empty = 0
    for index, phase in np.ndindex(complete.shape):
        if (index, phase) in read.drawn:
            continue
        same = (
            other
            for other in range(study.stack.phases)
            if not complete[index, phase]
            and (index, other) in read.drawn
            and np.array_equal(pixels[index, phase], pixels[index, other], equal_nan=True)
        )
        other = next(same, None)
        if other is None:
            empty += 1
        else:
            labels[index, phase] = read.labels[index, other]
    labels.setflags(write=False)
    return labels, empty


def _segmentation(base: _Series) -> Segmentation:
    confidence = np.full(base.labels.shape[:2], np.nan, dtype=np.float32)
    confidence.setflags(write=False)
    notes = [
        Message(
            "outlines_of_seg",
            "The outlines come from DICOM SEG ({series}): how sure whoever drew them was is not known.",
            series=base.name,
        )
    ]
    if base.empty:
        notes.append(
            Message.counted(
                "seg_frames_absent",
                "{n} frame is in no SEG object: it counts as empty.",
                "{n} frames are in no SEG object: they count as empty.",
                n=base.empty,
            )
        )
    return Segmentation(base.labels, confidence, base.identity, _NO_RUN, tuple(notes))


def _against_reports(
    study: OpenedStudy, result: ReviewResult, *, by_person: bool
) -> tuple[list[Message], list[Message]]:
    """Return which of the study's own measurement reports (SR, of ours) say the same numbers, and which others."""
    from cinecor.report.dicom.measurement_reader import is_final, numbers_in

    agreeing, differing = [], []
    for path, report in _reports(study):
        if is_final(report) != by_person:
            continue
        others = _differing(numbers_in(report), result)
        if others:
            differing.append(
                Message(
                    "report_differs",
                    "{name} says other numbers than these outlines: {numbers}.",
                    name=path.name,
                    numbers=tuple(others),
                )
            )
        else:
            agreeing.append(Message("report_agrees", "{name} says the same numbers.", name=path.name))
    return agreeing, differing


def _reports(study: OpenedStudy) -> list[tuple[Path, "Dataset"]]:
    """Return the measurement reports that lie in a study's folder, ours alone."""
    found: list[tuple[Path, Dataset]] = []
    for left in study.audit.left_out:
        values = left.reason.values
        path = study.path / left.path
        if left.reason.code == "no_image_object" and values.get("modality") == _SR and path.is_file():
            try:
                report = dataset_in(path)
            except Exception:  # noqa: BLE001  a report that cannot be read says nothing
                continue
            if report.get("Manufacturer") == "Cinecor":
                found.append((path, report))
    return found


def _differing(told: dict[tuple[str, str], float], result: ReviewResult) -> list[str]:
    from cinecor.report.dicom.measurement_reader import VENTRICLE_CODES

    found = []
    for ventricle in Ventricle:
        for quantity in OF_OUTLINES:
            code, now = quantity.codes.get(ventricle), quantity.of(result.measurements.of(ventricle))
            if code is None or now is None:
                continue
            there = told.get((VENTRICLE_CODES[ventricle], code.value))
            if there is not None and abs(there - now) > _SAME.get(quantity.field, _SAME_ELSE):
                digits = max(quantity.decimals, 1)
                found.append(
                    f"{ventricle.value.upper()} {quantity.name} {there:.{digits}f} ≠ {now:.{digits}f} {quantity.unit}"
                )
    return found


def dataset_in(source: FileSource) -> "Dataset":
    """Return what a file holds. Raises whatever pydicom raises on damaged bytes."""
    import pydicom

    with source.open("rb") as file:
        return pydicom.dcmread(io.BytesIO(file.read()))
