"""Draw the ticks of check boxes anew (cinecor_resources/icons): a style sheet takes its pictures from files."""

import sys
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen, QPolygonF

FOLDER = Path(__file__).parents[1] / "resources" / "cinecor_resources" / "icons"
INKS = {"dark": "#101214", "light": "#e6e8ea"}
SIDE_PX = 12
WAY = ((0.18, 0.54), (0.42, 0.76), (0.82, 0.24))  # shares of the side


def main() -> None:
    """Draw each ink at the usual size and at twice it."""
    application = QGuiApplication([*sys.argv[:1], "-platform", "offscreen"])
    for ink, colour in INKS.items():
        for scale, suffix in ((1, ""), (2, "@2x")):
            side = SIDE_PX * scale
            image = QImage(side, side, QImage.Format.Format_ARGB32)
            image.fill(Qt.GlobalColor.transparent)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            round_ends = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(QPen(QColor(colour), side / 6, *round_ends))
            painter.drawPolyline(QPolygonF([QPointF(x * side, y * side) for x, y in WAY]))
            painter.end()
            image.save(str(FOLDER / f"tick-{ink}{suffix}.png"))
    del application


if __name__ == "__main__":
    main()
