"""Snapshots: a view as it is painted now beside the picture of it that is kept with the tests.

`make snapshots` paints the kept pictures anew; look at them before they are committed.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

KEPT = Path(__file__).parent / "snapshots"
BUILD = Path(__file__).parents[2] / "build" / "snapshots"
_BLOCK_PX = 4  # what is compared is the mean of so many pixels: rasterisers differ at the rims of letters and lines
_DIFFERENT = 28.0  # of 255


def check_snapshot(widget: QWidget, name: str) -> None:
    """Compare a widget with its kept picture; where they differ, it and the difference go to build/snapshots."""
    now = rgb(widget.grab().toImage())
    kept = KEPT / f"{name}.png"
    if os.environ.get("CINECOR_RENEW_SNAPSHOTS"):
        KEPT.mkdir(exist_ok=True)
        save_small(now, kept)
        return
    assert kept.exists(), f"{kept.name} is not kept; run `make snapshots`"
    share, difference = differing(now, np.asarray(Image.open(kept).convert("RGB")))
    if share > 0.001:
        BUILD.mkdir(parents=True, exist_ok=True)
        Image.fromarray(now).save(BUILD / f"{name}-actual.png")
        Image.fromarray(difference).save(BUILD / f"{name}-difference.png")
        raise AssertionError(
            f"{name} looks different in {share:.1%} of its area: see {BUILD / name}-actual.png and -difference.png; "
            f"if that is meant, run `make snapshots` and commit tests/gui/snapshots/{name}.png"
        )


def differing(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[float, NDArray[np.uint8]]:
    """Give the share of two pictures (row, column, 3) that differs, and a picture of where."""
    if one.shape != other.shape:
        return 1.0, one
    gap = np.abs(_blocks(one) - _blocks(other)).max(axis=2)
    shown = np.clip(gap * 4, 0, 255).astype(np.uint8)
    return float((gap > _DIFFERENT).mean()), shown.repeat(_BLOCK_PX, axis=0).repeat(_BLOCK_PX, axis=1)


def _blocks(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    rows, columns = (length // _BLOCK_PX for length in image.shape[:2])
    cut = image[: rows * _BLOCK_PX, : columns * _BLOCK_PX].astype(np.float64)
    return np.asarray(cut.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX, 3).mean(axis=(1, 3)))


def colours_of(view: QWidget, rect: QRect | None = None) -> set[str]:
    """Give every colour that a view, or a part of it, shows now: "#rrggbb"."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    image = image if rect is None else image.copy(rect)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return {f"#{value & 0xFFFFFF:06x}" for value in np.unique(pixels).tolist()}


def rgb(image: QImage) -> NDArray[np.uint8]:
    """Give an image as (row, column, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def save_small(image: NDArray[np.uint8], path: Path) -> None:
    """Write a picture with 256 colours: half of the bytes, and far nearer to the original than what is compared."""
    few = Image.fromarray(image).quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
