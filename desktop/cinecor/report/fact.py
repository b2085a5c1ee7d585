"""`fact`: what a message says, for programs, as `results.json` holds it beside the sentence."""

import math
from typing import Any, Final

from cinecor.message import Message
from cinecor.report.results import Fact, SaidFact
from cinecor.review.store.message_code import message_json

_DECIMALS: Final = 3


def fact(message: Message) -> Fact:
    """Return a message's name and the values in its sentence."""
    return Fact(code=message.code, values=values(message))


def values(message: Message) -> dict[str, Any]:
    """Return the values in a message's sentence as a file holds them."""
    return message.plain_values(_plain)


def said(message: Message) -> dict[str, Any]:
    """Return a message whole as a file holds it, so that it can be said in any language."""
    return message_json(message, _plain)


def said_fact(message: Message) -> SaidFact:
    """Return a message's name and values with the message whole."""
    return SaidFact(code=message.code, values=values(message), said=said(message))


def _plain(value: Any) -> Any:
    """Return a number or a text as a file holds it: rounded like every number, and fit for UTF-8."""
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
