"""Rules of conventions: the first is the plain network, each other folds into biases without a change of result."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cinecor.errors import InputError, UsageError
from cinecor_training.config import TrainingConfig
from cinecor_training.conventions import Conventions, fold, offset_norms
from cinecor_training.data.run_data import RunData
from cinecor_training.loop import load_network, train
from cinecor_training.network import UNet

CONFIG = TrainingConfig(
    channels=(8, 8), size_px=64, canvas_px=80, batch=4, steps=4, warmup_steps=1, checkpoint_every=2, evaluate_every=4,
    conventions=("other",), shares={"acdc": 0.5, "other": 0.5},
)  # fmt: skip


def _conventions() -> Conventions:
    torch.manual_seed(0)
    network = Conventions(UNet((8, 8, 16), inputs=3), 3)
    for offset in network.offsets:
        torch.nn.init.normal_(offset)
    return network.eval()


@pytest.mark.parametrize("convention", [0, 1, 2])
@torch.no_grad()
def test_that_a_folded_network_gives_what_the_convention_gave(convention: int) -> None:
    network = _conventions()
    frames = torch.randn(2, 3, 32, 32)
    wanted = network(frames, torch.full((2,), convention))
    plain = network.network(frames)
    fold(network.network, list(network.offsets), convention=convention)
    torch.testing.assert_close(network.network(frames), wanted, rtol=1e-4, atol=1e-4)
    assert torch.equal(wanted, plain) == (convention == 0)


@torch.no_grad()
def test_that_frames_of_one_batch_have_each_their_own_convention() -> None:
    network = _conventions()
    frames = torch.randn(1, 3, 32, 32).expand(3, -1, -1, -1)
    together = network(frames, torch.arange(3))
    for convention in range(3):
        alone = network(frames[:1], torch.tensor([convention]))
        torch.testing.assert_close(together[convention], alone[0], rtol=1e-4, atol=1e-4)


def test_that_the_contracting_path_is_everybodys() -> None:
    network = UNet((8, 8, 16), inputs=3)
    shifted = offset_norms(network)
    seeing = [norm for part in network.down[:-1] for norm in part.modules() if isinstance(norm, torch.nn.BatchNorm2d)]
    assert shifted
    assert not set(map(id, shifted)) & set(map(id, seeing))


def test_that_frames_of_the_first_convention_leave_the_offsets_alone() -> None:
    network = _conventions().train()
    network(torch.randn(2, 3, 32, 32), torch.zeros(2, dtype=torch.long)).sum().backward()
    assert all(offset.grad is not None and not offset.grad.any() for offset in network.offsets)
    network(torch.randn(2, 3, 32, 32), torch.tensor([0, 2])).square().sum().backward()
    assert all(not offset.grad[0].any() and offset.grad[1].any() for offset in network.offsets)


@pytest.fixture(scope="module")
def trained(small_data: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which the second patient comes from a source with a convention of its own."""
    folder = tmp_path_factory.mktemp("run")
    patients = tuple(name.replace("acdc/patient002", "other/patient002") for name in small_data.training.patients)
    training = replace(small_data.training, patients=patients)
    train(CONFIG, training=training, validation=small_data.validation, folder=folder, listener=lambda _: None)
    return folder


def test_that_a_run_ships_its_first_convention_and_keeps_the_others(trained: Path) -> None:
    plain, config = load_network(trained)
    other, _ = load_network(trained, convention="other")
    assert config == CONFIG
    differing = [name for name, value in plain.state_dict().items() if not torch.equal(value, other.state_dict()[name])]
    assert differing
    assert all(name.endswith(".bias") for name in differing)


def test_that_an_unknown_convention_is_refused_with_those_there_are(trained: Path) -> None:
    with pytest.raises(UsageError, match=r"no convention “mnms”; it knows other"):
        load_network(trained, convention="mnms")


def test_that_a_run_without_its_offsets_still_loads_but_not_by_another_convention(
    trained: Path, tmp_path: Path
) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    load_network(tmp_path)
    with pytest.raises(InputError, match=r"conventions\.safetensors is missing"):
        load_network(tmp_path, convention="other")


def test_that_a_run_begins_with_what_the_earlier_one_learnt_of_conventions(
    trained: Path, small_data: RunData, tmp_path: Path
) -> None:
    config = CONFIG.model_copy(update={"start": trained, "learning_rate": 1e-12, "conventions": ("new", "other")})
    config = config.model_copy(update={"shares": {"acdc": 0.5, "other": 0.25, "new": 0.25}})
    names = {"acdc/patient002": "other/patient002"}
    patients = tuple(names.get(name, name) for name in small_data.training.patients)
    shared = small_data.training.patients.index("acdc/patient001")
    patients = (*patients[:shared], "new/patient001", *patients[shared + 1 :])
    training = replace(small_data.training, patients=patients)
    train(config, training=training, validation=small_data.validation, folder=tmp_path, listener=lambda _: None)
    before, after = (load_file(folder / "conventions.safetensors") for folder in (trained, tmp_path))
    for name, offset in before.items():
        torch.testing.assert_close(after[name][1], offset[0], rtol=0, atol=1e-6)
        assert not after[name][0].abs().max() > 1e-6


def test_that_offsets_learn_faster_than_weights(trained: Path) -> None:
    """Ten times the rate: Adam's first steps are as large as the rate, whatever the gradient."""
    offsets = load_file(trained / "conventions.safetensors")
    largest = max(float(value.abs().max()) for value in offsets.values())
    assert largest > 3 * CONFIG.learning_rate
