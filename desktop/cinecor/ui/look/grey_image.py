"""`grey_image`: a frame as a picture."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from cinecor.scene.level_window import LevelWindow


def grey_image(frame: NDArray[np.float32], level: LevelWindow) -> QImage:
    """Return a frame (row, column) as an image that owns its bytes."""
    grey = np.ascontiguousarray(level.grey(frame))
    rows, columns = grey.shape
    return QImage(grey.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
