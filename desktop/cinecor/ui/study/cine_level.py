"""`CineLevel`: which pixel values one long-axis cine shows black and white."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Slot

from cinecor.scene.level_window import preset
from cinecor.ui.study.level import Level


class CineLevel(Level):
    """By the whole images until the heart is known, then once by what lies around it, unless the reader chose."""

    def __init__(self, pixels: NDArray[np.float32]) -> None:
        """`pixels` is (phase, row, column)."""
        super().__init__()
        self._pixels = pixels
        self._heart: QRect | None = None
        self._chosen = False
        self.show_preset("auto")
        self.changed.connect(self._choose)

    def know_heart(self, box: QRect) -> None:
        """Take where the heart lies, in pixels (x, y)."""
        self._heart = box
        if not self._chosen:
            self.show_preset("auto")

    def show_preset(self, name: str) -> None:
        """Show one of `PRESETS`; the full range is that of the whole images."""
        within, box = self._pixels, None if name == "full" else self._heart
        if box is not None:
            within = within[:, max(0, box.top()) : box.bottom() + 1, max(0, box.left()) : box.right() + 1]
        self.show(preset(name, within))

    @Slot()
    def _choose(self) -> None:
        self._chosen = True
