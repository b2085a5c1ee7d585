"""`FrameDoubt`: how likely each frame's outline is wrong, and by how many mL, from what the model is sure of."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.reliability import FrameKind, FrameRisk, MarkLimits, Reliability
from cinecor.measure.ventricle import Ventricle

_NONE: Final = -1
KINDS: Final = tuple(FrameKind)
_OUTLINED: Final = [number for number, kind in enumerate(KINDS) if kind.outlined]


@dataclass(frozen=True, slots=True, eq=False)
class FrameFeatures:
    """What the chance and the size of an error are told from, for one ventricle; arrays begin with (slice, phase).

    Of an outlined frame the chance is told from 1 − confidence, the area as a part of the largest at the phase, the
    uncertain part of the cavity, and whether shape or area is marked; of an empty one from the log of its uncertain mL,
    the confidence of the next outlined frame, and that one's area as a part of the largest.
    """

    kind: NDArray[np.int8]  # index into `KINDS`; -1: none of them
    chance: NDArray[np.float64]  # (slice, phase, 5); an empty frame uses the first three
    uncertain_ml: NDArray[np.float64]  # (slice, phase, 3): in the cavity, in the wall, in the background
    size_ml: NDArray[np.float64]  # of the outline, or of the next one where there is none

    def chance_features(self, kind: FrameKind) -> NDArray[np.float64]:
        """Return the features (n, 5 or 3) of the frames of one kind, in the order of `np.argwhere`."""
        return self.chance[self.of(kind)][:, : kind.features]

    def error_features(self, kind: FrameKind, wrong: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the expected error is the weighted sum of, mL: uncertain volumes, and chance × size."""
        here = self.of(kind)
        size = (wrong * self.size_ml[here])[:, None]
        uncertain = self.uncertain_ml[here]
        return np.concatenate((uncertain if kind.outlined else uncertain.sum(axis=1, keepdims=True), size), axis=1)

    @property
    def outlined(self) -> NDArray[np.bool_]:
        """Where something of the ventricle is outlined."""
        return np.isin(self.kind, _OUTLINED)

    def of(self, kind: FrameKind) -> NDArray[np.bool_]:
        """Return where the frames of one kind are."""
        return np.asarray(self.kind == KINDS.index(kind))


@dataclass(frozen=True, slots=True, eq=False)
class FrameDoubt:
    """For every frame of one ventricle, (slice, phase)."""

    wrong: NDArray[np.float64]  # chance that the outline has a Dice below 0.7, or is missing
    error_ml: NDArray[np.float64]  # how far the volume is expected to be off
    empty: NDArray[np.bool_]  # whether nothing of the ventricle is outlined

    def marked(self, limits: MarkLimits) -> NDArray[np.bool_]:
        """Return the frames that are likelier wrong than a frame may be without a mark."""
        return np.asarray(self.wrong > np.where(self.empty, limits.empty, limits.outlined))

    def without(self, frames: Collection[tuple[int, int]]) -> "FrameDoubt":
        """Return the doubt without that of frames (slice, phase) whose outline is a person's word."""
        if not frames:
            return self
        wrong, error_ml, places = self.wrong.copy(), self.error_ml.copy(), tuple(zip(*frames, strict=True))
        wrong[places] = error_ml[places] = 0.0
        return FrameDoubt(wrong, error_ml, self.empty)


def frame_features(
    ventricle: Ventricle,
    *,
    slices_ml: NDArray[np.float64],
    confidence: NDArray[np.float32],
    uncertain_ml: NDArray[np.float64],
    odd_shape: NDArray[np.bool_],
    odd_area: NDArray[np.bool_],
    base_first: bool,
) -> FrameFeatures:
    """Return the features of a ventricle whose outlines hold `slices_ml` (slice, phase).

    `uncertain_ml` is (slice, phase, label); `odd_shape` and `odd_area` are the frames that the checks of shape and of
    area marked, whatever the slices' order.
    """
    own = Label.LV if ventricle is Ventricle.LV else Label.RV
    order = slice(None) if base_first else slice(None, None, -1)
    kind = np.full(slices_ml.shape, _NONE, dtype=np.int8)
    next_to = np.zeros(slices_ml.shape, dtype=np.intp)  # the slice that the features are taken of, base first
    outlined = slices_ml[order] > 0
    for phase in np.flatnonzero(outlined.any(axis=0)):
        found = np.flatnonzero(outlined[:, phase])
        first, last = int(found[0]), int(found[-1])
        kind[found, phase] = KINDS.index(FrameKind.MIDDLE)
        kind[last, phase] = KINDS.index(FrameKind.APEX)
        kind[first, phase] = KINDS.index(FrameKind.BASE)
        next_to[:, phase] = np.clip(np.arange(len(kind)), first, last)
        for place, what in ((first - 1, FrameKind.ABOVE), (first - 2, FrameKind.HIGHER), (last + 1, FrameKind.BELOW)):
            if 0 <= place < len(kind):
                kind[place, phase] = KINDS.index(what)
    kind = kind[order]
    next_to = (next_to if base_first else len(kind) - 1 - next_to)[order]

    phases = np.arange(slices_ml.shape[1])
    size = slices_ml[next_to, phases]
    share = size / np.maximum(slices_ml.max(axis=0), 1e-9)
    total = uncertain_ml.sum(axis=2)
    empty = slices_ml <= 0
    cavity = uncertain_ml[..., own] / np.where(empty, np.inf, slices_ml)
    unsure = np.asarray(1.0 - confidence, dtype=np.float64)
    chance = np.stack(
        (
            np.where(empty, np.log1p(total), unsure),
            np.where(empty, confidence[next_to, phases], share),
            np.where(empty, share, cavity),
            odd_shape.astype(np.float64),
            odd_area.astype(np.float64),
        ),
        axis=2,
    )
    parts = uncertain_ml[..., [own, Label.MYO, Label.BACKGROUND]]
    return FrameFeatures(kind, chance, parts, size)


def frame_doubt(features: FrameFeatures, ventricle: Ventricle, reliability: Reliability) -> FrameDoubt:
    """Return the doubt of a ventricle's frames by what its model's errors were like.

    A frame that is no neighbour of an outlined one is taken to be right; its error is what is uncertain in it.
    """
    risks = reliability.frames.get(ventricle.value, {})
    wrong = np.zeros(features.kind.shape)
    error = features.uncertain_ml.sum(axis=2)
    for kind, risk in risks.items():
        here = features.of(kind)
        if here.any():
            wrong[here] = chance(features.chance_features(kind), risk)
            error[here] = features.error_features(kind, wrong[here]) @ np.array(risk.error)
    return FrameDoubt(wrong, error, ~features.outlined)


def chance(features: NDArray[np.float64], risk: FrameRisk) -> NDArray[np.float64]:
    """Return the chance of a wrong outline for features (n, feature)."""
    weights = np.array(risk.wrong)
    odds = np.clip(weights[0] + features @ weights[1:], -50.0, 50.0)
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float64)
