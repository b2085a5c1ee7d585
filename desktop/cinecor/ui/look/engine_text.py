"""`engine_text`: what the engine says (findings, warnings, reasons, errors), in the language in use.

The engine writes English sentences with values in them, for files, the command line and the desktop alike. A table has
the other language's sentence for each, with places for the values; a sentence is recognised by its fixed words. A value
may be a phrase of the table itself. Places `{0!s}` keep a value as it is (a path, a name), `{0:image|images}` count.
A test reads every sentence from the engine's code and fails on one that is not in the table.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from cinecor.message import Message
from cinecor.ui.look.texts import language_in_use
from cinecor_resources import translation

_LANGUAGES = ("fr",)
_LETTERS, _CHARACTERS = 10, 10  # fixed ones, by which a pattern is sure enough to come before a text is taken apart
_PARTS = (
    (r"(?<=[.?!)]) (?=[A-Z])", " "),  # sentences
    (r"; ", " ; "),  # reasons
    (r"(?<=\)), ", ", "),  # entries of a list
)
_WHAT_AND_WHY = ((r": ", " : "),)


def engine_text(sentence: Message | str) -> str:
    """Return a message or sentence of the engine in the language in use; as it is where it is not known."""
    if isinstance(sentence, Message):
        said = sentence.text(language_in_use())
    else:
        said = in_language(sentence, language_in_use().code) or sentence
    return re.sub(r"(?<=\d) (?=(?:mm|ml|ms|%)(?!\w))", "\N{NO-BREAK SPACE}", said)


@lru_cache(maxsize=1024)
def in_language(sentence: str, language: str) -> str | None:
    """Give an English sentence of the engine in another language; None where it is not known."""
    if language not in _LANGUAGES:
        return sentence
    table, text = _table(language), sentence.strip()
    sure = [one for one in table.sentences if one.letters >= _LETTERS]
    reasons = [table.matched(reason, sure) for reason in text.split("; ")]
    if all(reasons):  # each is a phrase of its own, which a pattern for the first might swallow
        return " ; ".join(filter(None, reasons))
    return (
        table.matched(text, sure)
        or table.by_parts(text, _PARTS)
        or table.matched(text, [one for one in table.sentences if one.fixed >= _CHARACTERS])
        or table.by_parts(text, _WHAT_AND_WHY)
        or table.matched(text, table.sentences)
    )


@dataclass(frozen=True, slots=True)
class _Sentence:
    pattern: re.Pattern[str]
    letters: int  # that are fixed
    fixed: int  # characters
    wanted: str


@dataclass(frozen=True, slots=True)
class _Table:
    language: str
    sentences: tuple[_Sentence, ...]  # those with the most fixed characters first
    words: dict[str, str]

    def matched(self, text: str, sentences: Sequence[_Sentence]) -> str | None:
        """Say a text that has the fixed words of a sentence."""
        for one in sentences:
            match = one.pattern.fullmatch(text)
            if match:
                return one.wanted.format(*(_Value(value, self) for value in match.groups()))
        return None

    def by_parts(self, text: str, cuts: tuple[tuple[str, str], ...]) -> str | None:
        """Say a text of several sentences, reasons or entries part by part."""
        for cut, joint in cuts:
            parts = re.split(cut, text)
            if len(parts) > 1:
                said = [self.value(part) for part in parts]
                if said != parts:
                    return typeset(joint.join(said), self.language)
        return None

    def value(self, text: str) -> str:
        """Say what stands in a place of a sentence: a phrase, a few words, or a name that stays."""
        bare = text.strip()  # spaces at an end belong to the sentence around: " of 1.4 x 1.4 mm"
        said = in_language(bare, self.language) or self.by_words(bare)
        return text.replace(bare, said) if bare else text

    def by_words(self, value: str) -> str:
        """Say "slices 3 and 4" or "LV" word by word; a value with any other word in it is a name, and stays."""
        words = re.findall(r"[^\W\d_]+", value)
        if not all(word in self.words for word in words):
            return value
        value = re.sub(r"[^\W\d_]+", lambda found: self.words[found.group()], value)
        return re.sub(r"(?<![\w.])(\d+)\.(\d+)(?![\w.])", r"\1,\2", value)


class _Value:
    """What stands in a place of a sentence."""

    def __init__(self, text: str, table: _Table) -> None:
        self._text, self._table = text, table

    def __str__(self) -> str:
        return self._text

    def __format__(self, forms: str) -> str:
        if "|" in forms:
            if self._text.isdigit():
                return counted(int(self._text), forms, self._table.language)
            return f"{self._text} {forms.split('|')[1]}"
        return self._table.value(self._text)


@cache
def _table(language: str) -> _Table:
    document = json.loads(translation(f"engine-{language}").read_text(encoding="utf-8"))
    sentences = [
        _Sentence(
            # A value holds no end of a sentence: what follows one is a sentence of its own.
            re.compile(r"((?:(?!\. [A-Z]).)+?)".join(re.escape(part) for part in english.split("{}")), re.DOTALL),
            sum(letter.isalpha() for letter in english),
            len(english.replace("{}", "")),
            typeset(wanted, language),
        )
        for english, wanted in document["sentences"].items()
    ]
    return _Table(language, tuple(sorted(sentences, key=lambda one: -one.fixed)), document["words"])


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
