"""`InputRow`, `StudyRow`: what a manifest holds of one input, and of each study in it."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from cinecor.cohort.study_facts import StudyFacts

_MARK: Final = "-study-"
_DIGEST_LENGTH: Final = 12  # no two of the studies of one archive share as much
_OF_SEVERAL: Final = re.compile(f"(.+){_MARK}[0-9a-f]{{{_DIGEST_LENGTH}}}", re.DOTALL)


class State(StrEnum):
    """How far an input is."""

    WAITING = "waiting"
    CLAIMED = "claimed"  # a worker has it, or had it when the program ended
    DONE = "done"
    FAILED = "failed"
    SET_ASIDE = "set_aside"  # workers died over it
    WITHOUT_IMAGE = "without_image"  # a folder of other files


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input as it stands in the manifest."""

    id: int
    path: Path
    series: str
    name: str
    content: str
    state: State
    before: str | None
    deaths: int
    code: str
    message: str
    passing: bool
    model_sha256: str
    seconds: float | None
    version: str = ""  # of the program that settled it


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study of an input: its facts, or why there are none."""

    number: int
    folder: str
    code: str = ""
    message: str = ""
    facts: StudyFacts | None = None


def study_folder(name: str, study_uid: str | None) -> str:
    """Return how the folder of one study is called where the input `name` holds several: by the study's own UID.

    So it stays what it is whatever else comes to lie beside that study. A digest, because a UID is long.
    """
    return f"{name}{_MARK}{hashlib.sha256((study_uid or '').encode()).hexdigest()[:_DIGEST_LENGTH]}"


def input_of_study(folder: str) -> str | None:
    """Return the name of the input that a folder holds one of several studies of; None where it is not called so."""
    found = _OF_SEVERAL.fullmatch(folder)
    return None if found is None else found[1]


def range_of_studies(name: str) -> tuple[str, str]:
    """Return between which names those of the studies of an input lie, if it holds several: from, and before."""
    return f"{name}{_MARK}0", f"{name}{_MARK}g"
