"""`Pseudonym`: the name that stands for a patient in an export, and the UIDs that stand for the study's."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

_UID_ROOT: Final = "2.25."  # UIDs made of a UUID, which need no registration (PS3.5, B.2)


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """One patient's; the same UID is replaced by the same everywhere, and nothing leads back without the secret."""

    name: str
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    replaced: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def uid(self, original: str) -> str:
        """Return the UID that stands for another."""
        if original not in self.replaced:
            digest = hashlib.sha256(self.secret + original.encode()).digest()
            self.replaced[original] = f"{_UID_ROOT}{int.from_bytes(digest[:16], 'big')}"
        return self.replaced[original]


def new_pseudonym() -> Pseudonym:
    """Return a pseudonym that says nothing."""
    return Pseudonym(f"ANON-{secrets.token_hex(4).upper()}")
