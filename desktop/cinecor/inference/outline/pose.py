"""How the heart lies in a picture of which the header does not tell it, found in the picture itself.

Of the eight ways to lay a picture down the network knows one, with the right ventricle on the left, and outlines the
right ventricle worse in the others. Where the two ventricles lie to each other it sees in all of them. So the ways are
sorted out by that direction, and the one that the network is surest of is taken from those that are left: two, or four
where the direction lies between two sides.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.context import phase_input
from cinecor.inference.outline.crop import ORIENTATIONS, Crop, Orientation, pooling
from cinecor.inference.outline.frame_model import FrameLabels, FrameModel, heart_confidence
from cinecor.inference.outline.heart import END_SYSTOLE, find_heart
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import CineStack

_SEEN_IN: Final = (0.3, 0.5, 0.7)  # of the stack: slices in which both ventricles are large
_MOST_JUDGED: Final = 12  # slices in which the ways that are left are compared
_BLOCK_PX: Final = 2
_LEAST_PX: Final = 20  # blocks of a ventricle from which a place can be told
_MOST_ASIDE_DEGREES: Final = 60.0  # of the right ventricle from where it customarily lies; anatomy varies by 45
_PER_DEGREE: Final = 0.02 / 45  # of confidence: as much as two ways that are mirror images may differ in it
_MIRRORED: Final = 0.005
"""Of confidence: how much surer a mirror image of the stored picture must be. Pictures are seldom stored mirrored, and
on 40 ACDC volumes half of the mirror images differ by less: mean Dice 0.9239 with it, 0.9223 without."""


def find_lying_heart(stack: CineStack, model: FrameModel) -> tuple[Crop, bool]:
    """Return the network's window around the heart, laid down as hearts customarily lie, and whether one was seen.

    The window of the grid as it is where no ventricles are seen. Looks at 80 to 130 frames of a single phase. What it
    finds does not depend on how the grid itself is turned; a mirror image of it must look clearly surer.
    """
    as_it_is, found = find_heart(stack, model, Orientation())
    if not found:
        return as_it_is, found
    towards_right = _towards_right_ventricle(stack, model, as_it_is)
    if not towards_right.any():
        return as_it_is, found
    look = _Look(stack, model)
    slices = _spread(stack.slices, np.linspace(0.0, 1.0, _MOST_JUDGED))
    phases = sorted({0, round(stack.phases * END_SYSTOLE) % stack.phases})
    # The axes tell at least whether the array was stored as a mirror image, if its writer kept them in step.
    mirrored = bool(np.cross(stack.geometry.column_axis, stack.geometry.row_axis).sum() < 0.0)
    best, surest = as_it_is, 0.0
    for orientation in ORIENTATIONS:
        aside = _aside_degrees(orientation.apply_step(towards_right))
        if aside > _MOST_ASIDE_DEGREES:
            continue
        window, found = find_heart(stack, model, orientation)
        sure = float(heart_confidence(look.at(window, slices=slices, phases=phases)).mean())
        sure -= _PER_DEGREE * aside + _MIRRORED * (orientation.mirrors != mirrored)
        if found and sure > surest:
            best, surest = window, sure
    return best, True


def _towards_right_ventricle(stack: CineStack, model: FrameModel, window: Crop) -> NDArray[np.float64]:
    """Return the way (row, column) on the grid as it is from the left to the right ventricle; zero when not seen."""
    look, towards_right = _Look(stack, model), np.zeros(2)
    for orientation in ORIENTATIONS:
        laid = window.laid(orientation, rows=stack.rows, columns=stack.columns)
        seen = look.at(laid, slices=_spread(stack.slices, _SEEN_IN), phases=(0,))
        for step in _steps(seen.labels):
            towards_right += orientation.undo_step(step)
    return towards_right


class _Look:
    """Frames of a stack as the network labels them through a window."""

    def __init__(self, stack: CineStack, model: FrameModel) -> None:
        self._stack = stack
        self._model = model
        self._blocks = pooling(model.input_contract.size_px, block_px=_BLOCK_PX)

    def at(self, window: Crop, *, slices: Sequence[int], phases: Sequence[int]) -> FrameLabels:
        contract = self._model.input_contract
        frames = [
            phase_input(self._stack, phase, window=window, contract=contract, slices=range(position, position + 1))
            for phase in phases
            for position in slices
        ]
        return self._model.outline(np.concatenate(frames), to_rows=self._blocks, to_columns=self._blocks)


def _steps(labels: NDArray[np.uint8]) -> Iterator[NDArray[np.float64]]:
    """Yield the way (row, column) from the left to the right ventricle, of length 1, in each frame that shows both."""
    for frame in labels:
        left, right = (np.argwhere(frame == label) for label in (Label.LV, Label.RV))
        if min(len(left), len(right)) >= _LEAST_PX:
            step = right.mean(axis=0) - left.mean(axis=0)
            length = float(np.hypot(*step))
            if length > 0.0:
                yield step / length


def _aside_degrees(step: NDArray[np.float64]) -> float:
    """Return the angle between a way (row, column) and the way to the left of the picture."""
    return float(np.degrees(np.arccos(np.clip(-step[1] / np.hypot(*step), -1.0, 1.0))))


def _spread(count: int, shares: Sequence[float] | NDArray[np.float64]) -> list[int]:
    return sorted({round((count - 1) * float(share)) for share in shares})
