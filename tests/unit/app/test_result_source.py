"""Where the study of results is looked for, and when two inputs are one study."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cinecor.app.result_source import holds_results, same_study, source_of

UID = "1.2.3"


def _kept(told: object) -> Any:
    stack = SimpleNamespace(series_uids=[UID])
    return SimpleNamespace(results=SimpleNamespace(stack=stack, input=str(told)))


def _store(*rows: tuple[str, Path]) -> Any:
    return SimpleNamespace(worklist=lambda: [SimpleNamespace(series_uid=uid, source=str(path)) for uid, path in rows])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study").mkdir()
    return tmp_path / "study"


def test_that_a_study_is_looked_for_where_the_worklist_knows_it_and_then_where_results_say(
    study: Path, tmp_path: Path
) -> None:
    (elsewhere := tmp_path / "moved").mkdir()
    assert source_of(_kept(study), _store((UID, elsewhere))) == elsewhere
    assert source_of(_kept(study), _store(("1.2.4", elsewhere))) == study
    assert source_of(_kept(study), None) == study


def test_that_what_is_gone_or_holds_but_results_is_no_study(study: Path, tmp_path: Path) -> None:
    assert source_of(_kept(tmp_path / "gone"), None) is None
    assert source_of(_kept("study"), None) is None  # relative to wherever somebody worked then
    (study / "results.json").touch()
    assert holds_results(study)
    assert source_of(_kept(study), None) is None


def _study(*uids: str, card: str = "patient", grey: float = 1.0) -> Any:
    frame = SimpleNamespace(sop_instance_uid=None)
    stack = SimpleNamespace(series_uids=uids, frames=((frame,),), pixels=np.full((1, 1, 2, 2), grey, np.float32))
    return SimpleNamespace(stack=stack, card=card)


def test_that_two_inputs_are_one_study_by_series_patient_and_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cinecor.app.result_source.study_identity", lambda stack: float(stack.pixels.mean()))
    assert same_study(_study(UID, "9"), _study("8", UID))
    assert not same_study(_study(UID), _study("8"))
    assert not same_study(_study(UID), _study(UID, card="somebody else"))
    assert not same_study(_study(UID), _study(UID, grey=2.0))
