"""`Language`: the language people are spoken to in, from gettext catalogues; English needs none."""

import gettext
from functools import cache
from typing import Final

from cinecor_resources import catalogues

LANGUAGES: Final = ("en", "fr")
DOMAIN: Final = "cinecor"

_DECIMAL: Final = {"en": ".", "fr": ","}


class CatalogueLanguage:
    """A language with its catalogue, as `cinecor.message.Language` asks for it."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._catalogue: gettext.NullTranslations = (
            gettext.NullTranslations()
            if code == "en"
            else gettext.translation(DOMAIN, localedir=str(catalogues()), languages=[code])
        )

    def gettext(self, template: str) -> str:
        """Return the language's template; the English one where the catalogue lacks it."""
        return self._catalogue.gettext(template)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the language's template for this number of things."""
        return self._catalogue.ngettext(one, many, number)

    def number(self, written: str) -> str:
        """Return a number with the language's decimal sign and a true minus."""
        return written.replace(".", _DECIMAL[self.code]).replace("-", "−")


@cache
def language(code: str) -> CatalogueLanguage:
    """Return a language by its two letters. Raises `ValueError` for one that there is no catalogue of."""
    if code not in LANGUAGES:
        raise ValueError(f"no catalogue of the language {code!r}")
    return CatalogueLanguage(code)
