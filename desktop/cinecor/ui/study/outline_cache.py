"""`OutlineCache`: the outlines of frames as painter paths, made when a frame is first shown."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF

from cinecor.inference.outline.segmentation import Label
from cinecor.scene.outlines import outlines


class OutlineCache:
    """Paths by (slice, phase); forgotten when labels change."""

    def __init__(self) -> None:
        self._paths: dict[tuple[int, int], dict[Label, QPainterPath]] = {}

    def paths(self, labels: NDArray[np.uint8], place: tuple[int, int]) -> dict[Label, QPainterPath]:
        """Give the outlines of one frame of `labels` (slice, phase, row, column), in pixel coordinates."""
        if place not in self._paths:
            self._paths[place] = frame_paths(labels[place])
        return self._paths[place]

    def clear(self) -> None:
        """Forget every frame."""
        self._paths.clear()

    def forget_phase(self, phase: int) -> None:
        """Forget the frames of one phase."""
        for place in [place for place in self._paths if place[1] == phase]:
            del self._paths[place]


def frame_paths(labels: NDArray[np.uint8]) -> dict[Label, QPainterPath]:
    """Trace the structures of one frame (row, column)."""
    paths = {}
    for label, lines in outlines(labels).items():
        path = QPainterPath()
        for line in lines:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
        paths[label] = path
    return paths
