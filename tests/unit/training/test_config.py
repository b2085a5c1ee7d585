"""Rules of the config: what is wrong is told by field, all of it at once."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from cinecor_training.config import TrainingConfig, config_problems


def _problems(settings: object, tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "config.json"
    path.write_text(settings if isinstance(settings, str) else json.dumps(settings))
    with pytest.raises(ValidationError) as caught:
        TrainingConfig.from_file(path)
    return config_problems(caught.value)


def test_that_the_defaults_are_valid(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert TrainingConfig.from_file(tmp_path / "config.json") == TrainingConfig()


def test_that_all_problems_are_told_at_once_with_what_stands_there(tmp_path: Path) -> None:
    problems = _problems({"batch": 0, "learning_rate": "fast", "momentum": 0.9}, tmp_path)
    assert len(problems) == 3
    assert "'batch': Input should be greater than or equal to 1 (it is 0)" in problems
    assert any(problem.startswith("'learning_rate'") and "'fast'" in problem for problem in problems)
    assert any(problem.startswith("'momentum': Extra inputs are not permitted") for problem in problems)


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"size_px": 100}, "size_px: 100 is no multiple of 32, which 5 levels of channels need"),
        ({"canvas_px": 64, "size_px": 96}, "canvas_px: 64 is less than size_px, 96"),
        ({"channels": []}, "channels: needs at least one level"),
        ({"average_with_start": 0.5}, "average_with_start: there is no start to average with"),
    ],
)
def test_that_settings_that_do_not_fit_together_are_named(settings: dict, cause: str, tmp_path: Path) -> None:
    assert any(cause in problem for problem in _problems(settings, tmp_path))


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"kind": "acdc"}, "data.0.acdc.folder"),
        ({"kind": "phantom", "count": 0}, "data.0.phantom.count"),
        ({"kind": "brain", "folder": "x"}, "data.0"),
        ({"kind": "mnms", "folder": "x", "use": "both"}, "data.0.mnms.use"),
    ],
)
def test_that_a_wrong_source_is_named_by_its_place(source: dict, field: str, tmp_path: Path) -> None:
    (problem,) = _problems({"data": [source]}, tmp_path)
    assert problem.startswith(f"'{field}'")


@pytest.mark.parametrize("split", [{"folds": 5}, {"fold": 1}, {"folds": 5, "fold": 5}])
def test_that_folds_without_a_valid_part_are_refused(split: dict, tmp_path: Path) -> None:
    (problem,) = _problems({"split": split}, tmp_path)
    assert problem.startswith("'split'")


def test_that_broken_json_is_told_by_line(tmp_path: Path) -> None:
    (problem,) = _problems('{\n "batch": 4,\n "seed" 1\n}', tmp_path)
    assert "line 3" in problem


def test_that_the_tutorials_recipe_is_one_and_begins_with_the_model_that_ships() -> None:
    root = Path(__file__).parents[3]
    config = TrainingConfig.from_file(root / "docs" / "own-model.json")
    assert config.start is not None
    assert (root / config.start).is_file()
    assert [source.kind for source in config.data] == ["store", "phantom", "phantom"]
    assert set(config.shares) == {"store", "others"}
