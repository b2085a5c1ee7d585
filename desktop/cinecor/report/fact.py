"""`fact`: what a message says, for programs, as `results.json` holds it beside the sentence."""

import math
from typing import Any, Final

from cinecor.message import Message
from cinecor.report.results import Fact, SaidFact
from cinecor.review.store.message_code import message_json

_DECIMALS: Final = 3


def fact(message: Message) -> Fact:
    """Return a message's name and the values in its sentence."""
    return Fact(code=message.code, values=plain(message.plain_values()))


def said_fact(message: Message) -> SaidFact:
    """Return the same with the message whole."""
    return SaidFact(**fact(message).model_dump(), said=plain(message_json(message)))


def plain(value: Any) -> Any:
    """Return a message's values as a file holds them: rounded like every number, and fit for UTF-8."""
    kind = type(value)
    if kind is int or value is None:  # most are places, and there are many
        return value
    if kind is list or kind is tuple:
        return [one if type(one) is int else plain(one) for one in value]
    if kind is dict:
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, float):
        return round(value, _DECIMALS) if math.isfinite(value) else None
    return value


def readable(text: str) -> str:
    """Return a text that UTF-8 can hold.

    A file name that is not valid in the system's encoding reaches Python with lone surrogates: its odd bytes are shown
    as \\xff.
    """
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
