"""Phantoms as a source of cases: hearts drawn from seeds, with labels that are true by construction."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import cinecor_phantom
from cinecor_phantom import random_phantom
from cinecor_training.data.case import ALL_KNOWN, Case, FoundCases, LabelledFrames

_PHASES = 4  # enough for an end-systole near its natural place; rendering time grows with every phase


@dataclass(frozen=True, slots=True)
class PhantomCase:
    """End-diastole or end-systole of one phantom."""

    seed: int
    moment: str

    @property
    def patient(self) -> str:
        """The phantom's name, from its seed."""
        return f"phantom{self.seed:05d}"

    @property
    def group(self) -> str:
        """Phantoms are a group of their own."""
        return "phantom"

    @property
    def key(self) -> str:
        """A text that changes with the seed and with the phantom's source code."""
        return f"{self.seed} {self.moment} {_PHASES} {_phantom_code()}"

    def read(self) -> LabelledFrames:
        """Render the heart and give the one moment."""
        phantom = random_phantom(self.seed, phases=_PHASES)
        phase = phantom.truth.ed_phase if self.moment == "ED" else phantom.truth.es_phase
        labels = np.ascontiguousarray(phantom.labels[:, phase])
        return LabelledFrames(
            phantom.pixels[:, phase].astype(np.float32),
            labels,
            np.full(len(labels), ALL_KNOWN, dtype=np.uint8),
            phantom.geometry,
        )


@dataclass(frozen=True, slots=True)
class PhantomSource:
    """As many phantoms as wanted, the seeds following each other."""

    count: int
    first_seed: int = 0
    name: str = "phantom"

    def find(self) -> FoundCases:
        """List both moments of every phantom."""
        seeds = range(self.first_seed, self.first_seed + self.count)
        cases: list[Case] = [PhantomCase(seed, moment) for seed in seeds for moment in ("ED", "ES")]
        return FoundCases(tuple(cases))


@cache
def _phantom_code() -> str:
    folder = Path(cinecor_phantom.__file__).parent
    code = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))
    return hashlib.sha256(code).hexdigest()[:16]
