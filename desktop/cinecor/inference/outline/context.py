"""The slices on both sides of a frame, as further input channels."""

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.crop import Crop, network_input
from cinecor.inference.package.contract import InputContract
from cinecor.study.cine_stack import CineStack


def with_neighbours(planes: NDArray[np.float32], *, neighbours: int, near: bool = True) -> NDArray[np.float32]:
    """Return each plane of a stack (slice, h, w) with its neighbours: (slice, 2 × `neighbours` + 1, h, w).

    The plane itself is the middle channel. Where there is no neighbour, and everywhere when they are not `near`,
    the channel is zero, which the graph's normalisation keeps at zero.
    """
    count = len(planes)
    channels = np.zeros((count, 2 * neighbours + 1, *planes.shape[1:]), dtype=np.float32)
    for offset in range(-neighbours, neighbours + 1):
        if offset == 0 or near:
            here = slice(max(0, -offset), max(0, min(count, count - offset)))
            there = slice(max(0, offset), max(0, min(count, count + offset)))
            channels[here, neighbours + offset] = planes[there]
    return channels


def phase_input(
    stack: CineStack, phase: int, *, window: Crop, contract: InputContract, slices: range | None = None
) -> NDArray[np.float32]:
    """Return the slices of one phase (all of them when None) as the network wants them.

    The array is (slice, channel, size_px, size_px).
    """
    wanted = range(stack.slices) if slices is None else slices
    first = max(0, wanted.start - contract.neighbours)
    planes = network_input(stack.pixels[first : wanted.stop + contract.neighbours, phase], window)
    near = stack.geometry.slice_spacing_mm <= contract.neighbour_reach_mm
    return with_neighbours(planes, neighbours=contract.neighbours, near=near)[wanted.start - first :][: len(wanted)]
