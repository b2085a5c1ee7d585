"""The colours of values: from dark blue to yellow in even steps of lightness, the same to colour-blind eyes.

Cividis (Nuñez, Anderton and Renslow, PLoS ONE 2018;13:e0199239), by nine of its colours.
"""

from typing import Final

from PySide6.QtGui import QColor

_COLOURS: Final = (
    "#00224e",
    "#193762",
    "#434e6c",
    "#61656f",
    "#7d7c78",
    "#9b9476",
    "#bcae6c",
    "#dec958",
    "#fee838",
)


def colour_of(share: float) -> QColor:
    """Return the colour of a share of the scale, 0 (dark) to 1 (bright)."""
    at = min(max(share, 0.0), 1.0) * (len(_COLOURS) - 1)
    index = min(int(at), len(_COLOURS) - 2)
    low, high, share = QColor(_COLOURS[index]), QColor(_COLOURS[index + 1]), at - index

    def between(one: float, other: float) -> float:
        return one + share * (other - one)

    return QColor.fromRgbF(
        between(low.redF(), high.redF()), between(low.greenF(), high.greenF()), between(low.blueF(), high.blueF())
    )


def ink_on(colour: QColor) -> QColor:
    """Return black or white, whichever is easier to read on a colour."""
    return QColor("#000000" if colour.lightnessF() > 0.42 else "#ffffff")
