"""Outlines that take long are made once for each stack, phases and model."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.study.cine_stack import CineStack, StackGeometry
from cinecor_training.evaluation.kept_outlines import KeptOutlines


@dataclass(slots=True)
class Counting:
    """Outlines what is bright at the phases asked for, and counts how often it was asked."""

    asked: int = 0

    def __call__(self, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        self.asked += 1
        labels = np.zeros(stack.pixels.shape, np.uint8)
        for phase in phases:
            labels[:, phase] = stack.pixels[:, phase] > 0.5
        return labels


def stack(seed: int = 0, *, spacing_mm: float = 1.0) -> CineStack:
    pixels = np.random.default_rng(seed).random((2, 3, 8, 8)).astype(np.float32)
    positions = np.array([[0.0, 0.0, 10.0 * index] for index in range(2)])
    x, y = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    return CineStack(
        pixels, StackGeometry(positions, x, y, (spacing_mm, 1.0), 10.0, np.full(2, 10.0)), None, None, None, ()
    )


def test_that_the_same_stack_is_outlined_once_by_any_process(tmp_path: Path) -> None:
    model = Counting()
    first = KeptOutlines(model, "a" * 64, tmp_path / "kept")(stack(), phases=(0, 2))
    again = KeptOutlines(model, "a" * 64, tmp_path / "kept")(stack(), phases=(2, 0))
    assert model.asked == 1
    assert first.any()
    np.testing.assert_array_equal(first, again)


def test_that_another_stack_phase_spacing_or_model_is_outlined_anew(tmp_path: Path) -> None:
    model = Counting()
    kept = KeptOutlines(model, "a" * 64, tmp_path)
    kept(stack(), phases=(0,))
    assert not kept(stack(), phases=(1,))[:, 0].any()
    kept(stack(1), phases=(0,))
    kept(stack(spacing_mm=1.5), phases=(0,))
    replace(kept, model_sha256="b" * 64)(stack(), phases=(0,))
    assert model.asked == 5
