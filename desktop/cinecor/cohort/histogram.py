"""`histogram_svg`: how one number is spread over a cohort, as a small picture with both axes for a page."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

_WIDTH, _HEIGHT = 260, 90  # of the plot itself, without what stands beside its axes
_LEFT, _TOP, _FOOT, _RIGHT = 34, 20, 34, 12
_MOST_BARS: Final = 24
_MOST_TICKS: Final = 5
_ROUND: Final = (1, 2, 5, 10)


def histogram_svg(values: Sequence[float], *, title: str, unit: str) -> str:
    """Return a histogram as SVG, with the count, median and the 5th and 95th percentile in words.

    Bars are as wide as a round number and begin at one; the axes tell the values and how many studies a bar holds. An
    empty sequence gives the words alone.
    """
    if not values:
        return f"<figure><figcaption>{escape(title)}: no values</figcaption></figure>"
    array = np.asarray(values, dtype=np.float64)
    low, middle, high = np.percentile(array, (5, 50, 95))
    words = f"{title}: median {middle:.0f} {unit}, 5 to 95 percent {low:.0f} to {high:.0f} (n = {array.size})"
    edges = _edges(float(array.min()), float(array.max()), most=min(_MOST_BARS, max(1, round(array.size**0.5) * 2)))
    counts = np.histogram(np.clip(array, edges[0], edges[-1]), bins=edges)[0].tolist()  # a step of 0.1 is not exact
    up = _step(max(counts), most=_MOST_TICKS - 1, least=1.0)
    top = up * math.ceil(max(counts) / up)
    step = _WIDTH / len(counts)
    bars = "".join(
        f'<rect x="{_LEFT + index * step + 0.5:.1f}" y="{_TOP + _HEIGHT - height:.1f}" width="{step - 1:.1f}" '
        f'height="{height:.1f}"/>'
        for index, count in enumerate(counts)
        if (height := _HEIGHT * count / top)
    )
    size = f"0 0 {_LEFT + _WIDTH + _RIGHT} {_TOP + _HEIGHT + _FOOT}"
    return (
        f'<figure><svg viewBox="{size}" role="img" aria-label="{escape(words, quote=True)}">'
        f'<g class="bar">{bars}</g><g class="axis">{_across(edges, unit)}{_upward(up, top)}</g></svg>'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def _step(span: float, *, most: int, least: float = 0.0) -> float:
    """Return the smallest round number that goes into a span no more than `most` times."""
    wanted = max(span / most, least, 1e-9)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(size * power for size in _ROUND if size * power >= wanted * (1 - 1e-9))


def _edges(smallest: float, largest: float, *, most: int) -> list[float]:
    step = _step(largest - smallest, most=most) if largest > smallest else 1.0
    first = math.floor(smallest / step)
    last = max(math.floor(largest / step) + 1, first + 1)
    return [step * place for place in range(first, last + 1)]


def _across(edges: list[float], unit: str) -> str:
    bottom, step = _TOP + _HEIGHT, edges[1] - edges[0]
    every = round(_step(len(edges) - 1, most=_MOST_TICKS, least=1.0))
    decimals = max(0, -math.floor(math.log10(step * every) + 1e-9))
    told = "".join(
        _tick(_LEFT + _WIDTH * at / (len(edges) - 1), edge, bottom, decimals)
        for at, edge in enumerate(edges)
        if round(edge / step) % every == 0
    )
    return (
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{bottom}" y2="{bottom}"/>{told}'
        f'<text x="{_LEFT + _WIDTH}" y="{bottom + 28}" text-anchor="end">{escape(unit)}</text>'
    )


def _tick(x: float, value: float, bottom: int, decimals: int) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 4}"/>'
        f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{value:.{decimals}f}</text>'
    )


def _upward(step: float, top: float) -> str:
    told = ""
    for at in range(round(top / step) + 1):
        y = _TOP + _HEIGHT * (1 - step * at / top)
        told += (
            f'<line x1="{_LEFT - 4}" x2="{_LEFT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{step * at:.0f}</text>'
        )
    return (
        f'<line x1="{_LEFT}" x2="{_LEFT}" y1="{_TOP}" y2="{_TOP + _HEIGHT}"/>{told}'
        f'<text x="0" y="{_TOP - 10}">studies</text>'
    )
