"""Rules of the arithmetic: bfloat16 only where it is native and measured faster; a run keeps what it began with."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from cinecor.errors import InputError
from cinecor_training import arithmetic
from cinecor_training.arithmetic import Arithmetic, choose_arithmetic, settle_arithmetic, step_times_ms
from cinecor_training.checkpoint import save_weights
from cinecor_training.config import TrainingConfig
from cinecor_training.network import UNet
from cinecor_training.run_folder import RunFolder

CONFIG = TrainingConfig(channels=(4, 4), size_px=32, canvas_px=32, batch=2)
CPU = torch.device("cpu")


@pytest.fixture(params=[True, False], ids=["native", "emulated"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(arithmetic, "native_bfloat16", lambda: request.param)
    return bool(request.param)


def _never(*_: object, **__: object) -> dict[Arithmetic, float]:
    raise AssertionError("nothing is in doubt")


@pytest.mark.parametrize(
    ("times_ms", "taken"),
    [
        ({"float32": 10.0, "bfloat16": 9.9}, "bfloat16"),
        ({"float32": 10.0, "bfloat16": 10.0}, "float32"),
        ({"float32": 124.0, "bfloat16": 1419.0}, "float32"),
    ],
)
def test_that_the_faster_is_taken_where_bfloat16_is_native(
    native: bool, times_ms: Mapping[Arithmetic, float], taken: Arithmetic
) -> None:
    choice = choose_arithmetic(CONFIG, device=CPU, times_ms=times_ms)
    assert choice.arithmetic == (taken if native else "float32")
    if native:
        assert all(f"{ms:.1f}" in choice.reason for ms in times_ms.values())
    else:
        assert "no bfloat16 instructions" in choice.reason


def test_that_nothing_is_timed_where_nothing_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "step_times_ms", _never)
    monkeypatch.setattr(arithmetic, "native_bfloat16", lambda: False)
    assert choose_arithmetic(CONFIG, device=CPU).arithmetic == "float32"
    asked = CONFIG.model_copy(update={"arithmetic": "bfloat16"})
    assert choose_arithmetic(asked, device=CPU).arithmetic == "bfloat16"


@pytest.mark.parametrize(
    ("told", "native"),
    [
        ({}, False),
        ({"avx2": True, "avx512_f": True, "avx512_vnni": True, "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
    ],
)
def test_that_torch_is_asked_for_the_instructions(
    told: dict[str, bool], native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    assert arithmetic.native_bfloat16() == native


def test_that_timing_leaves_the_random_numbers_of_a_run_alone() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(4)
    torch.manual_seed(5)
    times_ms = step_times_ms(CONFIG, device=CPU)
    assert torch.equal(torch.rand(4), wanted)
    assert set(times_ms) == {"float32", "bfloat16"}
    assert min(times_ms.values()) > 0


def _run(folder: Path, *, trained: bool) -> RunFolder:
    run = RunFolder(folder)
    run.claim(CONFIG)
    if trained:
        save_weights(UNet(CONFIG.channels, inputs=3), run.weights)
    return run


@pytest.mark.parametrize("began", ["float32", "bfloat16"])
def test_that_a_run_goes_on_in_what_it_began_with(
    tmp_path: Path, native: bool, began: Arithmetic, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.model_copy(update={"arithmetic": began})
    settle_arithmetic(config, _run(tmp_path, trained=False), device=CPU)
    monkeypatch.setattr(arithmetic, "step_times_ms", _never)
    choice = settle_arithmetic(CONFIG, _run(tmp_path, trained=True), device=CPU)
    assert choice.arithmetic == began
    assert choice.reason.startswith("as the run began")
    assert ("emulate" in choice.reason) == (began == "bfloat16" and not native)


def test_that_a_folder_in_which_nothing_was_trained_is_settled_anew(tmp_path: Path) -> None:
    for wanted in ("bfloat16", "float32"):
        config = CONFIG.model_copy(update={"arithmetic": wanted})
        assert settle_arithmetic(config, _run(tmp_path, trained=False), device=CPU).arithmetic == wanted


def test_that_a_run_from_before_the_choice_was_kept_goes_on_in_bfloat16(tmp_path: Path) -> None:
    assert settle_arithmetic(CONFIG, _run(tmp_path, trained=True), device=CPU).arithmetic == "bfloat16"


def test_that_a_damaged_record_is_named(tmp_path: Path) -> None:
    run = _run(tmp_path, trained=True)
    run.arithmetic.write_text('{"arithmetic": "float8", "reason": ""}')
    with pytest.raises(InputError, match=r"arithmetic\.json is damaged"):
        settle_arithmetic(CONFIG, run, device=CPU)
