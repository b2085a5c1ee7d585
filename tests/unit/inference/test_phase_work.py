"""What the clean-up changes is told in mL of the slices in which it changed it."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from cinecor.inference.outline.frame_model import CERTAIN, FrameLabels
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Label, ModelIdentity
from cinecor.inference.package.contract import InputContract
from cinecor.message import Message
from cinecor.study.cine_stack import CineStack, StackGeometry

GREY = {Label.MYO: 200.0, Label.LV: 300.0}
PIXEL_MM = (3.0, 2.0)  # between rows, between columns
EXTENTS_MM = (9.0, 9.0, 9.0, 27.0, 9.0)  # two slices are missing around the fourth


@dataclass(frozen=True)
class SeesGrey:
    """A model that takes each grey value for its structure."""

    input_contract: InputContract = field(
        default_factory=lambda: InputContract(spacing_mm=2.0, size_px=128, neighbours=0)
    )
    identity: ModelIdentity = field(default_factory=lambda: ModelIdentity("grey", "1", "0" * 64, "fp32"))
    reliability: None = None
    provider_requested: str = "cpu"
    provider_used: str = "cpu"
    fallback: None = None
    device_reason: Message = field(default_factory=lambda: Message("planted", "planted"))

    def outline(self, frames: np.ndarray, *, to_rows: np.ndarray, to_columns: np.ndarray) -> FrameLabels:
        grey = to_rows @ frames[:, 0] @ to_columns.T
        labels = np.zeros(grey.shape, np.uint8)
        for label, value in GREY.items():
            labels[np.abs(grey - value) < 40] = label
        return FrameLabels(labels, np.full(labels.shape, CERTAIN, np.uint8))


def _stack(*, odd_slice: int, odd_grey: float, rows: slice, columns: slice) -> CineStack:
    """A heart in every slice, and something odd in one of them."""
    y, x = np.mgrid[:60, :90]
    y_mm, x_mm = y * PIXEL_MM[0], x * PIXEL_MM[1]
    picture = np.zeros(y.shape, np.float32)
    picture[np.hypot(y_mm - 90, x_mm - 100) < 36] = GREY[Label.MYO]
    picture[np.hypot(y_mm - 90, x_mm - 100) < 26] = GREY[Label.LV]
    pixels = np.repeat(picture[np.newaxis], len(EXTENTS_MM), axis=0)
    pixels[odd_slice, rows, columns] = odd_grey
    geometry = StackGeometry(
        positions_mm=np.cumsum(EXTENTS_MM)[:, np.newaxis] * np.array([0.0, 0.0, 1.0]),
        column_axis=np.array([1.0, 0.0, 0.0]),
        row_axis=np.array([0.0, 1.0, 0.0]),
        pixel_spacing_mm=PIXEL_MM,
        slice_spacing_mm=9.0,
        slice_extent_mm=np.array(EXTENTS_MM),
    )
    return CineStack(pixels[:, np.newaxis], geometry, None, None, None, ())


@pytest.mark.parametrize(
    ("code", "odd_grey", "rows", "columns"),
    [
        ("pieces_removed", GREY[Label.LV], slice(4, 12), slice(68, 80)),  # beside the heart
        ("holes_filled", 0.0, slice(26, 34), slice(44, 56)),  # within the cavity
    ],
)
def test_that_what_is_changed_is_told_with_the_extent_of_its_slice(
    code: str, odd_grey: float, rows: slice, columns: slice
) -> None:
    told = []
    for odd_slice in (1, 3):
        found = segment(_stack(odd_slice=odd_slice, odd_grey=odd_grey, rows=rows, columns=columns), SeesGrey())
        (note,) = (one for one in found.notes if one.code == code)
        told.append(note.values["most_ml"])
    assert 0.5 < told[0] / (8 * 12 * 6.0 * EXTENTS_MM[1] / 1000) < 2  # its rim is what the model makes of it
    assert told[1] == pytest.approx(told[0] * EXTENTS_MM[3] / EXTENTS_MM[1])
