"""`histogram_svg`: how one number is spread over a cohort, as a small picture for a page."""

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

_WIDTH, _HEIGHT, _FOOT = 260, 90, 16
_MOST_BARS: Final = 24


def histogram_svg(values: Sequence[float], *, title: str, unit: str) -> str:
    """Return a histogram as SVG, with the count, median and the 5th and 95th percentile in words.

    The bars go from the smallest to the largest value; an empty sequence gives the words alone.
    """
    if not values:
        return f"<figure><figcaption>{escape(title)}: no values</figcaption></figure>"
    array = np.asarray(values, dtype=np.float64)
    low, middle, high = np.percentile(array, (5, 50, 95))
    words = f"{title}: median {middle:.0f} {unit}, 5 to 95 percent {low:.0f} to {high:.0f} (n = {array.size})"
    counts, edges = np.histogram(array, bins=min(_MOST_BARS, max(1, round(array.size**0.5) * 2)))
    step = _WIDTH / len(counts)
    bars = "".join(
        f'<rect x="{index * step + 0.5:.1f}" y="{_HEIGHT - height:.1f}" width="{step - 1:.1f}" height="{height:.1f}"/>'
        for index, count in enumerate(counts.tolist())
        if (height := _HEIGHT * count / max(counts.max(), 1))
    )
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" aria-label="{escape(words, quote=True)}">'
        f'<g class="bar">{bars}</g>'
        f'<text x="0" y="{_HEIGHT + 12}">{edges[0]:.0f}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 12}" text-anchor="end">{edges[-1]:.0f} {escape(unit)}</text></svg>'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )
