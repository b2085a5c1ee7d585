"""`Arithmetic`: in float32 or in bfloat16, whichever this machine is really faster in; kept with the run.

bfloat16 halves memory traffic where a processor calculates in it. Where it does not, torch emulates it, and a step
takes up to eleven times as long as in float32. What torch says of the processor decides against bfloat16; in favour of
it only timed steps do, because libraries may be held to older instructions than the processor has.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from cinecor.durable_file import replace_file
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.loss import dice_cross_entropy
from cinecor_training.network import CLASSES, UNet

if TYPE_CHECKING:
    from cinecor_training.config import TrainingConfig
    from cinecor_training.run_folder import RunFolder

Arithmetic = Literal["float32", "bfloat16"]
BOTH: Final[tuple[Arithmetic, ...]] = ("float32", "bfloat16")
_NATIVE: Final = ("avx512_bf16", "amx_bf16", "avx10_2", "avx_ne_convert", "bf16", "arm_bf16", "sve_bf16")
"""Instruction sets, as torch names them, that multiply in bfloat16."""

_FRAMES: Final = 4  # in a timed step
_ROUNDS: Final = 2


class ArithmeticChoice(BaseModel):
    """In what a run calculates, and why; `arithmetic.json` in its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arithmetic: Arithmetic
    reason: str  # half a sentence, without a full stop


def settle_arithmetic(config: "TrainingConfig", run: "RunFolder", *, device: torch.device) -> ArithmeticChoice:
    """Return what the run in this folder calculates in, and keep it there: a run that goes on must not change it.

    Raises `InputError` when a run lies here whose record is damaged.
    """
    if run.trained:
        return _began_with(run, device)
    choice = choose_arithmetic(config, device=device)
    _write(choice, run.arithmetic)
    return choice


def choose_arithmetic(
    config: "TrainingConfig", *, device: torch.device, times_ms: Mapping[Arithmetic, float] | None = None
) -> ArithmeticChoice:
    """Return what a new run of this config calculates in on this device.

    `times_ms` are those of `step_times_ms`; without them steps are timed here, where they are in doubt.
    """
    if config.arithmetic != "auto":
        return ArithmeticChoice(arithmetic=config.arithmetic, reason="as the config says")
    if device.type != "cpu":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return ArithmeticChoice(arithmetic="bfloat16", reason="the graphics card calculates in it")
        return ArithmeticChoice(arithmetic="float32", reason="the graphics card does not calculate in bfloat16")
    if not native_bfloat16():
        return ArithmeticChoice(
            arithmetic="float32", reason="torch sees no bfloat16 instructions in this processor and would emulate them"
        )
    return _faster(times_ms or step_times_ms(config, device=device))


def _faster(times_ms: Mapping[Arithmetic, float]) -> ArithmeticChoice:
    best: Arithmetic = "bfloat16" if times_ms["bfloat16"] < times_ms["float32"] else "float32"
    other: Arithmetic = "float32" if best == "bfloat16" else "bfloat16"
    reason = f"timed steps took {times_ms[best]:.1f} ms a frame, {times_ms[other]:.1f} in {other}"
    return ArithmeticChoice(arithmetic=best, reason=reason)


def native_bfloat16() -> bool:
    """Return whether torch sees instructions for bfloat16 in this processor; False where it does not tell."""
    capabilities = getattr(torch.cpu, "get_capabilities", None)
    if capabilities is not None:
        told = capabilities()
        return any(told.get(name, False) for name in _NATIVE)
    asked = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # torch before 2.11
    return bool(asked and asked())


def step_times_ms(config: "TrainingConfig", *, device: torch.device) -> dict[Arithmetic, float]:
    """Return how long a training step of this config takes in both arithmetics: ms a frame, the shorter of two runs.

    They take turns, so that what else the machine does hits both alike. No generator that a run draws from is touched.
    """
    frames = min(config.batch, _FRAMES)
    random = torch.Generator().manual_seed(0)
    inputs = 2 * config.neighbours + 1
    size = (config.size_px, config.size_px)
    images = torch.randn(frames, inputs, *size, generator=random).to(device, memory_format=torch.channels_last)
    labels = torch.randint(CLASSES, (frames, *size), generator=random).to(device)
    with torch.random.fork_rng(devices=[]):
        network = UNet(config.channels, inputs=inputs).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters())
    seconds: dict[Arithmetic, list[float]] = {arithmetic: [] for arithmetic in BOTH}
    for _ in range(1 + _ROUNDS):
        for arithmetic in BOTH:
            started = time.perf_counter()
            with autocast(arithmetic, device):
                logits = network(images)
            loss = dice_cross_entropy(logits, labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds[arithmetic].append(time.perf_counter() - started)
    return {arithmetic: min(taken[1:]) / frames * 1000 for arithmetic, taken in seconds.items()}


def autocast(arithmetic: Arithmetic, device: torch.device) -> torch.autocast:
    """Return the context in which the network calculates; bfloat16 needs no loss scaling."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=arithmetic == "bfloat16")


def _began_with(run: "RunFolder", device: torch.device) -> ArithmeticChoice:
    if not run.arithmetic.is_file():  # begun before the choice was kept: bfloat16 wherever torch could
        able = device.type == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False)
        return ArithmeticChoice(arithmetic="bfloat16" if able else "float32", reason="as the run began")
    try:
        kept = ArithmeticChoice.model_validate_json(run.arithmetic.read_bytes())
    except ValidationError as error:
        raise InputError(
            Message(
                "arithmetic_record_damaged",
                "{arithmetic} is damaged; restore it, or start anew in another --out.",
                arithmetic=run.arithmetic,
            )
        ) from error
    slow = kept.arithmetic == "bfloat16" and device.type == "cpu" and not native_bfloat16()
    return ArithmeticChoice(
        arithmetic=kept.arithmetic,
        reason=f"as the run began{', though this processor has to emulate it' if slow else ''}",
    )


def _write(choice: ArithmeticChoice, path: Path) -> None:
    replace_file(path, (choice.model_dump_json(indent=1) + "\n").encode())
