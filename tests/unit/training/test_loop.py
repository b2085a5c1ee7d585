"""Rules of the training run: it resumes exactly, learns from what is known, and its result loads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from cinecor.durable_file import UNFINISHED
from cinecor.errors import InputError, UsageError
from cinecor_training.checkpoint import save_weights
from cinecor_training.config import TrainingConfig
from cinecor_training.data.case import known_bits
from cinecor_training.data.run_data import RunData
from cinecor_training.data.split import Split
from cinecor_training.loop import load_network, stored_dice, train
from cinecor_training.metrics import StepReport
from cinecor_training.network import UNet
from cinecor_training.run_folder import RunFolder
from cinecor_training.store import FrameStore

CONFIG = TrainingConfig(
    channels=(8, 8),
    size_px=64,
    canvas_px=80,
    batch=4,
    steps=12,
    warmup_steps=2,
    checkpoint_every=3,
    evaluate_every=6,
    arithmetic="float32",  # which is faster here must not decide
)


class Killed(Exception):
    """The run ends here, as by a kill."""


def _train(data: RunData, folder: Path, *, config: TrainingConfig = CONFIG, until: int | None = None) -> list[int]:
    steps: list[int] = []

    def listen(report: StepReport) -> None:
        steps.append(report.step)
        if report.step == until:
            raise Killed

    train(config, training=data.training, validation=data.validation, folder=folder, listener=listen)
    return steps


@pytest.mark.parametrize(("until", "arithmetic"), [(2, "float32"), (8, "float32"), (12, "float32"), (8, "bfloat16")])
def test_that_a_killed_and_resumed_run_equals_an_uninterrupted_one(
    small_data: RunData, tmp_path: Path, until: int, arithmetic: str
) -> None:
    config = CONFIG.model_copy(update={"arithmetic": arithmetic})
    _train(small_data, tmp_path / "whole", config=config)
    with pytest.raises(Killed):
        _train(small_data, tmp_path / "killed", config=config, until=until)
    resumed = _train(small_data, tmp_path / "killed", config=config)
    assert resumed == list(range((until - 1) // 3 * 3 + 1, CONFIG.steps + 1))
    for name in ("model.safetensors", "metrics.csv", "checkpoint-0000012.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes(), name


def test_that_kept_weights_lie_between_start_and_end_also_after_a_kill(small_data: RunData, tmp_path: Path) -> None:
    _train(small_data, tmp_path / "start", config=CONFIG.model_copy(update={"seed": 7}))
    plain = CONFIG.model_copy(update={"start": tmp_path / "start"})
    _train(small_data, tmp_path / "plain", config=plain)
    between = plain.model_copy(update={"average_with_start": 0.25})
    with pytest.raises(Killed):
        _train(small_data, tmp_path / "between", config=between, until=8)
    _train(small_data, tmp_path / "between", config=between)
    start, end, kept = (load_file(tmp_path / name / "model.safetensors") for name in ("start", "plain", "between"))
    moved = 0.0
    for name, value in kept.items():
        expected = end[name] if not value.dtype.is_floating_point else 0.25 * start[name] + 0.75 * end[name]
        torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-6)
        moved = max(moved, float((end[name] - start[name]).abs().max()))
    assert moved > 1e-3  # else there is nothing between


def test_that_the_arithmetic_is_the_one_that_was_chosen(small_data: RunData, tmp_path: Path) -> None:
    for arithmetic in ("float32", "bfloat16"):
        config = CONFIG.model_copy(update={"arithmetic": arithmetic, "steps": 2})
        _train(small_data, tmp_path / arithmetic, config=config)
    assert (tmp_path / "float32" / "metrics.csv").read_bytes() != (tmp_path / "bfloat16" / "metrics.csv").read_bytes()


def test_that_a_run_stopped_on_purpose_gives_weights_and_goes_on(small_data: RunData, tmp_path: Path) -> None:
    _train(small_data, tmp_path / "whole")
    sides = {"training": small_data.training, "validation": small_data.validation}
    folder = tmp_path / "stopped"
    early = train(CONFIG, **sides, folder=folder, listener=lambda _: None, until=5).read_bytes()
    _train(small_data, folder)
    late = (folder / "model.safetensors").read_bytes()
    assert early != late
    assert late == (tmp_path / "whole" / "model.safetensors").read_bytes()


def test_that_a_stopped_run_that_is_killed_after_going_on_is_not_taken_for_finished(
    small_data: RunData, tmp_path: Path
) -> None:
    sides = {"training": small_data.training, "validation": small_data.validation}
    train(CONFIG, **sides, folder=tmp_path, listener=lambda _: None, until=5)
    with pytest.raises(Killed):
        _train(small_data, tmp_path, until=7)
    with pytest.raises(InputError, match="no finished training run"):
        load_network(tmp_path)


def test_that_a_stopped_run_with_no_step_left_keeps_its_weights(small_data: RunData, tmp_path: Path) -> None:
    sides = {"training": small_data.training, "validation": small_data.validation}
    weights = [
        train(CONFIG, **sides, folder=tmp_path, listener=lambda _: None, until=until).read_bytes()
        for until in (5, 5, 3)
    ]
    assert weights[0] == weights[1] == weights[2]


def test_that_a_kill_while_a_checkpoint_is_written_leaves_the_one_before(small_data: RunData, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _train(small_data, tmp_path, until=5)
    (tmp_path / ".new-half").write_bytes(b"half")
    (tmp_path / f"{UNFINISHED}0123").write_text("{")
    assert _train(small_data, tmp_path)[0] == 4
    assert {path.name for path in tmp_path.glob("checkpoint*")} == {
        "checkpoint-0000012.safetensors",
        "checkpoint.json",
    }


def test_that_a_damaged_checkpoint_is_named(small_data: RunData, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _train(small_data, tmp_path, until=5)
    (tmp_path / "checkpoint-0000003.safetensors").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"checkpoint\.json is damaged"):
        _train(small_data, tmp_path)


def test_that_a_finished_run_loads_in_evaluation_mode(small_data: RunData, tmp_path: Path) -> None:
    _train(small_data, tmp_path)
    network, config = load_network(tmp_path)
    assert config == CONFIG
    assert not network.training


def test_that_a_config_of_the_first_recipe_still_loads(small_data: RunData, tmp_path: Path) -> None:
    """A run made before data and split were settings."""
    _train(small_data, tmp_path)
    old = CONFIG.model_dump_json(exclude={"data", "split"})
    (tmp_path / "config.json").write_text(old)
    assert load_network(tmp_path)[1].same_recipe(CONFIG)


def test_that_a_folder_with_another_recipe_is_refused_with_the_difference(small_data: RunData, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _train(small_data, tmp_path, config=CONFIG.model_copy(update={"seed": 9}), until=5)
    with pytest.raises(InputError, match="another config \\(seed 9 there, 0 here\\)"):
        _train(small_data, tmp_path)


def test_that_a_folder_in_which_nothing_was_trained_can_be_claimed_anew(small_data: RunData, tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.claim(CONFIG.model_copy(update={"seed": 9}))
    run.keep_split(Split("by hand", ("acdc/a",), ("acdc/b",)))
    run.claim(CONFIG)
    run.keep_split(small_data.split)
    assert run.read_config() == CONFIG
    assert Split.from_file(run.split) == small_data.split


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.safetensors", b"no weights", r"model\.safetensors is damaged or no safetensors file"),
        ("config.json", b"{", r"config\.json is damaged or no config"),
        ("config.json", b'{"batch": 0}', r"config\.json is damaged .*'batch'"),
        ("config.json", b'{"channels": [8, 16], "size_px": 64}', "is of another network than config.json"),
    ],
)
def test_that_a_run_with_a_wrong_file_is_told_in_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    RunFolder(tmp_path).claim(CONFIG)
    save_weights(UNet(CONFIG.channels, inputs=3), tmp_path / "model.safetensors")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        load_network(tmp_path)
    assert "\n" not in str(caught.value)


def test_that_a_run_does_not_go_on_with_other_data(small_data: RunData, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _train(small_data, tmp_path, until=5)
    other = replace(small_data, training=replace(small_data.training, fingerprint="another"))
    with pytest.raises(InputError, match="a run on other data"):
        _train(other, tmp_path)


def test_that_a_loss_that_runs_away_stops_the_run(small_data: RunData, tmp_path: Path) -> None:
    wild = CONFIG.model_copy(update={"learning_rate": 1e30, "warmup_steps": 1})
    with pytest.raises(UsageError, match=r"not finite at step .*; use a lower learning_rate"):
        _train(small_data, tmp_path, config=wild)


def _partly_known(store: FrameStore) -> FrameStore:
    """The same store as if the left ventricle alone had been outlined."""
    labels = np.where(store.labels == 3, store.labels, 0).astype(np.uint8)
    return replace(store, labels=labels, known=np.full_like(store.known, known_bits([3])))  # type: ignore[list-item]


def test_that_partly_labelled_frames_train_another_network_than_frames_taken_for_whole(
    small_data: RunData, tmp_path: Path
) -> None:
    known = _partly_known(small_data.training)
    taken_for_whole = replace(known, known=small_data.training.known)
    for name, training in (("known", known), ("whole", taken_for_whole)):
        _train(replace(small_data, training=training), tmp_path / name)
    weights = [load_network(tmp_path / name)[0].state_dict() for name in ("known", "whole")]
    assert any(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_that_a_structure_is_judged_only_where_it_is_known(small_data: RunData) -> None:
    class Painter(torch.nn.Module):
        """Paints the right ventricle everywhere."""

        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            logits = torch.zeros(len(frames), 4, *frames.shape[2:])
            logits[:, 1] = 1
            return logits

    device = torch.device("cpu")
    whole = stored_dice(Painter(), small_data.validation, config=CONFIG, device=device)
    partly = stored_dice(Painter(), _partly_known(small_data.validation), config=CONFIG, device=device)
    assert whole[0] > 0
    assert partly == (0.0, 0.0, 0.0)
