"""`Evaluation`: a segmenter against the labels of patients that it was never trained on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.level import base_comes_first, slice_levels
from cinecor.errors import CinecorError, InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.study.cine_stack import CineStack
from cinecor_training.data.case import ALL_KNOWN, Case, LabelledFrames, moment_of, study_of
from cinecor_training.evaluation.comparison import compare_function, compare_stack
from cinecor_training.evaluation.patient_result import PatientResult, StackResult
from cinecor_training.evaluation.segmenter import Segmenter
from cinecor_training.evaluation.slice_error import SliceError, slice_errors, worst_slices


@dataclass(frozen=True, slots=True)
class Skipped:
    """A patient that could not be compared, and why."""

    patient: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Every patient's result, the worst slices of all, and who was left out."""

    patients: tuple[PatientResult, ...]
    skipped: tuple[Skipped, ...]
    worst: tuple[SliceError, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    moment: str
    group: str
    frames: LabelledFrames
    model: NDArray[np.uint8]  # (slice, row, column)


def evaluate(cases: Sequence[Case], segmenter: Segmenter, *, listener: Callable[[PatientResult], None]) -> Evaluation:
    """Outline every case on its native grid and compare with its labels; a study's cases follow each other.

    Each of several studies of a patient has a result of its own, under the patient's and the study's name.
    Slices that a reader left out are shown to the segmenter and are empty on both sides of every figure. A patient with
    a bad case, or with structures that nobody labelled, is skipped and listed. Raises `InputError` when nobody is left.
    """
    results: list[PatientResult] = []
    skipped: list[Skipped] = []
    worst: tuple[SliceError, ...] = ()
    for patient, stacks in groupby(cases, key=study_of):
        started = time.perf_counter()
        try:
            readings = _outlined([(case, _read(case)) for case in stacks], segmenter)
        except CinecorError as error:
            skipped.append(Skipped(patient, str(error)))
            continue
        result, errors = _compare(patient, readings, seconds=time.perf_counter() - started)
        worst = worst_slices((*worst, *errors))
        results.append(result)
        listener(result)
    if not results:
        reasons = "; ".join(f"{entry.patient}: {entry.reason}" for entry in skipped) or "no patient was given"
        raise InputError(Message("nothing_evaluated", "Nothing could be evaluated ({reasons}).", reasons=reasons))
    return Evaluation(tuple(results), tuple(skipped), worst)


def _read(case: Case) -> LabelledFrames:
    frames = case.read()
    if frames.labels.shape != frames.pixels.shape:
        raise InputError(
            Message(
                "labels_do_not_fit_image",
                "{moment}: labels {labels} do not fit the image {image}.",
                moment=case.moment,
                labels=str(frames.labels.shape),
                image=str(frames.pixels.shape),
            )
        )
    counted = np.delete(frames.known, sorted(frames.left_out))
    if (counted != ALL_KNOWN).any():
        raise InputError(
            Message(
                "structure_not_labelled",
                "{moment}: not every structure is labelled in every slice; see --sunnybrook.",
                moment=case.moment,
            )
        )
    return frames


def _outlined(cases: Sequence[tuple[Case, LabelledFrames]], segmenter: Segmenter) -> list[_Reading]:
    """Return a patient's moments as the segmenter outlines them.

    Moments on one grid are phases of one cine, as the application gets them: the heart is looked for once.
    """
    one_grid = len({(frames.pixels.shape, frames.geometry.pixel_spacing_mm) for _, frames in cases}) == 1
    readings = []
    for together in [cases] if one_grid else [[one] for one in cases]:
        pixels = np.stack([frames.pixels for _, frames in together], axis=1)
        labels = segmenter(
            CineStack(pixels, together[0][1].geometry, None, None, None, ()), phases=range(len(together))
        )
        readings += [
            _Reading(moment_of(case), case.group, frames, _counted(labels[:, phase], frames))
            for phase, (case, frames) in enumerate(together)
        ]
    return readings


def _counted(labels: NDArray[np.uint8], frames: LabelledFrames) -> NDArray[np.uint8]:
    """Return a model's labels (slice, row, column) without the slices that the reader left out."""
    if not frames.left_out:
        return labels
    labels = labels.copy()
    labels[sorted(frames.left_out)] = Label.BACKGROUND
    return labels


def _compare(patient: str, readings: Sequence[_Reading], *, seconds: float) -> tuple[PatientResult, list[SliceError]]:
    longest = next((reading for reading in readings if reading.moment == "ED"), readings[0])
    base_first = base_comes_first(longest.frames.labels)
    stacks: list[StackResult] = []
    errors: list[SliceError] = []
    for reading in readings:
        geometry, reader = reading.frames.geometry, reading.frames.labels
        moment = reading.moment
        stacks.append(compare_stack(reading.model, reader, geometry=geometry, moment=moment, base_first=base_first))
        errors += slice_errors(
            reading.frames.pixels,
            model=reading.model,
            reader=reader,
            levels=slice_levels(reader, base_first=base_first),
            pixel_spacing_mm=geometry.pixel_spacing_mm,
            patient=patient,
            moment=moment,
        )
    by_moment = {reading.moment: reading for reading in readings}
    function = {}
    if {"ED", "ES"} <= set(by_moment) and by_moment["ED"].model.shape == by_moment["ES"].model.shape:
        function = compare_function(
            {moment: by_moment[moment].model for moment in ("ED", "ES")},
            {moment: by_moment[moment].frames.labels for moment in ("ED", "ES")},
            geometry=longest.frames.geometry,
        )
    return PatientResult(patient, readings[0].group, tuple(stacks), function, seconds), errors
