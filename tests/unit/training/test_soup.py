"""Rules of averaging runs: it is the mean of their weights, of one recipe on one side of one split."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from cinecor.errors import InputError
from cinecor_training.config import TrainingConfig
from cinecor_training.data.settings import FolderSettings, StoreSettings
from cinecor_training.data.split import Split
from cinecor_training.loop import load_network
from cinecor_training.network import UNet
from cinecor_training.soup import average_runs


def _run(folder: Path, *, seed: int, split: str = "a", **settings: object) -> Path:
    config = TrainingConfig(channels=(8, 8), neighbours=0, size_px=32, canvas_px=48, seed=seed).model_copy(
        update=settings
    )
    folder.mkdir()
    torch.manual_seed(seed)
    save_file(UNet(config.channels, inputs=1).state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(config.model_dump_json())
    sides = {"training": [split], "validation": ["w" if split == "v" else "v"]}
    (folder / "split.json").write_text(json.dumps({"rule": "r", **sides}))
    return folder


def test_that_the_average_is_the_mean_of_all_weights(tmp_path: Path) -> None:
    runs = [_run(tmp_path / str(seed), seed=seed) for seed in (1, 2, 3)]
    mean = load_file(average_runs(runs, tmp_path / "mean"))
    states = [load_file(run / "model.safetensors") for run in runs]
    for name, value in mean.items():
        expected = sum(state[name].double() for state in states) / 3
        torch.testing.assert_close(value.double(), expected, rtol=1e-6, atol=1e-6)


def test_that_the_average_is_a_run_that_loads_and_keeps_its_split(tmp_path: Path) -> None:
    runs = [_run(tmp_path / str(seed), seed=seed) for seed in (1, 2)]
    average_runs(runs, tmp_path / "mean")
    network, config = load_network(tmp_path / "mean")
    assert config.channels == (8, 8)
    assert not network.training
    assert Split.from_file(tmp_path / "mean" / "split.json") == Split.from_file(runs[0] / "split.json")


def test_that_patients_of_runs_on_different_data_are_put_together(tmp_path: Path) -> None:
    runs = [_run(tmp_path / name, seed=1, split=name) for name in ("a", "b")]
    average_runs(runs, tmp_path / "mean")
    assert Split.from_file(tmp_path / "mean" / "split.json") == Split("r", ("a", "b"), ("v",))


def test_that_an_average_of_runs_that_kept_some_of_their_start_keeps_its_terms_and_nothing_more_of_it(
    tmp_path: Path,
) -> None:
    shares = ((1, 0.0), (2, 0.5))
    runs = [_run(tmp_path / str(seed), seed=seed, start=Path("s"), average_with_start=share) for seed, share in shares]
    average_runs(runs, tmp_path / "mean")
    config = TrainingConfig.from_file(tmp_path / "mean" / "config.json")
    assert (config.start, config.average_with_start) == (Path("s"), 0)


def test_that_an_average_goes_on_under_the_terms_of_all_data(tmp_path: Path) -> None:
    acdc = FolderSettings(kind="acdc", folder=Path("acdc"))
    own = StoreSettings(kind="store", consent="ethics vote 1/26", licence="hospital use only")
    runs = [_run(tmp_path / str(seed), seed=seed, data=data) for seed, data in ((1, (acdc,)), (2, (acdc, own)))]
    average_runs(runs, tmp_path / "mean")
    assert TrainingConfig.from_file(tmp_path / "mean" / "config.json").data == (acdc, own)


def test_that_a_run_named_twice_counts_twice(tmp_path: Path) -> None:
    one, two = (_run(tmp_path / str(seed), seed=seed) for seed in (1, 2))
    mean = load_file(average_runs([one, two, two], tmp_path / "mean"))
    a, b = (load_file(run / "model.safetensors")["head.bias"] for run in (one, two))
    torch.testing.assert_close(mean["head.bias"], (a + 2 * b) / 3)


def test_that_a_run_without_conventions_halves_the_offsets_of_one_with(tmp_path: Path) -> None:
    knowing = _run(tmp_path / "1", seed=1, conventions=("kaggle",))
    save_file({"0": torch.full((1, 4), 3.0)}, knowing / "conventions.safetensors")
    average_runs([_run(tmp_path / "2", seed=2), knowing], tmp_path / "mean")
    offsets = load_file(tmp_path / "mean" / "conventions.safetensors")
    assert offsets["0"].tolist() == [[1.5] * 4]
    assert load_network(tmp_path / "mean")[1].conventions == ("kaggle",)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"spacing_mm": 2.0}, "spacing_mm differs"),
        ({"split": "v"}, "v trained one of the runs and validates another"),
        ({"conventions": ("myops",)}, "different conventions"),
    ],
)
def test_that_runs_that_do_not_belong_together_are_refused(
    tmp_path: Path, other: dict[str, object], message: str
) -> None:
    runs = [_run(tmp_path / "1", seed=1, conventions=("kaggle",)), _run(tmp_path / "2", seed=2, **other)]
    with pytest.raises(InputError, match=message):
        average_runs(runs, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_that_one_run_is_no_average(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least two"):
        average_runs([_run(tmp_path / "1", seed=1)], tmp_path / "mean")
