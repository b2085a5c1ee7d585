"""Who works at this machine: asked for once, kept with the settings."""

from typing import Final

from cinecor.app.settings import Settings
from cinecor.review.ledger import Person

_NAME: Final = "signer_name"
_ORGANISATION: Final = "signer_organisation"


def signer(settings: Settings) -> Person:
    """Return the person as they gave themselves; without a name until somebody has signed here."""
    return Person.here(settings.state.get(_NAME, ""), settings.state.get(_ORGANISATION, ""))


def remember_signer(settings: Settings, *, name: str, organisation: str) -> Person:
    """Keep name and organisation for the next time, and return the person."""
    settings.state[_NAME], settings.state[_ORGANISATION] = name.strip(), organisation.strip()
    settings.write()
    return signer(settings)
