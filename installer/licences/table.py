"""The committed tables: components that no metadata tells, and which licences are allowed."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of components.toml; see there."""

    name: str
    licence: str
    copyright: str
    texts: list[str]
    version: str = ""
    files: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    source: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a distribution's metadata says of its licence in its own words, and what that means."""

    says: str
    licence: str
    texts: list[str] = field(default_factory=list)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything committed about components."""

    rows: list[Row]
    distributions: dict[str, Said]
    allowed: frozenset[str]
    exceptions: dict[str, dict[str, Any]]  # licence → components, reason


def read_tables(folder: Path = FOLDER) -> Tables:
    """Read components.toml and policy.toml."""
    components = tomllib.loads((folder / "components.toml").read_text(encoding="utf-8"))
    policy = tomllib.loads((folder / "policy.toml").read_text(encoding="utf-8"))
    return Tables(
        [Row(**row) for row in components["component"]],
        {name: Said(**said) for name, said in components["distribution"].items()},
        frozenset(policy["allowed"]),
        policy["exceptions"],
    )
