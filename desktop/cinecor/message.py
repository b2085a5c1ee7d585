"""`Message`: something the program has to tell, as a value; the sentence is made where it is shown.

Findings, reasons, audit rows and errors carry messages, so that whatever decides looks at `code` and `values`, never at
words, and every language is made from the same value. The English template stands beside the check that raises it and
is the key of the translation:

    Message("wide_spacing", "Slices lie {apart_mm:.1f} mm apart.", apart_mm=17.7)
    Message.counted("frames_missing", "{n} frame is missing.", "{n} frames are missing.", n=3)

A template is one whole sentence or phrase: none is put together from pieces, since other languages order them
otherwise. A value may be a number, a name that stays as it is (text, path), `Slices`, `Phases`, `Frames`, another
message, or a tuple of these.
"""

import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol

_MOST_DECIMALS: Final = 6


class Language(Protocol):
    """How a language says a template, a number and a list; see `cinecor.language`."""

    def gettext(self, template: str) -> str:
        """Return the language's template."""

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the language's template for this number of things."""

    def number(self, written: str) -> str:
        """Return a number, written as Python writes it, as the language writes it."""


class Where(ABC):
    """Some place of the stack, said as readers count, from 1."""

    __slots__ = ()

    @abstractmethod
    def text(self, language: Language) -> str:
        """Return the places in words."""


@dataclass(frozen=True, slots=True)
class Places(Where):
    """Slices or phases in ascending order: indices from 0, said as readers count, from 1: "slices 3, 4 and 7"."""

    indices: tuple[int, ...]

    def _numbers(self, language: Language) -> str:
        runs: list[list[int]] = []
        for index in self.indices:
            if runs and index == runs[-1][-1] + 1:
                runs[-1].append(index)
            else:
                runs.append([index])
        words: list[str] = []
        for run in runs:
            first, last = run[0] + 1, run[-1] + 1
            if len(run) > 2:
                words.append(language.gettext("{first} to {last}").format(first=first, last=last))
            else:
                words += [str(index + 1) for index in run]
        return _listed(words, language)


class Slices(Places):
    """Positions of the stack."""

    __slots__ = ()

    def text(self, language: Language) -> str:
        """Return "slice 3" or "slices 3 and 4"."""
        template = language.ngettext("slice {places}", "slices {places}", len(self.indices))
        return template.format(places=self._numbers(language))


class Phases(Places):
    """Moments of the cycle."""

    __slots__ = ()

    def text(self, language: Language) -> str:
        """Return "phase 3" or "phases 3 and 4"."""
        template = language.ngettext("phase {places}", "phases {places}", len(self.indices))
        return template.format(places=self._numbers(language))


@dataclass(frozen=True, slots=True)
class Frames(Where):
    """Frames (slice, phase), from 0: "slices 2 and 3, phase 7", or "14 frames of slices 2 and 6" where some lack."""

    places: tuple[tuple[int, int], ...]

    @property
    def slices(self) -> Slices:
        """Their slices."""
        return Slices(tuple(sorted({index for index, _ in self.places})))

    @property
    def phases(self) -> Phases:
        """Their phases."""
        return Phases(tuple(sorted({phase for _, phase in self.places})))

    def text(self, language: Language) -> str:
        """Return slices and phases where every one of the slices is named in every one of the phases, else a count."""
        slices, phases, n = self.slices, self.phases, len(self.places)
        if n == len(slices.indices) * len(phases.indices):
            template = language.gettext("{slices}, {phases}")
        else:
            template = language.ngettext("{n} frame of {slices}", "{n} frames of {slices}", n)
        return filled(template, {"n": n, "slices": slices, "phases": phases}, language)


