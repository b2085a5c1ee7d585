"""Pictures of frames with the outlines of reader and model."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor_training.evaluation.contoured_study import ContouredReading
from cinecor_training.evaluation.picture import Picture, drawn
from cinecor_training.evaluation.slice_error import SliceError
from cinecor_training.evaluation.unlabelled_study import UnlabelledReading

# Apart for every kind of colour vision, and on grey.
READER_COLOUR = "#00c8ff"
MODEL_COLOUR = "#ffb000"
_KEY = "Blue: reader. Orange, dashed: model. Outlines of RV cavity, LV cavity and the LV's outer wall."
_MARGIN_MM = 20.0
_WIDTH_IN = 2.4


def worst_slices_picture(worst: Sequence[SliceError]) -> Picture:
    """Return the worst slices, worst first."""
    return _worst(
        worst,
        images=True,
        title="The twelve worst slices",
        caption=f"{_KEY} 'Wrong': pixels with another label than the reader's, over the heart's pixels in the reader's "
        "largest slice of that stack. Dice: all heart pixels against background.",
    )


def failures_picture(worst: Sequence[SliceError]) -> Picture:
    """Return the outlines of the worst slices alone: no patient's image, so a model card may show it."""
    return _worst(worst, images=False, title="Known failures", caption=_KEY)


def _worst(worst: Sequence[SliceError], *, images: bool, title: str, caption: str) -> Picture:
    figure, panels = _grid(len(worst), columns=4)
    for panel, error in zip(panels, worst, strict=False):
        box = _box((error.reader > 0) | (error.model > 0), error.pixel_spacing_mm)
        _show(panel, error.image[box] if images else np.zeros_like(error.image[box]), error.pixel_spacing_mm)
        _outline(panel, error.reader[box], colour=READER_COLOUR, style="solid")
        _outline(panel, error.model[box], colour=MODEL_COLOUR, style="dashed")
        panel.set_title(
            f"{error.patient} {error.moment} slice {error.slice_index + 1} ({error.level})\n"
            f"wrong {100 * error.share:.0f} %, Dice {error.dice:.2f}",
            fontsize=7,
        )
    return drawn(figure, title=title, caption=caption)


def contoured_picture(reading: ContouredReading) -> Picture:
    """Return every contoured frame with the expert's cavity and the model's answer."""
    spacing = reading.stack.geometry.pixel_spacing_mm
    figure, panels = _grid(len(reading.result.frames), columns=6)
    seen = np.stack([*reading.cavities.values(), (reading.labels > 0).any(axis=(0, 1))])
    box = _box(np.asarray(seen.any(axis=0)), spacing)
    for panel, frame in zip(panels, reading.result.frames, strict=False):
        place = (frame.slice_index, frame.phase)
        _show(panel, reading.stack.pixels[place][box], spacing)
        expert = np.where(reading.cavities[place], Label.LV, Label.BACKGROUND).astype(np.uint8)
        _outline(panel, expert[box], colour=READER_COLOUR, style="solid")
        _outline(panel, reading.labels[place][box], colour=MODEL_COLOUR, style="dashed")
        panel.set_title(f"slice {frame.slice_index + 1} phase {frame.phase + 1}: {frame.lv_dice:.3f}", fontsize=7)
    return drawn(
        figure,
        title=f"{reading.result.study}: frames with an expert's contour",
        caption=f"{_KEY} The expert outlined the LV cavity only; numbers are LV Dice.",
    )


def cine_picture(reading: UnlabelledReading) -> Picture:
    """Return all slices (rows) over all phases (columns) with the model's outlines."""
    slices, phases = reading.labels.shape[:2]
    spacing = reading.stack.geometry.pixel_spacing_mm
    box = _box(np.asarray((reading.labels > 0).any(axis=(0, 1))), spacing)
    figure = Figure(figsize=(phases * 0.9, slices * 0.9))
    panels = figure.subplots(slices, phases, squeeze=False)
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1, wspace=0.02, hspace=0.02)
    for index in range(slices):
        for phase in range(phases):
            panel = panels[index, phase]
            _show(panel, reading.stack.pixels[index, phase][box], spacing)
            _outline(panel, reading.labels[index, phase][box], colour=MODEL_COLOUR, style="solid")
    return drawn(
        figure,
        title=f"{reading.result.study}: every slice in every phase",
        caption="Rows: slices from base to apex. Columns: phases. Orange: model.",
    )


def _grid(count: int, *, columns: int) -> tuple[Figure, list[Axes]]:
    rows = max(1, -(-count // columns))
    figure = Figure(figsize=(columns * _WIDTH_IN, rows * (_WIDTH_IN + 0.35)), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for panel in panels:
        panel.set_axis_off()
    return figure, panels


def _box(mask: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> tuple[slice, slice]:
    """Return rows and columns around a mask, with a margin; the whole image when the mask is empty."""
    if not mask.any():
        return slice(None), slice(None)
    ranges = []
    for axis in (0, 1):
        used = np.flatnonzero(mask.any(axis=1 - axis))
        margin = round(_MARGIN_MM / spacing_mm[axis])
        ranges.append(slice(max(0, int(used[0]) - margin), int(used[-1]) + margin + 1))
    return ranges[0], ranges[1]


def _show(panel: Axes, image: NDArray[np.float32], spacing_mm: tuple[float, float]) -> None:
    low, high = np.percentile(image, (1, 99))
    panel.imshow(
        image,
        cmap="gray",
        vmin=low,
        vmax=max(high, low + 1e-6),
        aspect=spacing_mm[0] / spacing_mm[1],
        interpolation="bilinear",
    )
    panel.set_axis_off()


def _outline(panel: Axes, labels: NDArray[np.uint8], *, colour: str, style: str) -> None:
    for mask in (labels == Label.RV, labels == Label.LV, (labels == Label.LV) | (labels == Label.MYO)):
        if mask.any() and not mask.all():
            panel.contour(mask.astype(float), levels=[0.5], colors=[colour], linestyles=[style], linewidths=0.8)
