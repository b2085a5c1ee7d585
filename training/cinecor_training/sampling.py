"""`Sampling`: which frames make the batch of a step, from the seed and the step alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import UsageError
from cinecor.message import Message


@dataclass(frozen=True, slots=True, eq=False)
class Sampling:
    """Groups of frames, each with its places in every batch; a group is walked through by permutations of its own."""

    seed: int
    groups: tuple[NDArray[np.intp], ...]
    places: tuple[int, ...]  # how many of a batch are each group's

    def batch(self, step: int) -> NDArray[np.intp]:
        """Return the frames of a step; a batch may straddle two epochs of a group."""
        return np.concatenate(
            [
                frames[_walk(self.seed, number, step, places=places, length=len(frames))]
                for number, (frames, places) in enumerate(zip(self.groups, self.places, strict=True))
            ]
        )


def sampling(
    frames: NDArray[np.intp], *, sources: Sequence[str], shares: Mapping[str, float], batch: int, seed: int
) -> Sampling:
    """Return how `frames` are drawn, `sources` naming the source of each.

    Without `shares` every frame is drawn as often. Otherwise each source named there has its share of every batch, at
    least one place. Raises `UsageError` when the shares do not fit the sources or the batch.
    """
    if not shares:
        return Sampling(seed, (frames,), (batch,))
    strange = sorted(set(shares) ^ set(sources))
    if strange:
        raise UsageError(
            Message(
                "shares_unfit",
                "shares: every source needs one, and nothing else; look at “{strange}”.",
                strange=strange[0],
            )
        )
    total = sum(shares.values())
    edges = np.rint(np.cumsum(list(shares.values())) / total * batch).astype(int)
    places = np.diff(edges, prepend=0)
    if places.min() < 1:
        raise UsageError(
            Message(
                "share_too_small",
                "shares: a batch of {batch} has no place for “{share}”.",
                batch=batch,
                share=list(shares)[int(places.argmin())],
            )
        )
    names = np.array(sources)
    groups = tuple(frames[names == name] for name in shares)
    return Sampling(seed, groups, tuple(int(count) for count in places))


def _walk(seed: int, group: int, step: int, *, places: int, length: int) -> NDArray[np.intp]:
    positions = np.arange(step * places, (step + 1) * places)
    own = [seed, group] if group else [seed]  # one group alone draws as it did before there were groups
    orders = {
        epoch: np.random.default_rng([*own, epoch]).permutation(length) for epoch in set((positions // length).tolist())
    }
    return np.array([orders[int(position // length)][position % length] for position in positions], dtype=np.intp)
