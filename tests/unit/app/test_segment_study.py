"""The model for a viewer: when it breaks off in mid-study, that is a sentence, and the next try opens it anew."""

from typing import Any

import numpy as np
import pytest

from cinecor.app.segment_study import segment_study
from cinecor.errors import ModelStopped
from cinecor.inference.device.model_session import ModelSession
from cinecor.progress import never, silent
from cinecor.study import CineStack
from cinecor_phantom import Acquisition, make_phantom


@pytest.fixture(scope="module")
def stack() -> CineStack:
    small = Acquisition(slices=6, phases=2, rows=64, columns=72, pixel_spacing_mm=4.0, slice_gap_mm=10.0)
    phantom = make_phantom(acquisition=small)
    return CineStack(phantom.pixels.astype(np.float32), phantom.geometry, None, None, None, ())


def _segment(stack: CineStack) -> object:
    return segment_study(stack, model=None, device="cpu", progress=silent, cancelled=never, on_part=lambda _: None)


def test_that_a_model_that_breaks_off_is_told_with_a_remedy_and_opened_anew(
    stack: CineStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ModelSession.outline
    sessions: list[ModelSession] = []

    def broken(self: ModelSession, *arguments: Any, **named: Any) -> Any:
        sessions.append(self)
        if len(sessions) > 1:
            raise RuntimeError("[ONNXRuntimeError] : 1 : FAIL : planted\nand a long story")
        return whole(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(ModelSession, "outline", broken)
        with pytest.raises(ModelStopped, match=r"broke off .*planted\); segment again") as raised:
            _segment(stack)
    assert "long story" not in str(raised.value)
    used: list[ModelSession] = []

    def noted(self: ModelSession, *arguments: Any, **named: Any) -> Any:
        used.append(self)
        return whole(self, *arguments, **named)

    monkeypatch.setattr(ModelSession, "outline", noted)
    _segment(stack)
    assert used[0] is not sessions[0]
