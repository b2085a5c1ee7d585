"""What whoever administers this machine fixed for all of its users: settings that nobody can change.

The file is TOML, one line a setting, and lies where users cannot write:

    keep_studies = false
    keep_days = 30
    show_patient = false
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cinecor.app.settings import BY_NAME, Settings, settings_path, usual_settings_path
from cinecor.errors import system_reason
from cinecor.message import Message


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings by name, with the values that hold; and what is wrong with the file."""

    fixed: Mapping[str, Any] = field(default_factory=_nothing)
    fault: Message | None = None


CLOSED: Mapping[str, Any] = MappingProxyType({"keep_studies": False})
"""What holds where there is a policy that cannot be read: it may have forbidden this."""


def policy_path() -> Path:
    """Return where the policy lies on this system; the environment of a user cannot move it."""
    if sys.platform == "win32":
        import platformdirs

        return Path(platformdirs.site_data_dir("cinecor", appauthor=False)) / "policy.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/cinecor/policy.toml")
    return Path("/etc/cinecor/policy.toml")


def read_policy(path: Path | None = None) -> Policy:
    """Return the policy of this machine; one that cannot be read, or names what is none, keeps nothing and says so."""
    place = policy_path() if path is None else path
    try:
        fixed = tomllib.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError) as error:  # TOML's errors and those of UTF-8 are ValueErrors
        return Policy(CLOSED, _unreadable(place, system_reason(error) if isinstance(error, OSError) else str(error)))
    wrong = [name for name, value in fixed.items() if name not in BY_NAME or not BY_NAME[name].accepts(value)]
    if wrong:
        kept = {name: value for name, value in fixed.items() if name not in wrong}
        return Policy(MappingProxyType({**kept, **CLOSED}), _unreadable(place, ", ".join(sorted(wrong))))
    return Policy(MappingProxyType(fixed))


def user_settings(policy: Policy | None = None) -> Settings:
    """Return the settings of whoever runs Cinecor here, with what this machine's policy (None: it is read) fixes."""
    fixed = (policy or read_policy()).fixed
    return Settings(settings_path(), fixed=fixed, earlier=usual_settings_path())


def _unreadable(path: Path, reason: Message | str) -> Message:
    return Message(
        "policy_unreadable",
        "The policy {path} cannot be understood ({reason}): nothing is kept until it is mended.",
        path=path,
        reason=reason,
    )
