"""`tr`: every word the desktop shows, by key, in the language in use."""

import json
import locale
from typing import Final

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
    _in_use.update(json.loads(translation(code).read_text(encoding="utf-8")))
    return code


def language_in_use() -> str:
    """Give the two letters of the language in use."""
    return _language[0]


def tr(key: str, **values: object) -> str:
    """Give the text of `key` with its places filled. Raises `KeyError` for a key that is not in the table."""
    if not _in_use:
        use_language("en")
    text = _in_use[key]
    return text.format(**values) if values else text
