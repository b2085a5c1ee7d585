"""Time from a mouse event of the push tool to the redrawn outline, and to volumes and function; prints medians in ms.

usage: pushing.py [--size 512] [--moves 200]
"""

import argparse
import statistics
import time

import numpy as np

from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import Review
from cinecor.review.borders import Border, outline, region
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.tools.push import begin_push
from cinecor.study import CineStack, ImportAudit, StackGeometry


def _heart(size: int, spacing_mm: float) -> np.ndarray:
    row, column = (np.indices((size, size)) + 0.5) * spacing_mm
    middle = size * spacing_mm / 2
    labels = np.zeros((size, size), np.uint8)
    labels[np.hypot(row - middle, column - middle + 30) < 40] = 1
    labels[np.hypot(row - middle, column - middle) < 36] = 2
    labels[np.hypot(row - middle, column - middle) < 26] = 3
    return labels


def _live(labels: np.ndarray, spacing_mm: tuple[float, float], *, slices: int = 12, phases: int = 25) -> LiveNumbers:
    """The numbers of a whole study of such frames, in which phase 10 has a smaller heart."""
    whole = np.repeat(np.repeat(labels[np.newaxis, np.newaxis], phases, axis=1), slices, axis=0)
    whole[:, 10] = np.where((whole[:, 10] == 3) & (np.arange(labels.shape[0]) % 2 == 0)[:, np.newaxis], 2, whole[:, 10])
    geometry = StackGeometry(
        np.arange(slices)[:, np.newaxis] * np.array([0.0, 0.0, -8.0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]),
        spacing_mm, 8.0, np.full(slices, 8.0),
    )  # fmt: skip
    nothing = np.broadcast_to(np.float32(0), whole.shape)
    stack = CineStack(nothing, geometry, None, 60.0, None, ())
    audit = ImportAudit(1, 1, (), None, np.ones((slices, phases), np.bool_), ())
    model = ModelIdentity("model", "1", "", "int8")
    found = Segmentation(whole, np.ones((slices, phases), np.float32), model, Runtime("cpu", "CPU"), ())
    live = LiveNumbers.of(Review(stack, audit, found))
    assert live is not None
    return live


def main() -> None:
    """Drag the tool across the cavity's border and back, as a mouse tells it: 3 pixels an event."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--moves", type=int, default=200)
    options = parser.parse_args()
    spacing_mm = (360.0 / options.size, 360.0 / options.size)
    labels = _heart(options.size, spacing_mm[0])
    middle, radius = options.size / 2, 20.0 / spacing_mm[0]
    started = time.perf_counter()
    drag = begin_push(labels, (middle + radius, middle), radius_mm=10.0, pixel_spacing_mm=spacing_mm, held=Border.ENDO)
    assert drag is not None
    pressed_ms = 1e3 * (time.perf_counter() - started)
    live = _live(labels, spacing_mm)
    lines_ms, numbers_ms, others_ms = [], [], []
    for move in range(options.moves):
        turn = 3.0 * move / radius
        started = time.perf_counter()
        drag = drag.to((middle + radius * np.cos(turn), middle + radius * np.sin(turn)))
        assert drag.outline.lines
        lines_ms.append(1e3 * (time.perf_counter() - started))
        assert live.with_frames({(5, 3): drag.labels}).measurements.lv.ef_percent is not None
        numbers_ms.append(1e3 * (time.perf_counter() - started))
        started = time.perf_counter()
        for border in (Border.EPI, Border.RV):
            outline(region(drag.labels, border), spacing_mm)
        others_ms.append(1e3 * (time.perf_counter() - started))
    for name, values in (("outline", lines_ms), ("numbers", numbers_ms), ("the other borders", others_ms)):
        worst = sorted(values)[int(0.95 * len(values))]
        print(f"{name:20s} median {statistics.median(values):6.2f} ms   95 % {worst:6.2f} ms")  # noqa: T201
    print(f"{'press':20s} {pressed_ms:13.2f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
