"""`finding_text`: what the measurement says of a study, in the language in use.

The engine writes English sentences with values in them. They are recognised by their fixed words; a sentence that is
not known is shown as it is. A test holds the table against the engine's own sentences.
"""

import json
import re
from functools import cache

from cinecor.measure.quality import Finding
from cinecor.ui.texts import language_in_use
from cinecor_resources import translation

_LANGUAGES = ("fr",)


def finding_text(finding: Finding) -> str:
    """Give the sentence of a finding."""
    return translated(finding.message, language_in_use())


def translated(sentence: str, language: str) -> str:
    """Give an English sentence of the engine in another language; as it is where it is not known."""
    if language not in _LANGUAGES:
        return sentence
    patterns, words = _table(language)
    for pattern, wanted in patterns:
        match = pattern.fullmatch(sentence)
        if match:
            return wanted.format(*(_by_word(value, words) for value in match.groups()))
    return sentence


def _by_word(value: str, words: dict[str, str]) -> str:
    """Translate what stands in a place of a sentence: "slices 3 and 4", "LV"."""
    return re.sub(r"[A-Za-z]+", lambda found: words.get(found.group(), found.group()), value)


@cache
def _table(language: str) -> tuple[list[tuple[re.Pattern[str], str]], dict[str, str]]:
    document = json.loads(translation(f"findings-{language}").read_text(encoding="utf-8"))
    patterns = [
        (re.compile("(.+?)".join(re.escape(part) for part in english.split("{}"))), wanted)
        for english, wanted in document["sentences"].items()
    ]
    return patterns, document["words"]
