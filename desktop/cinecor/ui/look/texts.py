"""`tr`: every word the desktop shows, by key, in the language in use, with its numbers and plurals."""

import json
import locale
import re
from typing import Final

from PySide6.QtCore import QLocale

from cinecor_resources import translation

LANGUAGES: Final = ("en", "fr")
_in_use: dict[str, str] = {}
_language = ["en"]


def use_language(wanted: str) -> str:
    """Load a language ("en", "fr" or "system") and give the one that is in use now."""
    code = wanted
    if wanted == "system":
        code = (locale.getlocale()[0] or "en")[:2].lower()
    code = code if code in LANGUAGES else "en"
    _language[0] = code
    _in_use.clear()
    texts: dict[str, str] = json.loads(translation(code).read_text(encoding="utf-8"))
    _in_use.update({key: typeset(text, code) for key, text in texts.items()})
    return code


def language_in_use() -> str:
    """Give the two letters of the language in use."""
    return _language[0]


def tr(key: str, **values: object) -> str:
    """Give the text of `key` with its places filled. Raises `KeyError` for a key that is not in the table.

    A place for a whole number may bring its noun: `{files:file|files}` gives "1 file" and "2 files".
    """
    if not _in_use:
        use_language("en")
    text = _in_use[key]
    return text.format(**{name: _placed(value) for name, value in values.items()}) if values else text


def number_text(value: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Write a number with the decimal sign of the language in use and a true minus; `signed` writes a plus too."""
    written = f"{value:{'+' if signed else ''}.{decimals}f}"
    return written.replace("-", "−").replace(".", QLocale(language_in_use()).decimalPoint())


def counted(number: int, forms: str, language: str) -> str:
    """Give a number with its noun from "one|more"; French counts 0 as one."""
    one, more = forms.split("|")
    single = abs(number) < 2 if language == "fr" else number == 1
    return f"{number} {one if single else more}"


def typeset(text: str, language: str) -> str:
    """Keep French double signs on the line of the word before them."""
    if language != "fr":
        return text
    return re.sub(r" (?=[:;!?»%])", "\N{NO-BREAK SPACE}", text).replace("« ", "«\N{NO-BREAK SPACE}")


class _Count(int):
    """A whole number in the place of a text."""

    def __format__(self, forms: str) -> str:
        return counted(int(self), forms, language_in_use()) if "|" in forms else int(self).__format__(forms)


def _placed(value: object) -> object:
    return _Count(value) if isinstance(value, int) else value
