"""Time from a mouse event of the push tool to the redrawn outline and to the frame's counts; prints medians in ms.

usage: pushing.py [--size 512] [--moves 200]
"""

import argparse
import statistics
import time

import numpy as np

from cinecor.review.borders import Border, outline, region
from cinecor.review.tools.push import begin_push


def _heart(size: int, spacing_mm: float) -> np.ndarray:
    row, column = (np.indices((size, size)) + 0.5) * spacing_mm
    middle = size * spacing_mm / 2
    labels = np.zeros((size, size), np.uint8)
    labels[np.hypot(row - middle, column - middle + 30) < 40] = 1
    labels[np.hypot(row - middle, column - middle) < 36] = 2
    labels[np.hypot(row - middle, column - middle) < 26] = 3
    return labels


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
    lines_ms, counts_ms, others_ms = [], [], []
    for move in range(options.moves):
        turn = 3.0 * move / radius
        started = time.perf_counter()
        drag = drag.to((middle + radius * np.cos(turn), middle + radius * np.sin(turn)))
        assert drag.outline.lines
        lines_ms.append(1e3 * (time.perf_counter() - started))
        np.bincount(drag.labels.ravel(), minlength=4)
        counts_ms.append(1e3 * (time.perf_counter() - started))
        started = time.perf_counter()
        for border in (Border.EPI, Border.RV):
            outline(region(drag.labels, border), spacing_mm)
        others_ms.append(1e3 * (time.perf_counter() - started))
    for name, values in (("outline", lines_ms), ("outline and counts", counts_ms), ("the other borders", others_ms)):
        worst = sorted(values)[int(0.95 * len(values))]
        print(f"{name:20s} median {statistics.median(values):6.2f} ms   95 % {worst:6.2f} ms")  # noqa: T201
    print(f"{'press':20s} {pressed_ms:13.2f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
