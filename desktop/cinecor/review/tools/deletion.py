"""Take structures out of frames: here, or from here on to where they return."""

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.borders import Border, region, with_region, without

Place = tuple[int, int]  # (slice, phase)


def delete(labels: NDArray[np.uint8], border: Border | None) -> NDArray[np.uint8]:
    """Return the frame (row, column) without a structure, or without any where `border` is None.

    Without `endo` the ventricle is solid muscle there, without `epi` the whole left ventricle is gone.
    """
    return np.full_like(labels, Label.BACKGROUND) if border is None else without(labels, border)


def onward(labels: NDArray[np.uint8], place: Place, border: Border | None) -> tuple[Place, ...]:
    """Return the places from `place` on in which a structure is to go: to where it returns after having been gone.

    `labels` is (slice, phase, row, column). Once the base has moved out of a slice the model finds nothing there until
    the valve comes back; the structure stays from there on. Where it is nowhere absent later, every later phase.
    """
    index, first = place
    places = []
    gone = False
    for phase in range(first, labels.shape[1]):
        frame = labels[index, phase]
        present = bool(frame.any() if border is None else region(frame, border).any())
        if present and gone:
            break
        gone |= not present
        if present:
            places.append((index, phase))
    return tuple(places)


def model_again(labels: NDArray[np.uint8], of_model: NDArray[np.uint8], border: Border | None) -> NDArray[np.uint8]:
    """Return the frame (row, column) with one border where the model had it, or with all of the model's labels.

    With `epi` the cavity comes back too where there is none, as it went with it.
    """
    if border is None:
        return of_model.copy()
    there = region(of_model, border)
    if not there.any():
        return without(labels, border)
    back = with_region(labels, border, there)
    if border is Border.EPI and not region(labels, Border.ENDO).any():
        return with_region(back, Border.ENDO, region(of_model, Border.ENDO))
    return back
