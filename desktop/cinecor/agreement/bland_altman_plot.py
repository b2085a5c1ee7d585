"""`bland_altman_svg`: the differences of two sides over their means, as a small picture for a page."""

from collections.abc import Sequence
from html import escape

import numpy as np

_WIDTH, _HEIGHT, _EDGE = 320, 180, 26


def bland_altman_svg(
    first: Sequence[float], second: Sequence[float], *, title: str, unit: str, lines: Sequence[float]
) -> str:
    """Return the plot as SVG: a point a study, and a line at each of `lines` (bias and limits of agreement).

    The difference is first − second. Empty sequences give the title alone.
    """
    if not first:
        return f"<figure><figcaption>{escape(title)}: no study has both</figcaption></figure>"
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    means, differences = (one + other) / 2, one - other
    left, right = _room(means.min(), means.max())
    low, high = _room(min(differences.min(), *lines, 0.0), max(differences.max(), *lines, 0.0))

    def x(value: float) -> float:
        return _EDGE + (value - left) / (right - left) * (_WIDTH - 2 * _EDGE)

    def y(value: float) -> float:
        return _HEIGHT - _EDGE - (value - low) / (high - low) * (_HEIGHT - 2 * _EDGE)

    points = "".join(
        f'<circle cx="{x(mean):.1f}" cy="{y(difference):.1f}" r="2.5"/>'
        for mean, difference in zip(means.tolist(), differences.tolist(), strict=True)
    )
    drawn = "".join(
        f'<line x1="{_EDGE}" x2="{_WIDTH - _EDGE}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        f'<text x="{_WIDTH - _EDGE + 2}" y="{y(value) + 4:.1f}">{value:.1f}</text>'
        for value in lines
    )
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title, quote=True)}">'
        f'<g class="line">{drawn}</g><g class="point">{points}</g>'
        f'<text x="{_EDGE}" y="{_HEIGHT - 8}">{left:.0f}</text>'
        f'<text x="{_WIDTH - _EDGE}" y="{_HEIGHT - 8}" text-anchor="end">mean {right:.0f} {escape(unit)}</text></svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def _room(low: float, high: float) -> tuple[float, float]:
    edge = 0.05 * (high - low) or 1.0
    return float(low - edge), float(high + edge)
