"""`NiftiCase`: images in one NIfTI file, labels in another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.study import read_nifti
from cinecor_training.data.case import ALL_KNOWN, LabelledFrames, file_key
from cinecor_training.data.label_volume import OWN_LABELS, read_label_volume, read_values


@dataclass(frozen=True, slots=True)
class NiftiCase:
    """One labelled moment in a pair of NIfTI files, all three structures labelled."""

    patient: str
    moment: str
    group: str
    image: Path
    labels: Path
    phase: int | None = None  # which phase of 4D files; None: the files hold this moment alone
    numbers: Mapping[int, Label] = field(default_factory=lambda: OWN_LABELS)  # what the values of `labels` mean

    @property
    def key(self) -> str:
        """A text that changes when one of the files does."""
        return f"{self.patient} {self.moment} {self.phase} {dict(self.numbers)} {file_key(self.image, self.labels)}"

    def read(self) -> LabelledFrames:
        """Read the frames as the application reads them; raises `InputError` when the case is bad."""
        for path in (self.image, self.labels):
            if not path.is_file():
                raise InputError(Message("image_file_missing", "{path} is missing.", path=path.name))
        labels = read_label_volume(self.labels, numbers=self.numbers, phase=self.phase)
        # The application shows NaN as black; a network shall not learn from an image that was damaged.
        if not np.isfinite(read_values(self.image, phase=self.phase)).all():
            raise InputError(
                Message("image_not_finite", "{image}: some pixels are not finite (NaN).", image=self.image.name)
            )
        stack, _ = read_nifti(self.image)
        pixels = stack.pixels[:, self.phase or 0]
        known = np.full(len(pixels), ALL_KNOWN, dtype=np.uint8)
        return LabelledFrames(pixels, labels, known, stack.geometry)
