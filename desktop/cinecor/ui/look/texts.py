"""`tr`: what the desktop says, in the language in use; the English stands in the code, catalogues hold the rest.

Texts in tables are marked by `N_` where they are written and said by `tr` where they are shown. A place holds whatever
a message's place holds (see `cinecor.message`): numbers come out with the language's decimal sign.
"""

import locale
import os
import re
from functools import lru_cache
from typing import Any, Final

from cinecor.language import LANGUAGES, CatalogueLanguage, language
from cinecor.message import Message, filled

_in_use = [language("en")]
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as for gettext
UNITS: Final = ("mL", "mm", "cm", "m²", "L", "g", "kg", "ms", "s", "%", "/min", "MB", "MiB", "GiB")
"""What a number keeps on its line; with anything per something behind it (mL/m², L/min)."""

_BEFORE_UNIT = re.compile(rf"(?<=[\d}}]) (?=(?:{'|'.join(map(re.escape, UNITS))})(?!\w))")
_CONTEXT = "\x04"  # between a context and its text, in catalogues


def use_language(wanted: str) -> str:
    """Speak a language ("en", "fr" or "system") and return the one that is in use now."""
    code = system_language() if wanted == "system" else wanted
    _in_use[0] = language(code if code in LANGUAGES else "en")
    return _in_use[0].code


def system_language() -> str:
    """Return the two letters of the user's language, by the environment; by the system's own where nothing is set.

    The environment is read first: the C library knows a language only where it was installed on the machine.
    """
    named = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), None)
    return (named or locale.getlocale()[0] or "en")[:2].lower()


def language_in_use() -> CatalogueLanguage:
    """Return the language in use."""
    return _in_use[0]


def tr(text: str, /, **values: Any) -> str:
    """Return an English text in the language in use, its places filled."""
    return filled(_in_use[0].gettext(text), values, _in_use[0])


def tr_counted(one: str, many: str, /, *, n: int, **values: Any) -> str:
    """Return the text for so many things in the language in use; `{n}` is their number."""
    return filled(_in_use[0].ngettext(one, many, n), {"n": n, **values}, _in_use[0])


def said(message: Message) -> str:
    """Return what the engine tells, in the language in use; a number stays on the line of its unit."""
    return message.text(_OnScreen(_in_use[0]))


class _OnScreen:
    """A language whose templates keep numbers on the lines of their units: a narrow column breaks anywhere else."""

    __slots__ = ("_spoken",)

    def __init__(self, spoken: CatalogueLanguage) -> None:
        self._spoken = spoken

    def gettext(self, template: str) -> str:
        return kept_together(self._spoken.gettext(template))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return kept_together(self._spoken.ngettext(one, many, number))

    def number(self, written: str) -> str:
        return self._spoken.number(written)


@lru_cache(maxsize=2048)
def kept_together(template: str) -> str:
    """Return a template whose places and numbers cannot be parted from the units that follow them."""
    return _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", template)


def with_colon(name: str, what: str) -> str:
    """Return a name and what is said of it, with the colon as the language in use sets it."""
    return tr("{name}: {what}", name=name, what=what)


def tr_as(context: str, text: str, /) -> str:
    """Return a text that another language says otherwise in this context."""
    return _in_use[0].gettext(f"{context}{_CONTEXT}{text}").rpartition(_CONTEXT)[2]


def N_(text: str) -> str:
    """Return the text as it is; the mark brings it into the catalogues."""
    return text


def number_text(value: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Return a number as the language in use writes it, with a true minus; `signed` writes a plus too."""
    return _in_use[0].number(f"{value:{'+' if signed else ''}.{decimals}f}").replace("-", "−")
