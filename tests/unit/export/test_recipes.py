"""Rules of the chain of runs that leads to the bundled model."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cinecor_export.public_data import licences, origins
from cinecor_training.config import TrainingConfig

SMALL = {
    "channels": [8, 8],
    "spacing_mm": 1.5,
    "size_px": 64,
    "canvas_px": 80,
    "batch": 2,
    "steps": 3,
    "warmup_steps": 1,
    "evaluate_every": 3,
    "arithmetic": "float32",  # not timed first
}


@pytest.fixture(scope="module")
def make_model() -> ModuleType:
    path = Path(__file__).parents[3] / "export" / "make_model.py"
    spec = importlib.util.spec_from_file_location("make_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(folder: Path, **recipes: dict[str, object]) -> Path:
    for name, settings in recipes.items():
        (folder / f"{name}.json").write_text(json.dumps(settings), "utf-8")
    return folder


def test_that_a_recipe_starts_from_an_earlier_ones_run(make_model: ModuleType, tmp_path: Path) -> None:
    recipes = make_model.read_recipes(write(tmp_path, b={"start": "a", "steps": 9}, a={"steps": 5}))
    assert [recipe.name for recipe in recipes] == ["a", "b"]
    runs = tmp_path / "runs"
    acdc = [{"kind": "acdc", "folder": str(tmp_path / "acdc" / "training")}]
    assert recipes[1].resolved(runs, ["a"], data=tmp_path) == {"start": str(runs / "a"), "steps": 9, "data": acdc}
    assert recipes[1].resolved(runs, [], data=tmp_path) == {"start": "a", "steps": 9, "data": acdc}


def test_that_a_recipe_names_its_sources_and_gets_their_folders(make_model: ModuleType, tmp_path: Path) -> None:
    data: list[dict[str, object]] = [{"kind": "acdc"}, {"kind": "kaggle", "undisputed": True}]
    recipes = make_model.read_recipes(write(tmp_path, a={}, b={"data": data}))
    assert make_model.kinds(recipes) == ("acdc", "kaggle")
    assert recipes[1].resolved(tmp_path, [], data=tmp_path)["data"] == [
        {"kind": "acdc", "folder": str(tmp_path / "acdc" / "training")},
        {"kind": "kaggle", "folder": str(tmp_path / "kaggle"), "undisputed": True},
    ]


def test_that_the_chain_of_the_bundled_model_can_be_trained(make_model: ModuleType, tmp_path: Path) -> None:
    """Every recipe is a config, begins where an earlier one ended, and learns from data whose origin is told."""
    recipes = make_model.read_recipes(Path(__file__).parents[3] / "training" / "recipes")
    names = [recipe.name for recipe in recipes]
    for number, recipe in enumerate(recipes):
        assert set(recipe.average) <= set(names[:number])
        if recipe.average:
            continue
        config = TrainingConfig.model_validate(recipe.resolved(tmp_path, names[:number], data=tmp_path))
        assert config.start == (tmp_path / str(recipe.start) if number else None)
        assert recipe.start in (names[:number] or [None])
        assert set(config.conventions) <= {one.kind for one in config.data}
        assert not config.shares or set(config.shares) == {one.kind for one in config.data}
    for kind in make_model.kinds(recipes):
        assert origins([kind]) != kind
        assert "not stated" not in licences([kind])


def test_that_a_recipe_that_stops_early_is_trained_once(
    make_model: ModuleType, small_acdc: Path, tmp_path: Path
) -> None:
    chain = make_model.read_recipes(write(tmp_path, a={**SMALL, "until": 2}, b={**SMALL, "start": "a"}))
    data = tmp_path / "data"
    (data / "acdc").mkdir(parents=True)
    (data / "acdc" / "training").symlink_to(small_acdc)
    runs = tmp_path / "runs"
    assert make_model.train_recipes(chain, data=data, runs=runs, store=runs / "store") == 0
    weights = [runs / name / "model.safetensors" for name in ("a", "b")]
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in weights]
    assert json.loads((runs / "a" / "checkpoint.json").read_text())["step"] == 2
    assert make_model.train_recipes(chain, data=data, runs=runs, store=runs / "store") == 0
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in weights] == before


def test_that_a_trial_has_fewer_steps_and_stops_early_where_the_recipe_does(
    make_model: ModuleType, tmp_path: Path
) -> None:
    made = write(
        tmp_path,
        a={"until": 2000, "steps": 5500, "warmup_steps": 100, "evaluate_every": 500},
        b={"average": ["a", "a"]},
        c={"steps": 3, "seed": 7},
        d={},
    )
    stopped, average, short, plain = (one.shortened(20) for one in make_model.read_recipes(made))
    assert stopped.settings == {"steps": 20, "warmup_steps": 20, "evaluate_every": 20}
    assert stopped.until == 10
    assert (average.settings, average.until) == ({"average": ["a", "a"]}, None)
    assert short.settings == {"steps": 3, "warmup_steps": 20, "evaluate_every": 3, "seed": 7}
    assert plain.settings == {"steps": 20, "warmup_steps": 20, "evaluate_every": 20}


def test_that_a_trial_goes_the_whole_way_and_leaves_the_bundled_model_alone(
    make_model: ModuleType,
    small_acdc: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recipes, data, runs = (tmp_path / name for name in ("recipes", "data", "runs"))
    recipes.mkdir()
    write(recipes, a={**SMALL, "until": 2}, b={"average": ["a", "a"]}, c={**SMALL, "start": "b"})
    (data / "acdc").mkdir(parents=True)
    (data / "acdc" / "training").symlink_to(small_acdc)
    before = make_model._BUNDLED.stat().st_mtime_ns
    arguments = ["--data", data, "--runs", runs, "--recipes", recipes, "--trial", 2]
    monkeypatch.setattr(sys, "argv", ["make_model", *map(str, arguments)])
    assert make_model._run() == 0
    assert "The trial went through the whole chain" in capsys.readouterr().out
    assert {one.name for one in (runs / "trial").iterdir() if one.is_dir()} == {"a", "b", "c"}
    assert (runs / "trial" / "c" / "evaluation" / "evaluation.json").is_file()
    assert make_model._BUNDLED.stat().st_mtime_ns == before


@pytest.mark.parametrize("wrong", [["--trial", "0"], ["--trial", "2", "--out", "mine.cinecor"]])
def test_that_a_trial_has_a_step_and_writes_nowhere_else(
    make_model: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["make_model", "--data", str(tmp_path), "--runs", str(tmp_path), *wrong])
    with pytest.raises(SystemExit) as ended:
        make_model._run()
    assert ended.value.code == 2


def test_that_runs_with_the_last_ones_start_are_averaged(make_model: ModuleType, tmp_path: Path) -> None:
    chain = {"a": {}, "b": {"start": "a", "seed": 1}, "c": {"start": "b", "seed": 2}, "d": {"start": "b", "seed": 3}}
    assert make_model.averaged(make_model.read_recipes(write(tmp_path, **chain))) == ("c", "d")


def test_that_without_recipes_the_defaults_are_trained(make_model: ModuleType, tmp_path: Path) -> None:
    recipes = make_model.read_recipes(tmp_path)
    assert [recipe.settings for recipe in recipes] == [{}]
    assert make_model.averaged(recipes) == (recipes[0].name,)