class Beyond(float):
    """A number beyond a limit that stands beside it: said with as many decimals as tell the two apart."""

    __slots__ = ("limit",)

    limit: float

    def __new__(cls, value: float, limit: float) -> "Beyond":
        """Return the number with its limit."""
        beyond = super().__new__(cls, value)
        beyond.limit = limit
        return beyond

    def __reduce__(self) -> tuple[type["Beyond"], tuple[float, float]]:
        """Return what a copy in another process is made from."""
        return Beyond, (float(self), self.limit)

    def __format__(self, format_spec: str) -> str:
        """Return the number as `format_spec` (".1f") wants it, with more decimals where it would read as the limit."""
        for spec in (format_spec, *(f".{decimals}f" for decimals in range(1, _MOST_DECIMALS + 1))):
            written = super().__format__(spec)
            if written.lstrip("-") != format(self.limit, spec).lstrip("-"):
                return written
        return super().__format__(format_spec)


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A fact with its code, the English template that says it, and the values in its places."""

    code: str
    template: str
    values: Mapping[str, Any] = field(hash=False)
    many: str | None  # the template for more than one; then `values["n"]` decides

    def __init__(self, code: str, template: str, /, **values: Any) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "many", None)

    @classmethod
    def counted(cls, code: str, one: str, many: str, /, *, n: int, **values: Any) -> "Message":
        """Return a message whose sentence depends on a number of things, `n`."""
        message = cls(code, one, n=n, **values)
        object.__setattr__(message, "many", many)
        return message

    @classmethod
    def restored(cls, code: str, template: str, many: str | None, values: Mapping[str, Any]) -> "Message":
        """Return a message that was kept in a file, from its parts."""
        message = cls(code, template, **values)
        object.__setattr__(message, "many", many)
        return message

    def text(self, language: Language) -> str:
        """Return the sentence in a language."""
        if self.many is None:
            template = language.gettext(self.template)
        else:
            template = language.ngettext(self.template, self.many, self.values["n"])
        return filled(template, self.values, language)

    def __str__(self) -> str:
        """Return the English sentence, as files and logs hold it."""
        return self.text(_ENGLISH)

    def plain_values(self, single: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
        """Return the values as JSON holds them; messages among them as their code and values.

        `single` makes of a number or a text what is to stand for it.
        """
        return {name: _plain(value, single) for name, value in self.values.items()}


def filled(template: str, values: Mapping[str, Any], language: Language) -> str:
    """Return a template of a language with its places filled as that language says them.

    Raises `KeyError` for a place without a value, `ValueError` for one that is no plain name.
    """
    said: list[str] = []
    places = _places(template)
    if len(places) == 1 and places[0][1] is None:  # most sentences of conventions and names have no place
        return places[0][0]
    for before, name, format_spec in places:
        said.append(before)
        if name is not None:
            said.append(_field(values[name], format_spec, language))
    return "".join(said)


@lru_cache(maxsize=2048)
def _places(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return the text before each place, the name that stands there, and how it is written; None: there is none."""
    places = []
    for before, name, format_spec, conversion in string.Formatter().parse(template):
        if name is not None and (not name.isidentifier() or conversion or "{" in (format_spec or "")):
            raise ValueError(f"no plain name in a place of {template!r}")
        places.append((before, name, format_spec or ""))
    return tuple(places)


def sentences(messages: Sequence[Message], language: Language | None = None) -> str:
    """Return several messages one after the other."""
    return " ".join(message.text(language or _ENGLISH) for message in messages)


class _English:
    """The templates as they are."""

    def gettext(self, template: str) -> str:
        return template

    def ngettext(self, one: str, many: str, number: int) -> str:
        return one if number == 1 else many

    def number(self, written: str) -> str:
        return written


_ENGLISH: Final = _English()


def _field(value: Any, format_spec: str, language: Language) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return language.number(format(value, format_spec))
    return _said(value, language)


def _said(value: Any, language: Language) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (Message, Where)):
        return value.text(language)
    if isinstance(value, tuple):
        return _listed([_said(one, language) for one in value], language)
    if isinstance(value, float):
        return language.number(str(value))
    return str(value)


def _listed(words: list[str], language: Language) -> str:
    if len(words) < 2:
        return "".join(words)
    return language.gettext("{others} and {last}").format(others=", ".join(words[:-1]), last=words[-1])


def _plain(value: Any, single: Callable[[Any], Any]) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return single(value)
    if isinstance(value, Message):
        return {"code": value.code, "values": value.plain_values(single)}
    if isinstance(value, Places):
        return list(value.indices)
    if isinstance(value, Frames):
        return [list(place) for place in value.places]
    if isinstance(value, (tuple, list)):
        return [_plain(one, single) for one in value]
    return single(str(value))
