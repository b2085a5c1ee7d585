"""Contrast as WCAG 2.1 has it, and colours as colour-blind readers see them (Machado et al. 2009, full severity)."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _TO_XYZ @ np.ones(3)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours (#rrggbb), 1 to 21."""
    low, high = sorted(float(_linear(colour) @ _TO_XYZ[1]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str, sight: str = "usual") -> float:
    """Give how far apart two colours look (CIE 1976, L*a*b*); from about 20 nobody takes one for the other."""
    return float(np.linalg.norm(_lab(one, sight) - _lab(other, sight)))


def _linear(colour: str) -> NDArray[np.float64]:
    value = np.array(QColor(colour).getRgbF()[:3])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _lab(colour: str, sight: str) -> NDArray[np.float64]:
    xyz = _TO_XYZ @ np.clip(SIGHT[sight] @ _linear(colour), 0, 1) / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
