"""`PixelRuns`: a mask as the runs of set pixels of its rows, in which what touches what is found by a few searches.

A ventricle of a whole phase is a few hundred runs instead of half a million pixels: connected pieces of a phase cost a
millisecond, and no image library needs to be loaded.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PixelRuns:
    """Set pixels of a mask (plane, row, column), in the order in which they lie in memory."""

    plane: Index  # (n,)
    row: Index  # (n,)
    start: Index  # (n,) first column
    stop: Index  # (n,) column after the last

    @property
    def length(self) -> Index:
        """Pixels of each run."""
        return self.stop - self.start

    def __len__(self) -> int:
        return len(self.start)

    def at(self, chosen: NDArray[np.bool_] | Index) -> "PixelRuns":
        """Return some of the runs, by a mask or by ascending indices."""
        return PixelRuns(self.plane[chosen], self.row[chosen], self.start[chosen], self.stop[chosen])

    def set(self, labels: NDArray[np.uint8], value: int) -> None:
        """Write `value` into the pixels of all runs of `labels` (plane, row, column), in place."""
        for plane, row, start, stop in zip(*(part.tolist() for part in self._parts()), strict=True):
            labels[plane, row, start:stop] = value

    def _parts(self) -> tuple[Index, Index, Index, Index]:
        return self.plane, self.row, self.start, self.stop


def pixel_runs(mask: NDArray[np.bool_]) -> PixelRuns:
    """Return the runs of a mask (plane, row, column)."""
    return label_runs(mask)[0]


def label_runs(labels: NDArray[Any]) -> tuple[PixelRuns, NDArray[np.uint8]]:
    """Return the runs of equal labels (plane, row, column) other than 0, and the label of each (n,)."""
    planes, rows, columns = labels.shape
    padded = np.zeros((planes * rows, columns + 1), dtype=np.uint8)  # a row ends where nothing is
    padded[:, 1:] = labels.reshape(-1, columns)
    pixels = padded.ravel()
    begin = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    label = pixels[begin]
    if pixels.size and pixels[-1]:
        begin = np.append(begin, pixels.size)  # the last run ends with the image
    held = np.flatnonzero(label)
    start, stop = begin[held], begin[held + 1]
    line = start // (columns + 1)
    first = line * (columns + 1) + 1
    return PixelRuns(line // rows, line % rows, start - first, stop - first), label[held]


def meeting(
    one: PixelRuns,
    other: PixelRuns,
    *,
    reach: int = 0,
    planes: int = 0,
    rows: int | Index = 0,
    columns: Index | None = None,
) -> tuple[Index, Index]:
    """Return the pairs (index into `one`, index into `other`) of runs that share a column.

    A run of `one` is looked for `planes` planes and `rows` rows further on and `columns` columns aside (per run of
    `one`), where it is longer by `reach` pixels at both ends.
    """
    if not len(one) or not len(other):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    aside = 0 if columns is None else columns
    # One number a place, in the order of the runs, with room for places outside the image on every side.
    shift = int(np.abs(aside).max(initial=0)) + reach + 1
    width = int(max(one.stop.max(), other.stop.max())) + 2 * shift + 1
    margin = int(np.abs(rows).max(initial=0))
    height = int(max(one.row.max(), other.row.max())) + 2 * margin + 1

    def place(plane: Index, row: Index, column: Index) -> Index:
        return ((plane * height) + row + margin) * width + column + shift

    plane, row = one.plane + planes, one.row + rows
    # Runs of a row are apart, so both their starts and their stops ascend: those met are next to each other.
    low = np.searchsorted(
        place(other.plane, other.row, other.stop), place(plane, row, one.start + aside - reach), side="right"
    )
    high = np.searchsorted(
        place(other.plane, other.row, other.start), place(plane, row, one.stop + aside + reach), side="left"
    )
    count = np.maximum(high - low, 0)
    mine = np.repeat(np.arange(len(one)), count)
    within = np.arange(len(mine)) - np.repeat(np.cumsum(count) - count, count)
    return mine, low[mine] + within


def connected(count: int, *links: tuple[Index, Index]) -> Index:
    """Return for each of `count` things the smallest index of those it hangs together with through `links`."""
    group = np.arange(count)
    one = np.concatenate([link[0] for link in links]) if links else np.zeros(0, dtype=np.int64)
    other = np.concatenate([link[1] for link in links]) if links else np.zeros(0, dtype=np.int64)
    while len(one):
        a, b = group[one], group[other]
        apart = a != b
        if not apart.any():
            break
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        np.minimum.at(group, np.maximum(a, b), np.minimum(a, b))
        while True:
            further = group[group]
            if np.array_equal(further, group):
                break
            group = further
    return group


def pieces(runs: PixelRuns, *, corners: bool) -> Index:
    """Return each run the index of the first run of its piece: what touches in one plane, at `corners` or not."""
    return connected(len(runs), meeting(runs, runs, rows=1, reach=1 if corners else 0))


def largest(group: Index, weight: Index) -> int:
    """Return the group with the largest sum of `weight`, the first of equals."""
    return int(np.bincount(group, weights=weight).argmax())
