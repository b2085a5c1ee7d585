"""The first look finds the heart of a real study where the search of the whole image finds it."""

from pathlib import Path

import numpy as np
import pytest

from cinecor.inference.device.model_session import open_model
from cinecor.inference.outline import heart
from cinecor.study import open_input
from cinecor_resources import bundled_model

pytestmark = pytest.mark.real

_NEAR_MM = 5.0  # the network was trained with hearts anywhere in its window; this is a fortieth of it


@pytest.mark.parametrize("study", ["sunnybrook", "siemens"])
def test_that_the_first_look_finds_what_the_whole_search_finds(
    study: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = request.getfixturevalue(study)
    stack, _ = open_input(folder / "SCD0000101" if study == "sunnybrook" else folder)
    model = open_model(bundled_model(), device="cpu")
    quick, seen = heart.find_heart(stack, model)
    monkeypatch.setattr(heart, "_PLAIN_LOOKS", 0)
    thorough, _ = heart.find_heart(stack, model)
    assert seen
    assert np.hypot(*np.subtract(quick.centre_mm, thorough.centre_mm)) < _NEAR_MM
