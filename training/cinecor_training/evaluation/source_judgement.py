"""`judge_source`: a segmenter against what is labelled of a further data set."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.level import base_comes_first, slice_levels
from cinecor.errors import CinecorError, InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.study.cine_stack import CineStack
from cinecor_training.data.case import STRUCTURES, Case, LabelledFrames, Source
from cinecor_training.data.kaggle_source import KaggleCase, KaggleSource
from cinecor_training.data.split import Split
from cinecor_training.evaluation.judgement import judged_cases
from cinecor_training.evaluation.segmenter import Segmenter
from cinecor_training.evaluation.source_result import LabelledStack, SliceResult, SourceResult, source_figures


def judge_source(
    source: Source,
    segmenter: Segmenter,
    *,
    convention: str,
    split: Split | None = None,
    listener: Callable[[str], None],
) -> SourceResult:
    """Return the comparison with what is labelled of whom the data set's rule (or `split`) holds out.

    `listener` hears of each patient. Of the competition's patients those with evenly spaced stacks are judged, as
    volumes need them, whatever their masks add up to. Raises `InputError` when nobody is left.
    """
    if isinstance(source, KaggleSource):
        source = replace(source, volume_tolerance=None)
    cases = judged_cases(source, split=split)
    stacks: list[LabelledStack] = []
    skipped = [(bad.patient, bad.reason) for bad in cases.bad]
    for patient, moments in groupby(cases.judged, key=lambda case: case.patient):
        try:
            stacks += _patient(tuple(moments), segmenter)
        except CinecorError as error:
            skipped.append((patient, str(error)))
            continue
        listener(f"{source.name} {patient}")
    if not stacks:
        raise InputError(
            Message(
                "source_not_judged",
                "Nothing of {source} could be judged ({reason}).",
                source=source.name,
                reason=skipped[0][1] if skipped else "no patient",
            )
        )
    return SourceResult(source.name, convention, cases.split, source_figures(stacks), tuple(stacks), tuple(skipped))


def _patient(cases: tuple[Case, ...], segmenter: Segmenter) -> list[LabelledStack]:
    read = [(case, case.read()) for case in cases]
    longest = next((frames for case, frames in read if case.moment == "ED"), read[0][1])
    base_first = base_comes_first(longest.labels)
    found = []
    for case, frames in read:
        if isinstance(case, KaggleCase) and not case.info.places[case.moment].even:
            raise InputError(
                Message("slices_uneven_for_case", "the slices at {moment} are not evenly spaced.", moment=case.moment)
            )
        stack = CineStack(frames.pixels[:, None], frames.geometry, None, None, None, ())
        found.append(_stack(case, frames, model=segmenter(stack, phases=(0,))[:, 0], base_first=base_first))
    return found


def _stack(case: Case, frames: LabelledFrames, *, model: NDArray[np.uint8], base_first: bool) -> LabelledStack:
    levels = slice_levels(frames.labels, base_first=base_first)
    drawn = np.flatnonzero((frames.labels == Label.LV).any(axis=(1, 2)))
    slices = []
    for index, level in enumerate(levels):
        known = [label for label in STRUCTURES if frames.known[index] >> label & 1]
        if not known:
            continue
        reader, own = frames.labels[index], model[index]
        from_base = None
        if drawn.size:
            from_base = index - int(drawn[0]) if base_first else int(drawn[-1]) - index
        slices.append(
            SliceResult(
                level,
                from_base,
                {label.name.lower(): int((reader == label).sum()) for label in known},
                {label.name.lower(): int((own == label).sum()) for label in known},
                {label.name.lower(): int(((reader == label) & (own == label)).sum()) for label in known},
            )
        )
    result = LabelledStack(case.patient, case.moment, tuple(slices))
    if not isinstance(case, KaggleCase):
        return result
    info = case.info
    to_ml = info.places[case.moment].extent_mm * info.pixel_mm**2 / 1000
    volumes = [
        float((np.count_nonzero(labels == Label.LV, axis=(1, 2)) * to_ml).sum()) for labels in (model, frames.labels)
    ]
    return replace(
        result,
        model_ml=volumes[0],
        reader_ml=volumes[1],
        true_ml=info.edv_ml if case.moment == "ED" else info.esv_ml,
    )
