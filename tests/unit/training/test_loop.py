"""Rules of the training run: it resumes exactly, and its result loads."""

from pathlib import Path

import pytest
import torch

from cinecor.errors import InputError
from cinecor_training.acdc import find_cases, is_validation
from cinecor_training.cli import main
from cinecor_training.config import TrainingConfig
from cinecor_training.loop import StepReport, load_network, train
from cinecor_training.store import FrameStore, build_store

CONFIG = TrainingConfig(
    channels=(8, 8),
    size_px=64,
    canvas_px=80,
    batch=4,
    steps=12,
    warmup_steps=2,
    checkpoint_every=3,
    evaluate_every=6,
)


class Killed(Exception):
    """The run ends here, as by a kill."""


@pytest.fixture(scope="module")
def stores(small_acdc: Path) -> tuple[FrameStore, FrameStore]:
    cases = find_cases(small_acdc)
    training, validation = (
        build_store([case for case in cases if is_validation(case.patient) is held], spacing_mm=1.5, canvas_px=80)
        for held in (False, True)
    )
    return training, validation


def test_that_a_killed_and_resumed_run_equals_an_uninterrupted_one(
    stores: tuple[FrameStore, FrameStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, validation = stores
    train(CONFIG, training=training, validation=validation, folder=tmp_path / "whole", listener=lambda _: None)

    def kill(report: StepReport) -> None:
        if report.step == 6:
            raise Killed

    with pytest.raises(Killed):
        train(CONFIG, training=training, validation=validation, folder=tmp_path / "killed", listener=kill)
    reports: list[int] = []
    train(
        CONFIG,
        training=training,
        validation=validation,
        folder=tmp_path / "killed",
        listener=lambda report: reports.append(report.step),
    )
    assert reports[-1] == CONFIG.steps
    whole, _ = load_network(tmp_path / "whole")
    resumed, _ = load_network(tmp_path / "killed")
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0, msg=name)


def test_that_a_folder_with_another_recipe_is_refused(stores: tuple[FrameStore, FrameStore], tmp_path: Path) -> None:
    training, validation = stores
    tmp_path.joinpath("config.json").write_text(CONFIG.model_copy(update={"seed": 9}).model_dump_json())
    with pytest.raises(InputError, match="another config"):
        train(CONFIG, training=training, validation=validation, folder=tmp_path, listener=lambda _: None)


def test_that_the_command_trains_and_tells_where_the_weights_are(
    small_acdc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(CONFIG.model_dump_json())
    assert main(["--data", str(small_acdc), "--out", str(tmp_path / "run"), "--config", str(config)]) == 0
    assert "model.safetensors" in capsys.readouterr().out
    assert (tmp_path / "run" / "metrics.csv").read_text().startswith("step,loss")


def test_that_a_wrong_setting_is_named(small_acdc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"batch": 0}')
    assert main(["--data", str(small_acdc), "--out", str(tmp_path / "run"), "--config", str(config)]) == 2
    assert "'batch'" in capsys.readouterr().err
