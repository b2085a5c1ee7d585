"""`KeptOutlines`: a segmenter whose outlines are made once and kept, so that a long comparison can be broken off."""

import hashlib
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.durable_file import replace_file
from cinecor.study.cine_stack import CineStack
from cinecor_training.evaluation.segmenter import Segmenter


@dataclass(frozen=True, slots=True)
class KeptOutlines:
    """A `Segmenter`: another one, asked once for each stack; one file for each in `folder`."""

    segmenter: Segmenter
    model_sha256: str  # whose outlines they are
    folder: Path

    def __call__(self, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        """Return the labels of `phases` as the segmenter drew them, now or earlier."""
        file = self.folder / f"{self._name(stack, phases)}.npz"
        if file.is_file():
            with np.load(file) as kept:
                return np.asarray(kept["labels"], dtype=np.uint8)
        labels = self.segmenter(stack, phases=phases)
        content = io.BytesIO()
        np.savez_compressed(content, labels=labels)
        replace_file(file, content.getvalue())
        return labels

    def _name(self, stack: CineStack, phases: Collection[int]) -> str:
        facts = (self.model_sha256, stack.pixels.shape, stack.pixels.dtype.str, stack.geometry.pixel_spacing_mm)
        digest = hashlib.sha256(repr((*facts, sorted(phases))).encode())
        digest.update(stack.geometry.slice_extent_mm.tobytes())
        digest.update(np.ascontiguousarray(stack.pixels).tobytes())
        return digest.hexdigest()
