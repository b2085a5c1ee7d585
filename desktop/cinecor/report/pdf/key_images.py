"""The key images: base, middle and apex at ED and ES, with the outlines that the numbers rest on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.utils import ImageReader

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.heart_box import HeartBox, heart_box
from cinecor.measure.moment import Moment
from cinecor.message import Message
from cinecor.report.pdf.sheet import HEIGHT, OVER_IMAGES, QUIET, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import Results
from cinecor.review.borders.outline import outline

_SHARES: Final = (1 / 6, 1 / 2, 5 / 6)
_LEVELS: Final = (
    Message("report_base", "Base"),
    Message("report_middle", "Mid"),
    Message("report_apex", "Apex"),
)
_MARGIN_MM: Final = 18.0
_WINDOW: Final = (1.0, 99.5)  # percentiles of the part that is shown which become black and white
_LEAST_PX: Final = 240  # a side in the file: a picture is enlarged smoothly to it, so that no viewer shows blocks


@dataclass(frozen=True, slots=True, eq=False)
class KeyPixels:
    """What key images are cut from: the images (slice, phase, row, column), and whether the first slice is the base."""

    pixels: NDArray[np.float32]
    base_first: bool


def key_slices(results: Results) -> tuple[int, ...]:
    """Return the slices for base, middle and apex among those that count at ED, in the stack's order."""
    counted = results.quality.lv_slices.ed or results.quality.rv_slices.ed or list(range(results.stack.slices))
    return tuple(dict.fromkeys(counted[min(int(share * len(counted)), len(counted) - 1)] for share in _SHARES))


def draw_key_images(
    sheet: Sheet,
    x: float,
    y: float,
    *,
    side: float,
    images: KeyPixels,
    labels: NDArray[np.uint8],
    results: Results,
    words: Words,
) -> float:
    """Draw two rows of squares from (x, y) on, ED above ES; where they end comes back."""
    box = heart_box(labels)
    if box is None:
        return y
    spacing = results.stack.pixel_spacing_mm
    rows, columns = _square(box, spacing, shape=(results.stack.rows, results.stack.columns))
    for moment, phase in ((Moment.ED, results.ed_phase or 0), (Moment.ES, results.es_phase)):
        if phase is None:
            continue
        for number, index in enumerate(key_slices(results)):
            left = x + number * (side + 5)
            _draw_frame(
                sheet,
                (left, y),
                side=side,
                pixels=images.pixels[index, phase][rows, columns],
                labels=labels[index, phase][rows, columns],
                spacing_mm=spacing,
            )
            told = Message("report_phase_only", "Phase 1") if results.ed_phase is None else moment.message
            said = words.say(Message("report_key_image", "{moment}, slice {number}", moment=told, number=index + 1))
            if images.base_first and len(key_slices(results)) == len(_LEVELS):
                said = f"{words.say(_LEVELS[number])} · {said}"
            sheet.text(left, y + side + 8, said, size=6.5, colour=QUIET)
            if not labels[index, phase].any():  # else one would look for an outline that was lost
                nothing = words.say(Message("report_nothing_drawn", "no outline"))
                sheet.text(left + 5, y + side - 5, nothing, size=6.5, colour="#ffffff")
        y += side + 13
    return y


def _draw_frame(
    sheet: Sheet,
    corner: tuple[float, float],
    *,
    side: float,
    pixels: NDArray[np.float32],
    labels: NDArray[np.uint8],
    spacing_mm: tuple[float, float],
) -> None:
    """Draw a part of a frame and its outlines into a square."""
    x, y = corner
    sheet.image(grey_picture(pixels), x, y, width=side, height=side)
    scale_x, scale_y = side / pixels.shape[1], side / pixels.shape[0]
    with clipped(sheet, corner, side):
        for region, name in (
            (labels == Label.RV, "rv"),
            ((labels == Label.MYO) | (labels == Label.LV), "myo"),
            (labels == Label.LV, "lv"),
        ):
            if name == "myo" and not (labels == Label.MYO).any():
                continue
            for line in outline(region, spacing_mm).lines:
                points = [(x + float(column) * scale_x, y + float(row) * scale_y) for column, row in line]
                sheet.line(points, colour=OVER_IMAGES[name], width=0.9, closed=True)


@contextmanager
def clipped(sheet: Sheet, corner: tuple[float, float], side: float) -> Iterator[None]:
    """Draw within a square only, in a `with` block."""
    canvas = sheet.canvas
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(corner[0], HEIGHT - corner[1] - side, side, side)
    canvas.clipPath(clip, stroke=0, fill=0)
    yield
    canvas.restoreState()


def grey_picture(part: NDArray[np.float32]) -> ImageReader:
    """Return a part of an image (row, column) as it is shown: dark to bright over its own greys."""
    finite = part[np.isfinite(part)]
    low, high = (float(value) for value in np.percentile(finite, _WINDOW)) if finite.size else (0.0, 1.0)
    grey = np.clip(np.nan_to_num((part - low) / max(high - low, 1e-6)), 0, 1) * 255
    picture = Image.fromarray(grey.astype(np.uint8), mode="L")
    enlarged = max(1, -(-_LEAST_PX // max(picture.size)))
    return ImageReader(picture.resize((picture.width * enlarged, picture.height * enlarged), Image.Resampling.BICUBIC))


def _square(box: HeartBox, spacing: tuple[float, float], *, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return rows and columns of a square in mm about the heart, within the image where it has room."""
    between_rows, between_columns = spacing
    side_mm = max(box.height * between_rows, box.width * between_columns) + 2 * _MARGIN_MM
    side_mm = min(side_mm, shape[0] * between_rows, shape[1] * between_columns)
    middle_column, middle_row = box.centre
    return (
        span(middle_row, side_mm / between_rows, shape[0]),
        span(middle_column, side_mm / between_columns, shape[1]),
    )


def span(middle: float, length: float, end: int) -> slice:
    """Return so many pixels about a middle, within the image."""
    count = max(1, round(length))
    start = min(max(0, round(middle - length / 2)), end - count)
    return slice(start, start + count)
