"""What a package says of its model's errors is taken whole or not at all."""

import json
from typing import Any

import pytest

from cinecor.errors import ModelRefused
from cinecor.inference.package.reliability import (
    EfInterval,
    FrameKind,
    FrameRisk,
    MarkLimits,
    Reliability,
    reliability_from_json,
)

OUTLINED = FrameRisk(wrong=(-3.0, 1.0, 1.0, 1.0, 1.0, 1.0), error=(1.0, 1.0, 1.0, 1.0))
EMPTY = FrameRisk(wrong=(-3.0, 1.0, 1.0, 1.0), error=(1.0, 1.0))
INTERVAL = EfInterval(data="nobody", fitted=40, calibrated=80, scale=(1.0, 0.0, 0.0), below=-2.0, above=3.0)
WHOLE = Reliability(
    data="nobody",
    frames={"rv": {kind: OUTLINED if kind.outlined else EMPTY for kind in FrameKind}},
    limits={"rv": MarkLimits(outlined=0.07, empty=0.2)},
    ef={"lv": INTERVAL},
)


def facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(WHOLE.to_json())
    return found


def read(changed: dict[str, Any]) -> Reliability:
    return reliability_from_json(json.dumps(changed).encode(), name="x")


def test_that_a_weight_for_each_feature_is_read() -> None:
    assert read(facts()) == WHOLE


@pytest.mark.parametrize("kind", FrameKind)
@pytest.mark.parametrize("part", ["wrong", "error"])
@pytest.mark.parametrize("more", [False, True])
def test_that_a_weight_too_few_or_too_many_is_refused(kind: FrameKind, part: str, more: bool) -> None:
    changed = facts()
    weights = changed["frames"]["rv"][kind][part]
    changed["frames"]["rv"][kind][part] = [*weights, 1.0] if more else weights[:-1]
    with pytest.raises(ModelRefused, match="export the model again"):
        read(changed)


@pytest.mark.parametrize("scale", [[1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
def test_that_a_scale_of_another_number_of_weights_is_refused(scale: list[float]) -> None:
    changed = facts()
    changed["ef"]["lv"]["scale"] = scale
    with pytest.raises(ModelRefused, match="export the model again"):
        read(changed)
