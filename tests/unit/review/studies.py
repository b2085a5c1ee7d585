"""A small study with its AI result, as the store keeps it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from unit.review.frames import SPACING_MM, heart

from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.message import Message, Phases, Slices
from cinecor.review import Review
from cinecor.study import CineStack, ImportAudit, StackGeometry
from cinecor.study.cine_stack import SourceFrame

SLICES, PHASES = 2, 4


def beating_labels() -> NDArray[np.uint8]:
    """(slice, phase, row, column), read-only."""
    labels = np.stack([np.stack([heart(cavity_mm=20.0 - 2 * p - 3 * s) for p in range(PHASES)]) for s in range(SLICES)])
    labels.setflags(write=False)
    return labels


def small_review(*, seed: int = 4, uids: bool = False) -> Review:
    """A review in which nothing was done; with instances when it stands for a DICOM study."""
    labels = beating_labels()
    geometry = StackGeometry(
        np.arange(SLICES)[:, np.newaxis] * np.array([0.0, 0.0, -8.0]),
        np.array([1.0, 0, 0]),
        np.array([0, 1.0, 0]),
        SPACING_MM,
        8.0,
        np.full(SLICES, 8.0),
    )
    noise = np.random.default_rng(seed).normal(0, 6, labels.shape)
    pixels = (np.array([60.0, 200.0, 90.0, 220.0])[labels] + noise).astype(np.float32)
    frames = None
    if uids:
        frames = tuple(
            tuple(SourceFrame(f"{s}-{p}.dcm", "1.2", f"1.2.3.{s}.{p}", None) for p in range(PHASES))
            for s in range(SLICES)
        )
    stack = CineStack(pixels, geometry, None, 60.0, frames, ("1.2.3",) if uids else ())
    audit = ImportAudit(1, 1, (), None, np.ones((SLICES, PHASES), np.bool_), ())
    return Review(stack, audit, small_result(labels))


def small_result(labels: NDArray[np.uint8], *, version: str = "1") -> Segmentation:
    """An AI result with everything that one can hold."""
    told = Message("changed", "{n} pixel in {slices} of {phases}, {inner}", n=1, slices=Slices((0, 1)),
                   phases=Phases((2,)), inner=Message("because", "because"))  # fmt: skip
    return Segmentation(
        labels,
        np.linspace(0.5, 1.0, SLICES * PHASES, dtype=np.float32).reshape(SLICES, PHASES),
        ModelIdentity("model", version, version * 64, "int8"),
        Runtime("auto", "CPUExecutionProvider", {"outline": 1.5}),
        notes=(told, Message.counted("counted", "{n} hole.", "{n} holes.", n=2)),  # type: ignore[arg-type]
    )


def with_other_pixels(review: Review) -> Review:
    """The same instances, one pixel brighter."""
    pixels = review.stack.pixels.copy()
    pixels[1, 2, 3, 4] += 1
    return replace(review, stack=replace(review.stack, pixels=pixels))
