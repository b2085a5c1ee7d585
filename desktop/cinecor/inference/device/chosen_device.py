"""`DeviceChoice`: which provider runs which variant of a model, what was tried for it, and why, as messages."""

from dataclasses import dataclass
from typing import Final

from cinecor.inference.device.onnx_runtime import CUDA
from cinecor.inference.package.manifest import Precision
from cinecor.message import Message

SAME_MASKS: Final = 0.99
"""Least Dice of each structure, against fp32 on the CPU, that counts as the same masks."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How one provider did with one variant of the model."""

    provider: str
    precision: Precision
    ms_per_frame: float | None = None  # in its shortest run; None when it was not timed
    least_dice: float | None = None  # of the three structures, against fp32 on the CPU
    failure: Message | None = None  # of the device, in half a sentence: it may be gone next time

    @property
    def refused(self) -> Message | None:
        """Why it may not be used, in half a sentence; None when it may."""
        if self.failure is not None or self.least_dice is None or self.least_dice >= SAME_MASKS:
            return self.failure
        return Message(
            "other_masks",
            "gives other masks (Dice {dice:.3f}, needed {needed})",
            dice=self.least_dice,
            needed=SAME_MASKS,
        )

    def told(self) -> Message:
        """Return how it did, as one entry of a list."""
        if self.refused is not None:
            return Message(
                "trial_refused",
                "{precision} on {device} ({why})",
                precision=self.precision,
                device=device_name(self.provider),
                why=self.refused,
            )
        return Message(
            "trial",
            "{precision} on {device} ({ms:.1f} ms, Dice {dice:.4f})",
            precision=self.precision,
            device=device_name(self.provider),
            ms=self.ms_per_frame,
            dice=self.least_dice,
        )


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """Which provider runs which variant, and what was tried: nothing, where there was nothing to choose."""

    provider: str
    precision: Precision
    trials: tuple[Trial, ...] = ()  # the chosen one first
    asked_for: bool = False  # whether the variant was
    obstacle: Message | None = None  # why no GPU was tried, in half a sentence

    @property
    def reason(self) -> Message:
        """Why this provider and this variant."""
        if self.obstacle is None:
            return self._reason()
        return Message(
            "no_gpu_tried", "{reason} No GPU was tried: {obstacle}.", reason=self._reason(), obstacle=self.obstacle
        )

    def _reason(self) -> Message:
        chosen = {"precision": self.precision, "device": device_name(self.provider)}
        if not self.trials:
            if self.asked_for:
                return Message("variant_asked_for", "{precision} on {device}: the variant asked for.", **chosen)
            return Message("only_variant", "{precision} on {device}: the only variant for it in this model.", **chosen)
        best, *others = self.trials
        measured = {**chosen, "ms": best.ms_per_frame, "dice": best.least_dice}
        if not others:
            return Message(
                "measured_fastest",
                "{precision} on {device}: measured fastest on the phantom with the same masks "
                "({ms:.1f} ms a frame, Dice {dice:.4f} against fp32 on the CPU).",
                **measured,
            )
        return Message(
            "measured_fastest_of",
            "{precision} on {device}: measured fastest on the phantom with the same masks "
            "({ms:.1f} ms a frame, Dice {dice:.4f} against fp32 on the CPU); tried beside it: {others}.",
            **measured,
            others=tuple(trial.told() for trial in others),
        )

    def fallback(self) -> Message:
        """Return why CUDA, which was asked for, does not run."""
        why = self.obstacle or tuple(
            trial.told() for trial in self.trials if trial.provider == CUDA and trial.refused is not None
        )
        return Message(
            "cuda_does_not_run", "CUDA was asked for and does not run here: {why}; the CPU was used instead.", why=why
        )


def device_name(provider: str) -> str:
    """Return what people call an ONNX Runtime provider."""
    return "CUDA" if provider == CUDA else "CPU"
