"""Calibration: the frames whose activations set the ranges of an int8 graph; of training patients only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.level import THIRDS, base_comes_first, slice_levels
from cinecor.errors import CinecorError, InputError
from cinecor.inference.outline.context import phase_input
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.heart import find_heart
from cinecor.message import Message
from cinecor.study.cine_stack import CineStack
from cinecor_training.data.case import LabelledFrames, moment_of
from cinecor_training.data.store_folder import SourcedCase

CALIBRATION_SLICES: Final = 180
_SEED: Final = 4


def calibration_frames(
    cases: Sequence[SourcedCase], model: FrameModel, *, count: int = CALIBRATION_SLICES
) -> NDArray[np.float32]:
    """Return about `count` slices as the network sees them in the application: (n, channel, size_px, size_px).

    They are spread evenly over sources and disease groups, ED and ES, base, mid and apex. The window is the one that
    `model` finds, so that hearts lie where they will lie. Raises `InputError` when no case can be read.
    """
    per_level = max(1, ceil(count / (len(THIRDS) * max(1, len(cases)))))
    chosen: list[NDArray[np.float32]] = []
    taken = 0
    for one in in_turn(cases):
        if taken >= count:
            break
        try:
            frames = one.case.read()
        except CinecorError:  # a bad case: training listed it too
            continue
        slices = level_slices(frames, per_level=per_level, seed=len(chosen))
        if slices:
            chosen.append(_network_input(frames, model)[slices])
            taken += len(slices)
    if not chosen:
        raise InputError(
            Message(
                "no_calibration_patient",
                "None of the training patients can be read, so int8 cannot be calibrated; check --data.",
            )
        )
    return np.concatenate(chosen)[:count]


def in_turn(cases: Sequence[SourcedCase]) -> Iterator[SourcedCase]:
    """Yield the cases so that any first few of them hold every group and moment: one of each in turn, shuffled."""
    cells: dict[tuple[str, str, str], list[SourcedCase]] = defaultdict(list)
    for one in sorted(cases, key=lambda one: (one.patient, one.case.moment)):
        cells[one.source, one.case.group, moment_of(one.case)].append(one)
    random = np.random.default_rng(_SEED)
    shuffled = [[cell[index] for index in random.permutation(len(cell))] for _, cell in sorted(cells.items())]
    return (one for row in zip_longest(*shuffled) for one in row if one is not None)


def level_slices(frames: LabelledFrames, *, per_level: int, seed: int) -> list[int]:
    """Return up to `per_level` slices of base, of mid and of apex, chosen by `seed`; none where no LV is drawn."""
    levels = slice_levels(frames.labels, base_first=base_comes_first(frames.labels))
    random = np.random.default_rng([_SEED, seed])
    found: list[int] = []
    for level in THIRDS:
        at = [index for index, own in enumerate(levels) if own is level]
        found += [at[index] for index in random.permutation(len(at))[:per_level]]
    return found


def _network_input(frames: LabelledFrames, model: FrameModel) -> NDArray[np.float32]:
    stack = CineStack(frames.pixels[:, None], frames.geometry, None, None, None, ())
    window, _ = find_heart(stack, model)
    return phase_input(stack, 0, window=window, contract=model.input_contract)
