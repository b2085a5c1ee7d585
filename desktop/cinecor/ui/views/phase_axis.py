"""`PhaseAxis`: the axis below the curves, with ticks at phases alone."""

import pyqtgraph as pg


class PhaseAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """Ends at the last phase, though the plot goes on for the names of the curves."""

    last = 0

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Give the ticks by their spacing: whole numbers from 0 to the last phase."""
        levels = super().tickValues(low, high, size)
        return [
            (spacing, [value for value in values if value == round(value) and 0 <= value <= self.last])
            for spacing, values in levels
        ]
